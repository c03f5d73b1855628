"""A chart as a value: a matplotlib figure in the colours of a theme, its caption, its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from io import StringIO
from threading import Lock
from typing import TYPE_CHECKING, Any

from unetviz.geometry.tables.table import Table
from unetviz.geometry.trace import Trace

from ..drawing import Drawing
from ..svg import wrapped
from ..theme import DASHES, FONT_SIZE, LIGHT, LIVE, MARGIN, WIDTH, Palette, palette_of

# An explorer draws its bars as SVG: matplotlib is loaded for the first chart that is asked for.
if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_POINT = 72 / 96
"""Points, in which matplotlib measures letters and lines, for one pixel."""

_LINE = 2.4
"""Width of a line, in pixels, as in the drawing of the U."""

_LOCK = Lock()
"""Held while settings of matplotlib are changed: they are the same for all threads."""

_SIZE = re.compile(r'width="([\d.]+)pt" height="([\d.]+)pt"')
"""What matplotlib says of a figure's size."""


class Chart(Drawing):
    """A chart that was computed, with its caption and its numbers.

    A notebook shows it as a drawing. What is changed in its figure is shown and saved, too.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
        The chart, to go on with.
    caption : str
        What it shows, in one sentence.
    table : Table
        Its numbers.
    trace : Trace or None
        The network that it is about, if there is one.
    theme : str or None
        ``"light"``, ``"dark"``, or None for colours that are taken from the page.

    See Also
    --------
    unetviz.draw.Drawing : how it is saved.
    """

    figure: Figure
    table: Table
    theme: str | None

    def __init__(
        self,
        figure: Figure,
        caption: str,
        table: Table,
        trace: Trace | None = None,
        theme: str | None = "light",
    ):
        # A drawing is frozen, but its SVG is a field there and follows from the figure here.
        vars(self).update(figure=figure, caption=caption, table=table, trace=trace, theme=theme)

    @property
    def svg(self) -> str:
        """The figure as it is now, as one ``svg`` element."""
        file = StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        with _settings_of_svg():
            self.figure.savefig(file, format="svg", metadata=nothing)
        _, _, svg = file.getvalue().partition("<svg ")
        # In a page a rule for all elements would hold for those of others.
        svg = svg.rstrip().replace(">*{", ">.unetviz-chart *{", 1)
        if self.theme is None:
            svg = _live(svg)
        return f'<svg class="unetviz-chart" role="img" {_SIZE.sub(_in_pixels, svg, count=1)}'

    @property
    def shown_width(self) -> int:
        """Pixels that the figure is wide; not more than a notebook has room for."""
        return min(super().shown_width, round(self.figure.get_figwidth() * 96))


def _in_pixels(size: re.Match[str]) -> str:
    width, height = (float(points) / _POINT for points in size.groups())
    return f'width="{width:g}" height="{height:g}"'


def _live(svg: str) -> str:
    """Take size and colours from the page: what was drawn has those of the light theme."""
    for name, colour in asdict(LIGHT).items():
        svg = svg.replace(colour, getattr(LIVE, name))
    return _SIZE.sub("", svg, count=1)


@contextmanager
def _settings_of_svg() -> Iterator[None]:
    """Let matplotlib write words as words, and nothing that depends on chance.

    `matplotlib.rc_context` would also undo what somebody else sets meanwhile: the training panel
    draws in a thread of its own.
    """
    import matplotlib

    settings: dict[Any, Any] = matplotlib.rcParams
    ours = {"svg.fonttype": "none", "svg.hashsalt": "unetviz"}
    with _LOCK:
        before = {key: settings[key] for key in ours}
        settings.update(ours)
        try:
            yield
        finally:
            settings.update(before)


def line_of(kind: str, palette: Palette) -> dict[str, Any]:
    """Return colour and line style of a kind of arrow, as `Axes.plot` takes them."""
    # matplotlib measures dashes in widths of the line.
    lengths = DASHES[kind].split()
    dashes = tuple(float(length) / _LINE for length in lengths)
    style = (0, dashes) if dashes else "-"
    return {"color": getattr(palette, kind), "linestyle": style, "linewidth": _LINE * _POINT}


def new_axes(height: float, rows: int = 1, columns: int = 1) -> list[Axes]:
    """Return the axes of a new figure that is as wide as a drawing.

    Parameters
    ----------
    height : float
        Of the figure, in pixels.
    rows, columns : int
        How many axes there are; all of a column have one horizontal axis.
    """
    from matplotlib.figure import Figure

    # Not pyplot's: nobody would close it, and a notebook would show it twice.
    figure = Figure(figsize=(WIDTH / 96, height / 96), layout="constrained")
    return list(figure.subplots(rows, columns, squeeze=False, sharex="col").flat)


def chart_of(
    axes: Sequence[Axes],
    caption: str,
    table: Table,
    theme: str | None,
    trace: Trace | None = None,
    is_new: bool = True,
) -> Chart:
    """Return what is drawn as a chart; new axes get the look of a theme, and the caption below."""
    figure = axes[0].get_figure(root=True)
    assert figure is not None  # axes that are drawn in have one
    if is_new:
        _dress(figure, caption, theme)
    return Chart(figure, caption, table, trace, theme)


def _dress(figure: Figure, caption: str, theme: str | None) -> None:
    from matplotlib.text import Text

    palette, size = palette_of(theme), FONT_SIZE * _POINT
    background = "none" if theme is None else palette.background
    lines = wrapped(caption, WIDTH - 2 * MARGIN)
    figure.supxlabel("\n".join(lines), x=MARGIN / WIDTH, ha="left")
    figure.set_facecolor(background)
    for text in figure.findobj(Text):
        # A name with dollars in it is no formula.
        text.set(color=palette.text, size=size, parse_math=False)
    for ax in figure.axes:
        ax.set_facecolor(background)
        ax.title.set_fontweight("bold")
        ax.spines[:].set_color(palette.quiet)
        ax.spines[["top", "right"]].set_visible(False)
        # Said of all ticks: some are made only when the figure is drawn.
        ax.tick_params(colors=palette.quiet, labelsize=size)
