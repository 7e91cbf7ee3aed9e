"""The cases as data, with their targets.

``problems``
    matrices, prompts and data sets, each from a fixed seed;
``paths``
    one path, and a thousand million tokens by runs;
``ensembles``
    many paths at once;
``exact``
    the exact law against Monte Carlo;
``likelihood``
    the maximum of the likelihood, and whether it is finite.
"""

from __future__ import annotations

from benchmarks.cases import ensembles, exact, likelihood, paths
from benchmarks.harness import Case

ROOMS = (paths, ensembles, exact, likelihood)


def all_cases(quick: bool = False) -> list[Case]:
    """Return every case, in the order of the table.

    Parameters
    ----------
    quick : bool
        Smaller problems: to see that all is well, not to quote.
    """
    return [case for room in ROOMS for case in room.cases(quick)]
