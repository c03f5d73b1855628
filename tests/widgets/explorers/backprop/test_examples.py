"""The small examples of gradients: every number is the rule's, every link points right."""

import html
from itertools import product

import numpy as np
import pytest

from unetviz.widgets.explorers.backprop.examples import EXAMPLES, backward_example
from unetviz.widgets.explorers.backprop.rules import BackwardRuleExplorer
from unetviz.widgets.views.grid.view import GridView, number_text

SEEDS = range(20)
NUMBERS = {-3, -2, -1, 1, 2, 3}


def matrices(example):
    return {grid.name: np.asarray(grid.values, float) for grid in example.grids}


def examples(kind):
    for seed in SEEDS:
        example = backward_example(kind, seed)
        yield example, matrices(example)


def numeric(link):
    return all(not isinstance(w, str) for parts in link.weights.values() for _, w in parts)


def test_the_kinds():
    assert tuple(EXAMPLES) == (
        "loss",
        "relu",
        "conv_valid",
        "conv_same",
        "concat",
        "add",
        "crop",
        "pool",
        "upconv",
        "upsample",
        "dropout",
        "pointwise_conv",
    )
    with pytest.raises(ValueError, match='kind must be "loss", "relu"'):
        backward_example("skip")
    with pytest.raises(ValueError, match="seed must be a whole number of at least 0"):
        backward_example("crop", -1)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_example_can_be_read_and_stepped_through(kind):
    told = set()
    for example, grids in examples(kind):
        assert all(max(values.shape) <= 6 for values in grids.values())
        assert len(grids) == len(example.grids)
        assert len(example.sentences) == grids[example.main].size
        (rule,) = example.remarks
        assert rule.endswith(".")
        for values in grids.values():
            assert all(len(number_text(value)) <= 5 for value in values.flat)
        view = GridView()
        view.show(example.grids, example.links, example.main, example.sentences)
        assert [grid["name"] for grid in view.grids] == list(grids)
        for sentence in example.sentences:
            assert sentence.endswith(".")
            assert not {"{", "}", "-0"} & set(sentence.split())
        told.add(str(view.grids))
    assert len(told) > 15
    again, first = (matrices(backward_example(kind, 3)) for _ in range(2))
    assert all((again[name] == first[name]).all() for name in first)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_linked_cells_times_weights_add_up_to_the_value(kind):
    for example, grids in examples(kind):
        targets = {link.target for link in example.links if numeric(link)}
        assert targets
        assert targets | {"gradient", "kernel", "turned", "kept"} >= set(grids) - {
            "probabilities",
            "right",
        }
        for target in targets:
            total = np.zeros(grids[target].shape)
            for link in example.links:
                if link.target == target and numeric(link):
                    for cell, parts in link.weights.items():
                        total[cell] += sum(w * grids[link.source][c] for c, w in parts)
            np.testing.assert_allclose(total, grids[target], atol=1e-12)


@pytest.mark.parametrize("kind", ["conv_valid", "conv_same", "upconv", "pointwise_conv"])
def test_the_cells_of_the_kernel_are_the_weights_that_are_named(kind):
    """The kernel's cells of a result hold, in the same order, the weights of the gradient's."""
    for example, grids in examples(kind):
        used = {(link.source, link.target): link.weights for link in example.links}
        for (source, target), weights in used.items():
            if source in ("kernel", "turned"):
                for cell, parts in weights.items():
                    named = [weight for _, weight in used["gradient", target][cell]]
                    assert [grids[source][tap] for tap, _ in parts] == named
                    assert all(word == "" for _, word in parts)


def maps(values):
    return values[..., np.newaxis]


def kernels(values):
    return values[..., np.newaxis, np.newaxis]


def test_loss():
    for example, grids in examples("loss"):
        p, right = grids["probabilities"], grids["right"]
        np.testing.assert_allclose(p.sum(axis=1), 1)
        assert (right.sum(axis=1) == 1).all()
        np.testing.assert_allclose(grids["out"], (p - right) / len(p), atol=1e-12)
        cell = 3, 1
        said = f"Pixel 3, class 1: ({number_text(p[cell])} - {int(right[cell])}) / 5 = "
        assert example.sentences[10] == f"{said}{number_text(grids['out'][cell])}."


def test_relu():
    for example, grids in examples("relu"):
        gate = grids["kept"] > 0
        assert set(grids["gradient"].flat) <= NUMBERS
        np.testing.assert_array_equal(grids["out"], np.where(gate, grids["gradient"], 0))
        np.testing.assert_array_equal(example.grids[0].marked, ~gate)
        for sentence, is_open in zip(example.sentences, gate.flat, strict=True):
            assert ("the gate is open" in sentence) == is_open


def test_dropout():
    for example, grids in examples("dropout"):
        kept = grids["kept"] == 1
        np.testing.assert_array_equal(grids["out"], 2 * grids["gradient"] * kept)
        for sentence, is_kept in zip(example.sentences, kept.flat, strict=True):
            assert ("it was kept" in sentence) == is_kept


def full(gradient, kernel):
    """Full convolution: each gradient writes the kernel; overlaps add."""
    out = np.zeros([n + 2 for n in gradient.shape])
    for i, j, a, b in product(*map(range, (*gradient.shape, 3, 3))):
        out[i + a, j + b] += gradient[i, j] * kernel[a, b]
    return out


def test_convolution_without_padding():
    for example, grids in examples("conv_valid"):
        np.testing.assert_array_equal(grids["turned"], np.rot90(grids["kernel"], 2))
        np.testing.assert_array_equal(grids["out"], full(grids["gradient"], grids["kernel"]))
        corner = number_text(grids["kernel"][0, 0]), number_text(grids["gradient"][0, 0])
        first, second = (f"({n})" if n.startswith("-") else n for n in corner)
        value = number_text(grids["out"][0, 0])
        assert example.sentences[0] == f"Row 0, column 0: {first} x {second} = {value}."


def test_convolution_with_padding():
    for example, grids in examples("conv_same"):
        kernel = np.rot90(grids["turned"], 2)
        np.testing.assert_array_equal(grids["full"], full(grids["gradient"], kernel))
        np.testing.assert_array_equal(grids["out"], grids["full"][1:-1, 1:-1])
        (rim,) = (grid.marked for grid in example.grids if grid.name == "full")
        assert rim.sum() == 36 - 16
        assert not rim[1:-1, 1:-1].any()
        (middle,) = (link.weights for link in example.links if link.source == "full")
        for cell, (((row, column), _),) in middle.items():
            assert (row - 1, column - 1) == cell


def test_concatenation():
    widths = set()
    for example, grids in examples("concat"):
        both = np.concatenate([grids["skip"], grids["below"]], axis=1)
        np.testing.assert_array_equal(both, grids["gradient"])
        width = grids["skip"].shape[1]
        for index, sentence in enumerate(example.sentences):
            channel = index % 5
            assert ("to the skip" in sentence) == (channel < width)
            own = channel if channel < width else channel - width
            assert sentence.endswith(f"whose channel {own} this is.")
        widths.add(width)
    assert widths == {2, 3}


def test_addition():
    for example, grids in examples("add"):
        np.testing.assert_array_equal(grids["skip"], grids["gradient"])
        np.testing.assert_array_equal(grids["below"], grids["gradient"])
        assert f"{number_text(grids['gradient'][2, 0])} goes back to both" in example.sentences[6]


def test_crop():
    shapes = set()
    for example, grids in examples("crop"):
        out, gradient = grids["out"], grids["gradient"]
        cut = example.grids[1].marked
        rows, columns = (n - 3 for n in out.shape)
        top, left = rows // 2, columns // 2
        np.testing.assert_array_equal(
            out, np.pad(gradient, ((top, rows - top), (left, columns - left)))
        )
        np.testing.assert_array_equal(cut, out == 0)
        np.testing.assert_array_equal(out[~cut], gradient.ravel())
        for sentence, is_cut in zip(example.sentences, cut.flat, strict=True):
            assert ("cut off" in sentence) == is_cut
        shapes.add(out.shape)
    assert len(shapes) > 1


def test_pooling():
    equal = 0
    for example, grids in examples("pool"):
        taken = grids["kept"]
        expected = np.zeros((4, 4))
        for i, j in np.ndindex(2, 2):
            cells = [(2 * i + a, 2 * j + b) for a, b in np.ndindex(2, 2)]
            winner = max(cells, key=lambda cell: taken[cell])  # the first of equal ones
            expected[winner] = grids["gradient"][i, j]
            for cell in cells:
                sentence = example.sentences[4 * cell[0] + cell[1]]
                assert ("gets the whole gradient" in sentence) == (cell == winner)
                later = cell != winner and taken[cell] == taken[winner]
                assert ("not the first" in sentence) == later
                equal += later
        np.testing.assert_array_equal(grids["out"], expected)
        np.testing.assert_array_equal(example.grids[0].marked, expected != 0)
    assert equal


def test_transposed_convolution():
    for _, grids in examples("upconv"):
        gradient, kernel = grids["gradient"], grids["kernel"]
        for i, j in np.ndindex(2, 2):
            block = gradient[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            assert grids["out"][i, j] == (block * kernel).sum()


def test_up_sampling():
    for example, grids in examples("upsample"):
        gradient = grids["gradient"]
        for i, j in np.ndindex(2, 2):
            block = gradient[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            assert grids["out"][i, j] == block.sum()
            parts = ", ".join(number_text(n) for n in block.flat)
            assert f"{parts} = {number_text(block.sum())}." in example.sentences[2 * i + j]


def test_pointwise_convolution():
    for _, grids in examples("pointwise_conv"):
        np.testing.assert_array_equal(grids["out"], grids["gradient"] @ grids["kernel"].T)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_panel_of_rules_shows_every_example(kind):
    panel = BackwardRuleExplorer(kind)
    example = backward_example(kind)
    assert example.remarks[0] in html.unescape(panel.note.value)
    assert [grid["name"] for grid in panel.view.grids] == [grid.name for grid in example.grids]
    for grid in example.grids:
        assert grid.table().as_markdown() in panel.as_markdown()
    before = panel.view.grids
    panel.again.click()
    assert panel.view.grids != before
    for other in EXAMPLES:
        panel.kind.value = other
        assert "should not happen" not in panel.note.value
    assert set(panel.kind.options.values()) == set(EXAMPLES)


def test_the_panel_of_rules_refuses_an_unknown_one():
    with pytest.raises(ValueError, match=r"kind must be .* not .pol."):
        BackwardRuleExplorer("pol")
