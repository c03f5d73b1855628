"""A row of networks in which each differs from the one before by a single edit."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

from ..graph import Specification, Step, specification_of
from ..trace import Trace, trace
from .fcn import STRIDES, FCNSpec
from .unet import UNetSpec

SIDE = 256
"""Height and width of the images, in pixels, that the networks of `ABLATION` take."""

_WIDTH = 8


def _ablation() -> dict[str, Specification]:
    first = FCNSpec(SIDE, base_filters=_WIDTH)
    row: dict[str, Specification] = {f"fcn_{n}s": first.replace(stride=n) for n in STRIDES}
    spec = UNetSpec(
        SIDE, base_filters=_WIDTH, padding="same", upsampling="upsample_conv", merge="add"
    )
    row["unet_add"] = spec
    row["unet_concat"] = spec = spec.replace(merge="concat")
    row["unet_transposed"] = spec = spec.replace(upsampling="transposed")
    row["unet_valid"] = spec.replace(padding="valid")
    return row


ABLATION = _ablation()
"""From FCN-32s to the paper's U-Net: specifications of a small width, by name, in order."""


def changed_fields(before: Specification, after: Specification) -> dict[str, tuple]:
    """Return the fields in which two specifications of one class differ, with both values.

    Parameters
    ----------
    before, after : Specification
        Two networks.

    Returns
    -------
    dict of str to (object, object)
        Empty if they are not of one class: then nothing is as it was.

    Examples
    --------
    >>> changed_fields(ABLATION["unet_add"], ABLATION["unet_concat"])
    {'merge': ('add', 'concat')}
    """
    before, after = specification_of(before), specification_of(after)
    if type(before) is not type(after):
        return {}
    names = [one.name for one in fields(before)] if is_dataclass(before) else vars(before)
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def changed_steps(before: Trace, after: Trace) -> tuple[str, ...]:
    """Return the steps that an edit brought or changed; sizes alone are no change.

    Parameters
    ----------
    before, after : Trace
        The network without the edit and with it.

    Returns
    -------
    tuple of str
        Names of steps of `after` that `before` has not, or with another operation or number of
        parameters, or that join other maps.

    Examples
    --------
    >>> from unetviz import PAPER, trace
    >>> changed_steps(trace(PAPER), trace(PAPER.replace(merge="add")))[:2]
    ('dec4_add', 'dec4_conv1')
    """
    earlier = {step.name: _what(step) for step in trace(before)}
    return tuple(step.name for step in trace(after) if earlier.get(step.name) != _what(step))


def _what(step: Step) -> tuple:
    """What makes a step what it is; of a step that joins maps also which maps."""
    if not step.inputs:
        return step.out_shape[2:]  # the image: its size is no matter here
    return step.operation, step.params, step.inputs if len(step.inputs) > 1 else ()
