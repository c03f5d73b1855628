"""Rehearse a class on Binder: run every lesson to its end, and measure the memory of everything.

A real JupyterLab server runs the lessons in their order. Two that need TensorFlow are always open
at once: one is shut down only when the next but one begins; the others are shut down in between.
``binder/rehearse`` calls this; ``--json`` keeps the figures, ``--write`` puts them into the pages.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time
import uuid
from pathlib import Path
from urllib.request import Request, urlopen

import psutil
import websocket
from memory_table import LIMIT, ROOT, lessons, summary, table, write

PATIENCE = 900  # seconds for a single cell, or the start of the server


class Server:
    """A running JupyterLab, which starts kernels and is measured together with them."""

    def __init__(self, process, address, token):
        self.process, self.address, self.most = process, address, 0
        self.headers = {"Authorization": f"token {token}"}

    def ask(self, method, path, content=None):
        """Ask the server's REST interface, and return its answer."""
        data = json.dumps(content).encode() if content else None
        request = Request(f"{self.address}api/{path}", data, self.headers, method=method)
        with urlopen(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read() or "null")

    def measure(self):
        """Note what server and kernels hold now, if it is the most so far."""
        held = 0
        for one in (self.process, *self.process.children(recursive=True)):
            with contextlib.suppress(psutil.Error):  # it has just ended
                # Of a page that n processes share each counts 1/n, so the sum counts it once.
                held += one.memory_full_info().pss
        self.most = max(self.most, held)


@contextlib.contextmanager
def running_server():
    """Start JupyterLab on a free port, with a home and a copy of the notebooks of its own."""
    with tempfile.TemporaryDirectory() as home:
        shutil.copytree(ROOT / "notebooks", Path(home, "work", "notebooks"))
        own = {f"JUPYTER_{kind}_DIR": f"{home}/{kind}" for kind in ("CONFIG", "DATA", "RUNTIME")}
        # The caches stay: what binder/postBuild put there for the first visitor, such as fonts.
        cache = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
        own |= {"HOME": home, "IPYTHONDIR": f"{home}/ipython", "XDG_CACHE_HOME": cache}
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
        command += ["--ServerApp.port=0", f"--ServerApp.root_dir={home}/work", "--log-level=ERROR"]
        started = psutil.Popen(command, env=os.environ | own)
        try:
            end = time.monotonic() + PATIENCE
            told = Path(home, "RUNTIME", f"jpserver-{started.pid}.json")
            while True:
                with contextlib.suppress(OSError, ValueError):  # as long as it does not answer
                    found = json.loads(told.read_text())
                    server = Server(started, found["url"], found["token"])
                    server.ask("GET", "status")
                    break
                if started.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("JupyterLab did not start")
                time.sleep(0.1)
            yield server
        finally:
            if started.poll() is None:
                family = [started, *started.children(recursive=True)]
                started.terminate()
                for one in psutil.wait_procs(family, timeout=30)[1]:
                    one.kill()


class Kernel:
    """The kernel of an open notebook, and the socket through which a browser speaks to it."""

    def __init__(self, server, name):
        self.server, self.name = server, name
        asked = {"path": f"notebooks/{name}.ipynb", "name": name, "type": "notebook", "kernel": {}}
        self.session = server.ask("POST", "sessions", asked)
        mine = self.session["kernel"]["id"]
        children = server.process.children(recursive=True)
        self.process = next(one for one in children if mine in " ".join(one.cmdline()))
        address = f"{server.address.replace('http', 'ws', 1)}api/kernels/{mine}/channels"
        self.socket = websocket.create_connection(address, PATIENCE, header=server.headers)
        self.socket.settimeout(0.2)

    def messages(self, seconds):
        """Yield what the kernel says for so long, and measure five times a second."""
        end, due = time.monotonic() + seconds, 0.0
        while (now := time.monotonic()) < end:
            if now >= due:
                self.server.measure()
                due = now + 0.2
            with contextlib.suppress(websocket.WebSocketTimeoutException):
                text = self.socket.recv()
                if isinstance(text, str):  # bytes carry images of panels; nothing to know there
                    yield json.loads(text)

    def run(self, code):
        """Run one cell and wait until it is done."""
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "version": "5.3"}
        header |= {"session": self.session["id"], "username": "", "date": ""}
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        whole = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        self.socket.send(json.dumps(whole | {"channel": "shell"}))
        waits = {"execute_reply", "idle"}
        for message in self.messages(PATIENCE):
            said = message["content"]
            if said.get("execution_state") in ("restarting", "dead"):
                raise RuntimeError(f"{self.name}: the kernel died in\n{code}")
            if message["parent_header"].get("msg_id") == header["msg_id"]:
                if said.get("status") == "error":
                    raise RuntimeError(f"{self.name}: {said['ename']}: {said['evalue']}\n{code}")
                waits -= {message["header"]["msg_type"], said.get("execution_state")}
            if not waits:
                return
        raise RuntimeError(f"{self.name}: not done after {PATIENCE} s:\n{code}")

    def rest(self):
        """Wait until the kernel does nothing: a panel may go on after its cell."""
        used = -1.0
        while sum(self.process.cpu_times()[:2]) - used > 0.1:
            used = sum(self.process.cpu_times()[:2])
            for _ in self.messages(2):
                pass

    def close(self):
        """Shut the kernel down and wait until it is gone."""
        self.socket.close()
        self.server.ask("DELETE", f"sessions/{self.session['id']}")
        self.process.wait(timeout=60)


def run_lesson(kernel):
    """Run all cells of a notebook; return what this took, and what it held in bytes."""
    start, kernel.server.most = time.monotonic(), 0
    notebook = json.loads((ROOT / "notebooks" / f"{kernel.name}.ipynb").read_text("utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            kernel.run("".join(cell["source"]))
    seconds = round(time.monotonic() - start)
    kernel.rest()
    status = Path(f"/proc/{kernel.process.pid}/status").read_text()
    sizes = re.search(r"VmHWM:\s+(\d+) kB\s+VmRSS:\s+(\d+) kB", status).groups()
    peak, after = (1024 * int(size) for size in sizes)
    return {"seconds": seconds, "peak": peak, "after": after, "together": kernel.server.most}


def rehearse(wanted):
    """Run lessons in one session; return their figures."""
    figures, heavy = [], []
    with running_server() as server:
        for lesson in wanted:
            if lesson["tensorflow"] and len(heavy) == 2:
                heavy.pop(0).close()
            kernel = Kernel(server, lesson["name"])
            row = {"lesson": kernel.name, "open": [one.name for one in heavy]} | run_lesson(kernel)
            if lesson["tensorflow"]:
                heavy.append(kernel)
            else:
                kernel.close()
            figures.append(row)
            print(f"{row['lesson']}: {row['together'] / 1e6:,.0f} MB", file=sys.stderr, flush=True)
    return figures


def main():
    """Rehearse, or write the figures of a rehearsal into the pages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=[""], help="beginnings of lessons' names")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures in this file")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write kept figures into pages")
    options = parser.parse_args()
    if options.write:
        return write(json.loads(options.write.read_text("utf-8")))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # and the server with it
    names = tuple(options.names)
    figures = rehearse([one for one in lessons() if one["name"].startswith(names)])
    print(table(figures), summary(figures), sep="\n\n")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    if max(row["together"] for row in figures) > LIMIT:
        raise SystemExit("Binder would have restarted this session.")


if __name__ == "__main__":
    main()
