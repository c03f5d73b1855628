"""Pictures and networks for skip surgery: fitted where that can be done, refused where not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from unetviz.labs.images.arrays import checked_picture
from unetviz.labs.images.files import fitted

from .. import texts


def parts_of(picture: Any) -> tuple[Any, Any]:
    """Return the picture itself, and its true mask or None."""
    return getattr(picture, "image", picture), getattr(picture, "mask", None)


def at_size(picture: Any, shape: tuple[int, ...]) -> Any:
    """Fit a picture that has no mask to the network; leave one that has as it is."""
    return picture if hasattr(picture, "mask") else fitted(picture, shape)


def pictures_for(model: Any, pictures: Mapping[str, Any], without: Any = None) -> dict[str, Any]:
    """Return pictures fitted to a network, those with a mask as they are.

    Parameters
    ----------
    model : keras.Model
        A network of fixed size.
    pictures : dict of str to object or array
        As `parts_of` takes them.
    without : keras.Model, optional
        Another network that must have the same sizes.

    Raises
    ------
    ValueError
        If there are none, or one of them or the other network does not fit.
    """
    if not isinstance(pictures, Mapping) or not pictures:
        raise ValueError(texts.SURGERY_NO_PICTURES)
    shape = model.input_shape[1:]
    found = {name: at_size(picture, shape) for name, picture in pictures.items()}
    check(model, found, without)
    return found


def check(model: Any, pictures: Mapping[str, Any], without: Any) -> None:
    """Raise `ValueError` if pictures or networks do not fit the model."""
    size = model.input_shape[1:3]
    for name, picture in pictures.items():
        image, mask = (np.shape(part)[:2] for part in parts_of(picture))
        if image != size or mask not in ((), size):
            mask = mask or image
            raise ValueError(texts.SURGERY_FIT.format(name=name, image=image, mask=mask, size=size))
        checked_picture(parts_of(picture)[0], model.input_shape[3])
    its, own = ((x.input_shape[1:], x.output_shape[1:3]) for x in (without or model, model))
    if its != own:
        raise ValueError(texts.SURGERY_SIZES.format(its=its, own=own))
