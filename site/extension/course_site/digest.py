"""Names the execution cache by everything that a cell's result depends on besides its own code.

The cache of notebook results looks at the cells alone.  A changed helper package, lock file or
data file would leave stale results on the page, so the folder of the cache carries a digest of
them.  Standard library alone: the task runner uses it before anything is installed.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

#: Environment variables that a kernel needs so that its outputs suit the static site.
KERNEL_ENVIRONMENT = {"CCMC_STATIC": "1"}

_PATTERNS = ("ccmc_teach/**/*", "chapters/data/**/*", "requirements/book.txt")
_IGNORED_SUFFIXES = {".pyc", ".pyo"}


def inputs(root: str | Path) -> Iterator[Path]:
    """Yield the files that results depend on, sorted by path.

    Parameters
    ----------
    root : path
        Root of the book, where ``_config.yml`` stands.
    """
    root = Path(root)
    found = {path for pattern in _PATTERNS for path in root.glob(pattern) if path.is_file()}
    yield from sorted(path for path in found if path.suffix not in _IGNORED_SUFFIXES)


def inputs_digest(root: str | Path) -> str:
    """Return 16 hexadecimal digits that change with every input of the cells.

    Parameters
    ----------
    root : path
        Root of the book, where ``_config.yml`` stands.

    Returns
    -------
    str
        Digest of the names and contents of all inputs and of the version of Python.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as root:
    ...     before = inputs_digest(root)
    ...     _ = Path(root, "ccmc_teach").mkdir()
    ...     _ = Path(root, "ccmc_teach", "chain.py").write_text("K = 3")
    ...     before == inputs_digest(root)
    False
    """
    root = Path(root)
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for path in inputs(root):
        name = path.relative_to(root).as_posix().encode()
        for part in (name, path.read_bytes()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:16]


def cache_folder(build: str | Path, root: str | Path) -> Path:
    """Return the folder of the execution cache inside the build folder.

    Parameters
    ----------
    build : path
        The folder that holds ``html``, by default ``_build``.
    root : path
        Root of the book.
    """
    return Path(build) / ".jupyter_cache" / inputs_digest(root)
