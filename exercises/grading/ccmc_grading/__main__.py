"""``python -m ccmc_grading``: write releases, check that they are up to date, mark a notebook."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ccmc_grading import marking, masters

# exercises/grading/ccmc_grading/__main__.py, if this package runs from the folder of the course.
EXERCISES = Path(__file__).resolve().parents[2]


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line asks for.

    Parameters
    ----------
    words : sequence of str, optional
        The command line, by default that of the process.

    Returns
    -------
    int
        0 if all is well, 1 otherwise.

    Examples
    --------
    >>> main(["check"])
    0
    """
    arguments = _parser().parse_args(words)
    try:
        return int(arguments.verb(arguments))
    except masters.MasterError as error:
        print(f"ccmc_grading: {error}", file=sys.stderr)
        return 1


def release(arguments: argparse.Namespace) -> int:
    """Write the release of every master."""
    for source, target in _pairs(arguments):
        before = target.read_text(encoding="utf-8") if target.exists() else ""
        masters.write(masters.release(masters.read(source)), target)
        changed = target.read_text(encoding="utf-8") != before
        print(f"{'written  ' if changed else 'unchanged'} {target}")
    return 0


def check(arguments: argparse.Namespace) -> int:
    """Say which releases are not what their masters give."""
    stale = [target for source, target in _pairs(arguments) if not _is_fresh(source, target)]
    for target in stale:
        print(f"{target} is out of date: run `python -m ccmc_grading release`.", file=sys.stderr)
    return 1 if stale else 0


def mark(arguments: argparse.Namespace) -> int:
    """Mark a notebook that you trust, in this process, and print the points."""
    submission = masters.read(arguments.notebook)
    marks = marking.mark(masters.read(_master_of(arguments)), submission, arguments.id)
    for each in marks:
        sign = {True: "✓", False: "✗", None: "?"}[each.passed]
        why = "" if each.passed else f": {each.message}"
        print(f"{sign} {each.earned:g} of {each.most:g}  {each.name}{why}")
    earned, most = sum(each.earned for each in marks), sum(each.most for each in marks)
    unread = sum(each.most for each in marks if each.passed is None)
    print(f"together {earned:g} of {most:g}" + (f", {unread:g} of them unread" if unread else ""))
    return 0


def _pairs(arguments: argparse.Namespace) -> list[tuple[Path, Path]]:
    """Return each master with the place of its release."""
    sources = sorted(arguments.source.glob("*/*.ipynb"))
    if not sources:
        raise masters.MasterError(f"there are no masters in {arguments.source}.")
    return [(path, arguments.release / path.relative_to(arguments.source)) for path in sources]


def _master_of(arguments: argparse.Namespace) -> Path:
    """Return the master with the name of the notebook."""
    sources = {source.name: source for source, _ in _pairs(arguments)}
    if arguments.notebook.name not in sources:
        names = ", ".join(sources)
        raise masters.MasterError(
            f"no master is called {arguments.notebook.name}; give the notebook the name of its "
            f"master: {names}."
        )
    return sources[arguments.notebook.name]


def _is_fresh(source: Path, target: Path) -> bool:
    wanted = masters.text(masters.release(masters.read(source)))
    return target.exists() and target.read_text(encoding="utf-8") == wanted


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ccmc_grading", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="verb")
    for verb in (release, check, mark):
        words = verbs.add_parser(verb.__name__, help=verb.__doc__, description=verb.__doc__)
        words.set_defaults(verb=verb)
        words.set_defaults(release=EXERCISES / "release")
        words.add_argument(
            "--source",
            type=Path,
            default=Path(os.environ.get("CCMC_SOURCE_DIR") or EXERCISES / "source"),
            help="the folder of the masters; CCMC_SOURCE_DIR, or exercises/source",
        )
        if verb is mark:
            words.add_argument("notebook", type=Path, help="the notebook with the answers")
            words.add_argument("--id", help="the course ID, if not the one in the notebook")
        else:
            words.add_argument(
                "--release", type=Path, help="the folder of the releases; exercises/release"
            )
    return parser


if __name__ == "__main__":
    sys.exit(main())
