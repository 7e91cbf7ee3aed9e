"""Reading a widget off the screen, and moving it as a reader would."""

from __future__ import annotations

from typing import Any

from browser import RecordedPage
from playwright.sync_api import Locator

from ccmc_teach.widgets import CountsTimesTastes

INPUTS = ("labels", "P", "prompt", "grouped", "question", "bet")


class Screen:
    """Counts times tastes on an open page.

    Parameters
    ----------
    page : RecordedPage
        The page.
    where : str
        JavaScript for the model behind the widget.
    """

    def __init__(
        self, page: RecordedPage, where: str = "document.querySelector('.ccmc-static').model"
    ) -> None:
        self.page = page
        self.where = where
        self.root: Locator = page.locator('.ccmc-widget[data-widget="counts-times-tastes"]').first
        self.root.get_by_role("slider").first.wait_for()

    def settle(self) -> None:
        """Wait until the view has drawn."""
        self.page.evaluate(
            "() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))"
        )

    def count(self, word: str) -> Locator:
        """Return the handle of a count."""
        return self.root.get_by_role("slider", name=f"Count of {word} in the prompt")

    def taste(self, word: str) -> Locator:
        """Return the handle of a taste."""
        return self.root.get_by_role("slider", name=f"Taste of the last word for {word}")

    def value(self, handle: Locator) -> float:
        """Return the number that a handle tells a screen reader."""
        return float(handle.get_attribute("aria-valuenow") or "nan")

    def knob(self, handle: Locator) -> tuple[float, float]:
        """Return the middle of a handle's knob on the page."""
        box = handle.locator(".knob").bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def press(self, handle: Locator, *keys: str) -> None:
        """Focus a handle and press keys."""
        handle.focus()
        for key in keys:
            self.page.keyboard.press(key)
        self.settle()

    def button(self, name: str) -> Locator:
        """Return a button."""
        return self.root.get_by_role("button", name=name)

    def click(self, name: str) -> None:
        """Press a button."""
        self.button(name).click()
        self.settle()

    def choose(self, name: str) -> None:
        """Choose a radio button."""
        self.root.get_by_role("radio", name=name, exact=True).check()
        self.settle()

    def inputs(self) -> dict[str, Any]:
        """Return what the model holds."""
        values = self.page.evaluate(f"names => names.map(n => {self.where}.get(n))", list(INPUTS))
        return dict(zip(INPUTS, values, strict=True))

    def set(self, **values: Any) -> None:
        """Set traits of the model behind the widget's back."""
        for name, value in values.items():
            self.page.evaluate(f"([name, value]) => {self.where}.set(name, value)", [name, value])
        self.settle()

    def python(self) -> CountsTimesTastes:
        """Return the Python widget with the inputs of the screen."""
        return CountsTimesTastes(**self.inputs())

    def table(self) -> list[tuple[str, ...]]:
        """Open the table of numbers and return its cells."""
        details = self.root.locator("details")
        details.evaluate("node => { node.open = true; }")
        self.settle()
        lines = details.locator("tbody tr").all()
        return [tuple(cell.inner_text() for cell in line.locator("th,td").all()) for line in lines]

    def next_word(self) -> str:
        """Return what the picture of the next word says to a screen reader."""
        picture = self.root.get_by_role("img", name="Next word after")
        return picture.get_attribute("aria-label") or ""

    def told(self) -> str:
        """Return what is told under the prediction."""
        return self.root.locator(".told").inner_text()

    def note(self) -> str:
        """Return the sentence under the buttons."""
        return self.root.locator(".said").inner_text()

    def problem(self) -> str:
        """Return the sentence about bad inputs, empty where all is well."""
        return self.root.locator(".problem").inner_text()

    def formula(self) -> str:
        """Return the formula as a screen reader hears it."""
        return self.root.get_by_role("math").get_attribute("aria-label") or ""

    def agrees_with_python(self) -> bool:
        """Tell whether every number on the screen is the one that Python computes."""
        widget = self.python()
        whole = "".join(f"{part}. " for part in self._sentences(widget)).strip()
        shown = [self.value(self.count(word)) for word in widget.labels]
        return (
            self.table() == list(widget.table().rows)
            and self.next_word() == whole
            and shown == widget.counts.tolist()
        )

    @staticmethod
    def _sentences(widget: CountsTimesTastes) -> list[str]:
        law, plain = (
            widget.summary().removesuffix(".").split("; the plain chain, without counts, says ")
        )
        return [
            f"Next word a{law[1:].replace(', the next word is ', ': ', 1)}",
            f"Plain chain: {plain}",
        ]
