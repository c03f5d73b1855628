"""A list of images: those of the lesson, files of the folder, a file from one's own computer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import ipywidgets
import numpy as np

from unetviz.labs.images.files import read_image

from ...parts.controls import choice, row
from ...parts.part import Part
from ...views.file.view import FilePicker

_KEPT = "What was shown before is still shown."

ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff")


class ImageChoice(Part):
    """Choose an image; one that cannot be read is refused and the previous one stays.

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
        self.list = choice("Image", {}, "330px")
        self.look = ipywidgets.Button(
            description="Look for files",
            tooltip="Lists the images and .keras files that lie in the folder of this notebook",
            layout={"width": "130px"},
        )
        self.picker = FilePicker(accept=",".join(ENDINGS))
        super().__init__([row(self.list, self.look, self.picker)])
        self.name = next(iter(self._given))
        self.image = self._given[self.name]
        self._show_list(self.name)

    def connect(
        self, guarded: Any, changed: Callable[[], None], refused: Callable[[str], None]
    ) -> None:
        """Call `changed` for another image, `refused` with a sentence for one that is none."""
        self._changed, self._refused = changed, refused
        self.list.observe(guarded(self.unless_changing_itself(self._choose)), names="value")
        self.look.on_click(guarded(lambda _: self._show_list(self.name)))
        self.picker.connect(guarded, self._receive, refused)

    def _names(self) -> list[str]:
        """What can be chosen now; files are looked for again."""
        files = [
            path.name
            for path in sorted(self._folder.iterdir())
            if path.suffix.lower() in ENDINGS and not path.name.startswith(".")
        ]
        # What is shown stays in the list, also if its file is gone.
        return list(dict.fromkeys([*self._given, *self._sent, self.name, *files]))

    def _show_list(self, name: str) -> None:
        """List what there is now, with a name marked that is not read again."""
        with self.changing_itself():
            self.list.options = self._names()
            self.list.value = name

    def _choose(self, change: Any) -> None:
        if change.new is not None and change.new != self.name:
            self._change_image(change.new, lambda: self._read(change.new))

    def _read(self, name: str) -> np.ndarray:
        known = self._given | self._sent
        return known[name] if name in known else read_image(self._folder / name)

    def _receive(self, name: str, content: bytes) -> None:
        words = "your file: {name}".format(name=name)
        if self._change_image(words, lambda: read_image(content, name)):
            # Only the last one is kept: images are large.
            self._sent = {words: self.image}
            self._show_list(words)

    def _change_image(self, name: str, read: Callable[[], np.ndarray]) -> bool:
        """Take another image; return whether it can be read, and shown."""
        before = self.name, self.image
        try:
            self.name, self.image = name, read()
            self._changed()
        except Exception as error:
            self.name, self.image = before
            if not isinstance(error, (ValueError, OSError)):
                raise
            self._show_list(self.name)
            self._refused(f"{str(error).rstrip('.')}. {_KEPT}")
            return False
        return True
