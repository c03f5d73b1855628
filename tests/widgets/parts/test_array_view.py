"""An image view that is given numbers."""

import numpy as np
from support.panels import decoded, pixels

from unetviz.draw.images.annotated import BoxMark
from unetviz.geometry.box import Box
from unetviz.widgets.parts.array_view import ArrayView, placed

VALUES = np.array([[0.0, 0.5, 1.0], [1.0, 0.25, 0.0]])


def test_numbers_become_pixels_with_a_frame_that_the_title_names():
    view, behind = ArrayView(), BoxMark(Box(0, 0, 1, 1), "grid", "a")
    in_front = BoxMark(Box(1, 1, 2, 2), "kept", "b")
    view.show_array(VALUES, "the title", 4.0, behind=[behind], in_front=[in_front])
    np.testing.assert_array_equal(pixels(view)[..., 0], np.rint(VALUES * 255))
    assert (view.label, view.zoom, view.size) == ("the title", 4.0, [2, 3])
    assert [mark["words"] for mark in view.marks] == ["a", "the title", "b"]
    assert view.marks[1]["box"] == [0, 0, 2, 3]


def test_the_limits_are_those_given():
    view = ArrayView()
    view.show_array(VALUES, "dark", limits=(0.0, 2.0))
    np.testing.assert_allclose(pixels(view)[..., 0], VALUES * 127.5, atol=0.5)


def test_the_still_is_what_is_shown():
    view = ArrayView()
    view.show_array(VALUES, "first")
    view.show_array(1 - VALUES, "second", 8.0)
    drawing = view.still("A caption.")
    assert drawing.caption == "A caption."
    assert "second" in drawing.svg
    assert "first" not in drawing.svg
    assert view.shown.png == view.image


def test_pixels_may_be_of_any_place():
    image = placed(np.full((2, 3, 3), 9, np.uint8), 2.0, Box(-1, 4, 1, 7))
    assert (image.box, image.zoom) == (Box(-1, 4, 1, 7), 2.0)
    assert (decoded(image.png) == 9).all()
