"""Every rule of the way back by a small example, with numbers that can be drawn anew."""

from __future__ import annotations

from typing import Any

import ipywidgets

from ...parts.controls import choice
from ...parts.grid_explorer import GridExplorer
from .examples import EXAMPLE_LABEL, EXAMPLES, backward_example


class BackwardRuleExplorer(GridExplorer):
    """Choose an arrow, and see what it does to a gradient of a few whole numbers.

    Parameters
    ----------
    kind : str
        One of the examples: ``"loss"``, ``"relu"``, ``"conv_valid"``, ``"conv_same"``,
        ``"concat"``, ``"add"``, ``"crop"``, ``"pool"``, ``"upconv"``, ``"upsample"``,
        ``"dropout"`` or ``"pointwise_conv"``.
    seed : int
        The same seed draws the same numbers.

    Raises
    ------
    ValueError
        If there is no such example.
    """

    def __init__(self, kind: str = "conv_valid", seed: int = 0):
        backward_example(kind, seed)  # refuses what is not allowed
        self._seed = seed
        names = {name: kind for kind, name in EXAMPLES.items()}
        self.kind = choice("Arrow", names, "420px", kind)
        self.again = ipywidgets.Button(description="Other numbers", layout={"width": "150px"})
        super().__init__(
            lambda: backward_example(self.kind.value, self._seed),
            EXAMPLE_LABEL,
            [self.kind, self.again],
            note_at=1,
        )
        self.again.on_click(self.guarded(self._draw_anew))

    def _draw_anew(self, _: Any) -> None:
        self._seed += 1
        self._show()
