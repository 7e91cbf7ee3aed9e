"""What every browser test shares: finding Chromium, a server, and pages that keep a record.

The browser never reaches beyond this machine: every host but the loopback address resolves to
nothing, and each attempt is recorded.
"""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Playwright, Request, Response

LOOPBACK = "127.0.0.1"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {LOOPBACK}",
)
MISSING = "no Chromium was found: set CCMC_CHROMIUM, or run `playwright install chromium`"
LOCAL_SCHEMES = {"data", "blob", "file", "about", "chrome-error"}


def find_chromium(
    environment: Mapping[str, str],
    playwright: Playwright | None = None,
    which: Callable[[str], str | None] = shutil.which,
) -> str | None:
    """Return the path of a Chromium, or None.

    Parameters
    ----------
    environment : mapping
        ``CCMC_CHROMIUM`` decides where it is set; a path that does not exist is an error.
    playwright : Playwright, optional
        Where given, its own browser is the last resort.
    which : callable
        Looks a name up on the path.

    Raises
    ------
    ValueError
        If ``CCMC_CHROMIUM`` names a file that does not exist.
    """
    wanted = environment.get("CCMC_CHROMIUM")
    if wanted:
        if not Path(wanted).is_file():
            raise ValueError(f"CCMC_CHROMIUM must name an existing program, got {wanted!r}")
        return wanted
    for name in NAMES:
        if found := which(name):
            return found
    if playwright is not None and Path(playwright.chromium.executable_path).is_file():
        return playwright.chromium.executable_path
    return None


def launch(playwright: Playwright, executable: str) -> Browser:
    """Start Chromium without a window and without a way out of this machine."""
    # Chromium's own sandbox does not work for root, as in a container.
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    arguments = [*ARGUMENTS, *(["--no-sandbox"] if as_root else [])]
    return playwright.chromium.launch(executable_path=executable, args=arguments)


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files and keeps silent about it."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder on the loopback address and yield the address, ending in a slash."""
    handler = functools.partial(_QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer((LOOPBACK, 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def is_outside(url: str) -> bool:
    """Tell whether an address leads beyond this machine."""
    parts = urlsplit(url)
    return parts.scheme not in LOCAL_SCHEMES and parts.hostname != LOOPBACK


class RecordedPage:
    """A page of the browser that remembers what went wrong on it.

    Every attribute and method of the page itself is there too.

    Attributes
    ----------
    page : Page
        The page of the browser.
    console_errors, page_errors, outside_requests, failed_requests : list of str
        Errors on the console, uncaught exceptions, addresses beyond this machine that were asked
        for, and local addresses that were not delivered.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.console_errors: list[str] = []
        self.page_errors: list[str] = []
        self.outside_requests: list[str] = []
        self.failed_requests: list[str] = []
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.page_errors.append(str(error)))
        page.on("request", self._note_request)
        page.on("requestfailed", lambda request: self.failed_requests.append(request.url))
        page.on("response", self._note_response)

    def _note_console(self, message: Any) -> None:
        if message.type == "error":
            self.console_errors.append(message.text)

    def _note_request(self, request: Request) -> None:
        if is_outside(request.url):
            self.outside_requests.append(request.url)

    def _note_response(self, response: Response) -> None:
        if response.status >= 400:
            self.failed_requests.append(f"{response.status} {response.url}")

    @property
    def troubles(self) -> list[str]:
        """Everything that went wrong so far."""
        return [
            *self.console_errors,
            *self.page_errors,
            *(f"asked for {url}" for url in self.outside_requests),
            *(f"not delivered: {url}" for url in self.failed_requests),
        ]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.page, name)
