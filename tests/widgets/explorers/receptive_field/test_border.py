"""What the border costs, without a browser."""

import numpy as np
import pytest

import unetviz as uv

IMAGE = np.random.default_rng(1).integers(0, 256, (300, 260), np.uint8)
LARGE = np.random.default_rng(1).integers(0, 256, (640, 650), np.uint8)


def test_border_sentences_for_valid_and_same():
    border = uv.widgets.BorderExplorer(LARGE)
    assert "388 x 388 come out of 572 x 572: 46% of the pixels." in border.as_markdown()
    assert "92 rows at the top and 92 at the bottom" in border.as_markdown()
    border.controls.spec = uv.PAPER.replace(input_size=256, padding="same")
    assert "68 x 68 of the 256 x 256" in border.as_markdown()
    assert "rows 94 to 161, columns 94 to 161 of the output, 7% of it" in border.note.value
    border.controls.fields["upsampling"].value = "upsample_conv"
    assert border.view.marks[1]["size"] == "53 x 53"
    border.controls.side.value = 64
    assert "Not one of the 64 x 64 pixels" in border.note.value
    assert [mark["kind"] for mark in border.view.marks] == ["window"]


def test_border_of_the_document():
    free = uv.padding_free(uv.trace(uv.DOCUMENT))
    border = uv.widgets.BorderExplorer(IMAGE, uv.DOCUMENT)
    assert f"{free.height} x {free.width} of the 256 x 256" in border.as_markdown()


def test_an_image_in_colours_and_none_at_all():
    colour = np.random.default_rng(2).random((90, 80, 3))
    bundle, _ = uv.widgets.BorderExplorer(colour)._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="image"):
        uv.widgets.BorderExplorer(np.zeros(9))
