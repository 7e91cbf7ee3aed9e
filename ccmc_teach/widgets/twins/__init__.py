"""The mathematics of the widgets, written twice: here and in ``js``.

``basics`` holds what several widgets need, and each widget has a module of its own, so that a page
loads the mathematics of its own widgets alone.
A module ``twins/x.py`` has a twin ``js/twins_x.mjs`` with the same public functions
(``with_count`` is ``withCount``) and the same public constants.
Twins do the same IEEE 754 operations in the same order, so integers and strings agree exactly, and
floats agree to the last bit wherever neither ``exp`` nor ``log`` is used.
Twins also refuse the same inputs with the same sentence.
They work on plain lists, for they must not do more than JavaScript can; results for Python readers
come from the other rooms, and tests prove that both agree.
Functions whose names end in ``problem`` take anything at all and answer with a sentence, or with
the empty string where nothing is wrong; the others expect what these accept.
"""
