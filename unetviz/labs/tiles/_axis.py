"""Tiles along one axis: where each starts, what is kept of it, and whether neighbours agree."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TileAxis:
    """Places of the tiles along one axis; all numbers in pixels.

    Attributes
    ----------
    image, tile, result : int
        Size of the image, of the input of a tile and of its output.
    phase : int
        Total pooling factor of the network.
    free : range
        Outputs of a tile that do not depend on padding.
    stride : int
        From one tile to the next.
    margin : int
        Outputs of a tile before the first that is kept.
    shift : int
        How far the first tile starts before the image.
    """

    image: int
    tile: int
    result: int
    phase: int
    free: range
    stride: int
    margin: int
    shift: int

    @property
    def offset(self) -> int:
        """Pixels of a tile's input before its first output."""
        return (self.tile - self.result) // 2

    @property
    def reach(self) -> int:
        """Outputs that the last tile may keep: all that do not depend on padding."""
        good = self.free.stop - self.margin if self.margin >= self.free.start else 0
        return max(self.stride, good)

    def spans(self) -> list[tuple[range, range, range]]:
        """Return the input, kept and output range of each tile, in order."""
        spans = []
        start = -self.shift
        while start < self.image:
            rest = self.image - start
            end = self.image if rest <= self.reach else start + self.stride
            first = max(start, 0)
            before = start - self.margin - self.offset
            kept = range(self.margin + first - start, self.margin + end - start)
            if end > first:
                spans.append((range(before, before + self.tile), kept, range(first, end)))
            start = end if end == self.image else start + self.stride
        return spans

    def _out_of_phase(self) -> str:
        """Name the setting that moves a tile out of the phase of the pooling layers."""
        if self.margin % self.phase:
            return f"with a margin of {self.margin}"
        return f"shifted by {self.shift}" if self.shift else f"{self.stride} apart"

    def seam(self, name: str) -> str:
        """Return why there would be seams along this axis; empty if there are none."""
        spans = self.spans()
        if any((span.start + self.offset) % self.phase for span, _, _ in spans):
            return (
                f"the tiles lie {self._out_of_phase()} in {name}, and only with multiples of "
                f"{self.phase} do the poolings cut the same blocks as in one pass"
            )
        if any(kept.start < self.free.start or kept.stop > self.free.stop for _, kept, _ in spans):
            good = f"only {self.free.start} to {self.free.stop - 1}" if self.free else "not one"
            first = min(kept.start for _, kept, _ in spans)
            last = max(kept.stop for _, kept, _ in spans) - 1
            return (
                f"outputs {first} to {last} of a tile are kept in {name}, but {good} of them never "
                "see padding"
            )
        return ""


def first_in_phase(free: range, phase: int) -> int:
    """Return the first multiple of `phase` that is not before a range of outputs."""
    return -(-free.start // phase) * phase


def seamless_stride(free: range, phase: int) -> int:
    """Return the largest multiple of `phase` that fits into a range of outputs; 0 if none does.

    Examples
    --------
    >>> seamless_stride(range(388), 16), seamless_stride(range(94, 162), 16)
    (384, 64)
    """
    return max(0, (free.stop - first_in_phase(free, phase)) // phase * phase)
