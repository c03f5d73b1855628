"""A list of images."""

import numpy as np
import pytest
from support.image_files import saved, tiff

from unetviz.widgets.explorers.activations.image_choice import ImageChoice


def test_the_choice_alone(tmp_path):
    with pytest.raises(ValueError, match="at least one image"):
        ImageChoice({}, tmp_path)

    class WithMask:
        image = np.eye(3)

    (tmp_path / "a.png").write_bytes(saved(np.eye(3, dtype=np.uint8)))
    choice = ImageChoice({"with a mask": WithMask(), "a.png": np.ones((2, 2))}, tmp_path)
    # An image of the lesson with the name of a file goes before it.
    assert list(choice.list.options) == ["with a mask", "a.png"]
    np.testing.assert_array_equal(choice.image, np.eye(3))
    assert choice.stretch.layout.display == "none"
    assert choice.sentences() == []


def connected(folder):
    """A choice with a lesson's image, and lists of what it tells a panel."""
    choice, changes, refusals = ImageChoice({"noise": np.ones((2, 2))}, folder), [], []
    choice.connect(lambda callback: callback, lambda: changes.append(choice.name), refusals.append)
    return choice, changes, refusals


def test_the_switch_is_there_for_images_of_ones_own(tmp_path):
    choice, changes, refusals = connected(tmp_path)
    numbers = np.arange(4000, dtype=np.uint16).reshape(40, 100)
    choice._receive("a.tif", tiff(numbers))
    assert choice.stretch.layout.display != "none"
    assert (choice.image.min(), choice.image.max()) == (0, 1)
    [words] = choice.sentences()
    assert "0 to 3999 of 0 to 65535 (uint16)" in words
    assert "Stretch" in words
    choice.stretch.value = False
    np.testing.assert_allclose(choice.image, numbers / 65535, atol=1e-6)
    assert "Stretch" in choice.sentences()[-1]
    # It does nothing to images of the lesson, and each of one's own begins stretched.
    choice.list.value = "noise"
    assert choice.stretch.layout.display == "none"
    np.testing.assert_array_equal(choice.image, np.ones((2, 2)))
    choice.list.value = "your file: a.tif"
    assert choice.stretch.value
    assert (choice.image.min(), choice.image.max()) == (0, 1)
    assert changes == ["your file: a.tif"] * 2 + ["noise", "your file: a.tif"]
    assert not refusals


def test_numbers_that_are_no_fractions_need_the_switch(tmp_path):
    choice, changes, refusals = connected(tmp_path)
    ct = np.linspace(-1000, 999, 400).reshape(20, 20).astype(np.int16)
    (tmp_path / "ct.tif").write_bytes(tiff(ct))
    choice.look.click()
    choice.list.value = "ct.tif"
    assert (choice.image.min(), choice.image.max()) == (0, 1)
    image = choice.image
    choice.stretch.value = False
    [words] = refusals
    for named in ("'ct.tif'", "from -1000 to 999", "switch Stretch"):
        assert named in words
    assert choice.stretch.value
    assert choice.image is image
    assert changes == ["ct.tif"]
