"""Which files of a folder are an image and its mask, by their names and those of their folders."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
"""How names of images end that are read, in any case."""

_UNREAD = (
    *(".bmp", ".dib", ".gif", ".heic", ".j2k", ".jp2", ".jxl", ".pbm", ".pgm", ".ppm", ".svg"),
    *(".webp", ".czi", ".lif", ".lsm", ".nd2", ".ndpi", ".svs", ".vsi", ".dcm", ".mha", ".nii"),
    *(".gz", ".nrrd", ".h5", ".hdf5", ".mat", ".npy", ".npz"),
)
"""Endings of files that hold images too, and are not read."""

_MASK_WORDS = (
    *("ann", "anno", "annot", "annotated", "annotation", "groundtruth", "gt", "label", "labeled"),
    *("labelled", "lbl", "manual", "mask", "msk", "seg", "segmentation", "segmented", "target"),
    "truth",
)
"""Words in a file's name, or of its folder, that say that it holds masks; also with an s."""

_IMAGE_WORDS = (
    *("data", "frame", "image", "img", "input", "orig", "original", "photo", "pic", "picture"),
    *("raw", "scan", "volume"),
)
_SPLIT_WORDS = ("train", "training", "tr", "val", "valid", "validation")
_TEST_WORDS = frozenset(("test", "testing", "ts"))
_LEFT_BEHIND = frozenset(("__MACOSX", "@eaDir", "$RECYCLE.BIN"))
_WORD = re.compile(r"\d+|[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TAKEN = "PNG, JPEG and TIFF files are taken, each image with one mask"

Words = tuple[str, ...]


class PairError(ValueError):
    """Files that do not form pairs of an image and a mask; the message names the file."""


@dataclass(frozen=True)
class Partners:
    """The files of an image and of its mask.

    Attributes
    ----------
    image : Path
    masks : tuple of Path
        One, or one for each object.
    """

    image: Path
    masks: tuple[Path, ...]


def find_partners(folder: Path) -> list[Partners]:
    """Find each image of a folder and its mask, ordered by name.

    Warns
    -----
    UserWarning
        Of test images that have no masks, and of files with other endings: they are left out.

    Raises
    ------
    PairError
        If an image has no mask or several, or there is none.
    """
    present = [path for path in sorted(folder.rglob("*")) if _is_meant(path, folder)]
    files = [path for path in present if path.suffix.lower() in ENDINGS]
    others = [path for path in present if path.suffix.lower() not in ENDINGS]
    if not files:
        unread = next((path for path in others if path.suffix.lower() in _UNREAD), None)
        raise PairError(
            f"{str(folder)!r} holds no images; {_TAKEN}, named such as image_0.png and label_0.png"
            + (f": save {_named(folder, unread)} as PNG" if unread else "")
        )
    objects, rest = _split_objects(files)
    reading = _best_reading(folder, rest)
    _check_rest(folder, reading, others)
    _warn_unread(folder, others)
    found = [*objects, *reading.pairs()]
    return sorted(found, key=lambda one: (_by_number(reading.key(one.image)), str(one.image)))


def _is_meant(path: Path, folder: Path) -> bool:
    # Systems and editors leave hidden files and folders behind.
    parts = path.relative_to(folder).parts
    left = any(part.startswith(".") or part in _LEFT_BEHIND for part in parts)
    return not left and path.is_file()


def _named(folder: Path, path: Path) -> str:
    return repr(path.relative_to(folder).as_posix())


# A folder for each image, a mask for each object


def _split_objects(files: Sequence[Path]) -> tuple[list[Partners], list[Path]]:
    """Take out images that lie as ``<id>/images/<id>.png``, their objects ``<id>/masks/*.png``."""
    by_folder: dict[Path, list[Path]] = {}
    for path in files:
        by_folder.setdefault(path.parent, []).append(path)
    found, taken = [], set()
    for folder, images in by_folder.items():
        masks = by_folder.get(folder.parent / "masks", [])
        own = folder.name == "images" and [one.stem for one in images] == [folder.parent.name]
        if own and masks:
            found.append(Partners(images[0], tuple(masks)))
            taken.update([*images, *masks])
    return found, [path for path in files if path not in taken]


# Names


@dataclass(frozen=True, eq=False)
class _Reading:
    """One way to read names: which files hold masks, and which words a pair has in common."""

    folder: Path
    files: Sequence[Path]
    is_mask: Callable[[Path], bool]
    key: Callable[[Path], Words]

    def groups(self) -> dict[Words, tuple[list[Path], list[Path]]]:
        """Return images and masks by their common words."""
        found: dict[Words, tuple[list[Path], list[Path]]] = {}
        for path in self.files:
            found.setdefault(self.key(path), ([], []))[self.is_mask(path)].append(path)
        return found

    def alone(self) -> list[Path]:
        """Return the files for which there is no partner."""
        groups = self.groups().values()
        return [path for a, b in groups if not a or not b for path in (*a, *b)]

    def pairs(self) -> list[Partners]:
        """Return one image with one mask each."""
        groups = self.groups().values()
        return [Partners(a[0], (b[0],)) for a, b in groups if len(a) == len(b) == 1]


def _best_reading(folder: Path, files: Sequence[Path]) -> _Reading:
    """Return the way to read names that gives most pairs; of equals that with fewest files left."""
    components = {part.lower() for path in files for part in path.relative_to(folder).parts[:-1]}
    is_xy = {"x", "y"} <= {word for part in components for word in _WORD.findall(part)[:1]}

    @cache
    def words(path: Path) -> list[Words]:
        parts = path.relative_to(folder).with_suffix("").parts
        found = [_words(part) for part in parts]
        named = {"x": "images", "y": "masks"} if is_xy else {}
        return [(*(named.get(w, w) for w in one[:1]), *one[1:]) for one in found[:-1]] + found[-1:]

    def anywhere(path: Path) -> bool:
        return any(_says_mask(part) for part in words(path))

    def nearest(path: Path) -> bool:
        # A folder "segmentation" may hold all; then the last folder that says something counts.
        *folders, name = words(path)
        telling = [one for one in folders if not all(map(_means, one))]
        return _says_mask(name) or bool(telling and _says_mask(telling[-1]))

    def words_left(path: Path) -> Words:
        return tuple(word for part in words(path) for word in part if _means(word))

    def without_train(path: Path) -> Words:
        return tuple(word for word in words_left(path) if word != "train")

    def folders_left(path: Path) -> Words:
        # Of a folder such as SegmentationClass only numbers and the kind of images count.
        *folders, name = words(path)
        kept = [
            word
            for one in folders
            for word in one
            if all(map(_means, one)) or word.isdecimal() or _is_split(word)
        ]
        return tuple(word for word in (*kept, *name) if _means(word))

    def without_channel(path: Path) -> Words:
        # nnU-Net numbers the channels of an image: case_7_0000.png with case_7.png.
        found = words_left(path)
        return found[:-1] if found[-1:] == ("0000",) else found

    def beside_jpeg(path: Path) -> bool:
        # 7.jpg with 7.png in the same folder: the photo cannot be the mask.
        jpegs = (path.with_suffix(one) for one in (".jpg", ".jpeg", ".JPG", ".JPEG"))
        return path.suffix.lower() == ".png" and any(one in present for one in jpegs)

    present = set(files)
    readings = [
        _Reading(folder, files, is_mask, key)
        for key in (words_left, without_train, folders_left, without_channel)
        for is_mask in (anywhere, nearest, beside_jpeg)
    ]
    return max(readings, key=lambda one: (len(one.pairs()), -len(one.alone())))


def _words(name: str) -> Words:
    """Return the words of a name: ``SegmentationClass`` has two, ``ground truth`` is one."""
    parted = re.sub(r"(?i)^(train|val|test)(annot|masks?|labels?|images?)$", r"\1_\2", name)
    found = _WORD.findall(_CAMEL.sub("_", parted).lower())
    joined = re.sub(r"\bground (truths?)\b", r"ground\1", " ".join(found))
    return tuple(joined.split())


def _says_mask(words: Words) -> bool:
    return any(_is_one_of(_MASK_WORDS, word) for word in words)


def _means(word: str) -> bool:
    """Return whether a word tells one pair from another."""
    return not _is_one_of((*_MASK_WORDS, *_IMAGE_WORDS), word)


def _is_one_of(words: Sequence[str], word: str) -> bool:
    return word in words or (word.endswith("s") and word[:-1] in words)


def _is_split(word: str) -> bool:
    return word in (*_TEST_WORDS, *_SPLIT_WORDS)


def _by_number(key: Words) -> list[tuple[int, str]]:
    # Numbers come before words, and 2 before 10.
    return [(int(word), "") if word.isdecimal() else (10**18, word) for word in key]


# What is left


def _check_rest(folder: Path, reading: _Reading, others: Sequence[Path]) -> None:
    """Refuse files without a partner or with several; test images without masks are left out."""
    for images, masks in reading.groups().values():
        for what, paths in (("image", images), ("mask", masks)):
            if len(paths) > 1:
                both = " and ".join(_named(folder, path) for path in paths[:2])
                raise PairError(
                    f"{both} are the {what} of the same pair by their names; each pair "
                    f"has one {what}: rename or remove one of the two"
                )
    alone = reading.alone()
    masks = [path for path in reading.files if reading.is_mask(path)]
    can_be_skipped = masks and not any(_is_test(folder, path) for path in masks)
    skipped = [path for path in alone if can_be_skipped and _is_test(folder, path)]
    for path in alone:
        if path not in skipped:
            _refuse_alone(folder, reading, others, path)
    if skipped:
        _warn(f"{_listed(folder, skipped)} left out: test images without masks form no pairs")


def _is_test(folder: Path, path: Path) -> bool:
    return any(_TEST_WORDS & set(_words(part)) for part in path.relative_to(folder).parts)


def _refuse_alone(folder: Path, reading: _Reading, others: Sequence[Path], path: Path) -> None:
    """Say why a file has no partner: nothing named so, or a file that is not taken."""
    is_mask = reading.is_mask(path)
    what, missing = ("mask", "image") if is_mask else ("image", "mask")
    words = f"{_named(folder, path)} has no {missing}"
    for other in others:
        if reading.key(other) == reading.key(path) and reading.is_mask(other) is not is_mask:
            raise PairError(
                f"{words}: {_named(folder, other)} is not read, for {_TAKEN}; save it as PNG"
            )
    if not is_mask and not any(map(reading.is_mask, reading.files)):
        raise PairError(
            f"{words}: no file says in its name or folder that it holds masks; {_TAKEN}: put the "
            "masks into a folder masks, or name them alike, such as image_0.png and label_0.png"
        )
    raise PairError(
        f"{words}: it was taken for the {what} by its name; {_TAKEN}: name them alike, such as "
        "image_0.png and label_0.png, or take it out of the folder"
    )


def _warn_unread(folder: Path, others: Iterable[Path]) -> None:
    unread = [path for path in others if path.suffix.lower() in _UNREAD]
    if unread:
        _warn(f"{_listed(folder, unread)} left out: only PNG, JPEG and TIFF files are read")


def _warn(words: str) -> None:
    # The line that calls load_pairs is shown.
    warnings.warn(words, UserWarning, stacklevel=5)


def _listed(folder: Path, paths: Sequence[Path]) -> str:
    """Name the first of several files: ``'a.png' is``, ``'a.png' and 3 more are``."""
    more = f" and {len(paths) - 1} more are" if len(paths) > 1 else " is"
    return _named(folder, paths[0]) + more
