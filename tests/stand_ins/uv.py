"""Stands for uv: notes what it was asked, and "installs" the other stand-ins."""

import os
import pathlib
import shutil
import subprocess
import sys

MODULES = ("matplotlib/font_manager", "pytest", "ruff", "mypy", "ccmc_grading")

root = pathlib.Path(os.environ["COURSE"])
stand_ins = pathlib.Path(os.environ["STAND_INS"])


def install(python: pathlib.Path) -> None:
    """Put a stand-in wherever the real list would bring a program."""
    code = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    for name in MODULES:
        file = pathlib.Path(found.stdout.strip(), name + ".py")
        file.parent.mkdir(exist_ok=True)
        shutil.copy(stand_ins / "program.py", file)
    book = python.parent / "jupyter-book"
    # As pip begins a script where the path of the Python has a blank.
    start = f"#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''\n"
    book.write_text(start + (stand_ins / "program.py").read_text())
    book.chmod(0o755)


with (root / "_build" / "asked.txt").open("a") as notes:
    print(*sys.argv[1:], file=notes)
print("Downloading everything")
if (root / "slow").exists():
    helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (root / "_build" / "uv.pid").write_text(str(helper.pid))
    helper.wait()
if (root / "offline").exists():
    sys.exit("error: Failed to fetch the page: dns error")
for word in sys.argv:
    if word.startswith("--output-file="):
        (root / word.partition("=")[2]).write_text("numpy==9.9.9\n")
if "install" in sys.argv:
    install(pathlib.Path(sys.argv[sys.argv.index("--python") + 1]))
