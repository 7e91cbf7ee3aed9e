"""Write the golden files of the named modules, or of all."""

from __future__ import annotations

import sys

from widgets.golden import file, text
from widgets.languages import TWINS

for name in sys.argv[1:] or TWINS:
    file(name).write_text(text(name), "utf-8")
