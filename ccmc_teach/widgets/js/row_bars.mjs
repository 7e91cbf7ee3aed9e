// The rows of a transition matrix as stacked bars; the borders between the shares can be moved.
import { dragging, offering, sliderKeys } from "./controls.mjs";
import { element, linear, ride, shortNames, update, write } from "./draw.mjs";
import { percent } from "./twins_basics.mjs";

const TOP = 36;
const TALL = 34;
const PITCH = 46;
const STEP = 0.01;
const LEAP = 0.1;

export const ROWS_CSS = `
.bars{touch-action:pan-y} .bars .handle{cursor:ew-resize} .bars .chosen{font-weight:650}
`;

function share(word, short, j) {
  const bar = element("rect", { class: "mark", y: 0, height: TALL });
  const text = element("text", { class: "mid on", y: TALL / 2 + 4.5 });
  return { el: element("g", { class: `k${j}` }, bar, text), bar, text, word, short };
}

function drawShare({ bar, text, word, short }, value, from, to) {
  const wide = to - from;
  update(bar, { x: from, width: Math.max(0, wide - 2) });
  update(text, { x: (from + to) / 2 });
  const number = percent(value, 0);
  const whole = `${word} ${number}`;
  const fits = [whole, `${short} ${number}`, short].find((name) => 7 * [...name].length + 6 < wide);
  write(text, fits || "");
}

// A border belongs to the share before it: dragged right, that share takes from the next one.
function border(i, j, { rows, columns, get, set }, geometry) {
  const before = () => get(i, j);
  const offer = offering({ minimum: 0, maximum: 1, step: STEP, set: (value) => set(i, j, value) });
  const grab = element("rect", { class: "grip", y: -5, height: TALL + 10 });
  const el = element(
    "g",
    {
      class: "handle rides",
      role: "slider",
      tabindex: 0,
      "aria-label": `Row ${rows[i]}: border between ${columns[j]} and ${columns[j + 1]}`,
      onkeydown: sliderKeys({ minimum: 0, maximum: 1, step: STEP, leap: LEAP, get: before }, offer),
    },
    grab,
    element("rect", { class: "ring", x: -8, y: -5, width: 16, height: TALL + 10, rx: 8 }),
    element("rect", { class: "knob", x: -4, y: 3, width: 8, height: TALL - 6, rx: 4 }),
  );
  let start = null;
  dragging(
    el,
    (event) => (start = { x: event.clientX, value: before() }),
    (event) => offer(start.value + (event.clientX - start.x) / geometry.wide),
  );
  function place(x, row, room) {
    const [value, next] = [row[j], row[j + 1]];
    const reach = Math.min(44, Math.max(24, room));
    update(grab, { x: -reach / 2, width: reach });
    ride(el, x, 0);
    update(el, {
      "aria-valuenow": +value.toFixed(4),
      "aria-valuemin": 0,
      "aria-valuemax": +(value + next).toFixed(4),
      "aria-valuetext": `${columns[j]} ${percent(value, 0)}, ${columns[j + 1]} ${percent(next, 0)}`,
    });
  }
  return { el, place };
}

/**
 * Stacked bars; their widget needs ROWS_CSS. `rows` and `columns` are words; without `set` the bars
 * only show. `get(i, j)` reads a share from the model, `set(i, j, value)` offers a new one: the
 * twin `withBorder` makes the row of it. `draw({ values, row }, width)` takes the rows, each a law,
 * and the marked row, -1 for none.
 */
export function rowBars({ title, rows, columns = rows, get = null, set = null }) {
  const short = shortNames(columns);
  const geometry = { wide: 1 };
  const view = { rows, columns, get, set };
  const lines = rows.map((name, i) => {
    const shares = columns.map((word, j) => share(word, short[j], j));
    const borders = set ? columns.slice(1).map((_, j) => border(i, j, view, geometry)) : [];
    const side = element("text", { class: "end", "aria-hidden": "true", y: TALL / 2 + 4.5 }, name);
    const marks = element("g", { role: "img" }, shares.map((part) => part.el));
    const el = element("g", {}, side, marks, borders.map((part) => part.el));
    return { el, side, marks, shares, borders };
  });
  const head = element("text", { class: "head", y: 13, "aria-hidden": "true" }, title);
  const height = TOP + rows.length * PITCH;
  const about = { class: "bars", height, role: "group", "aria-label": title };
  const el = element("svg", about, head, lines.map((line) => line.el));
  const left = 14 + 7 * Math.max(...rows.map((name) => [...name].length));

  function drawLine({ el: node, side, marks, shares, borders }, i, row, chosen) {
    const along = linear(0, 1, left, left + geometry.wide);
    const ends = [0];
    for (const value of row) ends.push(ends[ends.length - 1] + value);
    update(node, { transform: `translate(0,${TOP + i * PITCH})` });
    update(side, { x: left - 8, class: chosen ? "end chosen" : "end" });
    shares.forEach((part, j) => drawShare(part, row[j], along(ends[j]), along(ends[j + 1])));
    borders.forEach((part, j) => {
      const room = Math.min(row[j], row[j + 1]) * geometry.wide;
      part.place(along(ends[j + 1]) - 1, row, room);
    });
    const law = columns.map((word, j) => `${word} ${percent(row[j], 0)}`).join(", ");
    update(marks, { "aria-label": `Row ${rows[i]}: ${law}.` });
  }
  function draw({ values, row = -1 }, width) {
    geometry.wide = width - left - 8;
    lines.forEach((line, i) => drawLine(line, i, values[i], i === row));
  }
  return { el, draw };
}
