"""A drawing as a value: SVG for slides and widgets, PNG where no kernel runs."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import Any

from unetviz.geometry.graph import Specification
from unetviz.geometry.trace import Trace, trace

from .theme import WIDTH


@dataclass(frozen=True, repr=False)
class Drawing:
    """An image that was computed, with its caption.

    A notebook shows it as PNG. What it shows is also in a table, which is made from the trace.

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

    See Also
    --------
    unetviz.geometry.tables.steps.step_table : the sizes of a network as a table.
    """

    svg: str
    caption: str
    trace: Trace | None = None
    photograph: bool = False

    def png(self, scale: float | None = None) -> bytes:
        """Return the drawing as a PNG file's bytes.

        Parameters
        ----------
        scale : float, optional
            Pixels of the PNG for one of the SVG; by default 2, and 1 for a photograph.
        """
        if scale is None and self.photograph:
            # numpy and Pillow are loaded for this alone; an SVG does without them.
            from .images.colours import with_few_colours

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
        if path.suffix == ".svg":
            path.write_bytes(self.svg.encode())
        elif path.suffix == ".png":
            path.write_bytes(self.png())
        else:
            raise ValueError(f"a drawing is saved as .svg or .png, not as {path.name!r}")
        return path

    @property
    def shown_width(self) -> int:
        """Pixels that a notebook shows it wide."""
        return int(WIDTH)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.caption}>"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        text = {"text/plain": repr(self)}
        # A PNG is shown everywhere; notebooks that are not trusted strip SVG.
        try:
            return {"image/png": self.png()} | text, {"image/png": {"width": self.shown_width}}
        except ModuleNotFoundError as missing:
            if missing.name != "resvg_py":
                raise
            # Python that runs in a browser has no renderer: the browser draws SVG itself.
            return {"image/svg+xml": self.svg} | text, {}


def traced(source: Trace | Specification) -> Trace:
    """Return what is to be drawn as a trace: a specification is traced, a trace is returned."""
    return source if isinstance(source, Trace) else trace(source)


def render_png(svg: str, scale: float = 1.0) -> bytes:
    """Render an SVG string to PNG bytes, with a font that is the same on every machine.

    Parameters
    ----------
    svg : str
        One ``svg`` element.
    scale : float
        Pixels of the PNG for one of the SVG.

    References
    ----------
    `resvg <https://github.com/linebender/resvg>`_, the renderer.
    """
    # Loaded for the first PNG: an SVG does without it, and Python in a browser does not have it.
    import resvg_py

    fonts = [str(path) for path in _fonts()]
    return resvg_py.svg_to_bytes(
        svg_string=svg, zoom=scale, font_files=fonts, skip_system_fonts=True
    )


@lru_cache(maxsize=1)
def _fonts() -> tuple[Path, ...]:
    """DejaVu Sans as matplotlib ships it, found without importing matplotlib."""
    found = importlib.util.find_spec("matplotlib")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("the letters of a PNG come with matplotlib", name="matplotlib")
    folder = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
    return folder / "DejaVuSans.ttf", folder / "DejaVuSans-Bold.ttf"
