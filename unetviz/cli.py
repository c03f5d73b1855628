"""Commands in a terminal: ``python -m unetviz trace 572``, ``... train cells``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from functools import partial
from types import ModuleType
from typing import Any, NoReturn

from .geometry._checks import parse_size
from .geometry.specs.fcn import STRIDES, FCNSpec
from .geometry.specs.fields import declarations
from .geometry.specs.unet import DOCUMENT, PAPER, UNetSpec
from .geometry.tables import levels, steps
from .geometry.trace import trace
from .geometry.valid_sizes import nearest_valid_sizes, valid_sizes

_OPTIONS = {
    "input_channels": ("channels", "1 grey, 3 colour"),
    "classes": ("classes", "channels of the output"),
    "depth": ("depth", "number of poolings"),
    "base_filters": ("base", "channels of the first level"),
    "dilation": ("dilation", "pixels from tap to tap of the convolutions"),
    "padding": ("padding", "valid: maps shrink; same: zeros are added"),
    "upsampling": ("upsampling", "the way up"),
    "final_activation": ("activation", "the last activation"),
}
"""Fields of a U-Net that have an option: its name and its help."""


class _OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are one line each, with exit code 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"unetviz: {message} (try 'python -m unetviz --help')\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Words after ``python -m unetviz``; those of the process if None.

    Returns
    -------
    int
        0 if it worked, 1 if the size fails. Wrong arguments exit with 2.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except (ValueError, OSError) as error:
        parser.error(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = _OneLineParser(prog="python -m unetviz", description="Sizes in a U-Net, explained.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    step_table = commands.add_parser("trace", help="every step of a network, with its reason")
    summary = commands.add_parser("summary", help="sizes and costs of each level")
    sizes = commands.add_parser("sizes", help="input sizes at which nothing is lost")
    for command, tables in ((step_table, steps), (summary, levels)):
        command.add_argument("size", nargs="?", type=_size, help="such as 572 or 500x375")
        command.set_defaults(run=partial(_tables, tables))
    sizes.add_argument("start", type=int, help="smallest size to list")
    sizes.add_argument("stop", type=int, help="end of the list, itself left out")
    sizes.set_defaults(run=_sizes)
    train = commands.add_parser("train", help="train a network that comes with the package anew")
    train.add_argument("name", help="such as cells, or all")
    train.add_argument("--folder", default=".", help="where weights and card are written")
    train.add_argument("--steps", type=int, metavar="N", help="instead of those of its recipe")
    train.add_argument("--seed", type=int, metavar="N", help="instead of that of its recipe")
    train.set_defaults(run=_train)
    handout = commands.add_parser("handout", help="the drawings of the lessons, to print")
    handout.add_argument("--folder", default="handout", help="where they are written")
    handout.set_defaults(run=_handout)
    for command in (step_table, summary, sizes):
        _add_network_options(command)
    return parser


def _add_network_options(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("--document", action="store_true", help="the network of the document's code")
    add("--fcn", type=int, choices=STRIDES, help="an FCN: 32 for FCN-32s, 16, 8")
    declared = declarations(UNetSpec)
    for field, (option, help_text) in _OPTIONS.items():
        choices = declared[field].choices
        is_word = bool(choices) and isinstance(choices[0], str)
        kind = {"choices": choices} if is_word else {"type": int, "metavar": "N"}
        add(f"--{option}", dest=field, help=help_text, **kind)
    add("--json", action="store_true", help="the same as JSON")


def _size(text: str) -> tuple[int, int]:
    try:
        return parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _specification(options: argparse.Namespace) -> UNetSpec | FCNSpec:
    given = {name: getattr(options, name) for name in _OPTIONS}
    given["input_size"] = getattr(options, "size", None)
    given = {name: value for name, value in given.items() if value is not None}
    usual = "sigmoid" if options.document else "softmax"
    if given.get("classes") == 1 and given.get("final_activation", usual) == "softmax":
        ways = "--classes 2" if options.fcn else "--activation sigmoid, or --classes 2"
        raise ValueError(
            f"a softmax over one class is 1 at every pixel, whatever the image: take {ways}"
        )
    if options.fcn is None:
        return (DOCUMENT if options.document else PAPER).replace(**given)
    known = declarations(FCNSpec)
    of_a_unet = [
        option for name, (option, _) in _OPTIONS.items() if name in given and name not in known
    ]
    of_a_unet += ["document"] * options.document
    if of_a_unet:
        raise ValueError(
            f"--fcn does not go with --{of_a_unet[0]}: an FCN has five poolings and zero padding"
        )
    return FCNSpec(stride=options.fcn).replace(**given)


def _show(options: argparse.Namespace, data: Any, text: str) -> None:
    print(json.dumps(data, indent=2) if options.json else text)


def _tables(tables: ModuleType, options: argparse.Namespace) -> int:
    found = trace(_specification(options))
    _show(options, tables.as_dict(found), tables.as_text(found))
    return 0 if found.ok else 1


def _sizes(options: argparse.Namespace) -> int:
    spec = _specification(options)
    if options.stop <= options.start:
        raise ValueError(f"stop must be larger than start {options.start}, not {options.stop}")
    traces = (
        trace(spec.replace(input_size=n)) for n in valid_sizes(spec, options.start, options.stop)
    )
    found = [
        {"input": one.steps[0].out_shape[0], "output": one.steps[-1].out_shape[0]} for one in traces
    ]
    lines = [f"{pair['input']} -> {pair['output']}" for pair in found]
    if not found:
        around = [n for n in nearest_valid_sizes(spec, options.start) if n is not None]
        lines = [f"none; the nearest are {' and '.join(map(str, around))}"]
    _show(options, found, "\n".join(lines))
    return 0


def _train(options: argparse.Namespace) -> int:
    # Only this command needs Keras.
    from .nets.training.command import train_and_save
    from .nets.training.recipes import RECIPES

    for name in RECIPES if options.name == "all" else [options.name]:
        done = train_and_save(name, options.folder, options.steps, options.seed)
        for look, score in done.scores.items():
            print(f"{look}: Dice {score.dice:.3f}, boundary error {score.boundary_words}")
        print(f"written: {done.file} and its card")
    return 0


def _handout(options: argparse.Namespace) -> int:
    # Only this command needs the drawings.
    from .draw.handout.sheets import write_handout

    print(f"written: {write_handout(options.folder)} and its images; open it and print it")
    return 0
