"""The course's algorithms side by side with their peers: ``python3 tasks.py bench``.

One module a concern, each importing only from those named before it:

``spread``
    medians, quartiles and ratios of interleaved rounds;
``harness``
    contenders, cases, and how a case is measured;
``truths``
    answers by another road, against which every contender is checked before it is timed;
``peers``
    what we compare with, each behind an import of its own;
``cases``
    the cases as data, with their targets;
``record``
    the machine, the versions, and the file of results;
``command``
    the command line.

``dask_cluster`` stands alone: the same experiments on a local Dask cluster.

Peers are never a dependency of the course.
One that is not installed is listed as such, and nothing is put in its place.
"""
