// Position weights: every place of the prompt has a weight, and counts become weighted counts.
import { button, choice, dataTable, slider } from "./controls.mjs";
import { element, update, write } from "./draw.mjs";
import { bind, mount } from "./mount.mjs";
import { listed, weightedPanels } from "./position_weights_panels.mjs";
import { PLACES_CSS, placesPicture } from "./position_weights_places.mjs";
import {
  PREDICTIONS,
  compute,
  loneOf,
  loneRefusal,
  predictionOf,
  story,
  tenOld,
} from "./position_weights_predictions.mjs";
import { PREDICTIONS_CSS, predictions } from "./predictions.mjs";
import { decimal, percent } from "./twins_basics.mjs";
import { withQuery } from "./twins_counts_times_tastes.mjs";
import { MAX_LENGTH, SHAPES, TABLE_FLOOR, heard, moved, problem } from "./twins_position_weights.mjs";

const TITLE = "Who is heard, the many or the recent?";
const LEAD =
  "Every place of the prompt has a weight, and each word stands under the weight of its place. " +
  "Choose a shape of the weights. Drag a word along, use the arrow keys, or tap it to move it one step on.";
const WIDGET_CSS = `
.tuned{margin-top:10px;align-items:flex-start} .dial{min-height:50px;flex:1 1 300px;max-width:400px} .dial p{color:var(--soft)}
.heard{margin-top:12px;min-height:1.45em}
@media (pointer:coarse){.dial{min-height:66px}}
@container (max-width:480px){.heard{min-height:2.9em}.bet .asked{min-height:4.35em}}
`;
const NAMES = {
  uniform: "equal",
  exponential: "exponential",
  power: "power",
  window: "window",
  sink: "sink",
  absolute: "table",
};
const DIALS = {
  exponential: ["Rate: how fast the past fades", 0.01, (value) => decimal(value, 2)],
  power: ["Exponent: how steeply the past fades", 0.05, (value) => decimal(value, 2)],
  window: ["Size of the window", 1, (value) => (value === 1 ? "1 place" : `${value} places`)],
  sink: ["Extra weight on the first place", 0.01, (value) => percent(value, 0)],
};
const STILL = {
  uniform: "Every place weighs the same, so the order does not matter: the last chapter.",
  absolute: "The table counts places from the start. Drag the handles, or use the arrow keys.",
};
const range = (shape, value, integer = false) => {
  const [, minimum, maximum] = SHAPES[shape];
  return { minimum, maximum, value, integer };
};
const RULES = {
  labels: {},
  P: {},
  prompt: {},
  table: {},
  bet: {},
  shape: { choices: Object.keys(SHAPES), value: "exponential" },
  rate: range("exponential", 0.15),
  exponent: range("power", 1),
  size: range("window", 4, true),
  mass: range("sink", 0.3),
  question: { choices: PREDICTIONS.map(({ key }) => key), value: PREDICTIONS[0].key },
};
const PLACE_COLUMNS = ["place", "word", "age", "weight", "attention", "without positions"];
const WORD_COLUMNS = ["word", "count", "effective count", "taste", "next word", "without positions"];

// ---- presets: a button, and what it makes of the inputs: changes, and a sentence

function loneTo(target, where) {
  return (now) => {
    const { prompt, labels } = now;
    const place = target(prompt);
    const no = loneRefusal(now, place);
    if (no) return [{}, no];
    const lone = loneOf(labels);
    const note = `“${labels[lone]}” stands ${where} now, at age ${prompt.length - 1 - place}.`;
    return [{ prompt: moved(prompt, prompt.indexOf(lone), place) }, note];
  };
}

const PRESETS = [
  { label: (labels) => `Put ${labels[loneOf(labels)]} first`, make: loneTo(() => 0, "at the far end") },
  {
    label: (labels) => `Put ${labels[loneOf(labels)]} next to last`,
    make: loneTo((prompt) => prompt.length - 2, "next to the last word"),
  },
  {
    label: (labels) => `Ten × ${labels[1]} first`,
    make: (now) => [{ prompt: tenOld(now) }, `Ten times “${now.labels[1]}” stands before the old prompt now.`],
  },
  {
    label: () => "First word only",
    make({ prompt, labels }) {
      const table = new Array(MAX_LENGTH).fill(0);
      table[prompt.length - 1] = TABLE_FLOOR;
      table[0] = 1;
      const note = `Almost all weight lies on the first place, so “${labels[prompt[0]]}” is copied, whatever the last word likes.`;
      return [{ shape: "absolute", table }, note];
    },
  },
];

// ---- what a reader can do

// Handlers read the model, never the last drawn frame: two key presses can share one frame.
function read(ties) {
  const now = Object.fromEntries(["labels", "P", "prompt", "shape", "table"].map((key) => [key, ties.get(key)]));
  now.value = SHAPES[now.shape] ? ties.get(SHAPES[now.shape][0]) : 0;
  const message = problem(now.labels, now.P, now.prompt, now.shape, now.value, now.table);
  if (message) return { ...now, message };
  return { P: now.P, ...compute({ ...now, tastes: now.P[now.prompt[now.prompt.length - 1]] }) };
}

// A change is made unless it would leave a picture that cannot be drawn: then the note says why.
function mover(ties, memory, schedule) {
  return (change, { note = "", fresh = false, refused = "" } = {}) => {
    const next = { ...read(ties), ...change };
    const about = SHAPES[next.shape];
    const value = about ? (change[about[0]] ?? ties.get(about[0])) : 0;
    const no = problem(next.labels, next.P, next.prompt, next.shape, value, next.table);
    if (!no) ties.put(change);
    memory.said = no || note;
    memory.refused = refused;
    memory.fresh = fresh && !no;
    schedule();
  };
}

function handleMoves(state, move) {
  return {
    setShape: (shape) => move({ shape }),
    setNumber: (shape, value) => move({ [SHAPES[shape][0]]: value }),
    setWeight: (place, value) =>
      move({ table: state().table.map((old, i) => (i === place ? value : old)) }),
    moveWord: (place, target) => move({ prompt: moved(state().prompt, place, target) }),
    setQuery: (token) => move({ prompt: withQuery(state().prompt, token) }),
    preset(make) {
      const [change, note] = make(state());
      move(change, { note });
    },
  };
}

function betMoves(state, move, ties) {
  const placed = () => story(ties.get("bet"), state().labels);
  return {
    place(question, answer) {
      if (placed()?.question === question) return;
      const now = state();
      const { labels, P, prompt, tastes, shape, value, table } = now;
      const { refusal, change } = predictionOf(question);
      const refused = refusal(now) || problem(labels, P, change(now), shape, value, table);
      if (refused) move({}, { refused });
      else {
        const bet = { question, answer, prompt, tastes, shape, value, table };
        move({ prompt: change(now), bet }, { fresh: true });
      }
    },
    // The next question starts where this one did, unless the reader has moved on since.
    turn() {
      const { prompt } = state();
      const untouched = placed()?.after.prompt.join() === prompt.join();
      const start = untouched ? { prompt: ties.get("bet").prompt } : {};
      const at = PREDICTIONS.indexOf(predictionOf(ties.get("question")));
      move({ question: PREDICTIONS[(at + 1) % PREDICTIONS.length].key, bet: {}, ...start });
    },
  };
}

/**
 * What a reader can do. `memory` holds what belongs to the view alone: the note under the buttons,
 * why a bet was refused, whether a bet is fresh, and the weights before the last change of shape.
 */
function actionsOn(ties, memory, schedule) {
  const state = () => read(ties);
  const move = mover(ties, memory, schedule);
  const keys = Object.keys(RULES).filter((key) => key !== "labels");
  const initial = Object.fromEntries(keys.map((key) => [key, ties.get(key)]));
  const moves = {
    ...handleMoves(state, move),
    ...betMoves(state, move, ties),
    restart() {
      memory.last = memory.ghost = null;
      move(initial);
    },
  };
  // A hand may still be on a handle when something else spoils the inputs.
  const careful = (act) => (...all) => { if (!state().message) act(...all); };
  const kept = Object.entries(moves).map(([name, act]) => [name, careful(act)]);
  return { state, ...Object.fromEntries(kept) };
}

// ---- the widget

// A slider for each shape that takes a number, a sentence for the others; one of them is shown.
function dial(actions) {
  const sliders = Object.entries(DIALS).map(([shape, [label, step, text]]) => {
    const [, minimum, maximum] = SHAPES[shape];
    const set = (value) => actions.setNumber(shape, value);
    return [shape, slider({ label, minimum, maximum, step, text, set })];
  });
  const still = element("p", {}, "");
  const el = element("div", { class: "dial" }, sliders.map(([, part]) => part.el), still);
  function show({ shape, value }) {
    for (const [name, part] of sliders) {
      update(part.el, { hidden: name === shape ? null : "" });
      if (name === shape) part.show(value);
    }
    update(still, { hidden: DIALS[shape] ? "" : null });
    write(still, STILL[shape] || "");
  }
  return { el, show };
}

// The parts that depend on the words, in the order of the page.
function build(labels, actions) {
  const shape = choice({ legend: "Weights", options: Object.entries(NAMES), set: actions.setShape });
  const query = choice({
    legend: "Last word",
    options: labels.map((word, j) => [j, word, `token k${j}`]),
    set: actions.setQuery,
  });
  const number = dial(actions);
  const places = placesPicture(actions);
  const panels = weightedPanels(labels);
  const said = element("p", { class: "heard" }, "");
  // The right answer depends on the weights, so it is written down with each bet.
  const questions = PREDICTIONS.map(({ key, answers }) => ({ key, answers, right: "" }));
  const bets = predictions({ questions, place: actions.place, turn: actions.turn });
  const presets = PRESETS.map(({ label, make }) => button(label(labels), () => actions.preset(make)));
  const note = element("p", { class: "note said" }, "");
  const words = dataTable("The numbers behind the bars", WORD_COLUMNS);
  const byPlace = dataTable("The numbers behind the places", PLACE_COLUMNS);
  const tries = element("span", { class: "head" }, "Try");
  const children = [
    shape.el,
    element("div", { class: "row apart tuned" }, number.el, query.el),
    places.el,
    said,
    panels.el,
    bets.el,
    element("div", { class: "row tries" }, tries, presets, button("Start over", actions.restart)),
    note,
    words.el,
    byPlace.el,
  ];
  return { labels, children, shape, query, number, places, said, panels, questions, bets, note, words, byPlace };
}

const wordRows = ({ labels, query, counts: m, effective, tastes, law, plain }) => ({
  caption: `Next word after ${labels[query]}`,
  rows: labels.map((word, j) => [
    word,
    decimal(m[j], 0),
    decimal(effective[j], 2),
    decimal(tastes[j], 3),
    percent(law[j], 1),
    percent(plain[j], 1),
  ]),
});

const placeRows = ({ labels, prompt, weights, attention, before }) => ({
  caption: "Places of the prompt, the oldest first",
  rows: prompt.map((token, i) => [
    i + 1,
    labels[token],
    prompt.length - 1 - i,
    decimal(weights[i], 3),
    percent(attention[i], 1),
    percent(before[i], 1),
  ]),
});

// The weights to compare with: those of the shape before, at first equal ones.
function compared(memory, { shape, weights }) {
  const { last } = memory;
  if (last && last.shape !== shape) memory.ghost = last;
  if (memory.ghost?.weights.length !== weights.length) memory.ghost = null;
  memory.last = { shape, weights };
  if (memory.ghost) return [memory.ghost.weights, `${NAMES[memory.ghost.shape]}, before`];
  return [weights.map(() => 1), "equal weights"];
}

function drawBets(parts, now, ties, memory) {
  const question = ties.get("question");
  const bet = story(ties.get("bet"), now.labels);
  const told = bet?.question === question ? bet : { answer: "", right: "", told: memory.refused };
  parts.questions.find(({ key }) => key === question).right = told.right;
  const ask = predictionOf(question).ask(bet?.question === question ? bet.before : now);
  parts.bets.show({ question, bet: told.answer, ask, verdict: told.verdict, told: told.told });
  return told;
}

// Draw every part, and return what a screen reader is told.
function drawParts(parts, now, ties, memory, width) {
  const { labels, query, law } = now;
  parts.shape.show(now.shape);
  parts.query.show(query);
  parts.number.show(now);
  parts.places.draw(now, ...compared(memory, now), width);
  const told = drawBets(parts, now, ties, memory);
  const words = heard(now.shape, now.value, now.weights);
  write(parts.said, words);
  parts.panels.draw(now, width);
  write(parts.note, memory.said);
  parts.words.show(() => wordRows(now));
  parts.byPlace.show(() => placeRows(now));
  if (memory.fresh) return `${told.verdict} ${told.told}`;
  const next = `After ${labels[query]}, the next word is ${listed(labels, law, 0)}. ${words}`;
  return memory.refused || `${memory.said} ${next}`.trim();
}

function render({ model, el }) {
  const css = PREDICTIONS_CSS + PLACES_CSS + WIDGET_CSS;
  const ui = mount(el, { name: "position-weights", title: TITLE, css, draw });
  const ties = bind(model, RULES, ui.schedule);
  const memory = { said: "", refused: "", fresh: false, last: null, ghost: null };
  const actions = actionsOn(ties, memory, ui.schedule);
  const wrong = element("p", { class: "problem", role: "alert" }, "");
  const body = element("div", {});
  let parts = null;
  const ordered = (event) => { if (event.key === "Tab") parts?.places.order(); };
  ui.root.addEventListener("keydown", ordered);
  ui.root.append(element("p", { class: "lead" }, LEAD), wrong, body);

  function draw() {
    const now = read(ties);
    write(wrong, now.message || "");
    update(body, { hidden: now.message ? "" : null });
    if (now.message) return;
    if (parts?.labels.join("\n") !== now.labels.join("\n")) {
      parts = build(now.labels, actions);
      Object.assign(memory, { said: "", refused: "", last: null, ghost: null });
      body.replaceChildren(...parts.children);
    }
    ui.announce(drawParts(parts, now, ties, memory, ui.width()));
  }

  return () => {
    ties.off();
    ui.destroy();
  };
}

export default { render };
