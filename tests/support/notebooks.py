"""The scripts beside the lessons' sources, loaded as modules."""

import importlib.util
import sys
from pathlib import Path

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def load(name):
    spec = importlib.util.spec_from_file_location(
        f"notebooks.{name}", NOTEBOOKS / "src" / f"{name}.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


builder = load("build")
