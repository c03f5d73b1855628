"""A control that picks one file from the learner's own computer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ..shared._bundle import script, style

_HERE = Path(__file__).parent
LARGEST = 9_000_000
"""Bytes that are sent at most: Jupyter's connection takes 10 MB a message, without a word."""


class FilePicker(anywidget.AnyWidget):
    """Pick a file with the browser's own control.

    Attributes
    ----------
    accept : str
        Endings that the browser offers, such as ``".png,.tif"``.
    largest : int
        Bytes of the largest file that is sent; of a larger one only the name and the size are.
    content : bytes
        The file.
    picked : dict
        ``name``, ``size`` in bytes and ``number``, counted up with every file.
    """

    _esm = script(_HERE / "file.js")
    _css = style(_HERE / "file.css")
    accept = traitlets.Unicode().tag(sync=True)
    largest = traitlets.Int(LARGEST).tag(sync=True)
    # The browser's bytes come as a view of memory.
    content = traitlets.Bytes().tag(sync=True, from_json=lambda value, _: bytes(value))
    picked = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict({"label": "Or an image of your own:"}).tag(sync=True)

    def connect(
        self, guarded: Any, take: Callable[[str, bytes], None], refuse: Callable[[str], None]
    ) -> None:
        """Call `take` with name and bytes of each file that is picked.

        For one that is too large `refuse` is called with a sentence.
        """

        def act(change: Any) -> None:
            name, size = change.new["name"], change.new["size"]
            if size <= self.largest:
                take(name, bytes(self.content))
                return
            sizes = {"size": size / 1e6, "largest": self.largest // 1_000_000}
            refuse(
                (
                    "{name} has {size:.1f} MB; at most {largest} MB fit through this "
                    "connection. Drop the file into the file panel on the left, press Look "
                    "for files, and choose it from the list."
                ).format(name=name, **sizes)
            )

        self.observe(guarded(act), names="picked")
