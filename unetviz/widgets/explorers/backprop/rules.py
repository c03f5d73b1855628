"""Every rule of the way back by a small example, with numbers that can be drawn anew."""

from __future__ import annotations

from typing import Any

import ipywidgets

from unetviz.geometry.tables.table import escaped

from ...parts.controls import choice, row
from ...parts.panel import Panel
from ...views.grid.view import GridView
from .examples import EXAMPLE_LABEL, EXAMPLES, backward_example

_BACKWARD_RULE_NAMES = {
    "loss": "softmax and loss",
    "relu": "ReLU",
    "conv_valid": "3x3 convolution without padding",
    "conv_same": "3x3 convolution with same padding",
    "pointwise_conv": "1x1 convolution",
    "pool": "max pooling",
    "upconv": "up-convolution (transposed)",
    "upsample": "up-sampling by copies",
    "crop": "crop",
    "concat": "concatenation",
    "add": "sum",
    "dropout": "dropout",
}


class BackwardRuleExplorer(Panel):
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
        self.example = backward_example(kind, seed)  # refuses what is not allowed
        self._seed = seed
        names = {_BACKWARD_RULE_NAMES[name]: name for name in EXAMPLES}
        self.kind = choice("Arrow", names, "420px")
        self.kind.value = kind
        self.again = ipywidgets.Button(description="Other numbers", layout={"width": "150px"})
        self.view = GridView(label=EXAMPLE_LABEL)
        super().__init__([row(self.kind, self.again), self.view], note_at=1)
        self._show()
        self.kind.observe(self.guarded(self._show), names="value")
        self.again.on_click(self.guarded(self._draw_anew))

    def _draw_anew(self, _: Any) -> None:
        self._seed += 1
        self._show()

    def _show(self, _: Any = None) -> None:
        self.example = backward_example(self.kind.value, self._seed)
        example = self.example
        self.view.show(example.grids, example.links, example.main, example.sentences)
        self.say("neutral", [example.rule])

    def as_markdown(self) -> str:
        """Return the rule, and all matrices as tables."""
        parts = [
            f"**{escaped(grid.title)}**\n\n{grid.table().as_markdown()}"
            for grid in self.example.grids
        ]
        return "\n\n".join([escaped(self.example.rule), *parts])
