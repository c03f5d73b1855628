"""How a package offers its public names: they stand once, in the stub beside its ``__init__``."""

from __future__ import annotations

import ast
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

import lazy_loader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def attach(package: str, file: str) -> tuple[Callable[[str], Any], Callable[[], list[str]], list]:
    """Return the module attributes ``__getattr__``, ``__dir__`` and ``__all__`` of a package.

    Parameters
    ----------
    package : str
        Its ``__name__``.
    file : str
        Its ``__file__``; the stub lies beside it. Names are imported when they are first used.

    See Also
    --------
    names_from : the names whose use loads only one part of the package.
    """
    load, list_names, names = lazy_loader.attach_stub(package, file)

    def get_name(name: str) -> Any:
        # What goes wrong while a module is loaded must not be taken for a wrong name.
        if name in names:
            return load(name)
        near = get_close_matches(name, names, n=1, cutoff=0.0)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise AttributeError(f"{package} has no {name!r}{hint}")

    return get_name, list_names, names


def names_from(file: str, parts: tuple[str, ...]) -> list[str]:
    """List the names that a stub imports from the given parts of its package, or from itself.

    ``from package import *`` loads each name that ``__all__`` lists; this tells which are light.
    """
    stub = ast.parse(Path(file).with_suffix(".pyi").read_text("utf-8"))
    return [
        alias.asname or alias.name
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        and (node.module is None or node.module.split(".")[0] in parts)
        for alias in node.names
    ]
