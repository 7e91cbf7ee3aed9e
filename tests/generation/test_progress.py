"""Reports of progress, and interruptions that keep what was computed."""

from __future__ import annotations

import pickle
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ccmc_teach.generation import Interrupted, simulate
from ccmc_teach.generation.progress import interruptible, message, reporting
from generation.oracle import SMALL

pytestmark = pytest.mark.filterwarnings("error")


class Bar:
    """What tqdm is used for: a count that moves, and an end."""

    bars: list[Bar] = []  # noqa: RUF012

    def __init__(self, total: int) -> None:
        self.total, self.n, self.is_closed = total, 0, False
        Bar.bars.append(self)

    def update(self, more: int) -> None:
        assert more >= 0
        self.n += more

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *error: object) -> None:
        self.is_closed = True


@pytest.fixture
def bars(monkeypatch: pytest.MonkeyPatch) -> list[Bar]:
    Bar.bars = []
    module: Any = ModuleType("tqdm.auto")
    module.tqdm = Bar
    monkeypatch.setitem(sys.modules, "tqdm", ModuleType("tqdm"))
    monkeypatch.setitem(sys.modules, "tqdm.auto", module)
    return Bar.bars


def test_a_bar_is_drawn_where_tqdm_is_installed(bars: list[Bar]) -> None:
    simulate(SMALL, [0, 1, 2], 3000, np.random.default_rng(1), progress=True)
    (bar,) = bars
    assert (bar.total, bar.n, bar.is_closed) == (3000, 3000, True)


def test_the_bar_is_closed_when_work_is_stopped(bars: list[Bar]) -> None:
    def stopped_at_four() -> None:
        with reporting(True, 9) as report:
            report(4)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped_at_four()
    assert (bars[0].n, bars[0].is_closed) == (4, True)


def test_without_tqdm_a_sentence_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ValueError, match=r"got True: pip install tqdm, or pass progress=print\."):
        simulate(SMALL, [0, 1, 2], 3000, np.random.default_rng(1), progress=True)


@pytest.mark.parametrize("progress", [None, False])
def test_silence_is_the_rule(progress: Any, capfd: pytest.CaptureFixture[str]) -> None:
    simulate(SMALL, [0, 1, 2], 3000, np.random.default_rng(1), progress=progress)
    assert capfd.readouterr() == ("", "")


def test_a_callable_gets_done_and_total(capfd: pytest.CaptureFixture[str]) -> None:
    with reporting(print, 9) as report:
        report(4)
    assert capfd.readouterr().out == "4 9\n"


def test_an_error_of_the_callable_is_raised_as_it_is() -> None:
    def broken(done: int, total: int) -> None:
        raise ArithmeticError("broken")

    with pytest.raises(ArithmeticError, match="broken"):
        simulate(SMALL, [0, 1, 2], 30, np.random.default_rng(1), progress=broken)


def test_an_interruption_keeps_what_there_is_at_that_moment() -> None:
    things: list[int] = []

    def stopped_with_one_thing() -> None:
        with interruptible(lambda: (f"{len(things)} things", list(things))):
            things.append(7)
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as caught:
        stopped_with_one_thing()
    assert caught.value.partial == [7]
    assert str(caught.value) == message("1 things")
    assert isinstance(caught.value, KeyboardInterrupt)
    assert isinstance(caught.value.__cause__, KeyboardInterrupt)


def test_other_errors_and_good_ends_pass_through() -> None:
    with interruptible(lambda: ("nothing", None)):
        pass
    with pytest.raises(ZeroDivisionError), interruptible(lambda: ("nothing", None)):
        _ = 1 / 0


def test_the_message_reads_the_way_to_the_part_that_is_kept() -> None:
    """The statement in the message works after the interruption, as in a notebook."""
    stop = Interrupted(message("2 of 9 tokens"), partial=[0, 1])
    statement = str(stop).split("read by: ")[1]
    assert statement == "import sys; sys.last_value.partial"
    shell = SimpleNamespace(last_value=stop)
    assert eval(statement.split("; ")[1], {"sys": shell}) == [0, 1]


def test_an_interruption_can_come_from_another_process() -> None:
    stop = pickle.loads(pickle.dumps(Interrupted("words", partial=[1, 2])))
    assert (str(stop), stop.partial) == ("words", [1, 2])
