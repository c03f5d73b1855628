"""The printed fallback: the drawings of the lessons in a folder, with a page that prints them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory

from unetviz.geometry.graph import Specification
from unetviz.geometry.specs.fcn import STRIDES, FCNSpec
from unetviz.geometry.specs.unet import DOCUMENT, PAPER
from unetviz.geometry.tables.pixel_budget import pixel_budget_table
from unetviz.geometry.tables.steps import step_table
from unetviz.geometry.trace import Trace, trace

from ..charts.pixel_budget import draw_pixel_budget
from ..drawing import traced
from ..unet.draw import draw_unet
from .page import Sheet, handout_page
from .worksheet import draw_worksheet

PAGE = "index.html"
"""The file that a browser opens and prints."""

_PNG_SCALE = 2.5
"""PNG pixels for one of the drawing: 2120 in a row, about 230 to the inch on a sheet of A4."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def write_handout(
    folder: str | PathLike[str],
    networks: Mapping[str, Trace | Specification] | None = None,
) -> Path:
    """Write the drawings of the lessons as SVG and PNG, and a page to print them from.

    Nothing is written unless everything could be drawn. Of files that are there already only
    those of the same names are replaced.

    Parameters
    ----------
    folder : str or path
        Where to write; it is made if it does not exist.
    networks : dict of str to Trace or Specification, optional
        Further networks, by names that become names of files: of each a worksheet and the U.

    Returns
    -------
    Path
        The page ``index.html``, with all images, their tables of steps, and answers at its end.

    See Also
    --------
    unetviz.draw.draw_worksheet : one of the images.

    Raises
    ------
    ValueError
        If a name cannot be that of a file, or is one of the lessons'.
    OSError
        If the folder cannot be written to.
    """
    folder = Path(folder)
    sheets = handout_sheets(networks)
    _refuse(folder, sheets)
    files = {PAGE: handout_page(sheets).encode()}
    for sheet in sheets:
        files[f"{sheet.name}.svg"] = sheet.drawing.svg.encode()
        files[f"{sheet.name}.png"] = sheet.drawing.png(_PNG_SCALE)
    _write_all(folder, files)
    return folder / PAGE


def handout_sheets(
    networks: Mapping[str, Trace | Specification] | None = None,
) -> tuple[Sheet, ...]:
    """Return what is printed, in order: what asks comes first, what answers last.

    Parameters
    ----------
    networks : dict of str to Trace or Specification, optional
        As in `write_handout`.

    Raises
    ------
    ValueError
        As in `write_handout`.

    Examples
    --------
    >>> [sheet.name for sheet in handout_sheets() if sheet.is_answer]
    ['unet_of_the_paper', 'unet_backwards', 'where_the_pixels_go']
    """
    for name in networks or {}:  # before anything is drawn
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"a network's name becomes a file's: use letters, digits, - and _, not {name!r}"
            )
    sheets = [*_questions(), *_other_networks(), *_sizes_that_do_not_fit(), *_answers()]
    taken = {sheet.name.casefold() for sheet in sheets} | {"index"}
    for name, network in (networks or {}).items():
        own = _own(name, traced(network))
        if any(sheet.name.casefold() in taken for sheet in own):
            raise ValueError(f"{name!r} is a name of the handout itself; choose another")
        taken |= {sheet.name.casefold() for sheet in own}
        sheets += own
    return tuple(sorted(sheets, key=lambda sheet: sheet.is_answer))


def _questions() -> Iterator[Sheet]:
    yield Sheet(
        "unet_worksheet",
        "Worksheet: the U-Net of the paper",
        "A 3x3 convolution without padding takes 2, a pooling halves, an up-convolution doubles. "
        "What has to be cut off so that two maps fit each other?",
        draw_worksheet(PAPER),
    )


def _other_networks() -> Iterator[Sheet]:
    yield _steps(
        "unet_of_the_document",
        "The network of the document's code",
        "Which arrow of the figure is missing here, and why is it not needed?",
        trace(DOCUMENT),
    )
    for stride in STRIDES:
        yield _steps(
            f"fcn_{stride}s",
            f"FCN-{stride}s",
            f"Scores lie {stride} rows apart before the last step up. Are there skips, and where?",
            trace(FCNSpec((512, 512), stride=stride)),
        )


def _sizes_that_do_not_fit() -> Iterator[Sheet]:
    yield _steps(
        "size_that_fails",
        "A size that fails: 1364 x 659, zero padding",
        "Follow the height: where does it become odd, and where does that matter?",
        trace(PAPER.replace(input_size=(1364, 659), padding="same")),
    )
    yield _steps(
        "size_that_loses",
        "A size that loses rows and columns: 500 x 375, no padding",
        "It works. What is lost, and where do two maps lie half a pixel apart?",
        trace(PAPER.replace(input_size=(500, 375))),
    )


def _answers() -> Iterator[Sheet]:
    paper = trace(PAPER)
    yield _steps(
        "unet_of_the_paper",
        "The U-Net of the paper",
        "All sizes of the worksheet. The dashed squares show to scale what each crop keeps.",
        paper,
        is_answer=True,
    )
    yield Sheet(
        "unet_backwards",
        "The same U run backwards",
        "Every arrow turned round: what it does to a gradient.",
        draw_unet(paper, backward=True),
        is_answer=True,
    )
    lost = paper.steps[0].out_shape[0] - paper.steps[-1].out_shape[0]
    yield Sheet(
        "where_the_pixels_go",
        f"Where the {lost} pixels go",
        "A pixel of a map at level 2 stands for 2 pixels of the input, one at level 3 for 4.",
        draw_pixel_budget(paper),
        pixel_budget_table(paper),
        is_answer=True,
    )


def _own(name: str, found: Trace) -> tuple[Sheet, Sheet]:
    question = "Which sizes does it have?"
    return (
        Sheet(f"{name}_worksheet", f"Worksheet: {name}", question, draw_worksheet(found)),
        _steps(name, name, "All sizes of its worksheet.", found, is_answer=True),
    )


def _steps(name: str, title: str, words: str, found: Trace, is_answer: bool = False) -> Sheet:
    return Sheet(name, title, words, draw_unet(found), step_table(found), is_answer)


def _refuse(folder: Path, sheets: Sequence[Sheet]) -> None:
    """Say what is in the way before the seconds that the images take."""
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{folder} is a file; name a folder for the handout")
    names = [PAGE, *(f"{sheet.name}.{end}" for sheet in sheets for end in ("svg", "png"))]
    for name in names:
        if (folder / name).is_dir():
            raise IsADirectoryError(f"{folder / name} is a folder; name another for the handout")


def _write_all(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write into a folder of its own first, so that a full disk leaves nothing half written."""
    is_new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder, prefix=".handout-") as place:
            for name, data in files.items():
                (Path(place) / name).write_bytes(data)
            for name in files:
                os.replace(Path(place) / name, folder / name)
    except OSError as error:
        if is_new and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        reason = error.strerror or str(error)
        raise OSError(
            f"the handout cannot be written to {folder} ({reason}); name another folder"
        ) from error
