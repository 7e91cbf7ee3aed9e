"""What stands behind ``tasks.py``: set up, build, serve, test, with the standard library alone.

One module a concern, each importing only from those named before it:

``steps``
    numbered steps with progress, programs that write to a log, reasons to stop;
``environment``
    the private environments, made from hash-locked lists;
``book``
    executing the chapters and building the site;
``serving``
    the site on loopback;
``alone``
    one ``tasks.py`` at a time in a folder;
``lock_files``
    the lists themselves;
``verbs``
    what a reader can ask ``tasks.py`` for.

``execute`` is the exception: it runs inside ``.venv`` and uses what is installed there.
"""
