"""What an import loads, and which layer may import which."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import unetviz as uv

PACKAGE = Path(uv.__file__).parent
HEAVY = {"numpy", "tensorflow", "keras", "matplotlib", "plotly", "ipywidgets", "scipy", "anywidget"}
ALLOWED = {
    "geometry": ({"geometry"}, set()),
    "labs": ({"geometry", "labs"}, {"numpy", "scipy", "skimage", "PIL", "tifffile"}),
    "nets": ({"geometry", "labs", "nets"}, {"numpy", "keras", "tensorflow", "tqdm"}),
    "draw": ({"geometry", "draw"}, {"numpy", "matplotlib", "plotly", "resvg_py", "PIL"}),
    "widgets": (
        {"geometry", "labs", "nets", "draw", "widgets"},
        {"numpy", "ipywidgets", "anywidget", "traitlets", "IPython"},
    ),
}


def modules():
    return sorted(
        path for path in PACKAGE.rglob("*.py") if len(path.relative_to(PACKAGE).parts) > 1
    )


def imported(path):
    """Absolute names of all modules that a file imports, wherever in the file."""
    parts = ("unetviz", *path.relative_to(PACKAGE).with_suffix("").parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield ".".join((*parts[: -node.level], *(node.module or "").split(".")))
        elif isinstance(node, ast.ImportFrom):
            yield node.module


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path):
    layers, libraries = ALLOWED[path.relative_to(PACKAGE).parts[0]]
    for name in imported(path):
        first, *rest = name.split(".")
        if first == "unetviz":
            assert rest[0] in layers, name
        else:
            assert first in libraries | set(sys.stdlib_module_names), name


def test_import_and_trace_load_nothing_heavy():
    code = (
        "import json, sys, unetviz as uv; uv.trace(uv.PAPER); uv.valid_sizes(uv.PAPER, 0, 600);"
        "str(uv.trace(uv.UNetSpec(64))); print(json.dumps(sorted(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    loaded = {name.split(".")[0] for name in json.loads(result.stdout)}
    assert not loaded & HEAVY
    foreign = loaded - set(sys.stdlib_module_names) - {"unetviz"}
    assert all(name.startswith(("_", "sitecustomize")) for name in foreign), foreign


def test_every_public_name_is_there_and_unknown_ones_are_named():
    for name in uv.__all__:
        assert getattr(uv, name) is not None
    assert set(dir(uv)) == set(uv.__all__)
    with pytest.raises(AttributeError, match="unetviz has no 'tracee'; it has DOCUMENT"):
        uv.tracee  # noqa: B018


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_are_read_in_one_sitting(path):
    assert len(path.read_text().splitlines()) <= 250
