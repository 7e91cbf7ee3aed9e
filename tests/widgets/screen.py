"""Reading a widget off the screen, and moving it as a reader would."""

from __future__ import annotations

from typing import Any

from browser import RecordedPage
from playwright.sync_api import Locator

from ccmc_teach.widgets import CountsTimesTastes

INPUTS = ("labels", "P", "prompt", "grouped", "question", "bet")


class View:
    """A widget on an open page, whichever it is.

    Parameters
    ----------
    page : RecordedPage
        The page.
    name : str
        Name of the widget's module, such as ``counts_times_tastes``.
    where : str
        JavaScript for the model behind the widget.
    """

    def __init__(
        self,
        page: RecordedPage,
        name: str,
        where: str = "document.querySelector('.ccmc-static').model",
    ) -> None:
        self.page = page
        self.where = where
        called = name.replace("_", "-")
        self.root: Locator = page.locator(f'.ccmc-widget[data-widget="{called}"]').first
        self.root.locator(":is([role], input, button):visible").first.wait_for()
        self.settle()

    def settle(self) -> None:
        """Wait until the view has drawn."""
        self.page.evaluate(
            "() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))"
        )

    def press(self, node: Locator, *keys: str) -> None:
        """Focus a control and press keys."""
        node.focus()
        for key in keys:
            self.page.keyboard.press(key)
        self.settle()

    def slider(self, name: str) -> Locator:
        """Return a slider, native or not, by its whole name."""
        return self.root.get_by_role("slider", name=name, exact=True)

    def value(self, handle: Locator) -> float:
        """Return the number that a handle tells a screen reader."""
        return float(handle.get_attribute("aria-valuenow") or "nan")

    def knob(self, handle: Locator) -> tuple[float, float]:
        """Return the middle of a handle's knob on the page."""
        box = handle.locator(".knob").bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

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

    def get(self, *names: str) -> dict[str, Any]:
        """Return what the model holds."""
        values = self.page.evaluate(f"names => names.map(n => {self.where}.get(n))", list(names))
        return dict(zip(names, values, strict=True))

    def set(self, **values: Any) -> None:
        """Set traits of the model behind the widget's back."""
        for name, value in values.items():
            self.page.evaluate(f"([name, value]) => {self.where}.set(name, value)", [name, value])
        self.settle()

    def table(self) -> list[tuple[str, ...]]:
        """Open the table of numbers and return its cells."""
        details = self.root.locator("details")
        details.evaluate("node => { node.open = true; }")
        self.settle()
        lines = details.locator("tbody tr").all()
        return [tuple(cell.inner_text() for cell in line.locator("th,td").all()) for line in lines]

    def text(self) -> str:
        """Return all text of the widget."""
        words: str = self.root.evaluate("n => n.shadowRoot.querySelector('section').textContent")
        return words

    def problem(self) -> str:
        """Return the sentence about bad inputs, empty where all is well."""
        return self.root.locator(".problem").inner_text()

    def stir(self) -> None:
        """Move everything that can be moved, so that whatever can show shows."""
        self.page.evaluate(STIR, self.root.element_handle())
        # Pictures are judged once nothing moves any more.
        self.page.wait_for_timeout(600)


# Backwards, so that a button that starts over comes before what it would take back.
STIR = """async (node) => {
  const frame = () => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));
  const all = (what) => [...node.shadowRoot.querySelectorAll(what)].reverse()
    .filter(n => n.isConnected && n.checkVisibility({ visibilityProperty: true }));
  for (const one of all("details")) one.open = true;
  for (const what of ["button", "input[type=radio]", "input[type=range]", "[role=slider]"]) {
    for (const one of all(what)) {
      if (what === "[role=slider]")
        one.dispatchEvent(new KeyboardEvent("keydown",
          { key: "ArrowUp", bubbles: true, composed: true }));
      else if (what === "input[type=range]") {
        one.value = +one.value + 3 * (+one.step || 1);
        one.dispatchEvent(new Event("input", { bubbles: true }));
      } else one.click();
      await frame();
    }
  }
}"""


class Screen(View):
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
        super().__init__(page, "counts_times_tastes", where)
        self.root.get_by_role("slider").first.wait_for()

    def count(self, word: str) -> Locator:
        """Return the handle of a count."""
        return self.root.get_by_role("slider", name=f"Count of {word} in the prompt")

    def taste(self, word: str) -> Locator:
        """Return the handle of a taste."""
        return self.root.get_by_role("slider", name=f"Taste of the last word for {word}")

    def inputs(self) -> dict[str, Any]:
        """Return what the model holds."""
        return self.get(*INPUTS)

    def python(self) -> CountsTimesTastes:
        """Return the Python widget with the inputs of the screen."""
        return CountsTimesTastes(**self.inputs())

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
