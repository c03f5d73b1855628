"""Images and networks for skip surgery: fitted where that can be done, refused where not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from unetviz.labs.images.arrays import checked_image
from unetviz.nets.running.inputs import (
    check_weights,
    fitted_numbers,
    fixed_for,
    for_panel,
    ready,
)


def parts_of(image: Any) -> tuple[Any, Any]:
    """Return the image itself, and its true mask or None."""
    return getattr(image, "image", image), getattr(image, "mask", None)


def network_and_image(model: Any, image: Any) -> tuple[Any, Any]:
    """Return a network of fixed size and an image that fits it, as numbers that it takes.

    An image with a mask stays as it is.
    """
    if hasattr(image, "mask"):
        return ready(model, image.image), image
    return for_panel(model, image)


def sized_network(model: Any, images: Mapping[str, Any]) -> Any:
    """Return a network of fixed size: one that leaves it open gets that of the first image."""
    if not isinstance(images, Mapping) or not images:
        raise ValueError("images must hold at least one image, such as {'cells': array}")
    image, mask = parts_of(next(iter(images.values())))
    known = fixed_for(model, image) if mask is None else ready(model, image)
    check_weights(known)
    return known


def images_for(model: Any, images: Mapping[str, Any], without: Any = None) -> dict[str, Any]:
    """Return images fitted to a network, those with a mask as they are.

    Parameters
    ----------
    model : keras.Model
        A network of fixed size.
    images : dict of str to object or array
        As `parts_of` takes them.
    without : keras.Model, optional
        Another network that must have the same sizes.

    Raises
    ------
    ValueError
        If there are none, or one of them or the other network does not fit.
    """
    found = {
        name: image if hasattr(image, "mask") else fitted_numbers(model, image)
        for name, image in images.items()
    }
    check(model, found, without)
    return found


def check(model: Any, images: Mapping[str, Any], without: Any) -> None:
    """Raise `ValueError` if images or networks do not fit the model."""
    size = model.input_shape[1:3]
    for name, given in images.items():
        image, mask = (np.shape(part)[:2] for part in parts_of(given))
        if image != size or mask not in ((), size):
            mask = mask or image
            raise ValueError(
                (
                    "the image {name!r} has the size {image} and its mask {mask}, but the "
                    "network takes {size}; cut a window of that size out of both"
                ).format(name=name, image=image, mask=mask, size=size)
            )
        checked_image(parts_of(given)[0], model.input_shape[3])
    its, own = ((x.input_shape[1:], x.output_shape[1:3]) for x in (without or model, model))
    if its != own:
        raise ValueError(
            (
                "the network without skips turns {its[0]} into {its[1]}, the other one "
                "{own[0]} into {own[1]}; these sizes must be equal"
            ).format(its=its, own=own)
        )
