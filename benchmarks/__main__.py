"""Starts the benchmarks with one thread for everybody: ``python -m benchmarks``."""

from __future__ import annotations

import os
import sys

# Read by the libraries of linear algebra, PyTorch and Numba when they are first imported.
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)

if __name__ == "__main__":
    os.environ.update(dict.fromkeys(THREADS, "1"))
    from benchmarks.command import main

    sys.exit(main())
