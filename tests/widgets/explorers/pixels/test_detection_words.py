"""Words for the three answers to an image."""

from skimage import data

import unetviz as uv


def test_three_answers_to_one_image():
    coins = data.coins()
    found = uv.labs.find_objects(coins)
    whole, boxes, outlines = uv.widgets.detection_sentences(found)
    assert "there are objects" in whole
    assert boxes.startswith("24 boxes, 96 numbers")
    assert outlines == f"24 outlines, a label for each of {coins.size:,} pixels"
    drawing = uv.draw.draw_detection_and_segmentation(
        coins, found.boxes, found.outlines, (whole, boxes, outlines)
    )
    assert drawing.svg.count("<polygon") == 48
    assert drawing.svg.count("<image") == 3
    assert drawing.png().startswith(b"\x89PNG")
