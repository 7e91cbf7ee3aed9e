"""What Hypothesis draws for several widgets: rows, states, and inputs with a piece of junk."""

from __future__ import annotations

from hypothesis import strategies as st


@st.composite
def rows(draw: st.DrawFn, size: int) -> list[float]:
    """A row of tastes that sums to 1; now and then with zeros."""
    parts = draw(st.lists(st.integers(0, 50), min_size=size, max_size=size).filter(any))
    return [part / sum(parts) for part in parts]


@st.composite
def states(draw: st.DrawFn) -> tuple[int, list[float], list[int]]:
    """A vocabulary size, a row of tastes and a prompt."""
    size = draw(st.integers(2, 5))
    length = draw(st.integers(1, 40))
    prompt = draw(st.lists(st.integers(0, size - 1), min_size=length, max_size=length))
    return size, draw(rows(size)), prompt


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=12,
)
