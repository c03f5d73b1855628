"""The same for each panel that runs a network: all are small, most with random weights."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

import unetviz as uv
from support.browser.panel_cases import DRAWING, IMAGE, Case, chosen, copied
from unetviz.geometry.ops import size_of

SPEC = uv.UNetSpec((60, 76), depth=2, base_filters=3)


@cache
def network(spec=SPEC, seed=1):
    """A network whose biases are not 0, so that its maps are neither all dead nor all alive."""
    model, random = uv.build(spec, seed=seed), np.random.default_rng(seed)
    model.set_weights([w + random.normal(0, 0.1, w.shape) for w in model.get_weights()])
    return model


@cache
def images(size=SPEC.input_size):
    """Two images with masks, and one without that has a name like a tag."""
    first, second = uv.labs.validation_images(size, 2)
    noise = np.random.default_rng(0).integers(0, 256, size, np.uint8)
    return {"one": first, "two": second, "<b>noise</b>": noise}


def refused(used):
    return any(words in used.note.value for words in ("does not work", "still show", "Stopped"))


class SkipExplorer(Case):
    def make(self):
        return uv.widgets.SkipExplorer(network(), images()["one"].image)

    def again(self, used):
        fresh = self.make()
        chosen(used, fresh, "level", "channel")
        copied(used.strip, fresh.strip, *IMAGE)
        return fresh

    def check(self, used):
        found = uv.trace(SPEC)
        join = found[f"dec{used.level.value}_concat"]
        assert used.kept.size == list(found[join.inputs[0]].out_shape[:2])
        assert used.up.size == list(found[join.inputs[1]].out_shape[:2])
        if used.strip.held:
            assert min(used.strip.chosen()[0], used.channel.max) == used.channel.value

    def words(self, used):
        return [uv.trace(SPEC)[f"dec{used.level.value}_crop"].why]


class SeamMeter(Case):
    may_refuse = True

    def make(self):
        same = uv.UNetSpec(32, depth=1, base_filters=2, padding="same")
        models = {"valid": network(), "same": network(same)}
        return uv.widgets.SeamMeter(uv.synthetic_cells((120, 130), seed=1).image, models)

    def again(self, used):
        if refused(used):
            return None  # the images are those of the settings before
        fresh = self.make()
        fresh.work.start = lambda *_: None
        chosen(used, fresh, "network", "stride", "margin", "shift", "pad")
        fresh._measure_at_once()
        return fresh

    def check(self, used):
        whole = used._whole.values()
        assert used._done.probabilities.shape in {one.shape for one in whole}
        assert used.difference.max() == used.largest
        if used._done.plan.seamless:
            assert used.largest < 1e-5


class ClassifierExplorer(Case):
    def make(self):
        from unetviz.nets.lessons.classifier import build_classifier

        return uv.widgets.ClassifierExplorer(build_classifier(seed=2), side=48)

    def again(self, used):
        fresh = self.make()
        chosen(used, fresh, "side", "seed")
        return fresh

    def words(self, used):
        answers = (used.side.value - 32) // 4 + 1
        return [f"{answers} x {answers} answers at once"]


class AblationExplorer(Case):
    def make(self):
        return uv.widgets.AblationExplorer(*made_results())

    def again(self, used):
        fresh = self.make()
        for step in (used._seen, used.step):
            fresh.step = step
        chosen(used, fresh, "image")
        view, given = fresh.views["image"], used.views["image"]
        view.held, view.point = True, list(used.centre)
        copied(given, view, *IMAGE)
        fresh.centre = used.centre
        copied(used.steps, fresh.steps, "playing", "seconds")
        copied(used.view, fresh.view, *DRAWING)
        return fresh

    def check(self, used):
        assert 0 <= used.step <= used._seen < len(used.results)
        assert f'data-step="{used.results[used.step].trace.steps[-1].name}"' in used.view.svg

    def words(self, used):
        return [f"Step {used.step + 1} of {len(used.results)}"]


@cache
def made_results():
    """Masks that are wrong in a different way for each network, and their scores."""
    from unetviz.nets.lessons.ablation import AblationResult

    examples = uv.labs.validation_images(256, 2)
    found = []
    for number, (name, spec) in enumerate(uv.geometry.ABLATION.items()):
        masks = tuple(np.roll(one.mask != 0, 12 - number, axis=number % 2) for one in examples)
        scores = tuple(uv.labs.score(m, one.mask) for m, one in zip(masks, examples, strict=True))
        found.append(AblationResult(name, spec, (256, 256), masks, scores))
    return found, examples


class ScoreSumExplorer(Case):
    spec = uv.FCNSpec((64, 96), base_filters=2, stride=8)

    def make(self):
        return uv.widgets.ScoreSumExplorer(network(self.spec), images(self.spec.input_size))

    def again(self, used):
        fresh = self.make()
        chosen(used, fresh, "image", "step")
        fresh.pixel = used.pixel
        for part, view in used.maps.items():
            copied(view, fresh.maps[part], *IMAGE)
        return fresh

    def check(self, used):
        height, width, _ = uv.trace(self.spec)[used.step.value].out_shape
        row, column = used.pixel
        assert 0 <= row < height
        assert 0 <= column < width
        for view in used.maps.values():
            assert not view.held or used._found.pixel_at(view.point) == used.pixel


class SurgeryExplorer(Case):
    may_refuse = True

    def make(self):
        without = network(SPEC.replace(merge="none"))
        return uv.widgets.SurgeryExplorer(network(), images(), without)

    def again(self, used):
        if refused(used):
            return None  # the images are those of the settings before
        fresh = self.make()
        with fresh.changing_itself():
            chosen(used, fresh, "image", "rows", "columns")
            for level, control in used.levels.items():
                fresh.levels[level].value = control.value
        fresh._show()
        return fresh

    def check(self, used):
        rows, columns, _ = uv.trace(SPEC).output_shape
        assert all(view.size == [rows, columns] for view in used.views.values())
        if not used.changes and not refused(used):
            assert np.array_equal(used._results["changed"][0], used._results["untouched"][0])


class ActivationExplorer(Case):
    """In its folder lie a file that is no image and one that is no network."""

    folder = None

    def make(self):
        if self.folder is None:
            self.folder = Path(mkdtemp())
            (self.folder / "no image.png").write_text("no")
            (self.folder / "<b>none.keras").write_text("no")
        networks = {"one": network(), "<i>two</i>": network(SPEC.replace(depth=1))}
        return uv.widgets.ActivationExplorer(networks, images(), self.folder)

    def again(self, used):
        fresh = self.make()
        fresh.network.value = used.network.value
        fresh.images.list.value = used.images.list.value
        fresh.map.value = used.map.value
        chosen(used.channels, fresh.channels, "scale", "channel")
        copied(used.channels.sheet, fresh.channels.sheet, *IMAGE)
        copied(used.channels.view, fresh.channels.view, *IMAGE)
        copied(used.drawing, fresh.drawing, "playing", "step")
        fresh.note.value = used.note.value if refused(used) else fresh.note.value
        return fresh

    def check(self, used):
        step = uv.trace(used.trace.spec)[used.map.value]
        assert used.channels.maps.shape == step.out_shape
        assert used.channels.view.size == list(step.out_shape[:2])
        if used.channels.sheet.held:
            sheet = used.channels.sheet.chosen()
            assert min(sheet[0], used.channels.channel.max) == used.channels.channel.value

    def words(self, used):
        channel = f"channel {used.channels.channel.value} of {used.map.value}"
        return [channel, *[f"{used.map.value}: "] * (not refused(used))]


class Microscope(Case):
    def make(self):
        return uv.widgets.Microscope(network(), images()["one"].image)

    def again(self, used):
        image = images()["one"].image
        fresh = uv.widgets.Microscope(network(), image, used.step, used.point)
        fresh.channel = used.channel
        chosen(used, fresh, "follow_largest")
        if not used.follow_largest.value:
            chosen(used, fresh, "source")
        copied(used.grids, fresh.grids, "step", "playing")
        copied(used.view, fresh.view, *IMAGE)
        fresh.note.value = used.note.value if refused(used) else fresh.note.value
        return fresh

    def check(self, used):
        place = (*used.point, used.channel)
        value = used._specimen.maps[used.step][place]
        assert np.isclose(used.calculation.value, value, atol=1e-5)
        shape = uv.trace(SPEC)[used.step].out_shape
        assert all(0 <= n < size for n, size in zip(place, shape, strict=True))
        assert used.channels.max == shape[2] - 1


class PixelGradientExplorer(Case):
    def make(self):
        return uv.widgets.PixelGradientExplorer(network(), images()["one"])

    def again(self, used):
        fresh = self.make()
        chosen(used, fresh, "channel", "colours", "boxes")
        fresh.point = used.point
        copied(used.output, fresh.output, *IMAGE)
        return fresh

    def check(self, used):
        box = uv.receptive_field(uv.trace(SPEC), *used.point).input
        assert used.seen.box == box
        outside = used.seen.gradient.copy()
        outside[box.top : box.bottom, box.left : box.right] = 0
        assert not outside.any()
        assert not used.output.held or tuple(used.output.point) == used.point

    def words(self, used):
        row, column = used.point
        return [f"Output row {row}, column {column}"]


class GradientCheckExplorer(Case):
    spec = uv.UNetSpec((28, 36), depth=1, base_filters=3)

    def make(self):
        return uv.widgets.GradientCheckExplorer(network(self.spec), self.image())

    def image(self):
        return images(self.spec.input_size)["one"]

    def again(self, used):
        fresh = uv.widgets.GradientCheckExplorer(network(self.spec), self.image(), used.layer)
        chosen(used, fresh, "step")
        fresh.place = used.place
        copied(used.grids, fresh.grids, "playing")
        return fresh

    def check(self, used):
        kernel = network(self.spec).get_layer(used.layer).kernel.numpy()
        assert used.layers.value == used.layer
        assert used.check.index in np.ndindex(kernel.shape)
        assert (used.source.value, used.filter.value) == used.place[2:]

    def words(self, used):
        return [used.layer]


class BackwardExplorer(Case):
    spec = uv.UNetSpec(44, depth=2, base_filters=2)

    def make(self):
        return uv.widgets.BackwardExplorer(network(self.spec), uv.labs.validation_images(44, 1)[0])

    def again(self, used):
        fresh = self.make()
        fresh.step = used.step
        copied(used.steps, fresh.steps, "playing", "seconds")
        copied(used.steps, fresh.view, "playing")
        for (_, grid), (_, other) in zip(used.examples, fresh.examples, strict=True):
            copied(grid, other, "step", "playing")
        return fresh

    def check(self, used):
        names = [step.name for step in uv.trace(self.spec)]
        assert 0 <= used.step <= 2 * len(names)
        moments = [*names, names[-1], *reversed(names)]
        assert used.name == moments[used.step]
        assert used.view.step in range(len(used.view.names))
        shown = used.view.names[used.view.step].strip()
        assert shown == ("loss" if used.step == len(names) else used.name)

    def words(self, used):
        return [size_of(used.trace.output_shape)] if used.step == used._turn else [used.name]


class TrainingPanel(Case):
    def recipe(self):
        from unetviz.nets.training.recipes import Recipe

        spec = uv.UNetSpec(32, depth=1, base_filters=2, padding="same")
        return Recipe(spec, 60, 1e-2, batch=2, border_weight=0.0, drawn=32, reuse=32)

    def make(self):
        return uv.widgets.TrainingPanel(recipe=self.recipe())

    def again(self, used):
        if used.training is not None:
            return None  # it knows what it has learned
        fresh = uv.widgets.TrainingPanel(used.seed.value, self.recipe())
        copied(used.curves, fresh.curves, "step", "playing")
        return None if refused(used) else fresh

    def check(self, used):
        if used.training is None:
            return
        moments = [moment.step for moment in used.training.history]
        assert moments == sorted(set(moments))
        assert all(0 <= step <= 60 for step in moments)
        assert used.start.disabled == (moments[-1:] == [60])
        assert used.start.description == "Go on"

    def words(self, used):
        scored = [m for m in used.training.history if m.score] if used.training else []
        return [f"Dice {scored[-1].score.dice:.3f}"] if scored else []


NETWORK_CASES = {
    case.__name__: case
    for case in (
        SkipExplorer,
        SeamMeter,
        ClassifierExplorer,
        AblationExplorer,
        ScoreSumExplorer,
        SurgeryExplorer,
        ActivationExplorer,
        Microscope,
        PixelGradientExplorer,
        GradientCheckExplorer,
        BackwardExplorer,
        TrainingPanel,
    )
}
