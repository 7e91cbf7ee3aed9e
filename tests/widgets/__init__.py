"""Tests of the widgets, in Python and in a browser."""
