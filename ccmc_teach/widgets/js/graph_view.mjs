// A graph on a circle: words, the pairs that are joined, and the islands that they make.
import { element, pool, update, write } from "./draw.mjs";

const NODE = 24;
const ROOM = 34; // between the outline of an island and the border of the picture
const LARGEST = 116;

export const GRAPH_CSS = `
.graph path{fill:none;stroke-linecap:round;stroke-linejoin:round}
.graph .shore{stroke:var(--c);stroke-width:70} .graph .land{stroke:var(--panel);stroke-width:66}
.graph .edge{stroke:var(--ink);stroke-width:2.25} .graph .lost{stroke:var(--soft);stroke-width:1.2;stroke-dasharray:4 4}
.graph .node{fill:var(--c)} .graph .named{font-size:11px;font-weight:650;fill:var(--t)}
`;

/** The centres of so many nodes, clockwise from the top. */
export function circleOf(count, width) {
  const radius = Math.min(LARGEST, width / 2 - NODE - ROOM);
  const [middle, top] = [width / 2, NODE + ROOM + radius];
  const places = Array.from({ length: count }, (_, k) => {
    const angle = 2 * Math.PI * (k / count - 0.25);
    return [middle + radius * Math.cos(angle), top + radius * Math.sin(angle)];
  });
  return { places, height: Math.ceil(2 * (NODE + ROOM + radius)) };
}

/** The islands of a graph: lists of nodes, in the order of their first nodes. */
export function islandsOf(count, edges) {
  const home = Array.from({ length: count }, (_, k) => k);
  const root = (k) => (home[k] === k ? k : root(home[k]));
  for (const [a, b] of edges) {
    const [low, high] = [root(a), root(b)].sort((x, y) => x - y);
    home[high] = low;
  }
  const roots = [...new Set(home.map((_, k) => root(k)))];
  return roots.map((at) => [...home.keys()].filter((k) => root(k) === at));
}

const point = ([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`;
const segment = (places, [a, b]) => `M${point(places[a])}L${point(places[b])}`;

// The coast follows the edges, so an island never covers a word that is not on it.
const coast = (island, edges, places) =>
  island.map((k) => `M${point(places[k])}h0.01`).join("") +
  edges.filter(([a]) => island.includes(a)).map((pair) => segment(places, pair)).join("");

/**
 * A graph of 2 to 5 words; its widget needs GRAPH_CSS. `draw({ edges, lost, said }, width)` takes
 * the joined pairs [a, b], pairs to show as dashed lines, and the sentence for screen readers.
 * Every island has the colour of its first word as its outline, and a number.
 */
export function graphView({ title, labels, island = (k) => `island ${k + 1}` }) {
  const lands = element("g", {});
  const lines = element("path", { class: "edge" });
  const gone = element("path", { class: "lost" });
  const circles = labels.map(() => element("circle", { class: "node", r: NODE }));
  const words = labels.map((word) => {
    const size = Math.min(12.5, 46 / (0.6 * [...word].length)).toFixed(1);
    return element("text", { class: "mid on", "font-weight": 650, "font-size": size }, word);
  });
  const names = labels.map((_, k) => element("text", { class: "mid named halo" }));
  const nodes = labels.map((_, k) => element("g", { class: `k${k}` }, circles[k], words[k]));
  const about = { class: "graph", role: "img", "aria-label": title };
  const el = element("svg", about, lands, gone, lines, nodes, names);
  let placed = null;

  function place(width) {
    placed = { width, ...circleOf(labels.length, width) };
    update(el, { height: placed.height });
    placed.places.forEach(([x, y], k) => {
      update(circles[k], { cx: x, cy: y });
      update(words[k], { x, y: y + 4.5 });
    });
  }
  function drawIsland(node, isle, edges) {
    update(node, { class: `k${isle[0]}` });
    const d = coast(isle, edges, placed.places);
    for (const path of node.children) update(path, { d });
  }
  function drawNames(islands) {
    names.forEach((node, k) => {
      const at = islands.findIndex((isle) => isle[0] === k);
      const [x, y] = placed.places[k];
      update(node, { class: `mid named halo k${k}`, hidden: at < 0 ? "" : null, x, y: y - NODE - 15 });
      if (at >= 0) write(node, island(at));
    });
  }
  const land = () =>
    element("g", {}, element("path", { class: "shore" }), element("path", { class: "land" }));

  function draw({ edges, lost = [], said }, width) {
    if (placed?.width !== width) place(width);
    const islands = islandsOf(labels.length, edges);
    const shapes = pool(lands, islands.length, land);
    islands.forEach((isle, k) => drawIsland(shapes[k], isle, edges));
    drawNames(islands);
    update(lines, { d: edges.map((pair) => segment(placed.places, pair)).join("") || null });
    update(gone, { d: lost.map((pair) => segment(placed.places, pair)).join("") || null });
    update(el, { "aria-label": `${title}. ${said}` });
  }
  return { el, draw };
}
