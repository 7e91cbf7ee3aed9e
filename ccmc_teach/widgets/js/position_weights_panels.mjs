// Three panels: effective counts, tastes, and the next word, with outlines for equal weights.
import { element, linear, ride, update, write } from "./draw.mjs";
import { numberY } from "./position_weights_places.mjs";
import { decimal, percent } from "./twins_basics.mjs";

const GAP = 34;
const TOP = 54;
const BOTTOM = 178;
const CAPS = [5, 10, 15, 30];

/** Words and their shares in one line of text. */
export const listed = (labels, law, digits) =>
  labels.map((word, j) => `${word} ${percent(law[j], digits)}`).join(", ");

function column(word, j) {
  const bar = element("rect", { class: "mark bar", rx: 5 });
  const ghost = element("rect", { class: "ghost bar", rx: 5 });
  const value = element("text", { class: "mid value halo" });
  const lift = element("g", { class: "rides" }, value);
  const name = element("text", { class: "mid", y: BOTTOM + 18 }, word);
  const plain = element("text", { class: "mid soft small", y: BOTTOM + 33 });
  const el = element("g", { class: `k${j}` }, bar, ghost, lift, name, plain);
  return { el, bar, ghost, lift, value, name, plain };
}

function panel(labels, head) {
  const columns = labels.map(column);
  const title = element("text", { class: "head mid", y: 13 }, head);
  const about = element("text", { class: "mid soft small", y: 28 });
  const base = element("line", { class: "axis", x1: 0, y1: BOTTOM, y2: BOTTOM });
  const el = element("g", { role: "img" }, title, about, base, columns.map((c) => c.el));
  return { el, columns, title, about, base };
}

function drawPanel(part, { values, ghosts, scale, text, about, said }, { x, y, width }) {
  const step = width / part.columns.length;
  const wide = Math.min(44, step - 8);
  update(part.el, { transform: `translate(${x.toFixed(1)},${y})`, "aria-label": said });
  for (const node of [part.title, part.about]) update(node, { x: width / 2 });
  write(part.about, about);
  update(part.base, { x2: width });
  part.columns.forEach((c, j) => {
    const middle = step * (j + 0.5);
    const left = middle - wide / 2;
    const [head, edge] = [scale(values[j]), ghosts ? scale(ghosts[j]) : null];
    update(c.bar, { x: left, width: wide, y: head, height: BOTTOM - head });
    update(c.ghost, { hidden: ghosts ? null : "" });
    if (ghosts) update(c.ghost, { x: left - 3, width: wide + 6, y: edge, height: BOTTOM - edge });
    ride(c.lift, middle, numberY(head, edge ?? BOTTOM));
    write(c.value, text(values[j]));
    for (const node of [c.name, c.plain]) update(node, { x: middle });
    const was = ghosts ? text(ghosts[j]) : "";
    write(c.plain, was && (step < 54 ? was : `was ${was}`));
  });
}

function contentsOf({ labels, query, counts, effective, tastes, law, plain }) {
  const along = (to) => linear(0, to, BOTTOM, TOP);
  // The same scale for all shapes, unless a count leaves it.
  let length = 0;
  for (const count of counts) length += count;
  const most = Math.max(length / 2, ...effective, ...counts);
  const cap = CAPS.find((value) => value >= most);
  const word = labels[query];
  const told = labels.map((name, j) => `${name} ${decimal(effective[j], 2)}, was ${counts[j]}`);
  const count = (value) => (Number.isInteger(value) ? `${value}` : decimal(value, 2));
  return [
    {
      values: effective,
      ghosts: counts,
      scale: along(cap),
      text: count,
      about: "dashed: plain count",
      said: `Effective counts: ${told.join("; ")}.`,
    },
    {
      values: tastes,
      ghosts: null,
      scale: along(1),
      text: (value) => decimal(value, 2),
      about: `row “${word}” of P`,
      said: `Tastes of ${word}: ${listed(labels, tastes, 0)}.`,
    },
    {
      values: law,
      ghosts: plain,
      scale: along(1),
      text: (value) => percent(value, 0),
      about: "dashed: without positions",
      said: `Next word after ${word}: ${listed(labels, law, 0)}. Without positions: ${listed(labels, plain, 0)}.`,
    },
  ];
}

// Side by side, or below each other where the width does not do.
function placesOf(width) {
  const stacked = width < 480;
  const each = stacked ? width : (width - 2 * GAP) / 3;
  const tall = BOTTOM + 40;
  const pitch = tall + 14;
  const panels = [0, 1, 2].map((p) =>
    stacked ? { x: 0, y: p * pitch, width: each } : { x: p * (each + GAP), y: 0, width: each },
  );
  const signs = [1, 2].map((p) =>
    stacked
      ? { x: 14, y: p * pitch + 20 }
      : { x: p * (each + GAP) - GAP / 2, y: (TOP + BOTTOM) / 2 + 10 },
  );
  return { panels, signs, height: stacked ? 3 * pitch - 14 : tall };
}

/** The panels: `draw(now, width)` takes what is to be seen. */
export function weightedPanels(labels) {
  const parts = ["Effective count", "Taste of the last word", "Next word"].map((head) =>
    panel(labels, head),
  );
  const signs = ["×", "→"].map((sign) =>
    element("text", { class: "mid soft", "font-size": 28, "aria-hidden": "true" }, sign),
  );
  const about = { class: "eased", role: "group", "aria-label": "Effective counts, tastes and the next word" };
  const el = element("svg", about, parts.map((part) => part.el), signs);
  function draw(now, width) {
    const places = placesOf(width);
    update(el, { height: places.height });
    contentsOf(now).forEach((content, p) => drawPanel(parts[p], content, places.panels[p]));
    signs.forEach((sign, p) => update(sign, places.signs[p]));
  }
  return { el, draw };
}
