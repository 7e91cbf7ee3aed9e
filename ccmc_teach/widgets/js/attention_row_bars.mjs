// The softmax of one row as bars, in the frame of the row that it is.
import { element, linear, update, write } from "./draw.mjs";
import { percent } from "./twins_basics.mjs";
import { lawSaid } from "./twins_attention_row.mjs";

const TOP = 58;
const WIDEST = 92;

export const BARS_CSS = `
.softmax .marked{fill:none;stroke:var(--ink);stroke-width:2}
`;

/** One bar a word. `draw({ labels, query, law }, width)` takes the law of the chosen row. */
export function softmaxBars(labels) {
  // As tall as the tables on both sides, which have a row for each word.
  const tall = 44 * Math.max(3, labels.length);
  const floor = TOP + tall - 28;
  const y = linear(0, 1, floor, TOP + 24);
  const head = element("text", { class: "head", y: 13 });
  const note = element("text", { class: "soft small", y: 29 }, "exponentials over their sum");
  const marked = element("rect", { class: "marked", x: 1, y: TOP - 10, height: tall + 12, rx: 7 });
  const parts = labels.map((word, j) => {
    const bar = element("rect", { class: "mark", rx: 2 });
    const number = element("text", { class: "mid value" });
    const name = element("text", { class: "mid", y: floor + 19 }, word);
    return { el: element("g", { class: `k${j}` }, bar, number, name), bar, number, name };
  });
  const about = { class: "softmax", height: TOP + tall + 4, role: "img" };
  const el = element("svg", about, head, note, parts.map((part) => part.el), marked);
  function draw({ query, law }, width) {
    const room = Math.min(WIDEST, width / labels.length);
    parts.forEach(({ bar, number, name }, j) => {
      const x = (j + 0.5) * room;
      const up = y(law[j]);
      const wide = Math.min(34, 0.7 * room);
      update(bar, { x: (x - wide / 2).toFixed(1), width: wide.toFixed(1), y: up.toFixed(1), height: (floor - up).toFixed(1) });
      update(number, { x, y: (up - 6).toFixed(1) });
      write(number, percent(law[j], 0));
      update(name, { x });
    });
    update(marked, { width: room * labels.length - 2 });
    write(head, `Softmax of row ${labels[query]}`);
    update(el, { "aria-label": `Softmax of row ${labels[query]}: ${lawSaid(labels, law)}.` });
  }
  return { el, draw };
}
