#!/usr/bin/env python3
"""Everything the course needs, with nothing but Python: ``python3 tasks.py help``.

This file is only the door.  It is kept readable by every Python since 2.7, so that
an old one gets a sentence instead of a traceback; the work is done in
``site/course_tasks``, which uses the standard library alone.
"""

import os
import sys

OLDEST = (3, 11)
KNOWN_NEWER = ("python3.13", "python3.12", "python3.11", "python3.14")


def newer_python():
    # type: () -> str
    """Name a Python on the path that is new enough, or return an empty string."""
    for name in KNOWN_NEWER:
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            if os.access(os.path.join(folder, name), os.X_OK):
                return name
    return ""


def refusal():
    # type: () -> str
    """Say in one sentence why this Python cannot be used and what to do."""
    found = newer_python()
    remedy = (
        "this machine has one: run '%s tasks.py %s'" % (found, " ".join(sys.argv[1:]) or "help")
        if found
        else "install one and run this command again with it"
    )
    return "The course needs Python %d.%d or newer, and this is Python %s; %s." % (
        OLDEST[0],
        OLDEST[1],
        sys.version.split()[0],
        remedy,
    )


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        sys.exit(refusal())
    site = os.path.join(os.path.dirname(os.path.abspath(__file__)), "site")
    sys.path[:0] = [site, os.path.join(site, "extension")]
    from course_tasks.verbs import main

    sys.exit(main(sys.argv[1:]))
