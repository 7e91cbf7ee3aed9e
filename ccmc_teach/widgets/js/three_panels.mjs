// Three panels: counts and tastes with handles, and the next word beside the plain chain.
import { verticalHandle } from "./controls.mjs";
import { element, linear, ride, update, write } from "./draw.mjs";
import { TASTE_FLOOR, decimal, percent } from "./twins_basics.mjs";
import { MAX_COUNT } from "./twins_counts_times_tastes.mjs";

const GAP = 34;

const times = (n) => (n === 1 ? "once" : n === 2 ? "twice" : `${n} times`);

/** Words and their shares in one line of text. */
export const listed = (labels, law, digits) =>
  labels.map((word, j) => `${word} ${percent(law[j], digits)}`).join(", ");

// A column of a panel; with a track it carries a handle, without one the outline of the plain chain.
function column(j, word, track) {
  const bar = element("rect", { class: "mark bar", rx: 5 });
  const value = element("text", { class: track ? "mid value" : "mid value halo" });
  const lift = element("g", { class: "rides" }, value);
  const name = element("text", { class: "mid" }, word);
  const rail = track && element("rect", { class: "track", rx: 6 });
  const ghost = !track && element("rect", { class: "ghost bar", rx: 5 });
  const plain = !track && element("text", { class: "mid soft small" });
  const el = element("g", { class: `k${j}` }, rail, bar, ghost, lift, name, plain);
  return { el, rail, bar, ghost, lift, value, name, plain };
}

function panel(labels, head, handles, attributes) {
  const columns = labels.map((word, j) => column(j, word, handles));
  const title = element("text", { class: "head mid", y: 13 }, head);
  const about = element("text", { class: "mid soft small", y: 28 });
  const base = element("line", { class: "axis", x1: 0 });
  const marks = element("g", attributes, title, about, base, columns.map(({ el }) => el));
  const el = element(
    "g",
    {},
    marks,
    handles?.map((handle) => handle.el),
  );
  return { el, marks, columns, handles, title, about, base };
}

// Where the number of a bar stands: above the bar, and above the outline where that would cross it.
function labelHeight(head, edge) {
  if (edge === undefined) return head - 16;
  return Math.abs(edge - head + 12) < 11 ? Math.min(head, edge) - 6 : head - 7;
}

function drawGhost({ ghost, plain }, share, { left, middle, wide, edge, bottom, step }) {
  update(ghost, { x: left - 3, width: wide + 6, y: edge, height: bottom - edge });
  update(plain, { x: middle, y: bottom + 33 });
  write(plain, step < 54 ? percent(share, 0) : `plain ${percent(share, 0)}`);
}

function drawPanel(part, { values, scale, text, about, ghosts }, { x, y, width, top, bottom }) {
  const step = width / part.columns.length;
  const wide = Math.min(44, step - 8);
  update(part.el, { transform: `translate(${x.toFixed(1)},${y})` });
  for (const node of [part.title, part.about]) update(node, { x: width / 2 });
  write(part.about, about);
  update(part.base, { x2: width, y1: bottom, y2: bottom });
  part.columns.forEach((c, j) => {
    const middle = step * (j + 0.5);
    const left = middle - wide / 2;
    const head = scale(values[j]);
    const edge = ghosts && scale(ghosts[j]);
    if (c.rail) update(c.rail, { x: left, width: wide, y: top, height: bottom - top });
    update(c.bar, { x: left, width: wide, y: head, height: bottom - head });
    if (c.ghost) drawGhost(c, ghosts[j], { left, middle, wide, edge, bottom, step });
    ride(c.lift, middle, labelHeight(head, edge));
    write(c.value, text(values[j]));
    update(c.name, { x: middle, y: bottom + 18 });
    part.handles?.[j].place(middle, scale, top, bottom, step);
  });
}

function countHandle(word, j, { state, setCount }) {
  return verticalHandle({
    label: `Count of ${word} in the prompt`,
    kind: `k${j}`,
    minimum: 0,
    maximum: MAX_COUNT,
    step: 1,
    leap: 3,
    get: () => state().counts[j],
    set: (value) => setCount(j, value),
    say: (value) => `${word} stands ${times(value)} in the prompt`,
  });
}

function tasteHandle(word, j, { state, setTaste }, size) {
  return verticalHandle({
    label: `Taste of the last word for ${word}`,
    kind: `k${j}`,
    minimum: TASTE_FLOOR,
    maximum: 1 - TASTE_FLOOR * (size - 1),
    step: 0.01,
    leap: 0.1,
    get: () => state().tastes[j],
    set: (value) => setTaste(j, value),
    say: (value) => `taste for ${word} ${percent(value, 0)}`,
  });
}

function contentsOf({ labels, query, counts, tastes, law }, along) {
  const whole = along(1);
  return [
    { values: counts, scale: along(MAX_COUNT), text: String, about: `0 to ${MAX_COUNT} copies` },
    {
      values: tastes,
      scale: whole,
      text: (value) => decimal(value, 2),
      about: `row “${labels[query]}” of P`,
    },
    {
      values: law,
      scale: whole,
      text: (value) => percent(value, 0),
      about: "dashed: the plain chain",
      ghosts: tastes,
    },
  ];
}

// Side by side, or below each other where the width does not do.
function placesOf(width) {
  const stacked = width < 480;
  const each = stacked ? width : (width - 2 * GAP) / 3;
  const top = 62;
  const bottom = stacked ? 176 : 208;
  const tall = bottom + 40;
  const corner = (p) => (stacked ? { x: 0, y: p * (tall + 14) } : { x: p * (each + GAP), y: 0 });
  const panels = [0, 1, 2].map((p) => ({ ...corner(p), width: each, top, bottom }));
  const signs = [1, 2].map((p) =>
    stacked
      ? { x: 14, y: p * (tall + 14) + 20 }
      : { x: p * (each + GAP) - GAP / 2, y: (top + bottom) / 2 + 10 },
  );
  return { panels, signs, height: stacked ? 3 * tall + 28 : tall };
}

/** The panels; `state()` is read by the handles, `setCount` and `setTaste` take what they offer. */
export function threePanels(labels, actions) {
  const counts = labels.map((word, j) => countHandle(word, j, actions));
  const tastes = labels.map((word, j) => tasteHandle(word, j, actions, labels.length));
  const unseen = { "aria-hidden": "true" };
  const parts = [
    panel(labels, "Count in the prompt", counts, unseen),
    panel(labels, "Taste of the last word", tastes, unseen),
    panel(labels, "Next word", null, { role: "img" }),
  ];
  const signs = ["×", "→"].map((sign) =>
    element("text", { class: "mid soft", "font-size": 28, ...unseen }, sign),
  );
  const about = { class: "eased", role: "group", "aria-label": "Counts, tastes and the next word" };
  const el = element("svg", about, parts.map((part) => part.el), signs);
  function draw(now, width) {
    const places = placesOf(width);
    const { top, bottom } = places.panels[0];
    const contents = contentsOf(now, (to) => linear(0, to, bottom, top));
    update(el, { height: places.height });
    contents.forEach((content, p) => drawPanel(parts[p], content, places.panels[p]));
    signs.forEach((sign, p) => update(sign, places.signs[p]));
    const law = `Next word after ${labels[now.query]}: ${listed(labels, now.law, 0)}.`;
    update(parts[2].marks, {
      "aria-label": `${law} Plain chain: ${listed(labels, now.tastes, 0)}.`,
    });
  }
  return { el, draw };
}
