"""Buttons for the sizes that fit."""

import numpy as np

import unetviz as uv


def test_a_click_on_a_size_that_was_hidden_meanwhile():
    panel = uv.widgets.BorderExplorer(np.zeros((60, 60)), uv.UNetSpec(140, depth=2))
    offered = panel.controls.fitting.buttons
    before = [int(button.description) for button in offered]
    panel.controls.side.value = uv.nearest_valid_sizes(panel.controls.spec, 0)[1]
    hidden = [i for i, button in enumerate(offered) if button.layout.display == "none"]
    offered[hidden[-1]].click()
    assert panel.controls.spec.input_size[0] == before[hidden[-1]]
    assert "should not happen" not in panel.note.value
