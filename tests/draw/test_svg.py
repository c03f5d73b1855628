"""The pieces of an SVG: escaped, rounded to tenths of a pixel, in the colours of a theme."""

import base64
from xml.etree import ElementTree

import pytest
from support.drawings import SVG, corners, numbers, read

from unetviz.draw.svg import (
    document,
    group,
    image_element,
    line,
    rectangle,
    round_sign,
    words,
    wrapped,
)

BAD = "<script>alert('1')</script> & \"more\""


def test_a_drawing_that_stands_alone_has_size_background_and_colours():
    for theme in ("light", "dark"):
        root = read(document(100, 50.5, [], theme))
        assert (root.get("width"), root.get("height")) == ("100", "50.5")
        style, background = root
        assert ".unetviz text" in style.text
        assert background.get("class") == "background"
        assert background.get("height") == "50.5"
    live = read(document(100, 50.5, []))
    assert numbers(live.get("viewBox")) == [0, 0, 100, 50.5]
    assert live.get("width") is None
    assert len(live) == 0
    with pytest.raises(ValueError, match=r'theme must be "light" or "dark", not .blue'):
        document(1, 1, [], "blue")


def test_parts_are_drawn_in_their_order():
    root = read(document(9, 9, [words(0, 0, "first"), words(0, 0, "second")]))
    assert [node.text for node in root] == ["first", "second"]


def test_words_and_names_are_escaped():
    node = ElementTree.fromstring(words(1.04, 8.25, BAD, 'class="b"'))
    assert node.text == BAD
    assert (node.get("x"), node.get("y"), node.get("class")) == ("1", "8.2", "b")
    node = ElementTree.fromstring(group(BAD, 'class="conv"', [words(0, 0, "inside")]))
    assert node.get("id") == BAD
    assert node[0].text == "inside"
    *_, text = round_sign(5, 6, BAD)
    assert ElementTree.fromstring(text).text == BAD


def test_lines_of_a_text_are_as_long_as_there_is_room():
    text = "One two three four five six seven. " * 9
    lines = wrapped(text, 400)
    assert " ".join(lines).split() == text.split()
    assert 400 * 0.8 < max(map(len, lines)) * 11 * 0.56 <= 400


def test_a_rectangle_goes_around_once():
    assert rectangle(1, 2, 30.04, 4) == "M1 2h30v4h-30z"


def test_an_arrow_ends_with_its_head_at_the_last_corner():
    for end in ((40, 20), (0, 20), (20, 40), (20, 0)):
        shaft, head = (
            corners(ElementTree.fromstring(part).get("points")) for part in line([(20, 20), end])
        )
        assert shaft[0] == (20, 20)
        tip, left, right = head
        assert tip == end
        # The shaft ends in the middle of the head's base, so that no line shows beyond the tip.
        middle = tuple((a + b) / 2 for a, b in zip(left, right, strict=True))
        assert middle == pytest.approx(shaft[-1], abs=0.1)
        assert 5 < abs(tip[0] - middle[0]) + abs(tip[1] - middle[1]) < 10


def test_an_image_holds_its_file():
    element = ElementTree.fromstring(image_element(1.04, 2.0, 30.25, 0.3, b"bytes"))
    assert [element.get(name) for name in ("x", "y", "width", "height")] == ["1", "2", "30.2", "1"]
    assert element.get("href") == "data:image/png;base64," + base64.b64encode(b"bytes").decode()
    # Squares for the pixels: one attribute for the browser, one for what makes PNG files.
    assert element.get("style") == "image-rendering: pixelated"
    assert element.get("image-rendering") == "optimizeSpeed"
    smooth = ElementTree.fromstring(image_element(0, 0, 9, 9, b"", smooth=True))
    assert smooth.get("style") is None
    assert smooth.get("image-rendering") == "optimizeQuality"


def test_pieces_fit_together():
    parts = [*line([(0, 0), (9, 0)]), *round_sign(4, 4, "D"), image_element(0, 0, 1, 1, b"")]
    root = read(document(9, 9, parts))
    assert [node.tag.removeprefix(SVG) for node in root] == [
        *("polyline", "polygon", "circle", "text", "image")
    ]
