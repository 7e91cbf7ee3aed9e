"""Vendored files are what their record says, and the script that fetches them refuses clearly."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

import pytest
from vendor import refresh

ROOT = Path(__file__).resolve().parents[2]
MATHJAX = ROOT / "site" / "vendor" / "mathjax"
RECORD = """# A comment that must stay.
package = "example"
version = "1.0"
licence = "MIT"

[[file]]
name = "a.js"
source = "dist/a.js"
sha256 = ""
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "VENDORED.toml").write_text(RECORD)
    return tmp_path


@pytest.fixture
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = tmp_path_factory.mktemp("package")
    (work / "a.js").write_text("let a = 1;\n")
    path = work / "example-1.0.tgz"
    with tarfile.open(path, "w:gz") as package:
        package.add(work / "a.js", "package/dist/a.js")
    return path


def test_every_vendored_file_matches_its_checksum() -> None:
    assert refresh.mismatches(MATHJAX) == []
    record = refresh.read_record(MATHJAX)
    assert record["package"] == "mathjax"
    assert record["licence"] == "Apache-2.0"
    assert {entry["name"] for entry in record["file"]} == {"tex-svg.js", "LICENSE"}


def test_nothing_else_is_vendored() -> None:
    known = {entry["name"] for entry in refresh.read_record(MATHJAX)["file"]}
    assert {path.name for path in MATHJAX.iterdir()} == known | {"VENDORED.toml"}
    assert "Apache License" in (MATHJAX / "LICENSE").read_text("utf-8")


def test_missing_and_changed_files_are_named(folder: Path) -> None:
    assert "a.js is missing" in refresh.mismatches(folder)[0]
    (folder / "a.js").write_text("other")
    assert "differs from the checksum" in refresh.mismatches(folder)[0]


def test_refresh_copies_and_records(
    folder: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "pack", lambda package, version, work: archive)
    assert refresh.refresh(folder) == ["a.js"]
    assert (folder / "a.js").read_text() == "let a = 1;\n"
    assert refresh.mismatches(folder) == []
    expected = hashlib.sha256(b"let a = 1;\n").hexdigest()
    assert (folder / "VENDORED.toml").read_text() == RECORD.replace(
        'sha256 = ""', f'sha256 = "{expected}"'
    )
    assert refresh.refresh(folder) == []


def test_file_that_is_not_in_the_package(
    folder: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "VENDORED.toml").write_text(RECORD.replace("dist/a.js", "dist/b.js"))
    monkeypatch.setattr(refresh, "pack", lambda package, version, work: archive)
    with pytest.raises(refresh.RefreshError, match=r"example has no file dist/b\.js\."):
        refresh.refresh(folder)


def test_without_npm_one_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert refresh.main() == 1
    error = capsys.readouterr().err
    assert error.startswith("npm was not found: install Node.js")
    assert error.count("\n") == 1


def test_failed_download_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'npm error code E404' >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda name: str(npm))
    with pytest.raises(refresh.RefreshError, match=r"could not fetch example 9: npm error code"):
        refresh.pack("example", "9", tmp_path)
