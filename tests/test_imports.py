"""What an import loads, which room may import which, and which names are public."""

import ast
import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import unetviz as uv

PACKAGE = Path(uv.__file__).parent
LAYERS = ("geometry", "labs", "nets", "draw", "widgets")
HEAVY = {"numpy", "tensorflow", "keras", "matplotlib", "plotly", "ipywidgets", "scipy", "anywidget"}
ALLOWED = {
    "geometry": ({"geometry"}, set()),
    "labs": ({"geometry", "labs"}, {"numpy", "scipy", "skimage", "PIL", "tifffile"}),
    "nets": ({"geometry", "labs", "nets"}, {"numpy", "tqdm"}),
    "draw": ({"geometry", "draw"}, {"numpy", "skimage", "matplotlib", "plotly", "resvg_py", "PIL"}),
    "widgets": (set(LAYERS), {"numpy", "ipywidgets", "anywidget", "traitlets", "IPython"}),
}
"""For each layer the layers and the libraries that it may import."""

ROOMS = ("views", "parts", "explorers")
"""Rooms of the widgets; each may import those before it."""

TOP = {
    *("UNetSpec", "FCNSpec", "PAPER", "DOCUMENT"),
    *("trace", "Trace", "Step", "ShapeError", "valid_sizes", "nearest_valid_sizes"),
    *("receptive_field", "projective_field", "padding_free", "draw_unet"),
    *("build", "unet", "keras_code", "trace_model", "feature_maps", "predict_tiled"),
    *("load_pretrained", "read_image", "synthetic_cells", "UNetExplorer", "Question"),
}
"""The names of daily use, and no more."""


def modules():
    """Every module of a layer, with the absolute names of what it imports, wherever in the file."""
    for path in sorted(PACKAGE.rglob("*.py")):
        inside = path.relative_to(PACKAGE)
        if len(inside.parts) > 1:
            yield inside, set(imported(path, ("unetviz", *inside.with_suffix("").parts)))


def imported(path, parts):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(parts[: -node.level]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            # What is imported from a package may be one of its modules.
            yield from (f"{module}.{alias.name}" for alias in node.names)


def room_of(name):
    """Where in the widgets something stands: its room, and its topic if it is an explorer."""
    parts = name.split(".")
    if parts[:2] != ["unetviz", "widgets"] or len(parts) < 4 or parts[2] not in ROOMS:
        return None, None
    return parts[2], parts[3] if parts[2] == "explorers" else None


def test_imports_point_one_way():
    for inside, names in modules():
        layers, libraries = ALLOWED[inside.parts[0]]
        if inside.as_posix() == "nets/_tensorflow.py":
            libraries = {"h5py", "keras", "tensorflow"}  # there and nowhere else
        for name in names:
            first, *rest = name.split(".")
            if first == "unetviz":
                assert rest[0] in layers | {"_public"}, (inside, name)
            else:
                assert first in libraries | set(sys.stdlib_module_names), (inside, name)


def test_views_know_no_parts_parts_no_explorers_and_explorers_not_each_other():
    for inside, names in modules():
        room, topic = room_of(".".join(("unetviz", *inside.with_suffix("").parts)))
        for name in names if room else ():
            other, its_topic = room_of(name)
            assert other is None or ROOMS.index(other) <= ROOMS.index(room), (inside, name)
            assert topic is None or its_topic in (None, topic), (inside, name)


def test_no_folder_is_long():
    for folder in (path for path in PACKAGE.rglob("*") if path.is_dir()):
        entries = [one for one in folder.iterdir() if not one.name.startswith(("__", "."))]
        assert len(entries) <= 18 or folder.name == "weights", folder


def loaded_after(code):
    """Names of the packages that are loaded in a process of its own after some code."""
    result = subprocess.run(
        [sys.executable, "-c", f"import json, sys; {code}; print(json.dumps(sorted(sys.modules)))"],
        capture_output=True,
        check=True,
    )
    return {name.split(".")[0] for name in json.loads(result.stdout)}


def test_import_and_trace_load_nothing_heavy():
    loaded = loaded_after(
        "import unetviz as uv; uv.trace(uv.PAPER); uv.valid_sizes(uv.PAPER, 0, 600);"
        "str(uv.trace(uv.UNetSpec(64)))"
    )
    assert not loaded & HEAVY
    foreign = loaded - set(sys.stdlib_module_names) - {"unetviz", "lazy_loader"}
    assert all(name.startswith(("_", "sitecustomize")) for name in foreign), foreign


def test_a_star_import_and_the_layers_themselves_load_nothing_heavy():
    assert not loaded_after("from unetviz import *; trace(PAPER); labs, nets, widgets") & HEAVY
    assert set(uv.__all__) < set(dir(uv))


def test_the_names_at_the_top():
    assert set(dir(uv)) == TOP | set(LAYERS)


@pytest.mark.keras
def test_every_public_name_is_there_once():
    seen = {name: getattr(uv, name) for name in TOP}
    for layer in LAYERS:
        package = getattr(uv, layer)
        assert dir(package)
        for name in dir(package):
            assert getattr(package, name) is not None
            # A module of that name would hide it as soon as it is loaded.
            assert not (PACKAGE / layer / f"{name}.py").exists()
            assert name not in seen, name
            seen[name] = getattr(package, name)


def test_a_wrong_name_gets_the_nearest_right_one():
    for package, wrong, right in ((uv, "tracee", "trace"), (uv.labs, "dise", "dice")):
        with pytest.raises(AttributeError, match=f"no '{wrong}'.*'{right}'") as raised:
            getattr(package, wrong)
        assert len(str(raised.value)) < 100
    with pytest.raises(ImportError, match="tracee"):
        importlib.import_module("unetviz.tracee")
