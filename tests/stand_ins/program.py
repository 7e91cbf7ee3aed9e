"""Stands for a program that the lists install: notes what it was asked, and fails if told to."""

import os
import pathlib
import sys

root = pathlib.Path(os.environ["COURSE"])
name = pathlib.Path(__file__).stem

with (root / "_build" / "asked.txt").open("a") as notes:
    print(name, *sys.argv[1:], file=notes)
if name == "jupyter-book" and not (root / "ignored-configuration").exists():
    assert os.environ["CCMC_STATIC"] == "1"
    html = root / "_build" / "html"
    html.mkdir(parents=True)
    (html / "index.html").write_text("<h1>built</h1>")
# A book with a warning is written all the same.
if (root / f"fail-{name}").exists():
    sys.exit(f"WARNING: {name} found something")
