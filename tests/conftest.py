"""Fixtures that all tests share; the browser ones skip loudly where no Chromium is found."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, Playwright, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))

from browser import MISSING, RecordedPage, find_chromium, launch, serve

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = pytest.StashKey[set[str]]()  # reasons why browser tests did not run

# Time limits for single examples would fail on a busy machine.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def give_up(request: pytest.FixtureRequest, reason: str) -> None:
    """Skip, once and loudly; in continuous integration fail instead."""
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    request.config.stash.setdefault(SKIPPED, set()).add(reason)
    pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Name every reason for skipped browser tests on one loud line."""
    reasons: set[str] = config.stash.get(SKIPPED, set())
    for reason in sorted(reasons):
        terminalreporter.write_line(f"!!! BROWSER TESTS SKIPPED: {reason} !!!", red=True, bold=True)


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    """Return the running driver of the browser."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest, playwright_driver: Playwright) -> Iterator[Browser]:
    """Return a Chromium that reaches this machine only."""
    executable = find_chromium(os.environ, playwright_driver)
    if executable is None:
        give_up(request, MISSING)
    else:
        running = launch(playwright_driver, executable)
        yield running
        running.close()


@pytest.fixture(scope="session")
def site_folder(request: pytest.FixtureRequest) -> Path:
    """Return the folder of the built site: ``CCMC_SITE``, by default ``_build/html``."""
    folder = Path(os.environ.get("CCMC_SITE") or ROOT / "_build" / "html").resolve()
    if not (folder / "index.html").is_file():
        give_up(request, f"no built site at {folder}: run `python3 tasks.py build`")
    return folder


@pytest.fixture(scope="session")
def site_url(site_folder: Path) -> Iterator[str]:
    """Serve the built site on the loopback address; the address ends in a slash."""
    with serve(site_folder) as url:
        yield url


@pytest.fixture
def open_page(
    browser: Browser, request: pytest.FixtureRequest
) -> Iterator[Callable[..., RecordedPage]]:
    """Return a function that opens an address, or a page of the site, and keeps a record.

    Options of the browser context (viewport, colour scheme, scripts on or off, ...) go with it.
    """
    contexts = []

    def open_page(address: str, **options: Any) -> RecordedPage:
        context = browser.new_context(**options)
        contexts.append(context)
        page = RecordedPage(context.new_page())
        if "://" not in address and not address.startswith(("about:", "data:")):
            address = request.getfixturevalue("site_url") + address
        page.goto(address, wait_until="load")
        return page

    yield open_page
    for context in contexts:
        context.close()
