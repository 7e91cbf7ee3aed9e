// Small comforts.  The page works without them: dropdowns and quick questions are native elements.
"use strict";

{
  const SCROLLERS =
    ".bd-article :is(div.math, .wide-formula, .pst-scrollable-table-container, .cell_output)";

  /** Say the verdict of a chosen option to a screen reader: the browser itself says "expanded" only. */
  const announceVerdicts = () => {
    const article = document.querySelector(".bd-article");
    const options = document.querySelectorAll(".quick-question details.option");
    if (!article || !options.length) return;
    const voice = document.createElement("p");
    voice.className = "visually-hidden";
    voice.setAttribute("role", "status");
    article.append(voice);
    for (const option of options) {
      option.addEventListener("toggle", () => {
        if (option.open) voice.textContent = option.querySelector(".verdict")?.textContent ?? "";
      });
    }
  };

  /** Let a formula in the text that is wider than its paragraph scroll on a line of its own. */
  const containFormulas = () => {
    for (const formula of document.querySelectorAll(".bd-article span.math")) {
      const drawn = formula.querySelector("mjx-container > svg");
      const around = formula.parentElement.closest("p, li, td, th, dd, figcaption, div");
      if (!drawn || !around) continue;
      const wide = drawn.getBoundingClientRect().width > around.clientWidth;
      formula.classList.toggle("wide-formula", wide);
    }
  };

  /** Let the keyboard scroll what is wider than the page. */
  const reachScrollers = () => {
    containFormulas();
    for (const box of document.querySelectorAll(SCROLLERS)) {
      if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };

  /** Paper shows what is folded away; a shared name would let only one of a group stay open. */
  const unfoldForPrint = () => {
    let folded = [];
    window.addEventListener("beforeprint", () => {
      folded = [...document.querySelectorAll(".bd-article details:not([open])")].map((details) => {
        const name = details.getAttribute("name");
        details.removeAttribute("name");
        details.open = true;
        return { details, name };
      });
    });
    window.addEventListener("afterprint", () => {
      for (const { details, name } of folded) {
        details.open = false;
        if (name) details.setAttribute("name", name);
      }
      folded = [];
    });
  };

  const button = (words) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = words;
    return made;
  };

  /** Build the control of a derivation. */
  const makeStepper = (list, number) => {
    const control = document.createElement("div");
    const place = document.createElement("span");
    const [all, back, next] = ["Show all", "Back", ""].map(button);
    const title = list.previousElementSibling;
    control.className = "ccmc-stepper";
    control.setAttribute("role", "group");
    if (title) {
      title.id ||= `derivation-${number + 1}`;
      control.setAttribute("aria-labelledby", title.id);
    }
    place.setAttribute("role", "status");
    next.className = "next";
    control.append(place, all, back, next);
    return { control, place, all, back, next };
  };

  /** Let a reader walk through a derivation line by line.  At rest every line is shown. */
  const walk = (list, number) => {
    const lines = [...list.children];
    const last = lines.length - 1;
    if (last < 1) return;
    const { control, place, all, back, next } = makeStepper(list, number);
    let step = null;

    /** Show the lines up to a step, or all of them at rest. */
    const show = (wanted) => {
      step = wanted === null ? null : Math.min(Math.max(wanted, 0), last);
      const walking = step !== null;
      const said = walking ? `Step ${step + 1} of ${last + 1}` : `${last + 1} steps`;
      list.parentElement.classList.toggle("walking", walking);
      for (const [at, line] of lines.entries()) {
        line.classList.toggle("to-come", walking && at > step);
        if (at === step) line.setAttribute("aria-current", "step");
        else line.removeAttribute("aria-current");
      }
      // Where nothing changes, nothing is announced.
      if (place.textContent !== said) place.textContent = said;
      next.textContent = walking ? "Next" : "Show step by step";
      // A button that is out of use keeps the focus; one that goes gives it away.
      back.setAttribute("aria-disabled", step === 0);
      next.setAttribute("aria-disabled", step === last);
      if (!walking && control.contains(document.activeElement)) next.focus({ preventScroll: true });
      back.hidden = all.hidden = !walking;
      if (walking) lines[step].scrollIntoView({ block: "nearest" });
    };

    const onKey = (event) => {
      const moves = {
        ArrowRight: step + 1, ArrowDown: step + 1, ArrowLeft: step - 1, ArrowUp: step - 1,
        Home: 0, End: last, Escape: null,
      };
      const withOther = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
      if (step === null || withOther || !(event.key in moves)) return;
      event.preventDefault();
      show(moves[event.key]);
    };

    const onPress = (pressed, move) =>
      pressed.addEventListener("click", () => {
        // Not every browser gives a button the focus that was clicked.
        pressed.focus({ preventScroll: true });
        show(move());
      });

    onPress(all, () => null);
    onPress(back, () => step - 1);
    onPress(next, () => (step === null ? 0 : step + 1));
    control.addEventListener("keydown", onKey);
    show(null);
    list.before(control);
  };

  const start = () => {
    document.querySelectorAll("ol.ccmc-derivation").forEach(walk);
    announceVerdicts();
    unfoldForPrint();
    reachScrollers();
    window.addEventListener("resize", reachScrollers);
    document.addEventListener("toggle", reachScrollers, true);
    window.MathJax?.startup?.promise?.then(reachScrollers);
  };

  if (document.readyState === "complete") start();
  else window.addEventListener("load", start);
}
