"""A list of images: those of the lesson, files of the folder, a file from one's own computer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import ipywidgets
import numpy as np

from unetviz.labs.images.files import read_image

from ..views.file.view import FilePicker
from .controls import choice, row

_KEPT = "What was shown before is still shown."

ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff")


class ImageChoice(ipywidgets.VBox):
    """Choose an image; one that cannot be read is refused and the one before stays.

    Parameters
    ----------
    images : dict of str to array, or to something with an array ``image``
        Images of the lesson by their words in the list.
    folder : str or path
        Where files are looked for: the folder of the notebook.

    Attributes
    ----------
    name : str
        What is chosen, as the list has it.
    image : array of shape (h, w) or (h, w, c)
        That image.
    """

    def __init__(self, images: Mapping[str, Any], folder: str | PathLike[str] = "."):
        if not images:
            raise ValueError("give at least one image")
        self._given = {name: np.asarray(getattr(p, "image", p)) for name, p in images.items()}
        self._folder = Path(folder)
        self._sent: dict[str, np.ndarray] = {}
        self._busy = False
        self.list = choice("Image", {}, "330px")
        self.look = ipywidgets.Button(
            description="Look for files",
            tooltip="Lists the images and .keras files that lie in the folder of this notebook",
            layout={"width": "130px"},
        )
        self.picker = FilePicker(accept=",".join(ENDINGS))
        super().__init__([row(self.list, self.look, self.picker)])
        self.name = next(iter(self._given))
        self._fill()
        self.image = self._given[self.name]
        self.list.value = self.name

    def connect(
        self, guarded: Any, changed: Callable[[], None], refused: Callable[[str], None]
    ) -> None:
        """Call `changed` for another image, `refused` with a sentence for one that is none."""
        self._changed, self._refused = changed, refused
        self.list.observe(guarded(self._choose), names="value")
        self.look.on_click(guarded(self._look))
        self.picker.connect(guarded, self._receive, refused)

    def _fill(self, _: Any = None) -> None:
        """List what there is now; files are found anew."""
        files = [
            path.name
            for path in sorted(self._folder.iterdir())
            if path.suffix.lower() in ENDINGS and not path.name.startswith(".")
        ]
        # What is shown stays in the list, also if its file is gone.
        self.list.options = list(dict.fromkeys([*self._given, *self._sent, self.name, *files]))

    def _look(self, _: Any = None) -> None:
        self._set(self.name)

    def _set(self, name: str) -> None:
        """Show a name in the list without reading it again."""
        self._busy = True
        try:
            self._fill()
            self.list.value = name
        finally:
            self._busy = False

    def _choose(self, change: Any) -> None:
        if self._busy or change.new is None or change.new == self.name:
            return
        self._take(change.new, lambda: self._find(change.new))

    def _find(self, name: str) -> np.ndarray:
        known = self._given | self._sent
        return known[name] if name in known else read_image(self._folder / name)

    def _receive(self, name: str, content: bytes) -> None:
        words = "your file: {name}".format(name=name)
        if self._take(words, lambda: read_image(content, name)):
            # Only the last one is kept: images are large.
            self._sent = {words: self.image}
            self._set(words)

    def _take(self, name: str, read: Callable[[], np.ndarray]) -> bool:
        before = self.name, self.image
        try:
            self.name, self.image = name, read()
            self._changed()
        except (ValueError, OSError) as error:
            self.name, self.image = before
            self._set(self.name)
            self._refused(f"{str(error).rstrip('.')}. {_KEPT}")
            return False
        return True
