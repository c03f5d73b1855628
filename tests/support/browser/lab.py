"""A JupyterLab of its own, and a notebook opened in it by a real browser."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import psutil

NARROW = {"width": 1280, "height": 800}
HANGS_AFTER = 300
"""Seconds after which a wait is given up: so long that it only ends a test that hangs. On a machine
that is busy, too, every wait ends with the event that it waits for."""
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
}
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def browser_path() -> str | None:
    """Path of a Chromium on this machine, or None."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def browser_flags() -> list[str]:
    """Flags for headless Chromium; root has no sandbox."""
    return [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS


@dataclass
class Lab:
    """A running server and the folder that it shows."""

    process: subprocess.Popen
    address: str
    folder: Path

    def kernels(self) -> list[psutil.Process]:
        """Processes of all kernels of this server."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in children if "ipykernel_launcher" in " ".join(child.cmdline())]


@contextlib.contextmanager
def running_lab(home: Path, notebooks: Path):
    """Start JupyterLab on a free port, with nothing of the person who runs the tests."""
    folder = home / "work"
    shutil.copytree(notebooks, folder / "notebooks", ignore=shutil.ignore_patterns(".*", "src"))
    for name, values in SETTINGS.items():
        path = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    own = {
        "HOME": home,
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "IPYTHONDIR": home / "ipython",
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += ["--ServerApp.port=0", "--IdentityProvider.token=", f"--notebook-dir={folder}"]
    command += ["--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None"]
    environment = os.environ | {name: str(path) for name, path in own.items()}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        yield Lab(process, _address(process), folder)
    finally:
        process.terminate()
        process.wait(HANGS_AFTER)


def _address(process: subprocess.Popen) -> str:
    """Address that the server tells once it listens."""
    told = []
    for line in process.stderr:
        told.append(line)
        if found := re.search(r"http://(?:localhost|127\.0\.0\.1):\d+/", line):
            # What it says from now on must be taken, or it would wait for somebody to read.
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return found[0]
    raise RuntimeError(f"JupyterLab did not start:\n{''.join(told)}")


@dataclass
class Opened:
    """A notebook in a browser, with everything that went wrong so far."""

    lab: Lab
    page: object
    name: str
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Collect console errors, script errors, and tracebacks that the kernel sends."""
        self.page.set_default_timeout(1000 * HANGS_AFTER)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("websocket", lambda socket: socket.on("framereceived", self._on_frame))

    def _on_console(self, message) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text}")

    def _on_frame(self, frame) -> None:
        text = frame.decode("utf-8", "replace") if isinstance(frame, bytes) else frame
        if "Traceback (most recent call last)" in text or '"traceback"' in text:
            self.complaints.append(f"kernel: {text[:2000]}")

    def open(self) -> None:
        """Open the notebook and wait until its cells are there."""
        self.page.goto(f"{self.lab.address}lab/tree/notebooks/{self.name}.ipynb?reset")
        self.page.wait_for_function(
            "() => window.jupyterapp?.shell.currentWidget?.content?.widgets?.length > 1"
        )
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.ready")
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.ready")

    def command(self, name: str, arguments: dict | None = None) -> object:
        """Run a command of JupyterLab and wait for its end."""
        script = "([name, args]) => window.jupyterapp.commands.execute(name, args).then(() => 0)"
        return self.page.evaluate(script, [name, arguments or {}])

    def run_all(self) -> None:
        """Run all cells and wait until the last is done."""
        self.command("notebook:run-all-cells")

    def close(self) -> None:
        """Shut the kernel down, so that the next notebook is alone."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    def theme(self, name: str) -> None:
        """Change to ``JupyterLab Light`` or ``JupyterLab Dark``."""
        self.command("apputils:change-theme", {"theme": name})
        dark = "false" if "Dark" in name else "true"
        self.page.wait_for_function(f"() => document.body.dataset.jpThemeLight === '{dark}'")
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")

    def peak_memory(self) -> int:
        """Largest resident memory of the kernel so far, in bytes."""
        (kernel,) = self.lab.kernels()
        status = Path(f"/proc/{kernel.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024

    def nameless(self) -> list[str]:
        """Controls of panels that can be seen but have no name for a screen reader."""
        return self.page.get_by_role("main").evaluate(
            """main => [...main.querySelectorAll(
                    ".widget-vbox :is(button, input, select, .frame, [role=group])")]
                .filter((node) => node.checkVisibility())
                .filter((node) => !(node.ariaLabel || node.labels?.length))
                .filter((node) => !node.textContent.trim())
                .map((node) => node.outerHTML)"""
        )

    def shot(self, name: str) -> None:
        """Save a screenshot where ``UNETVIZ_SCREENSHOTS`` says, if it says so."""
        if folder := os.environ.get("UNETVIZ_SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=str(Path(folder) / f"{self.name}_{name}.png"))
