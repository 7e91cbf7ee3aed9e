// The places of a prompt: above, how much each of them weighs; below, the word that stands there,
// which can be moved, with the attention that it gets.
import { dragging, sliderKeys, verticalHandle } from "./controls.mjs";
import { element, linear, pool, ride, shortNames, update, write } from "./draw.mjs";
import { decimal, percent } from "./twins_basics.mjs";
import { MAX_LENGTH, TABLE_FLOOR } from "./twins_position_weights.mjs";

const WIDEST = 62;
const NARROWEST = 24;
const WRITTEN = 33; // a column as wide as that has room for its numbers
const TOP = 42;
const TALL = 64;
const HIGH = 68;
const SECOND = 116; // from the base of the weights to the base of the attention
const PLATE = 28;
const PITCH = 276;

export const PLACES_CSS = `
.places{touch-action:pan-y} .weight{fill:var(--soft)} .hit{fill:transparent} .places .ring{fill:none}
.places .chip{cursor:grab} .chip:active{cursor:grabbing} .chip:hover .plate{stroke:var(--ink);stroke-width:1.5}
`;

// ---- which chip is which: a word keeps its chip while it moves, also past its like

function identities() {
  let shown = [];
  let ids = [];
  let next = 0;
  // Matched from the end, so that words written before the prompt are the new ones.
  function of(prompt) {
    if (prompt.join() === shown.join()) return ids;
    const free = new Map();
    shown.forEach((token, i) => free.set(token, [...(free.get(token) || []), ids[i]]));
    ids = prompt.map(() => 0);
    for (let i = prompt.length - 1; i >= 0; i--) ids[i] = free.get(prompt[i])?.pop() ?? ++next;
    shown = [...prompt];
    return ids;
  }
  function move(prompt, place, target) {
    of(prompt);
    for (const list of [shown, ids]) list.splice(target, 0, ...list.splice(place, 1));
  }
  return { of, move };
}

// ---- geometry

function geometryOf(length, width) {
  const lines = Math.ceil((length * NARROWEST) / width);
  const each = Math.ceil(length / lines);
  const step = Math.min(WIDEST, width / each);
  const left = (width - step * each) / 2;
  const at = (place) => {
    const line = Math.floor(place / each);
    const base = TOP + TALL + line * PITCH;
    return { x: left + step * (place - line * each), base, foot: base + SECOND };
  };
  // The place under a point of the picture.
  const under = (x, y) => {
    const line = Math.min(lines - 1, Math.max(0, Math.floor(y / PITCH)));
    const column = Math.min(each - 1, Math.max(0, Math.floor((x - left) / step)));
    return line * each + column;
  };
  return { step, left, at, under, height: lines * PITCH - 8 };
}

/** Where a number stands: above its bar, and above the outline where that would cross it. */
export const numberY = (head, edge) =>
  Math.abs(edge - head + 11) < 10 ? Math.min(head, edge) - 5 : head - 6;

// A bar that grows from a base line, and the outline around it.
function drawBars(bar, ghost, tall, edge, step) {
  const wide = Math.max(3, Math.min(44, step - 8));
  const gap = Math.min(3, step / 12);
  const x = (step - wide) / 2;
  update(bar, { x, width: wide, y: (-tall).toFixed(2), height: tall.toFixed(2) });
  update(ghost, { x: x - gap, width: wide + 2 * gap });
  update(ghost, { y: (-edge).toFixed(2), height: edge.toFixed(2) });
  return { x, width: wide };
}

// ---- weights

function weightColumn() {
  const track = element("rect", { class: "track", rx: 5, height: TALL });
  const bar = element("rect", { class: "weight bar", rx: 4 });
  const ghost = element("rect", { class: "ghost bar", rx: 4 });
  const value = element("text", { class: "mid halo" });
  const age = element("text", { class: "mid soft small" });
  return element("g", {}, track, bar, ghost, value, age);
}

function drawWeight(node, place, { weights, shape }, ghost, geometry) {
  const [track, bar, outline, value, age] = node.children;
  const { x, base, foot } = geometry.at(place);
  const { step } = geometry;
  const [tall, edge] = [TALL * weights[place], TALL * ghost[place]];
  const dragged = shape === "absolute";
  update(node, { transform: `translate(${x.toFixed(1)},${base})` });
  const along = drawBars(bar, outline, tall, edge, step);
  update(track, { ...along, y: -TALL, hidden: dragged ? null : "" });
  update(value, { x: step / 2, y: dragged ? -TALL - 10 : numberY(-tall, -edge) });
  write(value, step < WRITTEN ? "" : decimal(weights[place], 2));
  update(age, { x: step / 2, y: foot - base + PLATE + 21 });
  write(age, weights.length - 1 - place);
}

function weightHandles(actions) {
  return Array.from({ length: MAX_LENGTH }, (_, place) => {
    const isLast = () => place === actions.state().prompt.length - 1;
    return verticalHandle({
      label: `Weight of place ${place + 1}`,
      kind: "",
      minimum: 0,
      maximum: 1,
      step: 0.01,
      leap: 0.1,
      get: () => actions.state().table[place],
      set: (value) => actions.setWeight(place, isLast() ? Math.max(value, TABLE_FLOOR) : value),
      say: (value) => `place ${place + 1} weighs ${decimal(value, 2)}`,
    });
  });
}

// ---- words

const KEYS = { minimum: 0, maximum: MAX_LENGTH, step: 1, leap: 3 };

function chip(id, { placeOf, moveTo, point }) {
  const bar = element("rect", { class: "mark bar", rx: 4 });
  const ghost = element("rect", { class: "ghost bar", rx: 4 });
  const share = element("text", { class: "mid soft halo" });
  const plate = element("rect", { class: "plate", y: 6, height: PLATE });
  const ring = element("rect", { class: "ring", y: 3, height: PLATE + 6, rx: 9 });
  const word = element("text", { class: "mid", y: 6 + PLATE / 2 + 4.5, "font-weight": 600 });
  const hit = element("rect", { class: "hit", x: 0, y: -HIGH, height: HIGH + PLATE + 28 });
  const el = element("g", { class: "moves" }, hit, bar, ghost, share, plate, ring, word);
  let dragged = false;
  const movable = () => el.getAttribute("role") === "slider";
  dragging(el, () => (dragged = false), (event) => {
    const [place, target] = [placeOf(id), point(event)];
    if (!movable() || target === place) return;
    dragged = true;
    moveTo(place, target);
  });
  const offer = (target) => moveTo(placeOf(id), target);
  const keys = sliderKeys({ ...KEYS, get: () => placeOf(id) }, offer);
  el.addEventListener("keydown", (event) => movable() && keys(event));
  // A tap moves a word one step on, and from the last step back to the front.
  el.addEventListener("click", () => movable() && !dragged && moveTo(placeOf(id), placeOf(id) + 1, true));
  return { el, hit, bar, ghost, share, plate, ring, word };
}

function drawChip(part, place, now, geometry) {
  const { prompt, labels, short, attention, before, height } = now;
  const { step } = geometry;
  const { x, foot } = geometry.at(place);
  const token = prompt[place];
  const last = place === prompt.length - 1;
  const [tall, edge] = [height(attention[place]), height(before[place])];
  const name = labels[token].length * 7.5 < step - 4 ? labels[token] : short[token];
  ride(part.el, x, foot);
  update(part.hit, { width: step });
  drawBars(part.bar, part.ghost, tall, edge, step);
  update(part.share, { x: step / 2, y: numberY(-tall, -edge) });
  write(part.share, step < WRITTEN ? "" : percent(attention[place], 0));
  const round = Math.min(8, step / 4);
  update(part.plate, { x: 2, width: step - 4, rx: round, class: last ? "plate last" : "plate" });
  update(part.ring, { x: -1, width: step + 2 });
  const size = Math.min(12, (1.4 * (step - 3)) / name.length).toFixed(1);
  update(part.word, { x: step / 2, class: last ? "mid" : "mid on", "font-size": size });
  write(part.word, name);
  speak(part.el, place, now, last || prompt.length < 3);
}

function speak(el, place, { prompt, labels }, fixed) {
  const [token, { length }] = [prompt[place], prompt];
  const said = {
    role: "slider",
    tabindex: 0,
    "aria-label": `Place of ${labels[token]}`,
    "aria-orientation": "horizontal",
    "aria-valuemin": 1,
    "aria-valuemax": length - 1,
    "aria-valuenow": place + 1,
    "aria-valuetext": `${labels[token]}, place ${place + 1} of ${length}, age ${length - 1 - place}`,
  };
  for (const name in said) update(el, { [name]: fixed ? null : said[name] });
  update(el, { class: `moves k${token}${fixed ? "" : " handle chip"}` });
}

// ---- the picture

const told = ({ prompt, labels, weights, attention }) =>
  prompt
    .map((token, i) => `${labels[token]} ${decimal(weights[i], 2)}, ${percent(attention[i], 0)}`)
    .join("; ");

/**
 * The picture; its widget needs PLACES_CSS. `actions` are `state`, `setWeight(place, value)` and
 * `moveWord(place, target)`. `draw(now, ghost, name, width)` takes the weights to compare with and
 * what they are; `order()` puts the words into the order of the places for the Tab key.
 */
export function placesPicture(actions) {
  const known = identities();
  const chips = new Map();
  const handles = weightHandles(actions);
  const columns = element("g", { "aria-hidden": "true" });
  const words = element("g", {});
  const grips = element("g", {});
  const heads = ["head", "end soft small", "head", "end soft small", "soft small"].map((kind) =>
    element("text", { class: kind, "aria-hidden": "true" }, ""),
  );
  const said = element("g", { role: "img" });
  const el = element("svg", { class: "places eased", role: "group", "aria-label": "Places of the prompt" }, said, columns, heads, words, grips);
  let geometry = null;

  const prompt = () => actions.state().prompt;
  const placeOf = (id) => known.of(prompt()).indexOf(id);
  function moveTo(place, target, around = false) {
    const end = prompt().length - 2;
    const held = around && target > end ? 0 : Math.min(Math.max(target, 0), end);
    if (held === place) return;
    known.move(prompt(), place, held);
    actions.moveWord(place, held);
  }
  function point(event) {
    const matrix = el.getScreenCTM();
    return geometry.under((event.clientX - matrix.e) / matrix.a, (event.clientY - matrix.f) / matrix.d);
  }

  function drawWords(now) {
    const ids = known.of(now.prompt);
    for (const [id, part] of chips) {
      if (ids.includes(id)) continue;
      part.el.remove();
      chips.delete(id);
    }
    ids.forEach((id, place) => {
      if (!chips.has(id)) {
        chips.set(id, chip(id, { placeOf, moveTo, point }));
        words.append(chips.get(id).el);
      }
      drawChip(chips.get(id), place, now, geometry);
    });
  }

  // The word that has the focus stays where it is, for it would lose the focus.
  function order() {
    const nodes = known.of(prompt()).map((id) => chips.get(id)?.el);
    if (nodes.includes(undefined)) return;
    const held = nodes.indexOf(el.getRootNode().activeElement);
    nodes.forEach((node, i) => {
      if (i < held) words.insertBefore(node, nodes[held]);
      else if (i > held) words.append(node);
    });
  }

  function drawHandles({ shape, prompt: { length } }) {
    const shown = handles.slice(0, shape === "absolute" ? length : 0);
    pool(grips, shown.length, (place) => handles[place].el);
    shown.forEach((handle, place) => {
      const { x, base } = geometry.at(place);
      const along = linear(0, 1, base, base - TALL);
      handle.place(x + geometry.step / 2, along, base - TALL, base, geometry.step);
    });
  }

  function drawHeads(name, width) {
    const { base, foot } = geometry.at(0);
    const narrow = width < 400;
    const texts = [
      [0, 13, "Weight of each place"],
      [width, 13, `dashed: ${narrow ? name.split(", ").pop() : name}`],
      [0, base + 24, narrow ? "Attention" : "Attention: weight × taste"],
      [width, base + 24, "dashed: without positions"],
      [0, foot + PLATE + 21, geometry.left > 34 ? "age" : ""],
    ];
    heads.forEach((node, k) => {
      const [x, y, text] = texts[k];
      update(node, { x: k === 4 ? geometry.left - 30 : x, y });
      write(node, text);
    });
  }

  function draw(now, ghost, name, width) {
    const { prompt: { length }, labels, query } = now;
    geometry = geometryOf(length, width);
    // The same scale for all shapes, unless a share leaves it.
    const most = Math.max(...now.attention, ...now.before);
    const cap = [length > 14 ? 0.25 : 0.5, 0.5, 1].find((value) => value >= most) || 1;
    const height = linear(0, cap, 0, HIGH);
    update(el, { height: geometry.height });
    const nodes = pool(columns, length, weightColumn);
    for (let i = 0; i < length; i++) drawWeight(nodes[i], i, now, ghost, geometry);
    drawWords({ ...now, height, short: shortNames(labels) });
    drawHandles(now);
    drawHeads(name, width);
    const sentence = `From the oldest place to the last word, ${labels[query]}, weight and attention: ${told(now)}.`;
    update(said, { "aria-label": sentence });
  }
  return { el, draw, order };
}
