"""Releases and marking of the graded notebooks.

* ``masters`` turns a master notebook, which holds solutions and hidden tests, into the release
  that learners open.
* ``marking`` marks a notebook in this process; it is for a notebook that one trusts.
* ``nbgrader_steps`` holds the two steps that the course adds to nbgrader's.

On the command line: ``python -m ccmc_grading --help``.
"""

from __future__ import annotations
