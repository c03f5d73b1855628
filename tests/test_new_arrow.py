"""A new kind of arrow is one class: all the rest is derived from it."""

from dataclasses import dataclass

import keras
import numpy as np
import pytest
from support.readme import Depthwise

import unetviz as uv
from unetviz.geometry.graph import Graph, Specification
from unetviz.geometry.ops import Convolution, MaxPooling, Source
from unetviz.nets.build import from_trace
from unetviz.widgets.views.u.view import UView

pytestmark = pytest.mark.keras


@dataclass(frozen=True)
class Tiny(Specification):
    """A network with the new arrow in its middle."""

    input_size: tuple[int, int] = (30, 26)

    def arrange(self, graph: Graph) -> None:
        place = {"level": 1, "side": "encoder"}
        first = graph.add("input", Source((*self.input_size, 2)), **place)
        first = graph.add("enc1_conv1", Convolution(3), [first], **place)
        middle = graph.add("enc1_depthwise", Depthwise((5, 3)), [first], **place)
        pool = graph.add("enc1_pool", MaxPooling(), [middle], **place)
        graph.add("head", Convolution(2, (1, 1)), [pool], level=2, side="head", kind="head")


@pytest.fixture
def trace():
    return uv.trace(Tiny())


def test_it_is_traced_and_built(trace):
    model = from_trace(trace)
    assert trace.ok
    assert trace["enc1_depthwise"].params == model.get_layer("enc1_depthwise").count_params()
    assert trace.params == model.count_params()
    for step in list(trace)[1:]:
        assert model.get_layer(step.name).output.shape[1:] == step.out_shape
    namespace = {}
    exec(uv.keras_code(Tiny()), namespace)
    assert namespace["model"].output_shape == model.output_shape


def test_it_is_explained(trace):
    table = str(trace)
    assert "depthwise convolution" in table
    assert "28 - 5 + 1 = 24" in table
    assert "24 - 3 + 1 = 22" in trace["enc1_depthwise"].reason


def test_it_is_followed(trace):
    model = from_trace(trace)
    for layer in model.layers:
        layer.set_weights([np.ones_like(values) for values in layer.get_weights()])
    images = np.zeros((2, 30, 26, 2), "float32")
    images[1, 11, 9] = 1
    dark, dotted = model.predict(images, verbose=0)
    reached = np.nonzero(np.any(dotted != dark, axis=-1))
    box = uv.projective_field(trace, 11, 9).output
    assert (box.top, box.bottom) == (reached[0].min(), reached[0].max() + 1)
    assert (box.left, box.right) == (reached[1].min(), reached[1].max() + 1)


def test_it_is_drawn_and_stepped_through(trace):
    for backward in (False, True):
        svg = uv.draw_unet(trace, backward=backward).svg
        assert 'id="arrow-enc1_depthwise"' in svg
        assert ">dw<" in svg
        look = Depthwise.look
        assert f">{look.backward if backward else look.legend}<" in svg
        # Its line is its own, not that of the kind whose colour it has.
        assert look.dash in svg
    view, names = UView(), [step.name for step in trace]
    view.show(trace, names)
    assert view.names[2] == "enc1_depthwise"
    assert 'id="arrow-enc1_depthwise"' in view.svg


def test_its_maps_and_gradients_are_shown(trace):
    model, image = from_trace(trace), np.random.default_rng(0).random((30, 26, 2))
    maps = uv.feature_maps(model, image)
    assert maps["enc1_depthwise"].shape == trace["enc1_depthwise"].out_shape
    assert "enc1_depthwise" in uv.trace_model(model)
    keras.backend.clear_session()
