// A plain Markov chain: edit its rows, walk along its arrows, see what it forgets.
import { CHAIN_CSS, chainDiagram } from "./chain_diagram.mjs";
import { button, choice, dataTable, slider, toggle } from "./controls.mjs";
import { element, update, write } from "./draw.mjs";
import { bind, mount } from "./mount.mjs";
import { BARS_CSS, shareBars, shareCurves, tape } from "./plain_chain_bars.mjs";
import { player } from "./plain_chain_player.mjs";
import { PREDICTIONS, predictionOf, story } from "./plain_chain_predictions.mjs";
import { PREDICTIONS_CSS, predictions } from "./predictions.mjs";
import { ROWS_CSS, rowBars } from "./row_bars.mjs";
import { decimal, percent, withBorder } from "./twins_basics.mjs";
import {
  MAX_LENGTH,
  lawSaid,
  limit,
  milestones,
  power,
  preset,
  problem,
  runningShares,
  spread,
  verdict,
  walk,
} from "./twins_plain_chain.mjs";

const TITLE = "How soon is the first word forgotten?";
const LEAD =
  "An arrow is as wide as its step is likely. Drag the borders in the rows of P, or move them with " +
  "the arrow keys, and let the chain write a text.";
const PRESETS = [
  ["mixing", "Mixing"],
  ["slow", "Slow"],
  ["rhythm", "Rhythm"],
  ["trap", "Trap"],
  ["islands", "Two islands"],
];
const HIDDEN = "Hidden until you ask for it, or place a bet.";
const GAP = 26; // between the columns
const NARROW = 600; // one column from here down
const LENGTHS = milestones(MAX_LENGTH);
const RULES = {
  labels: {},
  P: {},
  start: { minimum: 0, maximum: 3, value: 0, integer: true },
  length: { minimum: 1, maximum: MAX_LENGTH, value: 3, integer: true },
  seed: { minimum: 0, maximum: 2 ** 32 - 1, value: 3, integer: true },
  theory: { choices: [false, true], value: false },
  question: { choices: PREDICTIONS.map(({ key }) => key), value: PREDICTIONS[0].key },
  bet: {},
};
const WIDGET_CSS = `
.pair{display:grid;grid-template-columns:1fr 1fr;gap:0 ${GAP}px;align-items:center}.pair>*{min-width:0}
.walk{margin-top:14px}.walk>.slider{flex:1 1 220px}.play{min-width:76px;justify-content:center}
.text{margin-top:14px}.verdict{margin-top:14px;min-height:74px}.verdict p{margin-top:2px}.bet .asked{min-height:2.9em}.bet .told{min-height:5.9em}
@container (max-width:${NARROW}px){.pair{grid-template-columns:1fr}.verdict{min-height:116px}.bet .asked{min-height:4.4em}.bet .answers{flex-direction:column;align-items:flex-start}.bet .told{min-height:7.4em}}
@container (max-width:480px){.bet .asked{min-height:5.8em}.bet .told{min-height:11.7em}}
`;

// ---- what is shown

// The whole text is walked once for a chain, a first word and a seed; frames of play cut it.
function library() {
  let key = "";
  let book = null;
  return (P, start, seed) => {
    const next = JSON.stringify([P, start, seed]);
    if (next !== key) book = walk(P, start, seed, MAX_LENGTH);
    key = next;
    return book;
  };
}

function read(ties, book) {
  const inputs = Object.fromEntries(Object.keys(RULES).map((key) => [key, ties.get(key)]));
  const { labels, P, seed, length } = inputs;
  const message = problem(labels, P);
  if (message) return { message };
  const start = Math.min(inputs.start, labels.length - 1);
  const tokens = book(P, start, seed).slice(0, length);
  const lengths = milestones(length);
  const curve = runningShares(tokens, labels.length, lengths);
  const here = tokens[length - 1];
  const laws = power(P, length - 1);
  return {
    ...inputs, start, tokens, lengths, curve, here, laws,
    shares: curve[curve.length - 1],
    limit: limit(P, here),
    step: length > 1 ? [tokens[length - 2], here] : null,
  };
}

const positionOf = (length) => LENGTHS.findLastIndex((known) => known <= length);
const wordsOf = (length) => (length === 1 ? "1 word" : `${length} words`);

function walkSaid({ labels, start, length, shares }) {
  return `A text of ${wordsOf(length)} from ${labels[start]}: ${lawSaid(labels, shares)}.`;
}

function diagramSaid({ labels, P, here, step }) {
  const rows = labels.map((word, q) => `From ${word}: ${lawSaid(labels, P[q])}.`).join(" ");
  const last = step ? `The last step was ${labels[step[0]]} to ${labels[step[1]]}.` : "";
  return `${rows} The text stands on ${labels[here]}. ${last}`.trim();
}

// ---- what a reader can do

function actionsOn(ties, book, memory, schedule) {
  const { labels, P, ...initial } = Object.fromEntries(
    Object.keys(RULES).map((key) => [key, ties.get(key)]),
  );
  const now = () => read(ties, book);
  const move = (change, fresh = false) => {
    ties.put(change);
    memory.fresh = fresh;
    schedule();
  };
  const moves = {
    move,
    setShare(i, j, value) {
      const { P: rows } = now();
      move({ P: rows.map((row, q) => (q === i ? withBorder(row, j, value) : row)) });
    },
    preset: (name) => move({ P: preset(name, now().labels.length), theory: true }),
    on: (words) => move({ length: Math.min(MAX_LENGTH, now().length + words) }),
    luck: () => move({ seed: (now().seed + 1) % 2 ** 32 }),
    restart() {
      // A chain of another vocabulary came from outside since, and stays.
      move({ ...initial, P: labels?.length === now().labels.length ? P : now().P });
    },
    place(question, answer) {
      const state = now();
      if (story(state)?.question === question) return;
      const bet = { question, answer, seed: state.seed };
      move({ ...predictionOf(question).change(state), bet }, true);
    },
    turn() {
      const at = PREDICTIONS.indexOf(predictionOf(now().question));
      move({ question: PREDICTIONS[(at + 1) % PREDICTIONS.length].key, bet: {} });
    },
  };
  // A hand may still be on a control when something else spoils the inputs.
  const careful = (act) => (...all) => { if (!now().message) act(...all); };
  return Object.fromEntries(Object.entries(moves).map(([name, act]) => [name, careful(act)]));
}

// ---- the parts of the page; each has an element and draws what is shown now

function chainParts(labels, { move, setShare, preset: choose, restart }, get) {
  const diagram = chainDiagram({ title: "The chain", labels });
  const rows = rowBars({ title: "Rows of P: what follows", rows: labels, get, set: setShare });
  const presets = PRESETS.map(([name, label]) => button(label, () => choose(name)));
  const tries = [element("span", { class: "head" }, "Chains"), presets, button("Start over", restart)];
  const theory = toggle({ label: "Show where it leads", set: (on) => move({ theory: on }) });
  const judged = element("p", {}, "");
  const el = [
    element("div", { class: "row tries" }, tries),
    element("div", { class: "pair" }, diagram.el, rows.el),
    element("div", { class: "verdict" }, theory.el, judged),
  ];
  function draw(now, width) {
    diagram.draw({ P: now.P, here: now.here, step: now.step, said: diagramSaid(now) }, width);
    rows.draw({ values: now.P, row: now.here }, width);
    theory.show(now.theory);
    write(judged, now.theory ? verdict(labels, now.P) : HIDDEN);
  }
  return { el, draw };
}

function walkParts(labels, { move, on, luck }, show) {
  const set = (start) => move({ start });
  const options = labels.map((word, j) => [j, word, `token k${j}`]);
  const start = choice({ legend: "First word", options, set });
  // Between two positions of the slider the number still says the length itself.
  let length = 1;
  const play = button("Play", show.toggle, { class: "main play" });
  const amount = slider({
    label: "Length of the text",
    minimum: 0,
    maximum: LENGTHS.length - 1,
    step: 1,
    text: () => wordsOf(length),
    set: (at) => move({ length: LENGTHS[at] }),
  });
  const steps = [button("One step", () => on(1)), button("Ten steps", () => on(10))];
  const text = tape(labels);
  const el = [
    element("div", { class: "row apart walk" }, start.el, button("New luck", luck)),
    element("div", { class: "row walk" }, play, steps, amount.el),
    text.el,
  ];
  function draw(now, width) {
    start.show(now.start);
    write(play, show.isPlaying() ? "Pause" : "Play");
    length = now.length;
    amount.show(positionOf(length));
    text.draw(now.tokens, width);
  }
  return { el, draw };
}

function resultParts(labels) {
  const far = rowBars({ title: "Law of the last word, by the first", rows: labels });
  const bars = shareBars(labels);
  const apart = element("p", { class: "apart-by soft" }, "");
  const plot = shareCurves(labels);
  const el = [element("div", { class: "pair" }, far.el, bars.el), apart, plot.el];
  function draw(now, width, whole) {
    far.draw({ values: now.laws, row: now.start }, width);
    bars.draw(now, width);
    const size = decimal(spread(now.laws), 4);
    write(apart, `Word ${now.length}: its probabilities differ by ${size} at most between first words.`);
    plot.draw(now, whole);
  }
  return { el, draw };
}

function rowsOf({ labels, shares, limit: ends, laws, tokens }) {
  return labels.map((word, j) => [
    word,
    String(tokens.filter((token) => token === j).length),
    percent(shares[j], 1),
    ends ? percent(ends[j], 1) : "–",
    ...laws.map((law) => percent(law[j], 1)),
  ]);
}

function build(labels, actions, ties, show) {
  const get = (i, j) => ties.get("P")[i][j];
  const chain = chainParts(labels, actions, get);
  const steps = walkParts(labels, actions, show);
  const results = resultParts(labels);
  const bets = predictions({ questions: PREDICTIONS, place: actions.place, turn: actions.turn });
  const columns = ["word", "count", "share", "stationary", ...labels.map((word) => `law from ${word}`)];
  const numbers = dataTable("The numbers of the text", columns);
  const children = [...chain.el, ...steps.el, bets.el, ...results.el, numbers.el];

  // Draw every part, and return what a screen reader is told.
  function draw(now, fresh, width) {
    const { question } = now;
    const half = width > NARROW ? Math.floor((width - GAP) / 2) : width;
    const bet = story(now);
    const told = bet?.question === question ? bet : {};
    chain.draw(now, half);
    steps.draw(now, width);
    results.draw(now, half, width);
    bets.show({ ...told, question, bet: told.answer || "", ask: predictionOf(question).ask(now) });
    numbers.show(() => ({ caption: walkSaid(now), rows: rowsOf(now) }));
    if (fresh) return `${told.verdict} ${told.told}`;
    return now.theory ? `${walkSaid(now)} ${verdict(labels, now.P)}` : walkSaid(now);
  }
  return { labels, children, draw };
}

// ---- the widget

function render({ model, el }) {
  const css = CHAIN_CSS + ROWS_CSS + BARS_CSS + PREDICTIONS_CSS + WIDGET_CSS;
  const ui = mount(el, { name: "plain-chain", title: TITLE, css, draw });
  const ties = bind(model, RULES, ui.schedule);
  const memory = { fresh: false };
  const book = library();
  const actions = actionsOn(ties, book, memory, ui.schedule);
  const show = player({
    get: () => ties.get("length"),
    put: (length) => actions.move({ length }),
    longest: MAX_LENGTH,
    changed: ui.schedule,
  });
  const wrong = element("p", { class: "problem", role: "alert" }, "");
  const body = element("div", {});
  ui.root.append(element("p", { class: "lead" }, LEAD), wrong, body);
  let parts = null;

  function draw() {
    const now = read(ties, book);
    write(wrong, now.message || "");
    update(body, { hidden: now.message ? "" : null });
    if (now.message) return show.stop();
    if (parts?.labels.join("\n") !== now.labels.join("\n")) {
      parts = build(now.labels, actions, ties, show);
      body.replaceChildren(...parts.children);
    }
    ui.announce(parts.draw(now, memory.fresh, ui.width()));
  }

  return () => {
    show.stop();
    ties.off();
    ui.destroy();
  };
}

export default { render };
