// A Markov chain as circles and arrows: the wider an arrow, the likelier the step.
import { element, shortNames, update, write } from "./draw.mjs";
import { percent } from "./twins_basics.mjs";

const NODE = 0.3; // radius of a circle; lengths are in units of the drawing until they are placed
const LOOP = 0.23;
const POINTS = 33;
const LARGEST_UNIT = 118;
const HEAD = 0.15;
const MARGIN = 8;

export const CHAIN_CSS = `
.arrow{fill:none;stroke:var(--c);opacity:.85} .tip{fill:var(--c);opacity:.85} .arrow.now,.tip.now{opacity:1}
.plain{fill:none;stroke:var(--ink);stroke-width:1;opacity:.65}
.node{fill:var(--c)} .here{fill:none;stroke:var(--ink);stroke-width:2.5}
.chain .number{font-size:11.5px} .chain .now{font-weight:700}
`;

const plus = ([a, b], [c, d], k = 1) => [a + k * c, b + k * d];
const size = ([a, b]) => Math.hypot(a, b);
const scaled = ([a, b], k) => [a * k, b * k];
const towards = (from, to) => scaled(plus(to, from, -1), 1 / size(plus(to, from, -1)));
const outward = (centre) => (size(centre) ? scaled(centre, 1 / size(centre)) : [0, -1]);

// Centres clockwise, the first at the top or on the left; y points down.
function corners(count) {
  const start = { 2: 1, 4: 0.75 }[count] ?? 0.5;
  const radius = { 1: 0, 2: 0.95, 3: 1.05 }[count] ?? 1.2;
  return Array.from({ length: count }, (_, k) => {
    const angle = Math.PI * (start - (2 * k) / count);
    return [radius * Math.cos(angle), -radius * Math.sin(angle)];
  });
}

// A curve from circle to circle that bends to its left, as a reader of the arrow sees it.
function bow(from, to) {
  const across = [to[1] - from[1], from[0] - to[0]];
  const middle = plus(scaled(plus(from, to), 0.5), across, 0.3 / Math.sqrt(size(across)));
  return Array.from({ length: POINTS }, (_, k) => {
    const t = k / (POINTS - 1);
    const ends = plus(scaled(from, (1 - t) ** 2), to, t * t);
    return plus(ends, middle, 2 * t * (1 - t));
  }).filter((p) => Math.min(size(plus(p, from, -1)), size(plus(p, to, -1))) > NODE + 0.03);
}

function loop(centre) {
  const out = outward(centre);
  const middle = plus(centre, out, NODE + 0.6 * LOOP);
  const start = Math.atan2(-out[1], -out[0]);
  return Array.from({ length: POINTS }, (_, k) => {
    const angle = start + (2 * Math.PI * k) / (POINTS - 1);
    return plus(middle, [Math.cos(angle), Math.sin(angle)], LOOP);
  }).filter((p) => size(plus(p, centre, -1)) > NODE + 0.03);
}

// Where the number of an arrow stands: outside a loop, in the middle of a side, early on a diagonal.
function placeOf(path, centre, isLoop) {
  if (!isLoop) {
    const diagonal = size(plus(path[path.length - 1], path[0], -1)) > 1.35;
    return path[Math.floor((diagonal ? 0.25 : 0.45) * path.length)];
  }
  const out = outward(centre);
  return plus(path[path.length >> 1], out, 0.13 + 0.14 * Math.abs(out[0]));
}

/** All that does not depend on probabilities: centres, arrows and the box around them. */
export function chainGeometry(count) {
  const centres = corners(count);
  const arrows = centres.map((from, i) =>
    centres.map((to, j) => {
      const path = i === j ? loop(from) : bow(from, to);
      const tip = path[path.length - 1];
      const shaft = path.filter((p) => size(plus(p, tip, -1)) > HEAD || p === path[0]);
      const neck = shaft[shaft.length - 1];
      return { shaft, tip, neck, way: towards(neck, tip), number: placeOf(path, from, i === j) };
    }),
  );
  const reach = centres.flatMap((c) => [plus(c, outward(c), 0.98), plus(c, [NODE, NODE]), plus(c, [-NODE, -NODE])]);
  const [xs, ys] = [0, 1].map((axis) => reach.map((p) => p[axis]));
  const box = { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
  return { centres, arrows, box };
}

const pathOf = (points, at) =>
  points.map((p, k) => `${k ? "L" : "M"}${at(p).map((v) => v.toFixed(1)).join()}`).join("");

// The two sides of a band along a path.
function sidesOf({ shaft, neck, tip }, width, at) {
  const side = (sign) =>
    shaft.map((p, k) => {
      const way = k + 1 < shaft.length ? towards(p, shaft[k + 1]) : towards(neck, tip);
      return plus(p, [-way[1], way[0]], (sign * width) / 2);
    });
  return pathOf(side(1), at) + pathOf(side(-1), at);
}

const widthOf = (probability) => 0.018 + 0.11 * probability;

function arrowNodes(i) {
  const kind = `k${i}`;
  return {
    line: element("path", { class: "arrow" }),
    tip: element("path", { class: "tip" }),
    plain: element("path", { class: "plain" }),
    number: element("text", { class: "mid number halo" }),
    kind,
  };
}

function placeArrow(nodes, arrow, at, unit) {
  const { neck, way, shaft, number } = arrow;
  const angle = (180 / Math.PI) * Math.atan2(way[1], way[0]);
  update(nodes.line, { d: pathOf(shaft, at) });
  const [x, y] = at(neck).map((v) => v.toFixed(1));
  nodes.turn = `translate(${x},${y}) rotate(${angle.toFixed(1)})`;
  update(nodes.tip, { d: `M-1,-1L${(HEAD * unit).toFixed(1)},0L-1,1Z` });
  const [nx, ny] = at(number);
  update(nodes.number, { x: nx.toFixed(1), y: (ny + 4).toFixed(1) });
}

function drawArrow(nodes, probability, base, now, text, unit) {
  const hidden = probability > 0 ? null : "";
  const state = now ? " now" : "";
  update(nodes.line, { class: `arrow${state}`, hidden, "stroke-width": (widthOf(probability) * unit).toFixed(2) });
  const half = unit * (widthOf(probability) / 2 + 0.05);
  update(nodes.tip, { class: `tip${state}`, hidden, transform: `${nodes.turn} scale(1,${half.toFixed(2)})` });
  update(nodes.number, { class: `mid number halo${state}`, hidden: probability > 0 || base > 0 ? null : "" });
  write(nodes.number, text(probability, base));
}

/**
 * A diagram of 2 to 4 states; its widget needs CHAIN_CSS. `text(probability, plain)` writes the
 * number of an arrow. `draw({ P, plain, here, step, said }, width)` takes the probabilities, the
 * plain chain's as thin outlines (null for none), the state the walker stands on (-1 for none),
 * the step [i, j] just made (null for none), and the sentence for screen readers.
 */
export function chainDiagram({ title, labels, text = (probability) => percent(probability, 0) }) {
  const { centres, arrows, box } = chainGeometry(labels.length);
  const nodes = arrows.map((row, i) => row.map(() => arrowNodes(i)));
  const group = (part) => nodes.map((row, i) => element("g", { class: `k${i}` }, row.map((n) => n[part])));
  const circles = labels.map(() => element("circle", { class: "node" }));
  const words = labels.map(() => element("text", { class: "mid on", "font-weight": 650 }));
  const states = labels.map((_, k) => element("g", { class: `k${k}` }, circles[k], words[k]));
  const here = element("circle", { class: "here" });
  const el = element(
    "svg",
    { class: "chain", role: "img", "aria-label": title },
    ["line", "tip", "plain"].map(group),
    states,
    here,
    group("number"),
  );
  const short = shortNames(labels);
  let placed = null;
  let drawnPlain = null;

  function place(width) {
    const [across, down] = [box.right - box.left, box.bottom - box.top];
    const unit = Math.min(LARGEST_UNIT, (width - 2 * MARGIN) / across);
    const shift = [width / 2 - (unit * (box.left + box.right)) / 2, MARGIN - unit * box.top];
    const at = (p) => plus(shift, p, unit);
    placed = { width, unit, at };
    drawnPlain = null;
    update(el, { height: Math.ceil(unit * down + 2 * MARGIN) });
    nodes.forEach((row, i) => row.forEach((n, j) => placeArrow(n, arrows[i][j], at, unit)));
    centres.forEach((centre, k) => {
      const [x, y] = at(centre);
      update(circles[k], { cx: x, cy: y, r: NODE * unit });
      const fits = (name) => (1.8 * NODE * unit) / (0.64 * [...name].length);
      const name = fits(labels[k]) < 9.5 ? short[k] : labels[k];
      update(words[k], { x, y: y + 4.5, "font-size": Math.min(13.5, fits(name)).toFixed(1) });
      write(words[k], name);
    });
  }
  function drawPlain(plain) {
    drawnPlain = plain;
    nodes.forEach((row, i) =>
      row.forEach(({ plain: node }, j) =>
        update(node, {
          hidden: plain && plain[i][j] > 0 ? null : "",
          d: plain ? sidesOf(arrows[i][j], widthOf(plain[i][j]), placed.at) : null,
        }),
      ),
    );
  }
  function draw({ P, plain = null, here: state = -1, step = null, said }, width) {
    if (placed?.width !== width) place(width);
    if (drawnPlain !== plain || !plain) drawPlain(plain);
    nodes.forEach((row, i) =>
      row.forEach((n, j) => {
        const now = step !== null && step[0] === i && step[1] === j;
        drawArrow(n, P[i][j], plain ? plain[i][j] : 0, now, text, placed.unit);
      }),
    );
    const [x, y] = placed.at(centres[Math.max(state, 0)]);
    update(here, { hidden: state < 0 ? "" : null, cx: x, cy: y, r: NODE * placed.unit + 4 });
    update(el, { "aria-label": `${title}. ${said}` });
  }
  return { el, draw };
}
