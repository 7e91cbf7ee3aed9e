// A table of numbers as coloured cells: the number stands on every cell, the colour is its column's.
import { dragging, offering, sliderKeys } from "./controls.mjs";
import { element, update, write } from "./draw.mjs";

const STRONGEST = 0.41; // ink stays readable on a colour of this strength
const TALL = 44;
const WIDEST = 92;
const TOP = 58;
const TRAVEL = 160; // pixels of a drag from the lowest to the highest value

export const MATRIX_CSS = `
.cells.edited{touch-action:pan-y} .cells .handle{cursor:ew-resize}
.cells .tint{fill:var(--c)} .cells .marked{fill:none;stroke:var(--ink);stroke-width:2}
.cells .chosen{font-weight:650}
`;

const clamp = (value) => Math.min(1, Math.max(-1, value));

/** One number after the other, in words: what a picture of a table tells. */
const told = (title, rows, columns, values, say) =>
  `${title}. ${rows
    .map((row, i) => `${row}: ${columns.map((name, j) => `${name} ${say(values[i][j])}`).join(", ")}`)
    .join("; ")}.`;

function cell(i, j, { rows, columns, edit, choose }) {
  const parts = {
    plate: element("rect", { class: "track", rx: 5 }),
    tint: element("rect", { class: "tint", rx: 5 }),
    ring: edit && element("rect", { class: "ring", rx: 5 }),
    text: element("text", { class: "mid" }),
  };
  const el = element("g", { class: `k${j % 5}` }, Object.values(parts).filter(Boolean));
  if (edit) makeSlider(el, i, j, rows, columns, edit, choose);
  else if (choose) el.addEventListener("click", () => choose(i));
  return { el, ...parts };
}

function makeSlider(el, i, j, rows, columns, edit, choose) {
  const { minimum, maximum, step, leap } = edit;
  const get = () => edit.get(i, j);
  const offer = offering({ minimum, maximum, step, set: (value) => edit.set(i, j, value) });
  let start = null;
  update(el, {
    class: `handle k${j % 5}`,
    role: "slider",
    "aria-label": `row ${rows[i]}, column ${columns[j]}`,
    "aria-valuemin": minimum,
    "aria-valuemax": maximum,
  });
  el.addEventListener("keydown", sliderKeys({ minimum, maximum, step, leap, get }, offer));
  dragging(
    el,
    (event) => {
      choose?.(i);
      start = { x: event.clientX, y: event.clientY, value: get() };
    },
    ({ clientX, clientY }) => {
      const way = clientX - start.x - (clientY - start.y);
      offer(start.value + (way / TRAVEL) * (maximum - minimum));
    },
  );
}

function drawCell({ el, plate, tint, ring, text }, value, x, y, wide, view, focusable) {
  const box = { x: x + 1.5, y: y + 1.5, width: wide - 3, height: TALL - 3 };
  const strength = clamp(view.tint(value));
  for (const node of [plate, tint, ring]) if (node) update(node, box);
  // A negative number has the colour of none of the columns, and its sign stands before it.
  update(tint, { "fill-opacity": (STRONGEST * Math.abs(strength)).toFixed(3) });
  tint.style.fill = strength < 0 ? "var(--soft)" : "";
  update(text, { x: x + wide / 2, y: y + TALL / 2 + 4.5 });
  write(text, view.text(value));
  if (view.edit)
    update(el, {
      tabindex: focusable ? 0 : -1,
      "aria-valuenow": +value.toFixed(6),
      "aria-valuetext": view.say(value),
    });
}

/**
 * A table; its widget needs MATRIX_CSS. `title`, `rows` and `columns` are words, `note` says what
 * rows and columns are. `text(value)` writes a number, `say(value)` speaks it, `tint(value)` is the
 * strength of its colour from -1 to 1. `choose(i)` hears of a press on row i.
 * `edit: { minimum, maximum, step, leap, get(i, j), set(i, j, value) }` makes every cell a slider:
 * dragged right or up it grows. Where a row is marked, Tab stops at the cells of that row alone.
 * `draw({ values, row }, width)` takes the numbers and the marked row, -1 for none.
 */
export function matrixView({
  title,
  rows,
  columns = rows,
  note = "",
  text,
  say = text,
  tint = Number,
  edit = null,
  choose = null,
}) {
  const view = { rows, columns, text, say, tint, edit, choose };
  const cells = rows.map((_, i) => columns.map((__, j) => cell(i, j, view)));
  const heads = columns.map((name) => element("text", { class: "mid", y: TOP - 9 }, name));
  const sides = rows.map((name) => element("text", { class: "end" }, name));
  const about = [
    element("text", { class: "head", y: 13 }, title),
    element("text", { class: "soft small", y: 29 }, note),
  ];
  const marked = element("rect", { class: "marked", rx: 7 });
  const words = element("g", { "aria-hidden": "true" }, about, heads, sides);
  const grid = cells.flat().map((one) => one.el);
  const el = element(
    "svg",
    {
      class: edit ? "cells edited" : "cells",
      height: TOP + rows.length * TALL + 4,
      role: edit ? "group" : "img",
      "aria-label": title,
    },
    words,
    grid,
    marked,
  );
  const side = 14 + 7 * Math.max(...rows.map((name) => [...name].length));

  function draw({ values, row = -1 }, width) {
    const wide = Math.min(WIDEST, (width - side) / columns.length);
    heads.forEach((node, j) => update(node, { x: side + (j + 0.5) * wide }));
    cells.forEach((line, i) => {
      const y = TOP + i * TALL;
      update(sides[i], { x: side - 8, y: y + TALL / 2 + 4.5, class: i === row ? "end chosen" : "end" });
      line.forEach((one, j) =>
        drawCell(one, values[i][j], side + j * wide, y, wide, view, row < 0 || i === row),
      );
    });
    update(marked, {
      hidden: row < 0 ? "" : null,
      x: side,
      y: TOP + Math.max(row, 0) * TALL,
      width: wide * columns.length,
      height: TALL,
    });
    if (!edit) update(el, { "aria-label": told(title, rows, columns, values, say) });
  }
  return { el, draw };
}
