// Laws over three words as points of a triangle: each corner is a sure word.
import { dragging } from "./controls.mjs";
import { element, update, write } from "./draw.mjs";
import { percent } from "./twins_basics.mjs";

const HALF = Math.sqrt(3) / 2;
const WIDEST = 440;
const SIDE = 34; // room for the words beside the lower corners
const TOP = 30;
const BOTTOM = 28;
const FLOOR = 1; // hundredths
const LINES = [0.2, 0.4, 0.6, 0.8];

export const TERNARY_CSS = `
.ternary .edge{fill:var(--panel);stroke:var(--line)} .ternary .net{fill:none;stroke:var(--line);stroke-width:.8;opacity:.7}
.ternary .level{fill:none;stroke:var(--soft);stroke-width:1.1;stroke-linecap:round} .ternary .strong{stroke:var(--ink);stroke-width:2.2}
.ternary .spot{fill:var(--c,var(--ink));stroke:var(--paper);stroke-width:1.5} .ternary .hollow{fill:var(--paper);stroke:var(--c,var(--ink));stroke-width:2}
.ternary .handle{cursor:move} .ternary .corner{font-weight:650;fill:var(--t)}
`;

/** Place and law of a triangle of a width: the first word on top, then left, then right. */
export function triangle(width) {
  const side = Math.min(WIDEST, width - 2 * SIDE);
  const left = (width - side) / 2;
  const place = ([top, , right]) => [left + side * (right + top / 2), TOP + side * HALF * (1 - top)];
  const law = ([x, y]) => {
    const top = 1 - (y - TOP) / (side * HALF);
    const right = (x - left) / side - top / 2;
    return [top, 1 - top - right, right];
  };
  return { place, law, side, height: Math.ceil(TOP + side * HALF + BOTTOM) };
}

/** The nearest law in whole hundredths, each at least one. */
export function inHundredths(law) {
  const held = law.map((share) => Math.max(FLOOR / 100, share));
  const total = held[0] + held[1] + held[2];
  const whole = held.map((share) => Math.max(FLOOR, Math.round((100 * share) / total)));
  whole[whole.indexOf(Math.max(...whole))] += 100 - whole[0] - whole[1] - whole[2];
  return whole.map((share) => share / 100);
}

/** The laws of a lattice with `size` steps a side, row by row from the bottom, for `contour`. */
export function lattice(size) {
  const result = [];
  for (let i = 0; i <= size; i++)
    for (let k = 0; k <= size - i; k++) result.push([i / size, (size - i - k) / size, k / size]);
  return result;
}

// Where the level crosses the sides of a small triangle, as a piece of a path.
function crossing(corners, values, level) {
  const ends = [];
  for (const [a, b] of [[0, 1], [1, 2], [2, 0]]) {
    if (values[a] >= level === values[b] >= level) continue;
    const t = (level - values[a]) / (values[b] - values[a]);
    ends.push([0, 1].map((axis) => corners[a][axis] + t * (corners[b][axis] - corners[a][axis])));
  }
  return ends.length < 2 ? "" : ends.map(([x, y], k) => `${k ? "L" : "M"}${x.toFixed(1)},${y.toFixed(1)}`).join("");
}

/** The `d` of the line on which `values`, given on the lattice, have a level. */
export function contour(values, size, level, place) {
  const laws = lattice(size);
  const start = [0];
  for (let i = 0; i <= size; i++) start.push(start[i] + size - i + 1);
  const parts = [];
  const add = (...three) => {
    const inside = three.map((at) => values[at]);
    if (!inside.every(Number.isFinite)) return;
    parts.push(crossing(three.map((at) => place(laws[at])), inside, level));
  };
  for (let i = 0; i < size; i++)
    for (let k = 0; k < size - i; k++) {
      const [low, high] = [start[i] + k, start[i + 1] + k];
      add(low, low + 1, high);
      if (k < size - i - 1) add(low + 1, high + 1, high);
    }
  return parts.join("");
}

const WAYS = {
  ArrowUp: [2, -1, -1],
  ArrowDown: [-2, 1, 1],
  ArrowRight: [0, -1, 1],
  ArrowLeft: [0, 1, -1],
};

const told = (labels, law) =>
  labels.map((word, k) => `${word} ${percent(law[k], 0)}`).join(", ");

function netPath(place) {
  const line = (from, to) => {
    const [[a, b], [c, d]] = [place(from), place(to)].map((p) => p.map((v) => v.toFixed(1)));
    return `M${a},${b}L${c},${d}`;
  };
  return LINES.map((v) =>
    line([v, 1 - v, 0], [v, 0, 1 - v]) + line([1 - v, v, 0], [0, v, 1 - v]) + line([1 - v, 0, v], [0, 1 - v, v]),
  ).join("");
}

function handle({ label, labels, get, set }, geometry) {
  const el = element(
    "g",
    {
      class: "handle rides",
      role: "slider",
      tabindex: 0,
      "aria-label": `${label}; arrow keys up and down for ${labels[0]}, left and right between ${labels[1]} and ${labels[2]}`,
      "aria-valuemin": 0,
      "aria-valuemax": 100,
      ontouchstart: (event) => event.preventDefault(),
      onkeydown(event) {
        const way = WAYS[event.key];
        if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
        const size = event.shiftKey ? 0.05 : 0.01;
        set(inHundredths(get().map((share, k) => share + size * way[k])));
        event.preventDefault();
      },
    },
    element("circle", { class: "grip", r: 22 }),
    element("circle", { class: "ring", r: 13 }),
    element("circle", { class: "knob", r: 8 }),
  );
  const at = (event) => {
    const matrix = el.parentNode.getScreenCTM();
    return [event.clientX - matrix.e, event.clientY - matrix.f];
  };
  let off = [0, 0];
  dragging(
    el,
    (event) => {
      const [[x, y], [a, b]] = [at(event), geometry.now.place(get())];
      off = [a - x, b - y];
    },
    (event) => {
      const [x, y] = at(event);
      set(inHundredths(geometry.now.law([x + off[0], y + off[1]])));
    },
  );
  return el;
}

/**
 * A triangle; its widget needs TERNARY_CSS. `labels` are three words: top, left, right.
 * `point: { label, get(), set(law) }` is a point that the reader moves by pointer or by arrow keys
 * (with Shift five steps at a time); it is offered in whole hundredths, none of them zero.
 * `paths` and `spots` say what may be drawn over the net: the classes of paths ("level", "strong")
 * and of points ("spot k0", "hollow k1", ...).
 * `draw({ paths, spots, said }, width)` takes a function from `place` to a `d` for each path, or
 * null to hide it, a law or null for each spot, and the sentence for screen readers. A path is made
 * anew only when its function is another one or the width changes.
 */
export function ternaryPlot({ title, labels, point = null, paths = [], spots = [] }) {
  const geometry = { now: null, width: 0 };
  const edge = element("path", { class: "edge" });
  const net = element("path", { class: "net" });
  const corners = labels.map((word, k) => element("text", { class: `corner k${k} mid` }, word));
  const curves = paths.map((kind) => element("path", { class: kind }));
  const made = paths.map(() => undefined);
  const dots = spots.map((kind) => element("circle", { class: kind, r: 5.5 }));
  const knob = point && handle({ ...point, labels }, geometry);
  const picture = element("g", { role: "img" }, edge, net, corners, curves, dots);
  const about = { class: "ternary", role: "group", "aria-label": title };
  const el = element("svg", about, picture, knob);

  function place(width) {
    const now = triangle(width);
    Object.assign(geometry, { now, width });
    made.fill(undefined);
    const ends = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map(now.place);
    update(el, { height: now.height });
    update(edge, { d: `M${ends.map((p) => p.map((v) => v.toFixed(1)).join()).join("L")}Z` });
    update(net, { d: netPath(now.place) });
    ends.forEach(([x, y], k) => update(corners[k], { x, y: k ? y + 20 : y - 12 }));
  }
  function draw({ paths: curvesNow = [], spots: spotsNow = [], said }, width) {
    if (geometry.width !== width) place(width);
    const { place: at } = geometry.now;
    curves.forEach((node, k) => {
      const make = curvesNow[k] ?? null;
      if (make === made[k]) return;
      made[k] = make;
      update(node, { d: make && make(at) });
    });
    dots.forEach((node, k) => {
      const law = spotsNow[k] ?? null;
      const [cx, cy] = law ? at(law).map((v) => v.toFixed(1)) : [0, 0];
      update(node, { hidden: law ? null : "", cx, cy });
    });
    update(picture, { "aria-label": `${title}. ${said}` });
    if (!knob) return;
    const law = point.get();
    const [x, y] = at(law).map((v) => v.toFixed(1));
    update(knob, {
      transform: `translate(${x},${y})`,
      "aria-valuenow": Math.round(100 * law[0]),
      "aria-valuetext": told(labels, law),
    });
  }
  return { el, draw };
}
