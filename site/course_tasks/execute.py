"""Execute the chapters side by side into the cache that the book is then built from.

Runs inside ``.venv``, and uses what is installed there.
The book itself would execute the chapters one after the other.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import yaml
from jupyter_cache import get_cache
from jupyter_cache.executors.utils import create_cache_bundle, single_nb_execution
from sphinx_external_toc.parsing import parse_toc_yaml

READER = {"name": "myst_nb_md", "type": "plugin"}


def pages_with_code(root: Path) -> Iterator[Path]:
    """Yield the pages of the table of contents that have cells to execute.

    Parameters
    ----------
    root : Path
        The folder of the course.
    """
    for document in parse_toc_yaml(root / "_toc.yml"):
        path = root / f"{document}.md"
        if path.exists() and "{code-cell}" in path.read_text(encoding="utf-8"):
            yield path


def staged(cache: Any, root: Path) -> list[Any]:
    """Return the notebooks whose results the cache does not hold, longest text first.

    Parameters
    ----------
    cache : JupyterCacheAbstract
        The cache.
    root : Path
        The folder of the course.
    """
    chosen = [
        cache.add_nb_to_project(str(path), read_data=READER).pk for path in pages_with_code(root)
    ]
    records = cache.list_unexecuted(filter_pks=chosen)
    notebooks = [cache.get_project_notebook(record.pk) for record in records]
    return sorted(notebooks, key=lambda each: -Path(each.uri).stat().st_size)


def execute(root: Path, cache_folder: Path) -> list[str]:
    """Execute what is not in the cache, as many notebooks at a time as there are processors.

    Parameters
    ----------
    root : Path
        The folder of the course.
    cache_folder : Path
        Where the results go.

    Returns
    -------
    list of str
        One report a page that failed.
    """
    cache = get_cache(cache_folder)
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["execute"]
    notebooks = staged(cache, root)
    print(f"{len(notebooks)} to execute", flush=True)
    failed = []
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        running = {pool.submit(_run, each, settings["timeout"]): each for each in notebooks}
        for number, future in enumerate(as_completed(running), start=1):
            notebook, result = running[future], future.result()
            name = Path(notebook.uri).relative_to(root).as_posix()
            print(f"{number} of {len(notebooks)}: {name}, {result.time:.1f} s", flush=True)
            if result.err:
                failed.append(f"{name}:\n{result.err}")
                continue
            bundle = create_cache_bundle(notebook, result.cwd, None, result.time, None)
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    return failed


def _run(notebook: Any, seconds_a_cell: int) -> Any:
    folder = str(Path(notebook.uri).parent)
    return single_nb_execution(notebook.nb, folder, seconds_a_cell, allow_errors=False)


def keep_kernels_apart(file: Path) -> None:
    """Send what kernels say of themselves to a file, and keep stderr for this program.

    Parameters
    ----------
    file : Path
        Where the kernels' own messages go.
    """
    own = os.dup(2)
    with file.open("wb") as messages:
        os.dup2(messages.fileno(), 2)
    sys.stderr = os.fdopen(own, "w", encoding="utf-8", buffering=1)


if __name__ == "__main__":
    keep_kernels_apart(Path(sys.argv[2]) / "kernels.txt")
    reports = execute(Path(sys.argv[1]), Path(sys.argv[2]))
    sys.exit("\n".join(reports) or None)
