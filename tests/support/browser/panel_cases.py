"""For each panel without a network: a small one, a fresh one in the same state, what must be true.

Tests import this file for its names; the panels themselves are made in a kernel.
"""

from contextlib import suppress

import numpy as np

import unetviz as uv
from unetviz.draw.unet.draw import draw_svg
from unetviz.draw.unet.layout import map_areas
from unetviz.geometry._checks import parse_size
from unetviz.geometry.ops import size_of
from unetviz.geometry.tables.steps import shape_text, totals
from unetviz.geometry.tables.table import escaped

SMALL = uv.UNetSpec(60, depth=2, base_filters=2)
MATRIX = np.array([[0, 8, 4, 2], [4, 4, 9, 1], [7, 2, 5, 3], [1, 6, 0, 8]])
ODD = np.arange(25).reshape(5, 5) * 7 % 11
IMAGE = ("held", "point")
DRAWING = ("revealed", "step", "playing", "point")
STEPS = ("predict", "revealed", "step", "playing", "seconds", "tries", "score")


class Case:
    """One panel; the class is called like it.

    Attributes
    ----------
    may_refuse : bool
        Whether there are choices that do not work, so that the panel may say so.
    """

    may_refuse = False

    def make(self):
        """Return a panel that costs little."""
        raise NotImplementedError

    def again(self, used):
        """Return a fresh panel brought to the state of a used one; None if none can be made."""
        raise NotImplementedError

    def check(self, used):
        """Raise `AssertionError` if something is not as the geometry, or NumPy, says."""

    def words(self, used):
        """Return texts that must stand on the page."""
        return []


def copied(used, fresh, *names):
    """Give attributes of one object to another: what a person did to it."""
    for name in names:
        setattr(fresh, name, getattr(used, name))


def chosen(used, fresh, *names):
    """Give the values of controls to those of another panel, in this order."""
    for name in names:
        getattr(fresh, name).value = getattr(used, name).value


def image(size=(120, 130)):
    return uv.synthetic_cells(size, seed=1).image


def check_steps(steps, found):
    """Names, words and sizes of a control of steps are those of a trace, the place is in it."""
    assert 0 <= steps.step <= steps.revealed < len(found.all_steps)
    assert steps.steps["name"] == [step.name for step in found.all_steps]
    assert all(map(str.startswith, steps.steps["reason"], (s.reason for s in found)))
    assert [out for out in steps.steps["out"] if out] == [shape_text(s.out_shape) for s in found]
    assert steps.totals == totals(found)
    assert all(0 <= count < len(found.all_steps) for count in steps.score.values())


def words_of_step(steps, found):
    """What is said about the step in hand."""
    step = found.all_steps[steps.step]
    known = steps.revealed == len(found.all_steps) - 1
    return [f"{step.name}: {step.label}", *[totals(found)] * known]


class UNetExplorer(Case):
    def make(self):
        return uv.UNetExplorer(SMALL)

    def again(self, used):
        fresh = uv.UNetExplorer(SMALL)
        fresh.spec = used.spec
        chosen(used.controls, fresh.controls, "square")
        fresh.pixel_budget.button.value = used.pixel_budget.button.value
        fresh.code.button.value = used.code.button.value
        copied(used.steps, fresh.steps, *STEPS)
        copied(fresh.steps, fresh.view, "revealed", "step", "playing")
        return fresh

    def check(self, used):
        found = uv.trace(used.spec)
        assert used.trace == found
        assert used.controls.spec == used.spec
        assert used.view.svg == draw_svg(found)
        assert used.step == used.view.step
        check_steps(used.steps, found)
        if not used.steps.predict:
            assert used.as_markdown() == found._repr_markdown_()

    def words(self, used):
        return words_of_step(used.steps, uv.trace(used.spec))


class FCNExplorer(Case):
    def make(self):
        return uv.widgets.FCNExplorer(uv.FCNSpec(96, base_filters=2))

    def again(self, used):
        fresh = uv.widgets.FCNExplorer(used.spec)
        copied(used.steps, fresh.steps, *STEPS)
        copied(fresh.steps, fresh.view, "revealed", "step", "playing")
        return fresh

    def check(self, used):
        found = uv.trace(used.spec)
        assert used.trace == found
        assert used.spec.input_size == (used.height.value, used.width.value)
        assert used.spec.stride == used.stride.value
        assert used.view.svg == draw_svg(found)
        check_steps(used.steps, found)

    def words(self, used):
        return words_of_step(used.steps, uv.trace(used.spec))


class SizeCheck(Case):
    def make(self):
        return uv.widgets.SizeCheck()

    def again(self, used):
        fresh = uv.widgets.SizeCheck(spec=used.trace.spec)
        fresh.size.value = size_of(used.trace.spec.input_size)
        chosen(used, fresh, "size")
        for name, control in used.fields.items():
            fresh.fields[name].value = control.value
        return fresh

    def check(self, used):
        if size := self.readable(used):
            given = {name: control.value for name, control in used.fields.items()}
            assert used.trace == uv.trace(uv.UNetSpec(size, **given))
        for problem in used.trace.problems:
            assert escaped(problem.message) in used.as_markdown()

    def words(self, used):
        size, out = self.readable(used), used.trace.output_shape
        return [size_of(shape) for shape in (size, out) if shape] if size else []

    def readable(self, used):
        """The size that was typed; None if it is none."""
        with suppress(ValueError):
            return parse_size(used.size.value)


class Question(Case):
    def make(self):
        size = uv.trace(SMALL).output_shape[0]
        return uv.Question("How <b>large</b>?", size, "Look & see.", "So it is.")

    def again(self, used):
        return None  # what it shows hangs on all that was tried before

    def check(self, used):
        assert used.tries in (0, 1, 2)
        over = used.solved is not None
        assert used.given.disabled == used.check.disabled == over
        assert used.show.disabled == (over or used.tries == 0)
        assert ("So it is." in used.note.value) == over
        assert (f"{used.answer}" in used.note.value) == over

    def words(self, used):
        return ["How <b>large</b>?"]


class NetworkPanel(Case):
    """Panels with few controls for a network; one that does not fit is refused."""

    def again(self, used):
        fresh = type(used)(image(), used.trace.spec)
        self.follow(used, fresh)
        fresh.controls.spec = used.controls.spec
        return fresh

    def follow(self, used, fresh):
        """Bring the views to the same pixel."""

    def check(self, used):
        assert used.trace == uv.trace(used.trace.spec)
        wanted = uv.trace(used.controls.spec)
        assert used.trace == wanted or not wanted.ok
        assert used.controls.side.value == used.controls.spec.input_size[0]
        assert used.view.size == list(used.trace.steps[0].out_shape[:2])


class ReceptiveFieldExplorer(NetworkPanel):
    def make(self):
        return uv.widgets.ReceptiveFieldExplorer(image(), SMALL)

    def follow(self, used, fresh):
        chosen(used, fresh, "direction")
        copied(used.view, fresh.view, *IMAGE)
        copied(fresh.view, fresh.drawing, "point")  # which is a link of the browser's
        copied(used.drawing, fresh.drawing, "revealed", "step", "playing")

    def check(self, used):
        super().check(used)
        assert used.drawing.svg == draw_svg(used.trace)
        assert used.drawing.areas == {k: list(a) for k, a in map_areas(used.trace).items()}
        assert used._followed(*used.point)

    def words(self, used):
        """Sizes of all boxes that belong to the pixel in hand, by the geometry alone."""
        row, column = used.view.point
        if used.direction.value == "targets":
            out = uv.projective_field(used.trace, row, column).output
            return [f"{out.height} x {out.width}"] if out else []
        paths = uv.receptive_field(used.trace, row, column).paths
        return [f"{box.height} x {box.width}" for box in paths.values()]


class BorderExplorer(NetworkPanel):
    def make(self):
        return uv.widgets.BorderExplorer(image(), SMALL)

    def words(self, used):
        ok = uv.trace(used.controls.spec).ok
        return [f"{size_of(used.trace.output_shape)} come out of"] if ok else []


class CodeExplorer(Case):
    def make(self):
        return uv.widgets.CodeExplorer()

    def again(self, used):
        fresh = uv.widgets.CodeExplorer()
        chosen(used, fresh, "code")
        copied(used.view, fresh.view, "step", "playing")
        return fresh

    def check(self, used):
        steps = used.chosen.steps
        names = [step.name for step in uv.trace(uv.DOCUMENT)]
        if steps:
            assert names[used.view.step] in steps
        assert used.view.svg == draw_svg(uv.trace(uv.DOCUMENT))

    def words(self, used):
        return [f"Line {used.code.value} computes", *used.chosen.steps]


class Grids(Case):
    """Panels of one matrix in and one out."""

    controls = ()
    values = MATRIX

    def make(self):
        return getattr(uv.widgets, type(self).__name__)(self.values)

    def again(self, used):
        fresh = self.make()
        chosen(used, fresh, *self.controls)
        copied(used.view, fresh.view, "step", "playing")
        return fresh

    def expected(self, used):
        """What must come out, by the function of the labs."""
        raise NotImplementedError

    def check(self, used):
        out = self.expected(used)
        (grid,) = (one for one in used.view.grids if one["name"] == "out")
        shown = np.array([[float(text) for text in row] for row in grid["rows"]])
        assert shown.shape == out.shape
        assert np.allclose(shown, out, rtol=0.01)
        assert 0 <= used.view.step < out.size
        assert len(used.view.sentences) == out.size


class DownsamplingExplorer(Grids):
    controls = ("window",)

    def expected(self, used):
        return uv.labs.downsample_mean(self.values, used.window.value)


class UpsamplingExplorer(Grids):
    controls = ("method", "factor", "convention")

    def expected(self, used):
        return uv.labs.upsample(self.values, *(getattr(used, name).value for name in self.given))

    given = ("factor", "method", "convention")


class PoolingExplorer(Grids):
    controls = ("padding", "window")
    values = ODD

    def expected(self, used):
        return uv.labs.max_pool(self.values, used.window.value, used.padding.value)


class RoundTripExplorer(Case):
    def make(self):
        return uv.widgets.RoundTripExplorer(image((60, 48)))

    def again(self, used):
        fresh = self.make()
        chosen(used, fresh, "window", "method")
        return fresh

    def words(self, used):
        trip = uv.labs.round_trip(image((60, 48)), used.window.value, used.method.value)
        return [f"{trip.mean_error:.4f}"]


class CheckerboardExplorer(Case):
    def make(self):
        return uv.widgets.CheckerboardExplorer(image((40, 48)))

    def again(self, used):
        fresh = self.make()
        chosen(used, fresh, "size")
        copied(used.counts, fresh.counts, "step", "playing")
        return fresh

    def check(self, used):
        kernel, stride = used.size.value
        rows = used.counts.grids[0]["rows"]
        if kernel <= 8:
            assert np.array_equal(
                np.array(rows, float), uv.labs.stamp_counts((4, 4), kernel, stride)
            )
        assert 0 <= used.counts.step < sum(map(len, rows))


class TransposedExplorer(Case):
    def make(self):
        return uv.widgets.TransposedExplorer(np.array([[1, 2], [3, -1]]))

    def again(self, used):
        fresh = self.make()
        chosen(used, fresh, "size")
        fresh.calculate(used.values.copy(), used.kernel.copy())
        copied(used.steps, fresh.steps, "step", "playing", "seconds")
        for view in fresh.views:
            copied(fresh.steps, view, "step", "playing")
        if "is no number" in used.note.value or used.note.value.count("\u2717"):
            fresh.note.value = used.note.value
        return fresh

    def check(self, used):
        out = uv.labs.stamp_and_add(used.values, used.kernel, used.stride)
        assert np.isfinite(out).all()
        for view in used.views:
            (grid,) = (one for one in view.grids if one["name"] == "out")
            shown = np.array(grid["rows"], float).ravel()
            assert np.allclose(shown, out.ravel(), rtol=0.01, atol=1e-6)


class PixelLossExplorer(Case):
    def make(self):
        random = np.random.default_rng(3)
        self.scores, self.labels = random.normal(0, 2, (4, 5, 3)), random.integers(0, 3, (4, 5))
        return uv.widgets.PixelLossExplorer(self.scores, self.labels)

    def again(self, used):
        fresh = self.make()
        copied(used.view, fresh.view, "step", "playing")
        return fresh

    def check(self, used):
        assert 0 <= used.view.step < 20

    def words(self, used):
        cell = np.unravel_index(used.view.step, self.labels.shape)
        loss = uv.labs.cross_entropy(self.scores, self.labels)[cell]
        return [f"{loss:.3g}"]


class TileExplorer(Case):
    may_refuse = True

    def make(self):
        return uv.widgets.TileExplorer(image((300, 260)))

    def again(self, used):
        if "does not work" in used.note.value:
            return None  # the image is that of the settings before
        fresh = self.make()
        chosen(used, fresh, "network", "pad", "stride", "shift")
        copied(used.view, fresh.view, *IMAGE)
        return fresh

    def check(self, used):
        plan = used.plan
        assert plan.image == (300, 260)
        row, column = used.view.point
        tile = used._tile()
        assert tile.output.top <= row < tile.output.bottom
        assert tile.output.left <= column < tile.output.right
        if "does not work" not in used.note.value:
            values = used.stride.value, used.shift.value
            assert plan == uv.labs.plan_tiles((300, 260), used.spec, values[0], shift=values[1])

    def words(self, used):
        return [] if "does not work" in used.note.value else [size_of(used.plan.tile)]


class BackwardRuleExplorer(Case):
    def make(self):
        return uv.widgets.BackwardRuleExplorer()

    def again(self, used):
        fresh = uv.widgets.BackwardRuleExplorer(used.kind.value, used._seed)
        copied(used.view, fresh.view, "step", "playing")
        return fresh

    def check(self, used):
        (grid,) = (one for one in used.view.grids if one["name"] == used.view.main)
        assert 0 <= used.view.step < sum(map(len, grid["rows"]))

    def words(self, used):
        return [used.example.remarks[0]]


PLAIN_CASES = {
    case.__name__: case
    for case in (
        UNetExplorer,
        FCNExplorer,
        SizeCheck,
        Question,
        ReceptiveFieldExplorer,
        BorderExplorer,
        CodeExplorer,
        DownsamplingExplorer,
        UpsamplingExplorer,
        PoolingExplorer,
        RoundTripExplorer,
        CheckerboardExplorer,
        TransposedExplorer,
        PixelLossExplorer,
        TileExplorer,
        BackwardRuleExplorer,
    )
}
