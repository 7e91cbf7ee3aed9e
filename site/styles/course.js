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

  const start = () => {
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
