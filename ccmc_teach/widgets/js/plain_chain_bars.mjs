// The end of a text as chips, the shares of its words as bars, and as curves while it grows.
import { axes, element, linear, logarithmic, polyline, pool, update, write } from "./draw.mjs";
import { percent } from "./twins_basics.mjs";
import { MAX_LENGTH, lawSaid } from "./twins_plain_chain.mjs";

const TOP = 36;
const TALL = 34;
const PITCH = 46;
const NUMBER = 52; // room for a number at the right
const GAP = 5;
const [ABOVE, HIGH, BELOW] = [24, 162, 44]; // the curves
const LINE = 14; // between two names

export const BARS_CSS = `
.tape{display:flex;gap:${GAP}px;margin-top:6px;min-height:30px;overflow:hidden}
.tape span{flex:none;text-align:center;padding:3px 0;border-radius:7px;border:2px solid var(--c);background:var(--c);color:var(--o);font-weight:650}
.tape .now{background:var(--paper);color:var(--t)}
.curves .theory{stroke:var(--c);opacity:1} .curves .halo{fill:var(--t);font-weight:650}
`;

const most = (labels) => Math.max(...labels.map((word) => [...word].length));

/** The last words of a text; the last one stands open, for it is the one that counts. */
export function tape(labels) {
  const head = element("p", { class: "head soft" }, "");
  const line = element("div", { class: "tape", role: "img" });
  const wide = 22 + 8 * most(labels);
  const el = element("div", { class: "text" }, head, line);
  function draw(tokens, width) {
    const room = Math.max(1, Math.floor((width + GAP) / (wide + GAP)));
    const shown = tokens.slice(-room);
    const first = tokens.length - shown.length + 1;
    const chips = pool(line, shown.length, () => element("span", { style: `width:${wide}px` }, ""));
    shown.forEach((token, k) => {
      update(chips[k], { class: k + 1 < shown.length ? `k${token}` : `k${token} now` });
      write(chips[k], labels[token]);
    });
    write(head, first > 1 ? `The text, from word ${first} to word ${tokens.length}` : "The text");
    update(line, { "aria-label": `Last words of the text: ${shown.map((t) => labels[t]).join(" ")}.` });
  }
  return { el, draw };
}

/** A bar for each word. `draw({ shares, theory, limit }, width)`: `limit` is a law or null. */
export function shareBars(labels) {
  const title = "Shares in this text";
  const left = 14 + 7 * most(labels);
  const rows = labels.map((word, j) => {
    const y = TOP + j * PITCH;
    const middle = y + TALL / 2 + 4.5;
    const parts = {
      track: element("rect", { class: "track", x: left, y, height: TALL }),
      bar: element("rect", { class: "mark", x: left, y, height: TALL }),
      ghost: element("rect", { class: "ghost", x: left, y: y - 3, height: TALL + 6 }),
      number: element("text", { class: "end value", y: middle }),
    };
    const name = element("text", { class: "end", x: left - 8, y: middle }, word);
    return { el: element("g", { class: `k${j}` }, name, Object.values(parts)), ...parts };
  });
  const head = element("text", { class: "head", y: 13 }, title);
  const key = element("text", { class: "soft small end", y: 13 });
  const height = TOP + labels.length * PITCH;
  const el = element("svg", { class: "shares", height, role: "img" }, head, key, rows.map((r) => r.el));
  function draw({ shares, theory, limit: ends }, width) {
    const limit = theory ? ends : null;
    const none = theory ? " Luck decides what they tend to." : "";
    const along = linear(0, 1, 0, width - left - NUMBER);
    rows.forEach(({ track, bar, ghost, number }, j) => {
      update(track, { width: along(1).toFixed(1) });
      update(bar, { width: along(shares[j]).toFixed(1) });
      update(ghost, { width: limit && along(limit[j]).toFixed(1), hidden: limit ? null : "" });
      update(number, { x: width });
      write(number, percent(shares[j], 1));
    });
    update(key, { x: width });
    write(key, limit ? "dashed: stationary" : "");
    const tends = limit ? ` They tend to ${lawSaid(labels, limit)}.` : none;
    update(el, { "aria-label": `${title}. ${lawSaid(labels, shares)}.${tends}` });
  }
  return { el, draw };
}

// The lowest name stands beside its curve, the others beside theirs or just above the one below.
function namePlaces(heights) {
  const result = [];
  let free = HIGH;
  for (const j of [...heights.keys()].sort((a, b) => heights[b] - heights[a])) {
    result[j] = Math.min(heights[j], free);
    free = result[j] - LINE;
  }
  return result;
}

/** A curve for each word over the length of the text, dashed lines where they tend to. */
export function shareCurves(labels) {
  const title = "Shares as the text grows";
  const ground = element("g", {});
  const parts = labels.map((word, j) => {
    const shapes = [element("path", { class: "theory" }), element("path", { class: "curve" })];
    const dot = element("circle", { class: "mark", r: 4 });
    const name = element("text", { class: "halo", "aria-hidden": "true" }, word);
    return { el: element("g", { class: `k${j}` }, shapes, dot, name), shapes, dot, name };
  });
  const body = element("g", { transform: `translate(48,${ABOVE})` }, ground, parts.map((p) => p.el));
  const el = element("svg", { class: "curves", height: ABOVE + HIGH + BELOW, role: "img" }, body);
  const y = linear(0, 1, HIGH, 0);
  let x = null;
  let placed = 0;

  function place(width) {
    const wide = width - 64 - 7 * most(labels);
    const about = { width: wide, height: HIGH, xTicks: [1, 10, 100, 1000], yTicks: [0, 0.5, 1] };
    const words = { xLabel: "words in the text", yLabel: title, yText: (v) => percent(v, 0) };
    x = logarithmic(1, MAX_LENGTH, 0, wide);
    ground.replaceChildren(axes({ x, y, ...about, ...words }));
    placed = width;
  }
  function draw({ lengths, curve, theory, limit, length, shares }, width) {
    if (width !== placed) place(width);
    const places = namePlaces(shares.map(y));
    parts.forEach(({ shapes: [ends, walked], dot, name }, j) => {
      const flat = theory && limit && polyline([1, MAX_LENGTH], [limit[j], limit[j]], x, y);
      update(ends, { d: flat });
      update(walked, { d: polyline(lengths, curve.map((at) => at[j]), x, y) });
      update(dot, { cx: x(length).toFixed(1), cy: y(shares[j]).toFixed(1) });
      update(name, { x: x(MAX_LENGTH) + 8, y: (places[j] + 4).toFixed(1) });
    });
    update(el, { "aria-label": `${title}. ${lawSaid(labels, shares)}.` });
  }
  return { el, draw };
}
