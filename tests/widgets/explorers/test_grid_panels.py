"""The panels of small matrices, without a browser: every number shown is the computed one."""

import json
from fractions import Fraction

import numpy as np
import pytest

import unetviz as uv
from unetviz.geometry.ops import MaxPooling, Upsampling
from unetviz.labs.checkerboard import has_even_overlap
from unetviz.widgets.views.grid.view import Grid, GridView, Link, number_text, weighted_sum

VALUES = np.array([[0, 8, 4, 2], [4, 4, 9, 1], [7, 2, 5, 3], [1, 6, 0, 8]])
TOY = -np.array(
    [[9, 4, 7, 3, 8], [2, 6, 5, 9, 1], [8, 3, 9, 7, 6], [5, 9, 4, 8, 2], [7, 5, 8, 6, 4]]
)


def rows(view, name):
    return next(grid["rows"] for grid in view.grids if grid["name"] == name)


def numbers(view, name):
    return np.array(rows(view, name), float)


def linked(view, source="in", target="out"):
    """For every cell of the target the cells of the source and their weights, as sent."""
    return next(
        link["cells"] for link in view.links if (link["from"], link["to"]) == (source, target)
    )


def test_a_grid_is_sent_as_texts_with_colours_that_can_be_read():
    sent = Grid("a", "A", np.array([[1.0, -2.5], [0.125, 1 / 3]]), colours="diverging").sent()
    assert sent["rows"] == [["1", "-2.5"], ["0.125", "0.333"]]
    assert all(shade.startswith("#") and len(shade) == 7 for row in sent["shades"] for shade in row)
    assert np.shape(sent["dark"]) == (2, 2)


def test_links_count_cells_along_the_rows():
    view = GridView()
    grids = [Grid("in", "", np.zeros((2, 3))), Grid("out", "", np.zeros((1, 2)))]
    view.show(grids, [Link("in", "out", {(0, 1): (((1, 2), 0.5),)})], "out")
    assert linked(view) == [[], [[5, "1/2"]]]


def test_the_step_stays_inside_a_smaller_matrix():
    view = GridView(step=8)
    view.show([Grid("out", "", np.zeros((2, 2)))], [], "out")
    assert view.step == 3


def test_numbers_and_sums_as_text():
    assert [number_text(n) for n in (2, -0.5, 12345.0, 0.0001)] == ["2", "-0.5", "12345", "0.0001"]
    assert weighted_sum([], 0) == "nothing = 0"


def test_means_of_windows():
    panel = uv.widgets.DownsamplingExplorer(np.arange(36).reshape(6, 6))
    for s in (2, 3, 6):
        panel.window.value = s
        expected = uv.labs.downsample_mean(np.arange(36).reshape(6, 6), s)
        assert np.allclose(numbers(panel.view, "out"), expected, rtol=0.01)
        assert all(len(parts) == s * s for parts in linked(panel.view))
        used = sorted(cell for parts in linked(panel.view) for cell, _ in parts)
        assert used == list(range(36))
    assert "Not offered: s = 4, 5" in panel.note.value
    with pytest.raises(ValueError, match="no common divisor"):
        uv.widgets.DownsamplingExplorer(np.zeros((5, 7)))


@pytest.mark.parametrize("convention", ["centres", "corners"])
@pytest.mark.parametrize("method", ["nearest", "bilinear", "mean"])
@pytest.mark.parametrize("factor", [2, 3])
def test_up_sampled_numbers_are_the_sums_of_what_lights_up(method, factor, convention):
    panel = uv.widgets.UpsamplingExplorer(VALUES)
    panel.method.value, panel.factor.value = method, factor
    panel.convention.value = convention
    out = uv.labs.upsample(VALUES, factor, method, convention)
    flat = VALUES.ravel()
    for index, parts in enumerate(linked(panel.view)):
        total = sum(float(Fraction(weight)) * flat[cell] for cell, weight in parts)
        assert total == pytest.approx(out.ravel()[index], abs=0.05)
    assert np.allclose(numbers(panel.view, "out"), out, atol=0.006)


def test_bilinear_links_are_the_index_map_of_the_operation():
    panel = uv.widgets.UpsamplingExplorer(VALUES)
    rule = Upsampling((2, 2), "bilinear").axis_map(0, 4)
    for index, parts in enumerate(linked(panel.view)):
        i, j = divmod(index, 8)
        expected = {4 * r + c for r in rule.inputs(i, 4) for c in rule.inputs(j, 4)}
        assert {cell for cell, _ in parts} == expected


def test_median_is_said_to_be_none():
    panel = uv.widgets.UpsamplingExplorer(VALUES)
    panel.method.value = "median"
    assert "the median of" in panel.view.sentences[9]
    assert "not a sum" in panel.note.value


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_pooling_shows_window_argmax_and_what_is_lost(size, padding):
    panel = uv.widgets.PoolingExplorer(TOY)
    panel.window.value, panel.padding.value = size, padding
    assert np.array_equal(numbers(panel.view, "out"), uv.labs.max_pool(TOY, size, padding))
    rule = MaxPooling((size, size), (size, size), padding).axis_map(0, 5)
    for index, parts in enumerate(linked(panel.view)):
        i, j = divmod(index, rule.size(5))
        window = {5 * r + c for r in rule.inputs(i, 5) for c in rule.inputs(j, 5)}
        assert {cell for cell, _ in parts} == window
        best = [cell for cell, word in parts if word == "max"]
        assert [TOY.ravel()[cell] for cell in best] == [uv.labs.max_pool(TOY, size, padding)[i, j]]
    marked = np.array(panel.view.grids[0]["marked"])
    assert marked.sum() == 25 - (5 - rule.lost(5)) ** 2


def test_round_trip_says_what_each_method_loses():
    image = np.random.default_rng(0).random((48, 36))
    panel = uv.widgets.RoundTripExplorer(image)
    for method in ("nearest", "bilinear", "mean", "median"):
        panel.method.value = method
        error = uv.labs.round_trip(image, panel.window.value, method).error
        square = np.sqrt((error**2).mean())
        said = f"{method}: a mean absolute error of {error.mean():.4f}, a root mean square of"
        assert f"{said} {square:.4f}" in panel.as_markdown()
    assert panel._repr_mimebundle_()[0]["image/png"].startswith(b"\x89PNG")


@pytest.fixture
def transposed():
    return uv.widgets.TransposedExplorer(np.array([[1, 2], [3, -1]]))


@pytest.mark.parametrize("size", [(2, 2), (3, 2), (4, 2), (3, 1)])
def test_three_views_show_one_result(transposed, size):
    transposed.size.value = size
    out = uv.labs.stamp_and_add(transposed.values, transposed.kernel, size[1])
    assert np.array_equal(numbers(transposed.stamps, "out"), out)
    assert np.array_equal(numbers(transposed.zeros, "out"), out)
    assert np.array_equal(numbers(transposed.matrix, "out").ravel(), out.ravel())
    product = numbers(transposed.matrix, "matrix") @ numbers(transposed.matrix, "in")
    assert np.array_equal(product.ravel(), out.ravel())
    for view, source in ((transposed.stamps, "in"), (transposed.zeros, "in")):
        flat = numbers(view, source).ravel()
        for index, parts in enumerate(linked(view, source)):
            total = sum(float(Fraction(weight)) * flat[cell] for cell, weight in parts)
            assert total == out.ravel()[index]
    assert len(transposed.steps.steps["name"]) == out.size


def test_numbers_can_be_typed_and_nonsense_is_refused(transposed):
    transposed.stamps.edited = ["in", 0, 0, "5"]
    assert transposed.out[0, 0] == 5
    transposed.stamps.edited = ["kernel", 1, 1, "-2.5"]
    assert transposed.out[1, 1] == -12.5
    before = transposed.out.copy()
    for wrong in ("abc", "", "nan", "inf", "<b>"):
        transposed.stamps.edited = ["in", 0, 0, wrong]
        assert "is no number" in transposed.note.value
        assert "<b>&" not in transposed.note.value
        assert np.array_equal(transposed.out, before)
    assert rows(transposed.stamps, "in")[0][0] == "5"


def test_a_number_written_in_another_way_is_shown_as_it_is(transposed):
    before, sent = transposed.stamps.grids, []
    transposed.stamps.observe(lambda change: sent.append(change.new), names="grids")
    transposed.stamps.edited = ["in", 0, 0, f"  {transposed.values[0, 0]:g}.0"]
    assert sent == [[], before]


def test_too_large_an_example_is_refused():
    with pytest.raises(ValueError, match="at most 3 x 3"):
        uv.widgets.TransposedExplorer(np.zeros((4, 4)))


@pytest.mark.parametrize("size", [(2, 2), (3, 2), (4, 2), (3, 1), (64, 32)])
def test_coverage_says_even_exactly_if_the_stride_divides_the_kernel(size):
    panel = uv.widgets.CheckerboardExplorer(np.random.default_rng(0).random((64, 64)))
    panel.size.value = size
    assert ("every output is written" in panel.note.value) == has_even_overlap(*size)
    if size != (64, 32):
        assert np.array_equal(numbers(panel.counts, "counts"), uv.labs.stamp_counts((4, 4), *size))


def test_pixel_losses_are_those_of_the_formula():
    scores = np.random.default_rng(0).normal(size=(3, 4, 3))
    labels = np.random.default_rng(1).integers(0, 3, (3, 4))
    panel = uv.widgets.PixelLossExplorer(scores, labels)
    probabilities = uv.labs.softmax(scores)
    losses = -np.log(np.take_along_axis(probabilities, labels[..., None], -1)[..., 0])
    assert np.allclose(panel.losses, losses)
    assert f"mean over its 12 pixels: {losses.mean():.3f}" in panel.note.value
    assert (
        f"loss = -log {number_text(probabilities[1, 2, labels[1, 2]])}" in panel.view.sentences[6]
    )


def test_what_is_sent_is_small(transposed):
    transposed.size.value = (4, 2)
    sent = [(view.grids, view.links, view.sentences) for view in transposed.views]
    assert len(json.dumps(sent)) < 30_000
