"""All channels of a map as small images."""

import numpy as np
from support.panels import pixels

from unetviz.widgets.parts.channel_sheet import ChannelSheet


def test_a_sheet_of_several_blocks():
    sheet = ChannelSheet("label", {})
    blocks = [
        [np.full((3, 4, 3), 10 * block + i, np.uint8) for i in range(count)]
        for block, count in enumerate((5, 2, 7))
    ]
    words = [("window", "a"), ("kept", "b"), ("tile", "c")]
    sheet.show_channels(blocks, 3, 2.0, words)
    found = pixels(sheet)
    for block, images in enumerate(blocks):
        frame = sheet.blocks[block].box
        for channel, image in enumerate(images):
            sheet.choose(channel, block)
            assert sheet.chosen() == (channel, block)
            row, column = sheet.point
            assert (found[row, column] == image[0, 0]).all()
            assert frame.top <= row < frame.bottom
            assert frame.left <= column < frame.right
    assert [mark.kind for mark in sheet.blocks] == ["window", "kept", "tile"]
    sheet.point = []
    assert sheet.chosen() is None
