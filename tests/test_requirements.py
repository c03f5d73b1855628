"""Requirement files, the lock and the commands agree with each other."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
BINDER = ROOT / "binder"
CHOSEN = {"jupyterlab", "ipywidgets", "tensorflow", "tensorflow-cpu", "matplotlib", "plotly"}


def lines(path):
    text = path.read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def project_dependencies():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [Requirement(text) for text in project["dependencies"]]


def locked():
    return dict(line.split("==") for line in lines(BINDER / "requirements.txt"))


def test_requirements_name_the_five_packages_and_install_the_package():
    *named, last = lines(ROOT / "requirements.txt")
    assert last == "-e ."
    requirements = {Requirement(line).name: Requirement(line) for line in named}
    assert set(requirements) == CHOSEN
    assert [r for r in project_dependencies() if r.name in CHOSEN] == list(requirements.values())


@pytest.mark.parametrize(
    ("platform", "machine", "expected"),
    [
        ("linux", "x86_64", "tensorflow-cpu"),
        ("linux", "aarch64", "tensorflow"),
        ("darwin", "arm64", "tensorflow"),
        ("win32", "AMD64", "tensorflow"),
    ],
)
def test_exactly_one_tensorflow_is_installed(platform, machine, expected):
    environment = {"sys_platform": platform, "platform_machine": machine}
    chosen = [
        requirement.name
        for requirement in project_dependencies()
        if requirement.name.startswith("tensorflow") and requirement.marker.evaluate(environment)
    ]
    assert chosen == [expected]


def test_the_lock_pins_everything_and_lies_within_the_ranges():
    pins = {canonicalize_name(name): version for name, version in locked().items()}
    assert len(pins) > 100
    for requirement in project_dependencies():
        if requirement.marker is None or requirement.name == "tensorflow-cpu":
            assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)])
    assert pins["jupyterlab"].startswith("4.6.")
    assert pins["notebook"].startswith("7.6.")
    assert "unetviz" not in pins
    assert "tensorflow" not in pins


def test_the_lock_holds_no_options_and_no_addresses():
    for line in lines(BINDER / "requirements.txt"):
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)


def test_scripts_stop_at_the_first_error():
    for path in (BINDER / "postBuild", BINDER / "start", ROOT / ".ci" / "run"):
        assert "set -euo pipefail" in path.read_text("utf-8")
        assert path.stat().st_mode & 0o100
    assert (BINDER / "runtime.txt").read_text("utf-8") == "python-3.11\n"


def test_the_readme_holds_the_two_commands():
    readme = (ROOT / "README.md").read_text("utf-8").splitlines()
    start = "pip install -r requirements.txt && jupyter lab notebooks/00_start_here.ipynb"
    test = "pip install -r requirements.txt -r tests/requirements.txt && pytest"
    assert readme.count(start) == readme.count(test) == 1


@pytest.mark.slow
def test_binder_rehearsal():
    result = subprocess.run(
        ["bash", str(BINDER / "rehearse")], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert "Binder rehearsal: installed" in result.stdout
