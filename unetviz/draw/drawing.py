"""A drawing as a value: SVG for slides and widgets, PNG where no kernel runs, table as twin."""

from __future__ import annotations

import importlib.util
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import Any

import resvg_py

from unetviz.geometry.graph import Specification
from unetviz.geometry.ops import size_of
from unetviz.geometry.trace import Trace, trace

from .charts.pixel_budget import pixel_budget_caption, pixel_budget_svg
from .images.colours import with_few_colours
from .theme import WIDTH
from .unet.draw import draw_svg


@dataclass(frozen=True, repr=False)
class Drawing:
    """An image that was computed, with its caption.

    Attributes
    ----------
    svg : str
        One ``svg`` element, 848 pixels wide.
    caption : str
        What the drawing shows, in one sentence.
    trace : Trace or None
        What is drawn, if it is a network.
    photograph : bool
        Whether it shows a photograph: its PNG is then as large as the SVG, not twice, and has 128
        colours, because notebooks must stay small.
    """

    svg: str
    caption: str
    trace: Trace | None = None
    photograph: bool = False

    def png(self, scale: float | None = None) -> bytes:
        """Return the drawing as a PNG file's bytes, `scale` times as large as the SVG."""
        if scale is None and self.photograph:
            return with_few_colours(render_png(self.svg))
        return render_png(self.svg, scale or 2.0)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the drawing to a file that ends in ``.svg`` or ``.png``, and return its path.

        Raises
        ------
        ValueError
            If the file has another ending.
        """
        path = Path(path)
        writers = {".svg": self.svg.encode, ".png": self.png}
        if path.suffix not in writers:
            raise ValueError(f"a drawing is saved as .svg or .png, not as {path.name!r}")
        path.write_bytes(writers[path.suffix]())
        return path

    def __repr__(self) -> str:
        return f"<Drawing: {self.caption}>"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        # A PNG is shown everywhere; notebooks that are not trusted strip SVG.
        png = self.png()
        size = {"width": int(WIDTH)}
        return {"image/png": png, "text/plain": repr(self)}, {"image/png": size}


def draw_unet(
    source: Trace | Specification,
    theme: str = "light",
    images: Mapping[str, bytes] | None = None,
    changed: Collection[str] = (),
    backward: bool = False,
) -> Drawing:
    """Draw a network as a U.

    Parameters
    ----------
    source : Trace or Specification
        What to draw. A size that fails is drawn up to the step that fails.
    theme : str
        ``"light"`` or ``"dark"``.
    images : dict of str to bytes, optional
        PNG files to be shown in maps, by the names that `map_areas` gives.
    changed : collection of str
        Names of steps that are marked as changed, such as `changed_steps` finds.
    backward : bool
        Whether the arrows are those of the gradient.

    Returns
    -------
    Drawing
        Shown as an image in a notebook; `Drawing.save` writes it to a file.

    Raises
    ------
    ValueError
        If there is no such theme.

    Examples
    --------
    >>> from unetviz import PAPER
    >>> draw_unet(PAPER).caption
    'A U-Net with 4 poolings: 572 x 572 pixels go in, 388 x 388 come out.'
    """
    found = _traced(source)
    caption = _backward_caption(found) if backward else _caption(found)
    svg = draw_svg(found, caption, theme, images, changed, backward)
    return Drawing(svg, caption, found, photograph=bool(images))


def draw_pixel_budget(source: Trace | Specification, theme: str = "light") -> Drawing:
    """Draw where input pixels, parameters, work and memory of a network go, part by part.

    Parameters
    ----------
    source : Trace or Specification
        What to draw.
    theme : str
        ``"light"`` or ``"dark"``.

    Returns
    -------
    Drawing
        Four rows of bars, in the order of computation.

    Raises
    ------
    ValueError
        If there is no such theme.
    """
    found = _traced(source)
    return Drawing(pixel_budget_svg(found, theme), pixel_budget_caption(found), found)


def _traced(source: Trace | Specification) -> Trace:
    return source if isinstance(source, Trace) else trace(source)


def _caption(found: Trace) -> str:
    start = f"{size_of(found.steps[0].out_shape)} pixels go in"
    title = found.spec.title
    network = f"{title} with {_depth(found)}"
    if found.output_shape is None:
        return f"{title} that stops at {found.failed.name}: {start}, nothing comes out."
    return f"{network}: {start}, {size_of(found.output_shape)} come out."


def _backward_caption(found: Trace) -> str:
    start, end = (size_of(shape) for shape in (found.steps[0].out_shape, found.output_shape))
    return (
        f"{found.spec.title} with {_depth(found)}, backwards: the gradient goes from the {end} "
        f"pixels of the output to the {start} of the input."
    )


def _depth(found: Trace) -> str:
    pools = sum(step.kind == "pool" for step in found)
    levels = max(step.map_level for step in found)
    if pools != levels - 1:  # some networks shrink their maps by convolutions
        return f"{levels} levels"
    return "1 pooling" if pools == 1 else f"{pools} poolings"


def render_png(svg: str, scale: float = 1.0) -> bytes:
    """Render an SVG string to PNG bytes, with a font that is the same on every machine."""
    fonts = [str(path) for path in _fonts()]
    return resvg_py.svg_to_bytes(
        svg_string=svg, zoom=scale, font_files=fonts, skip_system_fonts=True
    )


@lru_cache(maxsize=1)
def _fonts() -> tuple[Path, ...]:
    """DejaVu Sans as matplotlib ships it, found without importing matplotlib."""
    spec = importlib.util.find_spec("matplotlib")
    folder = Path(spec.submodule_search_locations[0]) / "mpl-data" / "fonts" / "ttf"
    return folder / "DejaVuSans.ttf", folder / "DejaVuSans-Bold.ttf"
