"""A U whose sizes are left out: boxes to write into, for a class with pencils."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from unetviz.geometry.graph import Specification, Step
from unetviz.geometry.ops import size_of
from unetviz.geometry.trace import Trace

from ..drawing import Drawing, traced
from ..svg import number
from ..theme import PALETTES
from ..unet.draw import draw_svg
from ..unet.layout import map_areas

_SVG = "http://www.w3.org/2000/svg"
_BOX = (48.0, 24.0)
_SMALL_BOX = (36.0, 18.0)
"""Width and height of a box in a map, and of one on an arrow, in pixels of the drawing."""

_EDGE = 5.0
"""Pixels that are left of a map around its box."""

_LEGEND = "to fill in"


def draw_worksheet(source: Trace | Specification, theme: str = "light") -> Drawing:
    """Draw a network as a U with empty boxes in place of its sizes; only the input's is given.

    The drawing is that of `draw_unet`; what has the class ``secret`` there, because it tells a
    size, is taken out, as the widgets do it while sizes are predicted.

    Parameters
    ----------
    source : Trace or Specification
        What to draw. A size that fails is drawn up to the step that fails.
    theme : str
        ``"light"`` or ``"dark"``.

    Returns
    -------
    Drawing
        To be printed; what it asks is said in its caption. Its `Drawing.trace` has the answers.

    Raises
    ------
    ValueError
        If there is no such theme.

    Examples
    --------
    >>> from unetviz import PAPER
    >>> ">570<" in draw_worksheet(PAPER).svg
    False
    """
    found = traced(source)
    caption = _caption(found)
    root = ElementTree.fromstring(draw_svg(found, caption, theme))
    _Blanking(found, theme).blank(root)
    ElementTree.register_namespace("", _SVG)
    return Drawing(ElementTree.tostring(root, encoding="unicode"), caption, found)


def _caption(found: Trace) -> str:
    height, width, _ = found.steps[0].out_shape
    size = "height (= width)" if height == width else "height x width"
    crops = any(step.crop and found[step.inputs[0]].side == "encoder" for step in found)
    also = ", and above each grey arrow how many pixels are cut at each side" if crops else ""
    return (
        f"{size_of((height, width))} pixels go in. Write into each map its {size}{also}. "
        "The bold numbers count channels."
    )


class _Blanking:
    """Takes the sizes out of one drawing."""

    def __init__(self, found: Trace, theme: str):
        self._steps = {step.name: step for step in found.all_steps}
        self._areas = map_areas(found)
        self._given = found.steps[0].name
        palette = PALETTES[theme]
        self._look = {
            "class": "blank",
            "fill": palette.background,
            "stroke": palette.text,
            "rx": "3",
        }

    def blank(self, root: Element) -> None:
        """Change a drawing in place."""
        for parent in list(root.iter()):
            step = parent.get("data-step")
            for node in list(parent):
                is_title = node.tag == f"{{{_SVG}}}title" and step != self._given
                if is_title or "secret" in node.get("class", "").split():
                    self._take_out(parent, node)
        self._change_legend(root)

    def _take_out(self, parent: Element, node: Element) -> None:
        step = node.get("data-step")
        is_word = node.tag == f"{{{_SVG}}}text"
        text = node.text or ""
        if is_word and (step == self._given or not any(map(str.isdigit, text))):
            return
        place = list(parent).index(node)
        parent.remove(node)
        if is_word and "wrong" not in node.get("class", ""):
            for blank in self._blanks(node):
                parent.insert(place, blank)

    def _blanks(self, label: Element) -> Iterator[Element]:
        """The box that stands for a label: in its map, or where the label stood."""
        step = self._steps[label.attrib["data-step"]]
        x, y = float(label.attrib["x"]), float(label.attrib["y"])
        if label.text == step.label:  # on the arrow of a skip
            width, height = _SMALL_BOX
            label.text = step.operation.name
            label.set("x", number(x - width / 2))
            yield label
            yield self._box(x + 15, y - 8, width, height)
            return
        left, top, right, bottom = self._sheet(step)
        width = min(_BOX[0], right - left - _EDGE)
        height = min(_BOX[1], bottom - top - _EDGE)
        yield self._box((left + right) / 2, (top + bottom) / 2, width, height)

    def _sheet(self, step: Step) -> tuple[float, float, float, float]:
        """Left, top, right and bottom end of a map; of two that are joined, of both."""
        names = [step.name]
        if step.kind in ("concat", "add"):
            names += [name for name in step.inputs if self._steps[name].side == step.side]
        boxes = [self._areas[name] for name in names if name in self._areas]
        return (
            min(x for x, *_ in boxes),
            min(y for _, y, *_ in boxes),
            max(x + width for x, _, width, *_ in boxes),
            max(y + height for _, y, _, height, *_ in boxes),
        )

    def _box(self, x: float, y: float, width: float, height: float) -> Element:
        corner = {"x": number(x - width / 2), "y": number(y - height / 2)}
        size = {"width": number(width), "height": number(height)}
        return Element(f"{{{_SVG}}}rect", self._look | corner | size)

    def _change_legend(self, root: Element) -> None:
        """What is no longer drawn has no sample; the box to write into takes a place."""
        nodes = list(root)
        for node, words in pairwise(nodes):
            if node.get("id") == "legend-lost":
                root.remove(node)
                root.remove(words)
            elif node.get("id") == "legend-window":
                middle = float(words.attrib["x"]) - 18, float(words.attrib["y"]) - 4
                root[list(root).index(node)] = self._box(*middle, 22, 14)
                words.text = _LEGEND
