"""A choice that fails: the panel says so, what was shown stays, and the next choice works."""

import keras
import numpy as np
import pytest
from support.browser.network_cases import NETWORK_CASES
from support.browser.panel_cases import PLAIN_CASES
from support.browser.panel_states import differences, parts, shown
from support.panels import work_at_once

import unetviz as uv
from unetviz.widgets.parts.panel import Panel

pytestmark = pytest.mark.keras

CASES = PLAIN_CASES | NETWORK_CASES
VIEWS = ("UView", "ImageView", "GridView")


def of_value(name):
    """A choice in the control of this name."""
    return lambda panel, value: setattr(getattr(panel, name), "value", value)


def of_depth(panel, depth):
    panel.controls.fields["depth"].value = depth


def of_side(panel, side):
    panel.controls.height.value = side


def of_step(panel, step):
    panel.step = step


CHOICES = {
    "AblationExplorer": ("ablation.explorer.densest_window", of_value("image"), (0,)),
    "ActivationExplorer": ("activations.explorer.feature_maps", of_value("map"), ("head",)),
    "BackwardExplorer": ("backprop.timeline.most_variable_channel", of_step, (3, 30)),
    "BackwardRuleExplorer": ("backprop.rules.backward_example", of_value("kind"), ("pool",)),
    "BorderExplorer": ("receptive_field.border.centred", of_depth, (1, 3)),
    "CheckerboardExplorer": (
        "upconvolution.checkerboard.stamp_and_add",
        of_value("size"),
        ((3, 2),),
    ),
    "ClassifierExplorer": ("pixels.classifier.synthetic_scene", of_value("side"), (64,)),
    "CodeExplorer": ("code.explorer._facts", of_value("code"), (30,)),
    "DownsamplingExplorer": ("resampling.grids.downsample_mean", of_value("window"), (4,)),
    "FCNExplorer": ("shapes.fcn.trace", of_value("height"), (64,)),
    "GradientCheckExplorer": (
        "backprop.gradient_check.check_weight",
        of_value("layers"),
        ("head",),
    ),
    "Microscope": ("microscope.explorer.Specimen", of_value("steps"), ("head",)),
    "PixelGradientExplorer": ("backprop.pixel_gradient.pixel_gradient", of_value("channel"), (0,)),
    "PoolingExplorer": ("resampling.grids.max_pool", of_value("window"), (3,)),
    "ReceptiveFieldExplorer": ("receptive_field.explorer.centred", of_depth, (1, 3)),
    "RoundTripExplorer": ("resampling.round_trip.round_trip", of_value("method"), ("median",)),
    "ScoreSumExplorer": ("skips.score_sum.evaluated", of_value("image"), ("two",)),
    "SeamMeter": ("tiles.seam_meter.plan_tiles", of_value("network"), ("same",)),
    "SizeCheck": ("shapes.size_check.trace", of_value("size"), ("512",)),
    "SkipExplorer": ("skips.explorer.most_variable_channel", of_value("level"), (2,)),
    "SurgeryExplorer": ("skips.surgery.evaluated", of_value("image"), ("two",)),
    "TileExplorer": ("tiles.explorer.plan_tiles", of_value("network"), ("same",)),
    "TransposedExplorer": (
        "upconvolution.transposed.stamp_and_add",
        of_value("size"),
        ((3, 2),),
    ),
    "UNetExplorer": ("shapes.unet.trace", of_side, (76, 92)),
    "UpsamplingExplorer": ("resampling.grids.upsample", of_value("factor"), (3,)),
}
"""For each panel what is broken (a function of its module), what is chosen, and which values.

There are two values where a control keeps what was refused; the others go back.
"""

LINKED = {
    "FCNExplorer": ("steps", "view", "revealed"),
    "ReceptiveFieldExplorer": ("view", "drawing", "point"),
    "UNetExplorer": ("steps", "view", "revealed"),
}
"""What the browser links, which is missing here."""

WITHOUT = {"PixelLossExplorer", "Question", "TrainingPanel"}
"""Panels in which no image and no network is chosen; training has tests of its own for failures."""


def seen(panel):
    """What the views show, and what is left of the panel where no kernel runs."""
    views = [one for part in parts(panel) if (one := shown(part))["kind"] in VIEWS]
    return views, panel.as_markdown()


def test_every_panel_is_tried():
    public = {name for name in dir(uv.widgets) if isinstance(getattr(uv.widgets, name), type)}
    panels = {name for name in public if issubclass(getattr(uv.widgets, name), Panel)}
    assert set(CHOICES) == (panels | {"UNetExplorer", "Question"}) - WITHOUT
    assert set(CASES) == set(CHOICES) | WITHOUT


@pytest.mark.parametrize("name", CHOICES)
def test_after_a_failure_the_next_choice_works(name, monkeypatch):
    work_at_once(monkeypatch)
    target, choose, values = CHOICES[name]
    case = CASES[name]()
    panel = case.make()
    before = seen(panel)
    for kind, value in ((ValueError, values[0]), (RuntimeError, values[-1])):

        def refuse(*_, kind=kind, **__):
            raise kind("no <b>pixel</b> of this fits.")

        with monkeypatch.context() as broken:
            broken.setattr(f"unetviz.widgets.explorers.{target}", refuse)
            choose(panel, value)
        assert "no &lt;b&gt;pixel&lt;/b&gt; of this fits. " in panel.note.value
        assert ("should not happen: RuntimeError" in panel.note.value) == (kind is RuntimeError)
        assert ("should not happen" in panel.note.value) == (kind is RuntimeError)
        assert seen(panel) == before
        assert not panel.is_changing_itself
    choose(panel, values[0])
    if name in LINKED:
        source, target, trait = LINKED[name]
        setattr(getattr(panel, target), trait, getattr(getattr(panel, source), trait))
    assert "\u2717" not in panel.note.value
    assert seen(panel) != before
    case.check(panel)
    fresh = case.again(panel)
    assert fresh is None or not list(differences(panel, fresh))


def test_a_network_without_a_seamless_stride_is_refused(monkeypatch):
    """No output of it is free of padding: tiles of it never agree with one pass."""
    work_at_once(monkeypatch)
    keras.utils.set_random_seed(1)
    padded = uv.build(uv.UNetSpec(32, depth=3, base_filters=1, padding="same"))
    valid = uv.build(uv.UNetSpec(60, depth=2, base_filters=2))
    image = np.random.default_rng(3).random((90, 80))
    panel = uv.widgets.SeamMeter(image, {"good": valid, "padded": padded})
    before = seen(panel), panel.stride.value
    panel.network.value = "padded"
    assert "no stride is seamless" in panel.note.value
    assert "should not happen" not in panel.note.value
    assert (seen(panel), panel.stride.value) == before
    assert panel.network.value == "good"
    panel.stride.value = 18
    assert panel.largest > 1e-5
    panel.best.click()
    assert panel.largest < 1e-5
