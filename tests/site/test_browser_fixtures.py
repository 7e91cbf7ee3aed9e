"""The fixtures themselves: how Chromium is found, what counts as outside, what a page records."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from browser import RecordedPage, find_chromium, is_outside, serve


def test_variable_decides(tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.touch()
    found = find_chromium({"CCMC_CHROMIUM": str(program)}, which=lambda name: "/other")
    assert found == str(program)


def test_variable_that_names_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="CCMC_CHROMIUM must name an existing program"):
        find_chromium({"CCMC_CHROMIUM": "/no/such/program"}, which=lambda name: "/other")


def test_path_comes_next() -> None:
    here = {"google-chrome": "/usr/bin/google-chrome"}
    assert find_chromium({}, which=here.get) == "/usr/bin/google-chrome"


def test_nothing_found() -> None:
    assert find_chromium({}, which=lambda name: None) is None


@pytest.mark.parametrize(
    ("url", "outside"),
    [
        ("http://127.0.0.1:8000/intro.html", False),
        ("file:///home/reader/intro.html", False),
        ("data:image/png;base64,AAAA", False),
        ("blob:http://127.0.0.1/1", False),
        ("https://cdn.example/mathjax.js", True),
        ("http://localhost.example/", True),
        ("wss://cdn.example/", True),
    ],
)
def test_outside(url: str, outside: bool) -> None:
    assert is_outside(url) is outside


def run_without_chromium(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one browser test on a machine where no Chromium can be found."""
    kept = {
        name: value for name, value in os.environ.items() if name not in ("CI", "CCMC_CHROMIUM")
    }
    nowhere = {"PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)}
    test = f"{__file__}::test_a_quiet_page_records_nothing"
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test],
        cwd=Path(__file__).parents[2],
        env={**kept, **nowhere, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_chromium_the_skip_is_one_loud_line(tmp_path: Path) -> None:
    answer = run_without_chromium(tmp_path)
    assert answer.returncode == 0
    assert answer.stdout.count("!!! BROWSER TESTS SKIPPED: no Chromium was found") == 1
    assert "1 skipped" in answer.stdout


def test_in_continuous_integration_it_is_a_failure(tmp_path: Path) -> None:
    answer = run_without_chromium(tmp_path, CI="true")
    assert answer.returncode == 1
    assert "no Chromium was found" in answer.stdout


def test_a_page_records_what_goes_wrong(
    open_page: Callable[..., RecordedPage], tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text(
        "<script>console.error('said'); throw new Error('thrown')</script>"
        "<script src='missing.js'></script><img src='https://outside.example/a.png'>"
    )
    with serve(tmp_path) as url:
        page = open_page(url + "index.html")
    assert "said" in page.console_errors
    assert page.page_errors == ["thrown"]
    assert page.outside_requests == ["https://outside.example/a.png"]
    assert any("404" in text and "missing.js" in text for text in page.failed_requests)
    assert any("outside.example" in text for text in page.failed_requests)


def test_a_quiet_page_records_nothing(
    open_page: Callable[..., RecordedPage], tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text("<link rel=icon href='data:,'><p>All is well.</p>")
    with serve(tmp_path) as url:
        assert open_page(url + "index.html").troubles == []
    assert open_page((tmp_path / "index.html").as_uri()).troubles == []
