"""Fetch a vendored package again, through the npm client, and record where it came from.

Run it after changing a version in ``VENDORED.toml``, or to prove that the files are what they say::

    python3 site/vendor/refresh.py

Standard library alone.  The npm client is needed here only, never to build or to read the book.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

VENDOR = Path(__file__).resolve().parent
RECORD = "VENDORED.toml"


class RefreshError(Exception):
    """The package could not be fetched or is not what the record says."""


def read_record(folder: Path) -> dict[str, Any]:
    """Return the record of one vendored package.

    Parameters
    ----------
    folder : Path
        Folder that holds ``VENDORED.toml`` beside the vendored files.

    Returns
    -------
    dict
        Keys ``package``, ``version``, ``licence`` and ``file``, a list of tables with
        ``name``, ``source`` and ``sha256``.
    """
    return tomllib.loads((folder / RECORD).read_text("utf-8"))


def sha256(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def mismatches(folder: Path) -> list[str]:
    """Return one sentence for every vendored file that is missing or differs from its record."""
    found = []
    for entry in read_record(folder)["file"]:
        path = folder / entry["name"]
        if not path.is_file():
            found.append(f"{path} is missing; run site/vendor/refresh.py.")
        elif sha256(path) != entry["sha256"]:
            found.append(f"{path} differs from the checksum in {RECORD}.")
    return found


def pack(package: str, version: str, folder: Path) -> Path:
    """Let the npm client download one release and return the archive.

    Raises
    ------
    RefreshError
        If npm is not installed or does not deliver the release.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise RefreshError(
            "npm was not found: install Node.js to refresh the vendored files "
            "(building and reading the book does not need it)."
        )
    command = [npm, "pack", "--silent", f"{package}@{version}"]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    archives = sorted(folder.glob("*.tgz"))
    if answer.returncode or len(archives) != 1:
        reason = (answer.stderr.strip().splitlines() or ["no archive was written"])[-1]
        raise RefreshError(f"npm could not fetch {package} {version}: {reason}")
    return archives[0]


def copy_files(archive: Path, record: dict[str, Any], folder: Path) -> dict[str, str]:
    """Copy the recorded files out of the archive and return their checksums by name.

    Raises
    ------
    RefreshError
        If the archive lacks a file that the record names.
    """
    sums = {}
    with tarfile.open(archive) as package:
        for entry in record["file"]:
            try:
                content = package.extractfile(f"package/{entry['source']}")
            except KeyError:
                content = None
            if content is None:
                raise RefreshError(f"{record['package']} has no file {entry['source']}.")
            path = folder / entry["name"]
            path.write_bytes(content.read())
            sums[entry["name"]] = sha256(path)
    return sums


def write_sums(folder: Path, sums: dict[str, str]) -> None:
    """Write new checksums into the record and leave everything else as it stands."""
    path = folder / RECORD
    text = path.read_text("utf-8")
    for name, value in sums.items():
        entry = rf'(name = "{re.escape(name)}"\n(?:[^\[]*\n)?sha256 = ")[0-9a-f]*'
        text, count = re.subn(entry, rf"\g<1>{value}", text)
        if count != 1:
            raise RefreshError(f"{path} must hold one sha256 line for {name}; it holds {count}.")
    path.write_text(text, "utf-8")


def refresh(folder: Path) -> list[str]:
    """Fetch one vendored package again.

    Parameters
    ----------
    folder : Path
        Folder of the package, with its record.

    Returns
    -------
    list of str
        Names of the files whose content changed.
    """
    record = read_record(folder)
    before = {entry["name"]: entry["sha256"] for entry in record["file"]}
    with tempfile.TemporaryDirectory() as work:
        archive = pack(record["package"], record["version"], Path(work))
        sums = copy_files(archive, record, folder)
    write_sums(folder, sums)
    return [name for name, value in sums.items() if value != before[name]]


def main() -> int:
    """Refresh every vendored package and say what changed."""
    try:
        for path in sorted(VENDOR.glob(f"*/{RECORD}")):
            record = read_record(path.parent)
            changed = refresh(path.parent)
            news = f"changed: {', '.join(changed)}" if changed else "nothing changed"
            print(f"{record['package']} {record['version']}: {news}.")
    except RefreshError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
