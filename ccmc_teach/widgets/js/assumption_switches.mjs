// Assumptions as switches: turn one off and see the smallest example in which the conclusion fails.
import { table, toggle } from "./controls.mjs";
import { element, update, write } from "./draw.mjs";
import { bind, mount } from "./mount.mjs";

const HINT = "Turn a switch off to see what breaks.";
const CLAIM_CSS = `
ul{list-style:none;padding:0} .hint{margin:8px 0 12px}
.claim{display:grid;margin-top:12px}
.claim>*{grid-area:1/1;visibility:hidden;border-left:4px solid var(--t2);padding-left:12px}
.claim>.fails{border-left-color:var(--t1)}
.claim>.shown{visibility:visible}
.verdict{font-weight:650;color:var(--t2)} .fails .verdict{color:var(--t1)}
.assumption{border-top:1px solid var(--grid);padding:12px 0 14px}
.assumption .says{margin:0 0 0 52px;max-width:62ch}
.assumption table{margin:8px 0 2px 52px}
@container (max-width:480px){.assumption .says,.assumption table{margin-left:0}}
`;
const areTexts = (list) => Array.isArray(list) && list.every((item) => typeof item === "string");

function isSound({ name, holds, fails, columns, rows } = {}) {
  return (
    areTexts([name, holds, fails]) &&
    areTexts(columns) &&
    Array.isArray(rows) &&
    rows.every((row) => areTexts(row) && row.length === columns.length)
  );
}

function problem(assumptions, conclusion) {
  if (typeof conclusion !== "string" || !conclusion) return "The conclusion must be a text.";
  const sound =
    Array.isArray(assumptions) &&
    assumptions.length &&
    assumptions.every((item) => item && isSound(item));
  return sound
    ? ""
    : "The assumptions must be a list, each with a name, two sentences and a table of texts.";
}

function claim() {
  const side = (kind, sign, verdict) => {
    const text = element("p", {}, "");
    return {
      text,
      el: element(
        "div",
        { class: kind },
        element("p", { class: "verdict" }, `${sign} ${verdict}`),
        text,
      ),
    };
  };
  const holds = side("holds", "✓", "The conclusion holds");
  const fails = side("fails", "✗", "The conclusion can fail");
  return {
    el: element("div", { class: "claim" }, holds.el, fails.el),
    show(conclusion, safe) {
      for (const { text } of [holds, fails]) write(text, conclusion);
      update(holds.el, { class: safe ? "holds shown" : "holds" });
      update(fails.el, { class: safe ? "fails" : "fails shown" });
    },
  };
}

function assumption({ name, holds, fails, columns, rows }, set) {
  const lever = toggle({ label: name, set });
  const says = element("p", { class: "says" }, "");
  const numbers = rows.length
    ? element("div", { class: "scroll" }, table(null, columns, rows))
    : null;
  return {
    el: element("li", { class: "assumption" }, lever.el, says, numbers),
    show(on) {
      lever.show(on);
      write(says, on ? holds : fails);
      update(says, { class: on ? "says soft" : "says" });
      if (numbers) update(numbers, { hidden: on ? "" : null });
    },
  };
}

function render({ model, el }) {
  const raw = { assumptions: {}, conclusion: {}, on: {}, question: {} };
  const title = model.get("question");
  const ui = mount(el, {
    name: "assumption-switches",
    title: typeof title === "string" ? title : "Assumptions",
    draw,
    css: CLAIM_CSS,
  });
  const ties = bind(model, raw, ui.schedule);
  const wrong = element("p", { class: "problem", role: "alert" }, "");
  const said = claim();
  const hint = element("p", { class: "soft hint" }, "");
  const list = element("ul", { role: "list" });
  const body = element("div", {}, said.el, hint, list);
  ui.root.append(wrong, body);
  let built = null,
    parts = [];

  function switches() {
    const on = ties.get("on");
    return ties.get("assumptions").map((_, i) => !(Array.isArray(on) && on[i] === false));
  }

  function build(assumptions) {
    built = assumptions;
    parts = assumptions.map((item, i) =>
      assumption(item, (value) => {
        ties.put({ on: switches().map((on, k) => (k === i ? value : on)) });
        ui.schedule();
      }),
    );
    list.replaceChildren(...parts.map((part) => part.el));
  }

  function draw() {
    const [assumptions, conclusion] = ["assumptions", "conclusion"].map(ties.get);
    const message = problem(assumptions, conclusion);
    write(wrong, message);
    update(body, { hidden: message ? "" : null });
    if (message) return;
    if (built !== assumptions) build(assumptions);
    const on = switches();
    const off = assumptions.filter((_, i) => !on[i]);
    said.show(conclusion, !off.length);
    write(hint, off.length ? `Off: ${off.length} of ${on.length}.` : HINT);
    parts.forEach((part, i) => part.show(on[i]));
    ui.announce(
      off.length
        ? `The conclusion can fail. ${off.map(({ name, fails }) => `${name} is off: ${fails}`).join(" ")}`
        : "All assumptions are on: the conclusion holds.",
    );
  }

  return () => {
    ties.off();
    ui.destroy();
  };
}

export default { render };
