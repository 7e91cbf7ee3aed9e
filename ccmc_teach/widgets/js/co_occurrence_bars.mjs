// The law of each prompt as one bar, cut where its words meet; ticks stand at the old cuts.
import { spaced } from "./co_occurrence_words.mjs";
import { element, linear, shortNames, update, write } from "./draw.mjs";
import { percent } from "./twins_basics.mjs";

const TOP = 22;
const TALL = 24;
const PITCH = 50;

export const BARS_CSS = `
.laws .was{stroke:var(--ink);stroke-width:1.6;fill:none} .laws .moved{font-weight:650;fill:var(--ink)}
`;

function row(labels, short) {
  const name = element("text", { y: 11, "font-weight": 650 });
  const state = element("text", { class: "end soft", y: 11 });
  const shares = labels.map((_, j) => {
    const bar = element("rect", { class: "mark", y: 18, height: TALL });
    const text = element("text", { class: "mid on", y: 18 + TALL / 2 + 4.5 });
    return { el: element("g", { class: `k${j}` }, bar, text), bar, text };
  });
  const cuts = element("path", { class: "was" });
  const el = element("g", {}, name, state, shares.map((share) => share.el), cuts);

  function drawShare({ bar, text }, j, value, from, to) {
    update(bar, { x: from.toFixed(1), width: Math.max(0, to - from - 2).toFixed(1) });
    update(text, { x: ((from + to) / 2).toFixed(1) });
    const number = percent(value, 1);
    const names = [`${labels[j]} ${number}`, `${short[j]} ${number}`, short[j]];
    const fits = names.find((string) => 7 * [...string].length + 6 < to - from);
    write(text, (value > 0 && fits) || "");
  }
  function draw({ words, law, before, moved, state: said }, along) {
    write(name, spaced(labels, words));
    update(state, { class: moved ? "end moved" : "end soft", x: along(1) });
    write(state, said);
    let end = 0;
    shares.forEach((share, j) => {
      drawShare(share, j, law[j], along(end), along(end + law[j]));
      end += law[j];
    });
    let cut = 0;
    const places = words.slice(0, -1).map((word) => along((cut += before[word])) - 1);
    const ticks = places.map((x) => `M${x.toFixed(1)},14v6m0,${TALL - 4}v6`).join("");
    update(cuts, { d: ticks || null });
  }
  return { el, draw };
}

/**
 * Bars for up to `rows` prompts. `draw({ laws, remark, said }, width)` takes
 * { words, law, before, moved, state } for each, and a remark below.
 */
export function lawBars({ title, labels, rows }) {
  const short = shortNames(labels);
  const head = element("text", { class: "head", y: 11 }, title);
  const lines = Array.from({ length: rows }, () => row(labels, short));
  const more = element("text", { class: "soft" });
  const height = TOP + 6 + rows * PITCH + (rows > 1 ? 14 : 0);
  const about = { class: "laws", height, role: "img", "aria-label": title };
  const el = element("svg", about, head, lines.map((line) => line.el), more);
  lines.forEach((line, k) => update(line.el, { transform: `translate(0,${TOP + 6 + k * PITCH})` }));

  function draw({ laws, remark, said }, width) {
    const along = linear(0, 1, 0, width);
    const shown = laws.slice(0, rows);
    lines.forEach((line, k) => {
      update(line.el, { hidden: k < shown.length ? null : "" });
      if (k < shown.length) line.draw(shown[k], along);
    });
    update(more, { y: TOP + 14 + shown.length * PITCH });
    write(more, remark);
    update(el, { "aria-label": `${title}. ${said}` });
  }
  return { el, draw };
}
