"""Networks that panels take: any, or those whose fields their controls change."""

from __future__ import annotations

from typing import Any

from unetviz.geometry.graph import Specification, specification_of
from unetviz.geometry.specs.fcn import FCNSpec
from unetviz.geometry.specs.unet import UNetSpec


def u_net(panel: str, network: Any) -> UNetSpec:
    """Return the specification of a U-Net, given as such or as its trace.

    Raises
    ------
    TypeError
        If it is another network: the panel's controls change fields that it does not have.
    """
    return _of_class(panel, network, UNetSpec, "a UNetSpec", "UNetSpec(572)")


def fcn(panel: str, network: Any) -> FCNSpec:
    """Return the same of a fully convolutional network."""
    return _of_class(panel, network, FCNSpec, "an FCNSpec", "FCNSpec(512)")


def _of_class(panel: str, network: Any, kind: type, words: str, example: str) -> Any:
    spec: Specification = specification_of(network)
    if isinstance(spec, kind):
        return spec
    raise TypeError(
        f"{panel} changes the fields of {words} such as {example}, not of {spec!r}; "
        "draw_unet draws any network, and trace tells its sizes"
    )
