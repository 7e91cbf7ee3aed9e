// Curves over one axis, with bands, dots and names at their ends; both axes straight or logarithmic.
import { axes, element, linear, logarithmic, polyline, update, write } from "./draw.mjs";

const TOP = 24;
const BOTTOM = 44;
const LEFT = 48;
const APART = 14;

export const PLOT_CSS = `
.plot .band{fill:var(--c);opacity:.16;stroke:none}
.plot .curve.dashed{stroke-dasharray:6 4} .plot .curve.ink,.plot .dot.ink{--c:var(--ink)}
.plot .dot{fill:var(--c);stroke:var(--c);stroke-width:1.5} .plot .dot.hollow{fill:var(--paper)}
.plot .cursor{stroke:var(--ink);stroke-width:1.2} .plot .name{fill:var(--t);font-weight:650}
.plot .ink .name{fill:var(--ink)}
`;

/** The powers of ten in a range, and the range's ends where there are none. */
export function decades(from, to) {
  const result = [];
  for (let k = Math.ceil(Math.log10(from) - 1e-9); k <= Math.log10(to) + 1e-9; k++)
    result.push(Number(`1e${k}`));
  return result.length ? result : [from, to];
}

/** Places at least `distance` apart and inside, in the same order, as close to the wanted ones as a push from below allows. */
export function keptApart(places, distance, from, to) {
  const order = [...places.keys()].sort((a, b) => places[a] - places[b] || a - b);
  const result = [...places];
  order.forEach((i, k) => {
    const least = k ? result[order[k - 1]] + distance : from;
    result[i] = Math.max(places[i], least);
  });
  order.reverse().forEach((i, k) => {
    const most = k ? result[order[k - 1]] - distance : to;
    result[i] = Math.min(result[i], most);
  });
  return result;
}

const scaleOf = ({ log, from, to }, start, end) =>
  (log ? logarithmic : linear)(from, to, start, end);

function series({ label, kind = "ink", dashed = false }) {
  const band = element("path", { class: "band" });
  const line = element("path", { class: dashed ? "curve dashed" : "curve" });
  const dots = element("g", {});
  const name = element("text", { class: "name halo", "aria-hidden": "true" }, label);
  for (const node of [line, dots]) if (kind === "ink") node.classList.add("ink");
  return { el: element("g", { class: kind }, band, line, dots, name), band, line, dots, name, label };
}

function bandPath(xs, low, high, x, y) {
  const back = [...xs.keys()].reverse();
  const under = polyline(back.map((i) => xs[i]), back.map((i) => low[i]), x, y);
  return `${polyline(xs, high, x, y)}L${under.slice(1)}Z`;
}

function drawDots(parent, points, x, y) {
  while (parent.children.length > points.length) parent.lastElementChild.remove();
  while (parent.children.length < points.length)
    parent.append(element("circle", { class: "dot", r: 3.5 }));
  points.forEach(([px, py, hollow], k) =>
    update(parent.children[k], {
      class: hollow ? "dot hollow" : "dot",
      cx: x(px).toFixed(1),
      cy: y(py).toFixed(1),
    }),
  );
}

function drawSeries(part, data, x, y) {
  const { xs = [], ys = [], low = null, high = null, dots = [] } = data || {};
  update(part.el, { hidden: data ? null : "" });
  update(part.line, { d: xs.length > 1 ? polyline(xs, ys, x, y) : null });
  update(part.band, { d: low && high ? bandPath(xs, low, high, x, y) : null });
  drawDots(part.dots, dots, x, y);
  if (ys.length) return y(ys[ys.length - 1]);
  return dots.length ? y(dots[dots.length - 1][1]) : null;
}

/**
 * A plot; its widget needs PLOT_CSS. `x` and `y` are axes `{ label, from, to, ticks, log, text }`:
 * `text(value)` writes a tick, and decades(from, to) are good ticks of a logarithmic axis.
 * `lines` are `{ label, kind, dashed }`: `kind` is k0..k4, or "ink".
 * `draw({ lines, cursor, said, x, y }, width)` takes for each line `{ xs, ys, low, high, dots }`
 * or null to hide it; `low` and `high` make a band, `dots` are [x, y, hollow], a line without `xs`
 * has only dots; `cursor` is a place on the x axis or null; `said` is the sentence for screen
 * readers; new ranges may come as `x` and `y`. Data must lie inside the ranges.
 */
export function linePlot({ title, x, y, lines, height = 250 }) {
  const parts = lines.map(series);
  const cursor = element("line", { class: "cursor", y1: 0 });
  const ground = element("g", {});
  const body = element("g", { transform: `translate(${LEFT},${TOP})` });
  body.append(ground, cursor, ...parts.map((part) => part.el));
  const el = element("svg", { class: "plot", height, role: "img", "aria-label": title }, body);
  const right = 16 + 7.2 * Math.max(0, ...lines.map(({ label }) => [...(label || "")].length));
  const tall = height - TOP - BOTTOM;
  let key = "";
  let scales = null;

  function place(width, along, up) {
    const wide = Math.max(40, width - LEFT - right);
    scales = { x: scaleOf(along, 0, wide), y: scaleOf(up, tall, 0) };
    const about = { width: wide, height: tall, xTicks: along.ticks, yTicks: up.ticks };
    const words = { xText: along.text, yText: up.text, xLabel: along.label, yLabel: up.label };
    ground.replaceChildren(axes({ ...scales, ...about, ...words }));
    for (const part of parts) update(part.name, { x: wide + 8 });
    update(cursor, { y2: tall });
  }

  function drawNames(ends) {
    const shown = parts.filter((part, k) => part.label && ends[k] !== null);
    const wanted = shown.map((part) => ends[parts.indexOf(part)]);
    const places = keptApart(wanted, APART, 4, tall);
    for (const part of parts) update(part.name, { hidden: shown.includes(part) ? null : "" });
    shown.forEach((part, k) => update(part.name, { y: (places[k] + 4).toFixed(1) }));
  }

  function draw(now, width) {
    const [along, up] = [{ ...x, ...now.x }, { ...y, ...now.y }];
    const next = JSON.stringify([width, along, up]);
    if (next !== key) place(width, along, up);
    key = next;
    drawNames(parts.map((part, k) => drawSeries(part, now.lines[k], scales.x, scales.y)));
    const place_ = now.cursor ?? null;
    const at = place_ === null ? 0 : scales.x(place_).toFixed(1);
    update(cursor, { hidden: place_ === null ? "" : null, x1: at, x2: at });
    update(el, { "aria-label": `${title}. ${now.said}` });
  }
  return { el, draw };
}
