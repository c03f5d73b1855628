"""A list of images."""

import numpy as np
import pytest
from support.panels import png_file

from unetviz.widgets.explorers.activations.image_choice import ImageChoice


def test_the_choice_alone(tmp_path):
    with pytest.raises(ValueError, match="at least one image"):
        ImageChoice({}, tmp_path)

    class WithMask:
        image = np.eye(3)

    (tmp_path / "a.png").write_bytes(png_file(np.eye(3, dtype=np.uint8)))
    choice = ImageChoice({"with a mask": WithMask(), "a.png": np.ones((2, 2))}, tmp_path)
    # An image of the lesson with the name of a file goes before it.
    assert list(choice.list.options) == ["with a mask", "a.png"]
    np.testing.assert_array_equal(choice.image, np.eye(3))
