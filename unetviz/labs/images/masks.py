"""Which pixels of a mask are foreground: what is certain is taken, the rest is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from .folders import PairError
from .ranges import shown

_FEW = 4
"""Values, background among them, that are classes or objects whatever their shapes."""

_LISTED = 8
"""Values that a message lists at most."""

_BITS = 21
"""Of each channel in the number of a colour: three of them fit into 64 bits."""

_VOID = (224, 224, 192)
"""The colour with which Pascal VOC marks pixels to ignore."""


@dataclass(frozen=True, eq=False)
class Mask:
    """A mask as its file has it, before anything is decided.

    Attributes
    ----------
    name : str
        What messages call it.
    values : array of shape (h, w) or (h, w, 3)
        Numbers, or colours. A palette gives its indices; one of nothing but greys these greys.
    alpha : array of shape (h, w), optional
        0 where it is transparent.
    palette : array of shape (n, 3), optional
        The colour of each index.
    lossy : bool
        Whether compression has changed the numbers, as JPEG does.
    """

    name: str
    values: np.ndarray
    alpha: np.ndarray | None = None
    palette: np.ndarray | None = None
    lossy: bool = False


def find_foreground(
    masks: Sequence[Mask],
    foreground: Any = None,
    threshold: float | None = None,
) -> list[np.ndarray]:
    """Decide for each mask of a folder which pixels are foreground.

    Parameters
    ----------
    masks : sequence of Mask
        All of the folder: that 0 is background in one tells what a number means in another.
    foreground, threshold
        What the person says about them, see `load_pairs`.

    Returns
    -------
    list of arrays of shape (h, w), uint8
        0 for background, 1 for foreground.

    Raises
    ------
    PairError
        If it is not certain; the message says which call answers the question.
    TypeError, ValueError
        If `foreground` or `threshold` is none.
    """
    for mask in masks:
        if mask.values.dtype.kind == "f" and not np.isfinite(mask.values).all():
            raise PairError(
                f"{mask.name!r} holds NaN or infinity; a mask holds a number for each pixel: "
                "replace them and save it again"
            )
    if foreground is not None and threshold is not None:
        raise ValueError("give foreground or threshold, not both")
    if threshold is not None:
        found = [_brightness(mask.values) > _number(threshold) for mask in masks]
        _check_found(masks, found, f"above the threshold of {shown(threshold)}")
    elif isinstance(foreground, str) and foreground == "alpha":
        found = [_opaque(mask) for mask in masks]
    elif foreground is not None:
        answers = _answers(foreground)
        # Three numbers are a colour if there are colours at all.
        if len(answers) == 3 and any(mask.values.ndim == 3 for mask in masks):
            answers = [tuple(answers)]
        found = [_chosen(mask, answers) for mask in masks]
        _check_found(masks, found, f"of foreground={foreground!r}")
    else:
        found = _certain(masks)
    return [one.astype(np.uint8) for one in found]


# What a person says


def _answers(foreground: Any) -> list[Any]:
    """Return values and colours as a list of numbers and of triples."""
    several = isinstance(foreground, Iterable) and not isinstance(foreground, (str, bytes))
    found = list(foreground) if several else [foreground]
    try:
        if not found:
            raise TypeError
        return [_triple(one) if np.ndim(one) else _number(one) for one in found]
    except (TypeError, ValueError):
        raise ValueError(
            "foreground is a value of the masks, such as 1, several, such as (1, 3), a colour "
            f"(red, green, blue), or 'alpha', not {foreground!r}"
        ) from None


def _triple(colour: Any) -> tuple[int, int, int]:
    red, green, blue = map(int, colour)
    return red, green, blue


def _number(value: Any) -> Any:
    if isinstance(value, (bool, np.bool_, int, float, np.number)) and value == value:
        return value
    raise TypeError(f"threshold must be a number, not {value!r}")


def _opaque(mask: Mask) -> np.ndarray:
    if mask.alpha is None:
        raise PairError(
            f"{mask.name!r} has no alpha channel; foreground='alpha' takes masks that all have "
            "one: save it with one, or leave foreground out"
        )
    return mask.alpha > _half(mask.alpha.dtype)


def _half(dtype: np.dtype) -> float:
    return np.iinfo(dtype).max / 2 if dtype.kind in "ui" else 0.5


def _chosen(mask: Mask, answers: list[Any]) -> np.ndarray:
    """Return which pixels have one of the values or colours that a person has named."""
    values, soft = mask.values, _softened(mask)
    if values.ndim == 3 and not _is_grey(values):
        wanted = [one if isinstance(one, tuple) else (int(one),) * 3 for one in answers]
        if mask.lossy or soft is not None:
            return _nearest(values, wanted)
        return np.isin(_code(values), [_code(np.array(one)) for one in wanted])
    numbers = [
        n for one in answers for n in (_greys(mask, one) if isinstance(one, tuple) else [one])
    ]
    grey = _brightness(values) if soft is None else soft
    if mask.lossy and soft is None:
        return _nearest(grey[..., np.newaxis], [(n,) for n in numbers])
    if grey.dtype.kind == "f":
        return np.isclose(grey[..., np.newaxis], numbers).any(axis=-1)
    return np.isin(grey, numbers)


def _greys(mask: Mask, colour: tuple[int, ...]) -> list[int]:
    """Return the numbers that stand for a colour in a mask without colours of its own."""
    if mask.palette is not None:
        return np.flatnonzero((mask.palette == colour).all(axis=1)).tolist()
    return [colour[0]] if len(set(colour)) == 1 else []


def _check_found(masks: Sequence[Mask], found: Sequence[np.ndarray], what: str) -> None:
    """Refuse an answer that no mask knows, if there is anything in them at all."""
    if any(one.any() for one in found) or not any(mask.values.any() for mask in masks):
        return
    first = next(mask for mask in masks if mask.values.any())
    raise PairError(
        f"no pixel of any mask is {what}; {first.name!r}, for example, holds {_listed(first)}: "
        "choose among these"
    )


# What is certain


def _certain(masks: Sequence[Mask]) -> list[np.ndarray]:
    softened = [_softened(mask) for mask in masks]
    whites = {
        mask.values.dtype: soft.max()
        for mask, soft in zip(masks, softened, strict=True)
        if soft is not None
    }
    found: list[Any] = []
    known: set[int] = set()
    for number, mask in enumerate(masks):
        if softened[number] is None and mask.values.dtype in whites:
            softened[number] = _faint(mask, whites[mask.values.dtype])
        soft = softened[number]
        result = _decided(mask, soft)
        found.append(result)
        if result is not None:
            _check_alpha(mask, result)
            known.update(np.unique(_levels(mask, soft)[result]).tolist())
    for number, (mask, result) in enumerate(zip(masks, found, strict=True)):
        if result is None:
            # A mask without background is taken if others show that its values are foreground.
            levels = _levels(mask, softened[number])
            if not known.issuperset(np.unique(levels).tolist()):
                _ask(mask, "but no black" if mask.values.ndim == 3 else "but no 0")
            found[number] = np.ones(levels.shape, bool)
    return found


def _levels(mask: Mask, soft: np.ndarray | None) -> np.ndarray:
    """Return the values by which a mask is compared with others: a number for each pixel."""
    if soft is not None:
        return soft
    if _is_light(mask):
        return np.full(mask.values.shape[:2], 255)
    return _brightness(mask.values) if _is_grey(mask.values) else _code(mask.values)


def _decided(mask: Mask, soft: np.ndarray | None) -> np.ndarray | None:
    """Return the foreground of a mask; None if it has no background."""
    values = mask.values
    if mask.alpha is not None and _is_constant(values) and not _is_constant(mask.alpha):
        raise PairError(
            f"{mask.name!r} has the same colour everywhere, only its alpha channel differs; "
            f"{_ALPHA} as foreground"
        )
    _check_palette(mask)
    if _is_constant(values) or _is_light(mask):
        return None if values.any() else np.zeros(values.shape[:2], bool)
    if soft is not None:
        return soft > 0
    if mask.lossy:
        why = "and JPEG has changed them"
        # Classes are flat, whatever JPEG does at their borders.
        _ask(mask, why) if _has_peaks(mask) else _ask_greys(mask, why)
    plain = _brightness(values) if _is_grey(values) else values
    codes = plain if plain.ndim == 2 else _code(plain)
    found = np.unique(codes)
    if len(found) > 2 and not _are_labels(codes, found, plain.ndim == 3):
        _ask_greys(mask, "more than a mask has" if len(found) > _FEW else "and none is an area")
    if found[0] < 0:
        _ask(mask, "and negative numbers often mark pixels to ignore")
    if found[0] != 0:
        return None
    if len(found) > 2 and _marks_ignored(found, plain):
        _ask(mask, "and such a last one often marks pixels to ignore")
    return codes != 0


def _is_light(mask: Mask) -> bool:
    """Return whether a mask is white everywhere but for the noise of JPEG."""
    return mask.lossy and bool(mask.values.min() >= _LIGHT * 255)


def _is_grey(values: np.ndarray) -> bool:
    return values.ndim == 2 or bool((values == values[..., :1]).all())


def _is_constant(values: np.ndarray) -> bool:
    return bool((values == values[0, 0]).all())


def _code(colours: np.ndarray) -> np.ndarray:
    """Return each colour as one number, 0 for black."""
    red, green, blue = (colours[..., channel].astype(np.int64) for channel in range(3))
    return (red << 2 * _BITS) | (green << _BITS) | blue


def _colour(code: int) -> tuple[int, int, int]:
    last = (1 << _BITS) - 1
    return code >> 2 * _BITS, code >> _BITS & last, code & last


def _brightness(values: np.ndarray) -> np.ndarray:
    return values if values.ndim == 2 else values.max(axis=-1)


_DARK, _LIGHT = 0.1, 0.9
"""Parts of white: greys up to the first may be black with noise, from the second on white."""

_OVERSHOOT = 0.3
"""Part of white by which cubic interpolation may go below black and above white."""


def _softened(mask: Mask) -> np.ndarray | None:
    """Return a mask with soft edges split at half grey, as 0 and white; None if it has none.

    Interpolation and JPEG leave pixels of many greys between two values that are frequent. A class
    of its own, such as a border of 128, has an inside or is the only one.
    """
    grey = _brightness(mask.values)
    white = _white(grey)
    if white is None or grey.min() < (-_OVERSHOOT * white if grey.dtype.kind == "f" else 0):
        return None
    grey = np.clip(grey, 0, white)
    found, counts = np.unique(grey, return_counts=True)
    dark, light = found <= _DARK * white, found >= _LIGHT * white
    if not dark.any() or not light.any():
        return None
    peaks = [found[which][counts[which].argmax()] for which in (dark, light)]
    between = ~(dark | light)
    others = between if mask.lossy else ~np.isin(found, peaks)
    if not mask.lossy and (others.sum() < 3 or peaks[0] != 0):
        return None
    frequent = [counts[found == peak][0] for peak in peaks]
    if others.any():
        pixels = np.isin(grey, found[others])
        if (
            counts[between].sum() > 0.3 * grey.size
            or counts[others].max() > min(frequent) / 2
            or _has_inside(grey)[pixels].mean() > 0.1
        ):
            return None
    return _split(grey, 255 if mask.lossy else white)


def _split(grey: np.ndarray, white: float) -> np.ndarray:
    return np.where(grey > white / 2, white, 0).astype(float if white == 1 else int)


def _white(grey: np.ndarray) -> float | None:
    """Return the grey that is white in a mask with soft edges, if it can be one."""
    largest = float(grey.max())
    if grey.dtype.kind == "f" and largest <= 1 + _OVERSHOOT:
        return min(largest, 1.0) if largest >= 0.5 else None
    return largest if largest >= 128 else None


def _faint(mask: Mask, white: float) -> np.ndarray | None:
    """Return a mask that has soft edges only, where others of its folder show what is white."""
    grey = _brightness(mask.values)
    others = (grey != 0) & (grey != white)
    if not others.any() or grey.max() > white or grey.min() != 0 or len(np.unique(grey)) < 3:
        return None
    return None if _has_inside(grey)[others].mean() > 0.1 else _split(grey, white)


def _has_inside(values: np.ndarray) -> np.ndarray:
    """Return which pixels have the value of all four neighbours."""
    around = np.pad(values, 1, mode="edge")
    middle = around[1:-1, 1:-1]
    sides = (around[:-2, 1:-1], around[2:, 1:-1], around[1:-1, :-2], around[1:-1, 2:])
    return np.logical_and.reduce([middle == one for one in sides])


def _are_labels(codes: np.ndarray, found: np.ndarray, are_colours: bool) -> bool:
    """Return whether three or more values are the numbers of objects, not greys of an image.

    Objects have an inside, or are numbered and one piece each, and mostly border on background;
    the greys of an image or of a probability change little from pixel to pixel.
    """
    from skimage.measure import label

    labels = np.searchsorted(found, codes) if codes.dtype.kind == "f" or are_colours else codes
    labels = labels.astype(np.int64)
    is_counted = codes.dtype.kind in "ui" and not are_colours and found[-1] <= 3 * len(found)
    inside = _has_inside(labels)
    if len(found) <= _FEW:
        return is_counted or inside[codes != 0].mean() >= 0.1
    # Where classes have soft edges most values have no inside, though most pixels have one.
    are_areas = len(np.unique(labels[inside])) >= len(found) / 2
    steps = [(labels[1:], labels[:-1]), (labels[:, 1:], labels[:, :-1])]
    ends = np.concatenate([np.stack([a[a != b], b[a != b]], axis=-1) for a, b in steps])
    zero = labels[codes == 0][:1]
    beside_background = (ends == zero).any(axis=-1) if len(zero) else np.zeros(len(ends), bool)
    if beside_background.mean() >= 0.15:
        pieces = label(labels, connectivity=2, background=-1).max()
        return are_areas or (is_counted and pieces <= 1.5 * len(found))
    between = np.abs(np.diff(ends[~beside_background], axis=-1))
    return are_areas and float(np.median(between)) > 2


def _marks_ignored(found: np.ndarray, values: np.ndarray) -> bool:
    """Return whether the largest of several values is that of pixels to ignore, or white."""
    if values.ndim == 3:
        return bool((found == _code(np.array(_VOID))).any())
    if values.dtype.kind == "f":
        return bool(found[-1] == 1)
    return found[-1] in (255, 65535) and found[-2] != found[-1] - 1


def _check_palette(mask: Mask) -> None:
    """Ask where a palette shows another background than its indices."""
    if mask.palette is None or mask.values.ndim != 2:
        return
    colours = {int(n): tuple(int(c) for c in mask.palette[n]) for n in np.unique(mask.values)}
    if _is_grey(mask.palette[np.newaxis]):
        # Such a palette is as long as it is used: an empty mask has the colours of the others.
        colours = {n: tuple(int(c) for c in one) for n, one in enumerate(mask.palette)}
    black = next((n for n, colour in colours.items() if colour == (0, 0, 0)), 0)
    if black and 0 in colours:
        _ask(mask, f"of a palette in which 0 is the colour {colours[0]} and {black} is black")


def _check_alpha(mask: Mask, result: np.ndarray) -> None:
    """Ask where most of the foreground is transparent."""
    if mask.alpha is not None and result.any() and (mask.alpha[result] == 0).mean() > 0.5:
        raise PairError(
            f"{mask.name!r} is transparent where it is bright; say what is foreground: {_ALPHA}, "
            f"{_calls(mask)[0]} goes by its values"
        )


# Questions


_ALPHA = "load_pairs(folder, foreground='alpha') takes what is not transparent"


def _ask(mask: Mask, why: str) -> NoReturn:
    raise PairError(
        f"{mask.name!r} holds {_listed(mask)}, {why}: it is not certain which are foreground; say "
        f"it: {' or '.join(_calls(mask))}{_or_alpha(mask)}"
    )


def _ask_greys(mask: Mask, why: str) -> NoReturn:
    grey = _brightness(mask.values)
    middle = (float(grey.min()) + float(grey.max())) / 2
    half = f"{middle:.3g}" if grey.dtype.kind == "f" else str(int(middle))
    raise PairError(
        f"{mask.name!r} holds {_listed(mask)}, {why}; if what is brighter than half is "
        f"foreground, call load_pairs(folder, threshold={half}){_or_alpha(mask)}; if it is an "
        "image, take it out of the masks"
    )


def _or_alpha(mask: Mask) -> str:
    differs = mask.alpha is not None and not _is_constant(mask.alpha)
    return f"; it has an alpha channel: {_ALPHA}" if differs else ""


def _has_peaks(mask: Mask) -> bool:
    """Return whether most of a JPEG is flat, in two or more colours or greys."""
    flat = _has_inside(_brightness(mask.values)).mean() > 0.3
    return bool(flat) and len(_peaks(mask.values)) > 1


def _frequent(mask: Mask) -> list[Any]:
    """Return the values of a mask, those of a JPEG of flat parts without noise, in order."""
    if mask.lossy and _has_peaks(mask):
        return sorted(one if len(one) == 3 else one[0] for one in _peaks(mask.values))
    if mask.values.ndim == 3:
        return [_colour(int(code)) for code in np.unique(_code(mask.values))]
    return [one.item() for one in np.unique(mask.values)]


def _calls(mask: Mask) -> list[str]:
    """Return calls that answer which values are foreground."""
    values = _frequent(mask)
    zero = [one for one in values if one in (0, (0, 0, 0))]
    some = [one for one in values if one not in zero and (isinstance(one, tuple) or one > 0)]
    is_zero_asked = mask.palette is not None and mask.palette[0].any()
    if is_zero_asked or not some:
        some = [*zero, *some] or values
    answers = [_code_of(one) for one in (some if len(some) == 2 else some[:1])]
    if len(some) > _LISTED and isinstance(some[0], int):
        answers.append(f"range({some[0]}, {some[-1]})")
    elif len(some) > 2:
        # All but the last: often it is the one to ignore.
        answers.append(f"({', '.join(map(_code_of, some[:-1][:_LISTED]))})")
    elif zero and len(some) == 2 and not is_zero_asked:
        answers.append(f"({', '.join(map(_code_of, some))})")
    return [f"load_pairs(folder, foreground={one})" for one in answers]


def _code_of(value: Any) -> str:
    return repr(value) if isinstance(value, tuple) else shown(value)


def _listed(mask: Mask) -> str:
    values = _frequent(mask)
    kind = "colour" if mask.values.ndim == 3 else "value"
    words = [_code_of(one) for one in values]
    if len(words) == 1:
        return f"the {kind} {words[0]}"
    if len(words) <= _LISTED:
        return f"the {kind}s {', '.join(words[:-1])} and {words[-1]}"
    return f"{len(words)} {kind}s, {words[0]}, {words[1]}, {words[2]}, ... {words[-1]}"


# Values that JPEG has changed


def _peaks(values: np.ndarray) -> list[tuple[int, ...]]:
    """Return the values or colours that are frequent, and not close to a more frequent one."""
    pixels = values.reshape(-1, values.shape[2] if values.ndim == 3 else 1)
    found, counts = np.unique(pixels, axis=0, return_counts=True)
    peaks: list[np.ndarray] = []
    for number in np.argsort(-counts, kind="stable"):
        if peaks and (counts[number] < 0.005 * len(pixels) or len(peaks) > _LISTED):
            break
        value = found[number].astype(int)
        if all(np.abs(value - one).max() > 32 for one in peaks):
            peaks.append(value)
    return [tuple(int(n) for n in one) for one in peaks]


def _nearest(values: np.ndarray, wanted: Sequence[tuple[float, ...]]) -> np.ndarray:
    """Return which pixels are nearer to a wanted value than to any other that is frequent."""
    peaks = [
        one
        for one in _peaks(values)
        if all(np.abs(np.subtract(one, other)).max() > 32 for other in wanted)
    ]
    near = [np.square(values - np.asarray(one, float)).sum(axis=-1) for one in [*wanted, *peaks]]
    return np.argmin(near, axis=0) < len(wanted)
