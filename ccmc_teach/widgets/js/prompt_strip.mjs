// The prompt as a row of words, with the attention of the last word as columns above them.
import { element, linear, pool, ride, shortNames, update, write } from "./draw.mjs";
import { percent } from "./twins_basics.mjs";

const HEIGHT = 170;
const TOP = 6;
const GAP = 16;
const WIDEST = 46;
const NARROWEST = 15;
const WRITTEN = 30;
const CAPS = [0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1];

// Which positions stand in which line: long prompts take two or three lines of the same picture.
function lines(prompt, grouped, width) {
  const many = Math.min(3, Math.ceil((prompt.length * NARROWEST) / width));
  const share = Math.ceil(prompt.length / many);
  const order = [...prompt.keys()];
  if (grouped) order.sort((a, b) => prompt[a] - prompt[b] || a - b);
  const result = [[]];
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    if (grouped) while (to < order.length && prompt[order[to]] === prompt[order[from]]) to++;
    const line = result[result.length - 1];
    if (line.length + (to - from) / 2 > share && result.length < many)
      result.push(order.slice(from, to));
    else line.push(...order.slice(from, to));
    from = to;
  }
  return result;
}

const breaks = (line, prompt) =>
  line.filter((position, k) => k && prompt[position] !== prompt[line[k - 1]]).length;

/** Place every position: its x and line, and for every group of equal words its left and right. */
export function layout(prompt, grouped, width) {
  const all = lines(prompt, grouped, width);
  const gaps = all.map((line) => (grouped ? breaks(line, prompt) * GAP : 0));
  const step = Math.min(WIDEST, ...all.map((line, k) => (width - gaps[k]) / line.length));
  const places = [];
  const groups = new Map();
  all.forEach((line, k) => {
    let x = (width - gaps[k] - step * line.length) / 2;
    line.forEach((position, i) => {
      const token = prompt[position];
      if (grouped && i && token !== prompt[line[i - 1]]) x += GAP;
      places[position] = { x, line: k };
      if (!groups.has(token)) groups.set(token, { left: x, line: k });
      groups.get(token).right = x += step;
    });
  });
  return { step, places, groups, lines: all.length };
}

function chip() {
  const bar = element("rect", { class: "mark", x: 3 });
  const share = element("text", { class: "soft mid" });
  const plate = element("rect", { x: 2 });
  const word = element("text", { class: "mid", "font-weight": 600 });
  return { el: element("g", { class: "moves" }, bar, share, plate, word), bar, share, plate, word };
}

function drawChip({ el, bar, share, plate, word }, position, state, geometry) {
  const { prompt, weights, labels } = state;
  const { step, places, base, plateHeight, height } = geometry;
  const token = prompt[position];
  const last = position === prompt.length - 1;
  const middle = step / 2;
  const tall = height(weights[position]);
  const name = labels[token].length * 7.5 < step - 4 ? labels[token] : shortNames(labels)[token];
  const size = Math.min(12, (1.4 * (step - 3)) / name.length).toFixed(1);
  const round = (most) => Math.min(most, step / 4);
  update(el, { class: `moves k${token}` });
  ride(el, places[position].x, base(places[position].line));
  update(bar, { rx: round(4), width: Math.max(2, step - 6), y: -tall - 6, height: tall });
  update(share, { x: middle, y: -tall - 11 });
  write(share, step < WRITTEN ? "" : percent(weights[position], 0));
  update(plate, { rx: round(7), width: Math.max(3, step - 4), height: plateHeight });
  update(plate, { class: last ? "plate last" : "plate" });
  update(word, {
    x: middle,
    y: plateHeight / 2 + 4.5,
    class: last ? "mid" : "mid on",
    "font-size": size,
  });
  write(word, name);
}

// Below a group of equal words stands what they add up to.
function drawSums(sums, { counts, weights, prompt, law }, geometry, grouped) {
  const groups = grouped ? [...geometry.groups] : [];
  const nodes = pool(sums, groups.length, () => element("text", { "font-weight": 650 }));
  groups.forEach(([token, { left, right, line }], k) => {
    const y = geometry.base(line) + geometry.plateHeight + 15;
    update(nodes[k], { class: `mid colour k${token}`, x: (left + right) / 2, y });
    const each = percent(weights[prompt.indexOf(token)], 1);
    const sum = right - left > 108 ? `${counts[token]} × ${each} = ` : "";
    write(nodes[k], sum + percent(law[token], 0));
  });
}

// A scale stands where there is no room for shares on the columns.
function drawRules(rules, { step, lines: many, base, height }, width, cap) {
  const make = (k) =>
    k % 2 ? element("text", { class: "soft small" }) : element("line", { class: "grid", x1: 0 });
  const nodes = pool(rules, step < WRITTEN ? 2 * many : 0, make);
  for (let k = 0; k < nodes.length; k += 2) {
    const y = base(k / 2) - 6 - height(cap);
    update(nodes[k], { x2: width, y1: y, y2: y });
    update(nodes[k + 1], { y: y - 3 });
    write(nodes[k + 1], percent(cap, 0));
  }
}

function geometryOf(prompt, weights, grouped, width) {
  const placed = layout(prompt, grouped, width);
  const room = (HEIGHT - TOP) / placed.lines;
  const plateHeight = placed.lines > 1 ? 20 : 28;
  const cap = CAPS.find((value) => value >= Math.max(...weights)) || 1;
  const base = (line) => TOP + room * (line + 1) - plateHeight - 20;
  const height = linear(0, cap, 0, room - plateHeight - (placed.lines > 1 ? 34 : 44));
  return { ...placed, plateHeight, cap, base, height };
}

/** The strip; `draw` keeps the same chip for the same copy of a word, so that regrouping moves it. */
export function promptStrip() {
  const chips = new Map();
  const rules = element("g", { "aria-hidden": "true" });
  const body = element("g", {});
  const sums = element("g", {});
  const pointer = element("text", { class: "soft" }, "");
  const picture = element("svg", { height: HEIGHT, role: "img" }, rules, body, sums, pointer);
  const head = element("p", { class: "head" }, "Attention of the last word over the prompt");

  function chipOf(key) {
    if (!chips.has(key)) {
      chips.set(key, chip());
      body.append(chips.get(key).el);
    }
    return chips.get(key);
  }

  function drawChips(state, geometry) {
    const seen = new Map();
    const alive = new Set();
    state.prompt.forEach((token, position) => {
      seen.set(token, (seen.get(token) || 0) + 1);
      const key = position === state.prompt.length - 1 ? "query" : `${token}.${seen.get(token)}`;
      alive.add(key);
      drawChip(chipOf(key), position, state, geometry);
    });
    for (const key of [...chips.keys()].filter((old) => !alive.has(old))) {
      chips.get(key).el.remove();
      chips.delete(key);
    }
  }

  function drawPointer(prompt, { places, step, base, plateHeight }, grouped, width) {
    const { x, line } = places[prompt.length - 1];
    const atEdge = x + step > width - 40;
    const y = base(line) + plateHeight + 15;
    update(pointer, {
      class: atEdge ? "soft end" : "soft mid",
      x: x + (atEdge ? step : step / 2),
      y,
    });
    write(pointer, grouped ? "" : "↑ query");
  }

  function draw(state, grouped, width) {
    const { prompt, weights, labels, query } = state;
    const geometry = geometryOf(prompt, weights, grouped, width);
    drawChips(state, geometry);
    drawSums(sums, state, geometry, grouped);
    drawRules(rules, geometry, width, geometry.cap);
    drawPointer(prompt, geometry, grouped, width);
    const told = prompt.map((token, i) => `${labels[token]} ${percent(weights[i], 0)}`).join(", ");
    const how = grouped ? ", grouped by word" : "";
    update(picture, {
      "aria-label": `Attention of the last word, ${labels[query]}, over the prompt${how}: ${told}.`,
    });
  }

  return { el: element("div", { class: "strip" }, head, picture), draw };
}
