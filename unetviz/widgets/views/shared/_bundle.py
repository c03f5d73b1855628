"""From the files of a view to what its widget sends to the browser.

JavaScript and CSS are written as an editor and node load them: modules that import each other,
with their types in comments. A widget sends one text of each kind, so the modules that a view
imports are put before it. Nothing has to be built, and the names stay as they are written.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unetviz.draw.theme import theme_variables

if TYPE_CHECKING:
    from anywidget._file_contents import FileContents

VIEWS = Path(__file__).parents[1]
_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]*)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function|const|class)", re.MULTILINE)
_COMMENT = r"/\*\*(?:[^*]|\*(?!/))*\*/"
_TYPES = re.compile(rf"^[ \t]*{_COMMENT}\n|{_COMMENT} ?", re.MULTILINE)


def bundle(path: Path) -> str:
    """Return a module with all that it imports, as one module without imports.

    Imports are relative and name what they take, as in ``import { a, b } from "../c.js";``. Each
    module comes once, before the first that imports it. Comments with types are left out.

    Parameters
    ----------
    path : Path
        The module to begin with; of its exports only the default one is left.

    Raises
    ------
    ValueError
        For an import or export of another form.
    """
    modules: dict[Path, str] = {}
    _collect(path.resolve(), modules)
    text = "\n".join(modules.values())
    if left := re.search(r"^(?:import\b|export (?!default \{)).*", text, re.MULTILINE):
        raise ValueError(f"{path.name}: '{left[0]}' cannot be bundled; write import {{ name }} ...")
    return text


def _collect(path: Path, modules: dict[Path, str]) -> None:
    """Add a module to `modules`, after those that it imports."""
    if path in modules:
        return
    text = path.read_text("utf-8")
    for names, other in _IMPORT.findall(text):
        if " as " in names:
            raise ValueError(f"{path.name} imports a name under another one; take the name itself")
        _collect((path.parent / other).resolve(), modules)
    modules[path] = _EXPORT.sub("", _IMPORT.sub("", _TYPES.sub("", text)))


def script(path: Path) -> Any:
    """Return a bundled module as `_esm` of a widget."""
    return _reloaded(lambda: bundle(path))


def style(path: Path, *before: str) -> Any:
    """Return a style sheet, after the colours and type that all views share, as `_css`."""
    tokens = VIEWS / "shared" / "tokens.css"

    def text() -> str:
        own = tokens.read_text("utf-8"), *before, path.read_text("utf-8")
        return "\n".join((theme_variables(), *own))

    return _reloaded(text)


def _reloaded(text: Callable[[], str]) -> Any:
    """Return a text; with ``ANYWIDGET_HMR=1`` one that is read again when a file changes."""
    if os.environ.get("ANYWIDGET_HMR") != "1":
        return text()
    from anywidget._file_contents import VirtualFileContents

    contents = VirtualFileContents(text())
    for file in _watched():
        file.changed.connect(lambda _: setattr(contents, "contents", text()))
    return contents


@cache
def _watched() -> list[FileContents]:
    """All files of the views, each watched by anywidget; this needs the package watchfiles."""
    from anywidget._file_contents import FileContents

    return [FileContents(path) for path in sorted(VIEWS.rglob("*.[jc]s*"))]
