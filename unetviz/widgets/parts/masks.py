"""Predicted masks beside each other: right, missed and false pixels in colours, with scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets
import numpy as np

from unetviz.draw.images.annotated import BoxMark
from unetviz.draw.images.colours import coloured
from unetviz.draw.theme import BOX_STYLES
from unetviz.geometry.box import Box
from unetviz.geometry.tables.table import Table
from unetviz.geometry.trace import Trace
from unetviz.labs.images.arrays import as_floats, checked_image
from unetviz.labs.metrics import SegmentationScore, outline, score

from ..views.image.view import ImageView
from .array_view import placed
from .controls import row
from .network_image import output_window, screen_zoom
from .part import Part
from .still_sheet import Shown

NO_TRUTH = "The true mask is not known, so there is no score."
NO_OUTLINE = "A boundary error of inf: one of the two masks has no outline."
AGAINST_TRUTH = (
    "right (white): {count:,}",
    "missed (blue): {count:,}",
    "false (orange): {count:,}",
)
OUTLINES = (
    "both (white)",
    "true outline (blue)",
    "outline of the network (orange)",
)
_STYLES = ("window", "kept", "tile")  # white, blue, orange; the words of the legends say so too

Result = tuple[np.ndarray, SegmentationScore | None]
"""A mask of booleans, and its score if the true one is known."""


class MaskComparison(Part):
    """Images in a row, each with a title and a legend: masks, and what they are compared with.

    Parameters
    ----------
    titles : dict of str to str
        What each image is called; `show` can name it otherwise.
    side : int
        Pixels of the screen for the longer side of each.
    signs : sequence of str
        What stands between each image and the next.

    Attributes
    ----------
    views : dict of str to ImageView
        The views of the images.
    shown : dict of str to (array of shape (h, w, 3), list of BoxMark)
        What they show, as `draw_sheet` takes it.
    """

    def __init__(self, titles: Mapping[str, str], side: int, signs: Sequence[str] = ()):
        self._titles, self._side = dict(titles), side
        self.views = {kind: ImageView(layout={"width": f"{side + 4}px"}) for kind in titles}
        self.shown: dict[str, Shown] = {}
        style = f"height:{side}px;display:grid;place-items:center;font-size:24px"
        children: list[ipywidgets.Widget] = list(self.views.values())
        for place, sign in enumerate(signs):
            # Also without a sign it takes its room, so that rows stand below each other.
            words = f"<div style='{style};color:var(--jp-content-font-color1,inherit)'>{sign}</div>"
            children.insert(2 * place + 1, ipywidgets.HTML(words, layout={"width": "20px"}))
        super().__init__([row(*children)])

    def show(
        self,
        kind: str,
        pixels: np.ndarray,
        marks: Sequence[BoxMark] = (),
        box: Box | None = None,
        title: str = "",
        frame: int = 0,
        is_map: bool = False,
    ) -> None:
        """Show another image.

        Parameters
        ----------
        kind : str
            Which of the images it is.
        pixels : array of shape (h, w, 3), uint8
            Its colours.
        marks : sequence of BoxMark
            Boxes on it, and the lines of its legend that follow the title.
        box : Box, optional
            The rows and columns that it shows; by default they count from 0.
        title : str, optional
            By default the one that it was given at the start.
        frame : int, optional
            Longer side of what is `side` pixels large; by default its own.
        is_map : bool
            Whether the legend says its size.
        """
        title, view = title or self._titles[kind], self.views[kind]
        image = placed(pixels, screen_zoom(frame or max(pixels.shape[:2]), self._side), box)
        whole = BoxMark(image.box, "grid", title, is_map=is_map)
        self.shown[kind] = pixels, [whole, *marks]
        view.label = f"{title}. A click or arrow keys choose a pixel." if view.area else title
        view.show(image, self.shown[kind][1])


def seen_part(trace: Trace, image: Any, mask: Any) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the part of an image over which something comes out, and its true mask.

    Parameters
    ----------
    trace : Trace
        The network.
    image : array of shape (h, w) or (h, w, c)
        An image of its size.
    mask : array of shape (h, w), or None
        What is not 0 is foreground.

    Returns
    -------
    array of shape (rows, columns, 3), uint8
        The part, as colours.
    array of shape (rows, columns), bool, or None
        Its true mask, if it is known.
    """
    window, channels = output_window(trace), trace.steps[0].out_shape[2]
    inside = window.slices
    part = as_floats(checked_image(image, channels))[inside]
    # A network that rescales its images takes numbers up to 255.
    part = part / max(1.0, float(part.max()))
    truth = None if mask is None else np.asarray(mask)[inside] != 0
    return coloured(part if channels == 3 else part.mean(axis=-1)), truth


def evaluated(mask: np.ndarray, truth: np.ndarray | None) -> Result:
    """Return a mask of shape (h, w) as bool, and its score if the true one is known."""
    found = mask != 0
    return found, None if truth is None else score(found, truth)


def mask_image(
    grey: np.ndarray, result: Result, reference: np.ndarray | None, words: Sequence[str]
) -> tuple[np.ndarray, list[BoxMark]]:
    """Return a mask in three colours over a dark image, and the lines of its legend.

    Parameters
    ----------
    grey : array of shape (h, w, 3), uint8
        The image.
    result : (array of shape (h, w), Score or None)
        The mask, as `evaluated` returns it.
    reference : array of shape (h, w), bool, or None
        What it is compared with; None for nothing.
    words : sequence of str
        For what both have (white), what the mask lacks (blue), and what it has alone (orange);
        each with a place for ``count``.
    """
    mask, found = result
    if reference is None:
        reference, words = mask, ("foreground (white): {count:,}",)
    pixels, legend = _painted(grey // 3, mask, reference, words)
    return pixels, ([legend_line("", score_words(found))] if found else []) + legend


def outline_image(
    image: np.ndarray, truth: np.ndarray, mask: np.ndarray
) -> tuple[np.ndarray, list[BoxMark]]:
    """Return a grey image in which the outlines of two masks are coloured, and its legend.

    Parameters
    ----------
    image : array of shape (h, w)
        From 0 to 1.
    truth, mask : array of shape (h, w)
        What is not 0 is foreground.
    """
    real, found = (outline(np.asarray(one) != 0) for one in (truth, mask))
    return _painted(coloured(image, limits=(0.0, 1.0)), found, real, OUTLINES)


def _painted(
    pixels: np.ndarray, mask: np.ndarray, reference: np.ndarray, words: Sequence[str]
) -> tuple[np.ndarray, list[BoxMark]]:
    """Pixels with those of two masks in colours, and a line of the legend for each of the words."""
    parts, lines = (mask & reference, reference & ~mask, mask & ~reference), []
    for i, (style, part) in enumerate(zip(_STYLES, parts, strict=True)):
        pixels[part] = style_colour(style)
        lines += [legend_line(style, text.format(count=part.sum())) for text in words[i : i + 1]]
    return pixels, lines


def score_words(found: SegmentationScore) -> str:
    """Return Dice score and boundary error in words."""
    return "Dice {score.dice:.3f}, boundary error {score.boundary_words}".format(score=found)


def results_table(rows: Sequence[tuple[str, Result, str]], headings: tuple[str, str]) -> Table:
    """Return a table of scores: each row a name, a result, and what the last column says of it.

    Parameters
    ----------
    rows : sequence of (str, Result, str)
        The rows.
    headings : (str, str)
        Of the first column and of the last.
    """
    first, last = headings
    cells = tuple((name, *score_cells(found), text) for name, (_, found), text in rows)
    scores = ("Dice", "boundary error (pixels)")
    return Table((first, *scores, last), cells, frozenset({1, 2, 3}))


def score_cells(found: SegmentationScore | None) -> tuple[str, str]:
    """Return Dice score and boundary error as cells of a table; dashes if the truth is unknown."""
    if found is None:
        return "-", "-"
    return f"{found.dice:.3f}", f"{found.boundary_error:.2f}"


def legend_line(style: str, words: str) -> BoxMark:
    """Return a line of a legend without a box on the image."""
    return BoxMark(Box(0, 0, 0, 0), style, words, is_map=False)


def style_colour(style: str) -> np.ndarray:
    """Return the colour of a style of boxes, as an array of three bytes."""
    return np.frombuffer(bytes.fromhex(BOX_STYLES[style][0][1:]), np.uint8)
