// The co-occurrence graph of a query: islands as land, edges as wide as the comparison is strong.
// With four words the query stands in the middle of the others, so edges never cross: no edge and
// no coast passes over a word or an edge of another island.
import { islandName } from "./co_occurrence_words.mjs";
import { element, pool, update, write } from "./draw.mjs";

const NODE = 23;
const COAST = 29; // at most, from the middle of a word or an edge to the outline of its island
const LARGEST = 142;
const HEAD = 40; // room for the title, and for the letter of an island above its coast

export const GRAPH_CSS = `
.graph path{fill:none;stroke-linecap:round;stroke-linejoin:round}
.graph .shore{stroke:var(--c)} .graph .land{stroke:var(--panel);fill:var(--panel)} .graph .edge{stroke:var(--ink)}
.graph .node{fill:var(--c);stroke:var(--c);stroke-width:3} .graph .last .node{fill:var(--paper)}
.graph .last text{fill:var(--t)!important} .graph .named{font-size:13px;font-weight:700;fill:var(--t)}
`;

const turned = (count, k) => 2 * Math.PI * (k / count - 0.25);

/** The centres of the words, the half width of the land around them, and the height. */
export function placesOf(size, query, width) {
  const radius = size > 2 ? Math.min(LARGEST, (width - 2 * COAST - 6) / Math.sqrt(3)) : width / 4;
  const middle = [width / 2, HEAD + COAST + (size > 2 ? radius : LARGEST / 2)];
  const around = [...Array(size).keys()].filter((word) => size < 4 || word !== query);
  const places = Array(size).fill(middle);
  around.forEach((word, k) => {
    const angle = size > 2 ? turned(around.length, k) : Math.PI * (1 - k);
    places[word] = [middle[0] + radius * Math.cos(angle), middle[1] + radius * Math.sin(angle)];
  });
  const lowest = Math.max(...places.map(([, y]) => y));
  // The outlines of the middle and of the edges around it must not touch.
  const coast = size > 3 ? Math.min(COAST, radius / 4 - 2) : COAST;
  return { places, coast, height: Math.ceil(lowest + COAST + 4) };
}

const point = ([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`;

const line = (places, words) => `M${words.map((word) => point(places[word])).join("L")}`;

// Areas that overlap must run the same way round, or one would cut a hole into the other.
function clockwise(places, [a, b, c]) {
  const [[ax, ay], [bx, by], [cx, cy]] = [a, b, c].map((word) => places[word]);
  return (bx - ax) * (cy - ay) > (by - ay) * (cx - ax) ? [a, b, c] : [a, c, b];
}

// Land is a broad stroke along the edges, with a round of it under every word; between three words
// that are all joined there is land too, but a word of another island in their middle stays out.
function landOf(island, edges, places, middle) {
  const own = edges.filter(([a]) => island.includes(a));
  const joined = (a, b) => own.some(([c, d]) => c === a && d === b);
  const threes = own.flatMap(([a, b]) =>
    island.filter((c) => c > b && joined(a, c) && joined(b, c)).map((c) => [a, b, c]),
  );
  const filled = places.length < 4 || island.includes(middle) ? threes : [];
  return (
    island.map((word) => `M${point(places[word])}h0.01`).join("") +
    [...own.map(([a, b]) => [a, b]), ...filled.map((three) => clockwise(places, three))]
      .map((words) => line(places, words))
      .join("")
  );
}

/** `draw({ compared, islands, query, inside, said }, width)` takes { pair, both, weight } for each pair. */
export function coOccurrenceGraph(labels) {
  const head = element("text", { class: "head", y: 11 }, "Words that were compared");
  const lands = element("g", {});
  const lines = element("g", {});
  const names = element("g", {});
  const nodes = labels.map((word) => {
    const size = Math.min(12.5, 46 / (0.6 * [...word].length)).toFixed(1);
    const text = element("text", { class: "mid on", y: 4.5, "font-weight": 650, "font-size": size });
    write(text, word);
    return element("g", {}, element("circle", { class: "node", r: NODE }), text);
  });
  const el = element("svg", { class: "graph", role: "img" }, head, lands, lines, nodes, names);
  const land = () =>
    element("g", {}, element("path", { class: "shore" }), element("path", { class: "land" }));

  function draw({ compared, islands, query, inside, said }, width) {
    const edges = compared.filter(({ both }) => both).map(({ pair, weight }) => [...pair, weight]);
    const { places, coast, height } = placesOf(labels.length, query, width);
    update(el, { height, "aria-label": said });
    const shapes = pool(lands, islands.length, land);
    const signs = pool(names, islands.length, () => element("text", { class: "mid named halo" }));
    islands.forEach((island, k) => {
      const d = landOf(island, edges, places, query);
      const [shore, ground] = shapes[k].children;
      update(shapes[k], { class: `k${island[0]}` });
      update(shore, { d, "stroke-width": (2 * coast + 4).toFixed(1) });
      update(ground, { d, "stroke-width": (2 * coast).toFixed(1) });
      const top = island.reduce((best, word) => (places[word][1] < places[best][1] - 1 ? word : best));
      const [x, y] = places[top];
      update(signs[k], { class: `mid named halo k${island[0]}`, x, y: y - coast - 8 });
      write(signs[k], islands.length > 1 ? islandName(k) : "");
    });
    const paths = pool(lines, edges.length, () => element("path", { class: "edge" }));
    edges.forEach(([a, b, weight], k) =>
      update(paths[k], {
        d: line(places, [a, b]),
        "stroke-width": (1.6 + 42 * weight).toFixed(2),
      }),
    );
    nodes.forEach((node, word) =>
      update(node, {
        class: inside && word === query ? `k${word} last` : `k${word}`,
        transform: `translate(${point(places[word])})`,
      }),
    );
  }
  return { el, draw };
}
