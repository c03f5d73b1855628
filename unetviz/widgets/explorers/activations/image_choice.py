"""A list of images: those of the lesson, files of the folder, a file from one's own computer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import ipywidgets
import numpy as np

from unetviz.labs.images.files import SIDE, Page, read_pages
from unetviz.labs.images.folders import ENDINGS
from unetviz.labs.images.ranges import shown

from ...parts.controls import choice, row
from ...parts.part import Part
from ...views.file.view import FilePicker

_KEPT = "What was shown before is still shown."
_STRETCHED = (
    "Your image uses {used}. It is stretched: {low} (1st percentile) and less is black, {high} "
    "(99.8th percentile) and more is white; Stretch switches that off."
)
_AS_IT_IS = "Your image uses {used}. It is not stretched."
_DIM = "This is a small part of the range, so the image is hard to see: switch Stretch on."


class ImageChoice(Part):
    """Choose an image; one that cannot be read is refused and the previous one stays.

    An image of one's own is stretched, its 1st percentile to black and its 99.8th to white, until
    that is switched off for it; those of the lesson are shown as they are.

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
        self._sent: dict[str, Page] = {}
        self._own: Page | None = None
        self.list = choice("Image", {}, "330px")
        self.look = ipywidgets.Button(
            description="Look for files",
            tooltip="Lists the images and .keras files that lie in the folder of this notebook",
            layout={"width": "130px"},
        )
        self.picker = FilePicker(accept=",".join(ENDINGS))
        self.stretch = ipywidgets.Checkbox(
            value=True,
            description="Stretch",
            tooltip="Makes the darkest pixels of your image black and the brightest white",
            indent=False,
            layout={"width": "90px"},
        )
        super().__init__([row(self.list, self.look, self.picker, self.stretch)])
        self.name = next(iter(self._given))
        self._take(self.name, self._given[self.name])
        self._show_list(self.name)

    def connect(
        self, guarded: Any, changed: Callable[[], None], refused: Callable[[str], None]
    ) -> None:
        """Call `changed` for another image, `refused` with a sentence for one that is none."""
        self._changed, self._refused = changed, refused
        self.list.observe(guarded(self.unless_changing_itself(self._choose)), names="value")
        self.stretch.observe(
            guarded(self.unless_changing_itself(self._change_stretch)), names="value"
        )
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

    def _change_stretch(self, change: Any) -> None:
        """Show the same image stretched or not; where that is refused the switch goes back."""
        own = self._own
        if own is not None and not self._change_image(self.name, lambda: own, change.new):
            self._switch(change.old)

    def _switch(self, is_stretched: bool) -> None:
        with self.changing_itself():
            self.stretch.value = is_stretched

    def _read(self, name: str) -> np.ndarray | Page:
        known = self._given | self._sent
        return known[name] if name in known else next(read_pages(self._folder / name, side=SIDE))

    def _receive(self, name: str, content: bytes) -> None:
        words = "your file: {name}".format(name=name)
        if self._change_image(words, lambda: next(read_pages(content, name, side=SIDE))):
            # Only the last one is kept: images are large.
            self._sent = {words: self._own} if self._own else {}
            self._show_list(words)

    def _take(self, name: str, found: np.ndarray | Page, is_stretched: bool = True) -> None:
        """Take an image of the lesson as it is, one's own stretched or not."""
        own = found if isinstance(found, Page) else None
        if own is None:
            self.image = np.asarray(found)
        elif is_stretched:
            self.image = own.stretched()
        else:
            own.check("the switch Stretch")
            self.image = own.floats()
        self.name, self._own, self._is_stretched = name, own, is_stretched
        self.stretch.layout.display = None if own else "none"

    def _change_image(
        self, name: str, read: Callable[[], np.ndarray | Page], is_stretched: bool = True
    ) -> bool:
        """Take another image; return whether it can be read, and shown."""
        before = self.name, self.image, self._own, self._is_stretched
        try:
            self._take(name, read(), is_stretched)
            self._changed()
        except Exception as error:
            self.name, self.image, self._own, self._is_stretched = before
            self.stretch.layout.display = None if self._own else "none"
            if not isinstance(error, (ValueError, OSError)):
                raise
            self._show_list(self.name)
            self._refused(f"{str(error).rstrip('.')}. {_KEPT}")
            return False
        self._switch(is_stretched)
        return True

    def sentences(self) -> list[str]:
        """Say which part of its range an image of one's own uses, and whether it is stretched."""
        if self._own is None:
            return []
        used = self._own.used
        if self._is_stretched and used.low != used.high:
            low, high = shown(used.low), shown(used.high)
            return [_STRETCHED.format(used=used, low=low, high=high)]
        return [_AS_IT_IS.format(used=used), *([_DIM] if used.is_small else [])]
