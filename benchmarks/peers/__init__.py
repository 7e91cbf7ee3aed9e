"""What we compare with, each behind an import of its own.

``paths``
    one path: attention in NumPy and in PyTorch, counts in NumPy and Numba, an ordinary chain;
``ensembles``
    many paths in Numba;
``likelihood``
    the maximum of the likelihood: choix, SciPy, statsmodels, PyTorch;
``existence``
    whether it has a finite maximum: NetworkX, SciPy.

Numba compiles plain functions that stand here, so they can also be tested without it.
"""
