"""A live session as Binder gives it: its environment, its JupyterLab, a notebook in it."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from browser import LOOPBACK, RecordedPage
from playwright.sync_api import Error, Locator

# What repo2docker 2026.4.0 puts into an image with Python 3.11, before the course's own list.
IMAGE = (
    "jupyterlab==4.4.9",
    "notebook==7.4.7",
    "ipywidgets==8.1.7",
    "jupyterhub==5.4.0",
    "jupyter_server==2.17.0",
)
# What a session is made from; the rest of the repository takes no part in it.
LEFT_OUT = (".*", "_build", "__pycache__", "*.egg-info", "tests", "benchmarks", "requirements")
SECONDS = 120


class NoSession(Exception):
    """The environment of a session could not be made, with the last lines of why."""


@dataclass(frozen=True)
class Session:
    """A folder that holds an environment, a copy of the course and the settings of Jupyter.

    Parameters
    ----------
    folder : Path
        Where all three are kept.
    """

    folder: Path

    @property
    def course(self) -> Path:
        """The copy of the course."""
        return self.folder / "course"

    @property
    def programs(self) -> Path:
        """The programs of the environment."""
        return self.folder / "environment" / ("Scripts" if os.name == "nt" else "bin")

    def variables(self) -> dict[str, str]:
        """Return the environment variables of the session."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        for name in ("JUPYTER_PATH", "CCMC_STATIC"):  # neither belongs to a live session
            own.pop(name, None)
        settings = self.folder / "settings"
        return {
            **own,
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            "VIRTUAL_ENV": str(self.folder / "environment"),
            "IPYTHONDIR": str(settings / "ipython"),
            "JUPYTER_CONFIG_DIR": str(settings / "config"),
            "JUPYTER_DATA_DIR": str(settings / "data"),
            "JUPYTER_RUNTIME_DIR": str(settings / "runtime"),
        }

    def make(self, repository: Path) -> None:
        """Copy the course and install what the image and ``.binder`` ask for, as Binder does.

        An environment that was made from the same lists for the same Python is used again.

        Parameters
        ----------
        repository : Path
            The folder of the course.

        Raises
        ------
        NoSession
            If something cannot be installed.
        """
        stamp = self.folder / "made-from.txt"
        asked = [(repository / ".binder" / "requirements.txt").read_text("utf-8")]
        asked += [(repository / "pyproject.toml").read_text("utf-8"), *IMAGE]
        key = hashlib.sha256("\0".join([*asked, sys.version]).encode()).hexdigest()
        again = stamp.exists() and stamp.read_text("utf-8") == key
        for old in [self.course, self.folder / "settings"] if again else [self.folder]:
            shutil.rmtree(old, ignore_errors=True)
        shutil.copytree(repository, self.course, ignore=shutil.ignore_patterns(*LEFT_OUT))
        shutil.copytree(repository / ".binder", self.course / ".binder")
        if not again:
            self._install()
        self._run(["bash", ".binder/postBuild"])
        stamp.write_text(key, "utf-8")

    def _install(self) -> None:
        uv = shutil.which("uv")
        venv.create(self.programs.parent, with_pip=uv is None)
        python = str(self.programs / "python")
        pip = [uv, "pip"] if uv else [python, "-m", "pip", "--disable-pip-version-check"]
        into = ["--python", python] if uv else []
        self._run([*pip, "install", *into, *IMAGE])
        self._run([*pip, "install", *into, "-r", ".binder/requirements.txt"])
        self._run([*pip, "check", *into])

    def _run(self, words: Sequence[str]) -> None:
        done = subprocess.run(
            words,
            cwd=self.course,
            env=self.variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise NoSession(f"{' '.join(words)}:\n{done.stdout[-2000:]}")

    @contextmanager
    def jupyterlab(self) -> Iterator[str]:
        """Start JupyterLab on loopback and yield the address of a file, ``{path}`` in its place."""
        port, token = _free_port(), secrets.token_hex(16)
        words = [
            str(self.programs / "jupyter-lab"),
            "--no-browser",
            "--allow-root",
            "--expose-app-in-browser",
            f"--ip={LOOPBACK}",
            f"--port={port}",
            f"--IdentityProvider.token={token}",
            "--LabApp.news_url=None",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ]
        with (self.folder / "jupyterlab.log").open("wb") as log:
            server = subprocess.Popen(
                words, cwd=self.course, env=self.variables(), stdout=log, stderr=log
            )
            try:
                _wait_for(f"http://{LOOPBACK}:{port}/api?token={token}", server)
                yield f"http://{LOOPBACK}:{port}/lab/tree/{{path}}?token={token}&reset"
            finally:
                server.terminate()
                server.wait(30)


def _free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise AssertionError("JupyterLab did not start")


class Notebook:
    """A notebook that is open in JupyterLab.

    Parameters
    ----------
    page : RecordedPage
        The page of the browser, which JupyterLab has just been opened on.
    """

    _PANEL = "window.jupyterapp.shell.currentWidget"

    def __init__(self, page: RecordedPage) -> None:
        self.page = page
        page.page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for(timeout=SECONDS * 1000)
        self._ask(f"{self._PANEL}.context.ready")
        self._ask(f"{self._PANEL}.sessionContext.ready")

    def _ask(self, expression: str, argument: Any = None) -> Any:
        return self.page.page.evaluate(f"async given => await ({expression})", argument)

    def run_all(self) -> None:
        """Run every cell and wait for the last; the run ends with the first error."""
        self._ask("window.jupyterapp.commands.execute('notebook:run-all-cells')")

    def cells(self) -> list[dict[str, Any]]:
        """Return the cells as the notebook's document holds them, outputs included."""
        found: list[dict[str, Any]] = self._ask(f"{self._PANEL}.content.model.toJSON().cells")
        return found

    def evaluate(self, expression: str) -> str:
        """Return how Python prints the value of an expression in the kernel of the notebook."""
        answer: dict[str, Any] = self._ask(
            f"{self._PANEL}.sessionContext.session.kernel.requestExecute("
            "{code: '', silent: true, user_expressions: {asked: given}}).done"
            ".then(reply => reply.content.user_expressions.asked)",
            expression,
        )
        assert answer["status"] == "ok", answer
        return str(answer["data"]["text/plain"])

    def write(self, index: int, source: str) -> None:
        """Replace the source of a cell."""
        given = {"index": index, "source": source}
        self._ask(
            f"{self._PANEL}.content.widgets[given.index].model.sharedModel.setSource(given.source)",
            given,
        )

    def run(self, index: int) -> dict[str, Any]:
        """Run one cell and return it."""
        self._ask(f"{self._PANEL}.content.activeCellIndex = given", index)
        self._ask("window.jupyterapp.commands.execute('notebook:run-cell')")
        return self.cells()[index]

    def show(self, index: int, wanted: Locator) -> None:
        """Scroll to a cell until something of its output is there to be used.

        JupyterLab keeps only the cells near the window, and scrolls by itself after a run.
        """
        for _ in range(20):
            self._ask(f"{self._PANEL}.content.activeCellIndex = given", index)
            self._ask(f"{self._PANEL}.content.scrollToItem(given)", index)
            try:
                wanted.wait_for(timeout=3000)
                wanted.scroll_into_view_if_needed(timeout=3000)
            except Error:  # not there yet, or drawn anew at this moment
                continue
            return
        raise AssertionError(f"cell {index} does not show {wanted}")


def errors(cells: Sequence[dict[str, Any]]) -> list[str]:
    """Return what cells printed to stderr or raised.

    Parameters
    ----------
    cells : sequence of dict
        Cells of a notebook.
    """
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    raised = [f"{each['ename']}: {each['evalue']}" for each in outputs if "ename" in each]
    printed = [str(each["text"]) for each in outputs if each.get("name") == "stderr"]
    return raised + printed
