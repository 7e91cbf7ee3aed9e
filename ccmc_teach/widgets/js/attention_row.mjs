// An attention row: scores on the left, the softmax of one row, and the transition matrix it joins.
import { BARS_CSS, softmaxBars } from "./attention_row_bars.mjs";
import { PREDICTIONS, betOn, predictionOf, story } from "./attention_row_predictions.mjs";
import { button, choice, dataTable, slider } from "./controls.mjs";
import { element, update, write } from "./draw.mjs";
import { MATRIX_CSS, matrixView } from "./matrix_view.mjs";
import { bind, mount } from "./mount.mjs";
import { PREDICTIONS_CSS, predictions } from "./predictions.mjs";
import { decimal, percent } from "./twins_basics.mjs";
import {
  MAX_SCORE,
  MAX_SHIFT,
  STEP,
  dominant,
  firstAndSecond,
  formula,
  lawSaid,
  level,
  note,
  problem,
  shifted,
  softmax,
  transitionMatrix,
  withScore,
} from "./twins_attention_row.mjs";

const TITLE = "Where is the Markov chain inside softmax?";
const LEAD =
  "Each last word has a row of scores, and softmax makes a law of it. Drag a score to the right or " +
  "left, or use the arrow keys; a tap chooses its row.";
const GAP = 22; // between the three pictures
const NARROW = 600; // one column from here down
const RULES = {
  labels: {},
  scores: {},
  query: { minimum: 0, maximum: 3, value: 0, integer: true },
  shift: { minimum: -MAX_SHIFT, maximum: MAX_SHIFT, value: 0 },
  question: { choices: PREDICTIONS.map(({ key }) => key), value: PREDICTIONS[0].key },
  bet: {},
};
const WIDGET_CSS = `
.three{display:grid;grid-template-columns:repeat(3,1fr);gap:0 ${GAP}px}.three>*{min-width:0}
.moved{margin-top:14px;gap:10px 26px}.moved>.slider{flex:1 1 260px}
.line{font-size:15px;margin-top:10px;min-height:2.9em;overflow-wrap:anywhere}
.bet .asked{min-height:2.9em}.bet .told{min-height:5.9em}
@container (max-width:${NARROW}px){.three{grid-template-columns:1fr}.said{min-height:4.4em}.bet .asked{min-height:4.4em}.bet .told{min-height:8.8em}.bet .answers{flex-direction:column;align-items:flex-start}}
@container (max-width:480px){.line{min-height:4.4em}.bet .asked{min-height:5.8em}.bet .told{min-height:11.7em}}
`;

const signed = (value) => (value > 0 ? "+" : "") + decimal(value, 1);

// ---- what is shown, and what a reader can do

function read(ties) {
  const inputs = Object.fromEntries(Object.keys(RULES).map((key) => [key, ties.get(key)]));
  const message = problem(inputs.labels, inputs.scores);
  if (message) return { message };
  const query = Math.min(inputs.query, inputs.labels.length - 1);
  const shown = shifted(inputs.scores, query, inputs.shift);
  return { ...inputs, query, shown, P: transitionMatrix(shown), law: softmax(shown[query]) };
}

function actionsOn(ties, memory, schedule) {
  const { labels, scores, ...initial } = Object.fromEntries(
    Object.keys(RULES).map((key) => [key, ties.get(key)]),
  );
  const now = () => read(ties);
  const move = (change, fresh = false) => {
    ties.put(change);
    memory.fresh = fresh;
    schedule();
  };
  const moves = {
    move,
    // A constant belongs to its row.
    choose(query) {
      if (query !== now().query) move({ query, shift: 0 });
    },
    setScore(i, j, value) {
      const { scores: table, query, shift } = now();
      move({ scores: withScore(table, i, j, i === query ? value - shift : value) });
    },
    preset(make) {
      const { scores: table, query } = now();
      move({ scores: make(table, query), shift: 0 });
    },
    restart() {
      // A table of another vocabulary came from outside since, and stays.
      const state = now();
      move({ ...initial, scores: labels?.length === state.labels.length ? scores : state.scores });
    },
    place(question, answer) {
      const state = now();
      if (story(state)?.question === question) return;
      move({ ...predictionOf(question).change(state), bet: betOn(state, question, answer) }, true);
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

function pictures(labels, { setScore, choose }, ties) {
  const end = MAX_SCORE + MAX_SHIFT;
  const get = (i, j) => read(ties).shown[i][j];
  const edit = { minimum: -end, maximum: end, step: STEP, leap: 1, get, set: setScore };
  const scores = matrixView({
    title: "Scores",
    rows: labels,
    note: "row: last word, column: scored word",
    text: (value) => decimal(value, 1),
    tint: (value) => value / MAX_SCORE,
    edit,
    choose,
  });
  const bars = softmaxBars(labels);
  const P = matrixView({
    title: "Transition matrix P",
    rows: labels,
    note: "row: last word, column: next word",
    text: (value) => percent(value, 0),
    say: (value) => percent(value, 1),
    choose,
  });
  const el = element("div", { class: "three" }, scores.el, bars.el, P.el);
  function draw(now, width) {
    const row = now.query;
    scores.draw({ values: now.shown, row }, width);
    bars.draw(now, width);
    P.draw({ values: now.P, row }, width);
  }
  return { el, draw };
}

function controls(labels, { move, choose, preset, restart }) {
  const options = labels.map((word, j) => [j, word, `token k${j}`]);
  const query = choice({ legend: "Last word", options, set: choose });
  const buttons = [
    button("All equal", () => preset(level)),
    button("One dominant", () => preset(dominant)),
    button("Start over", restart),
  ];
  const name = element("span", {}, "");
  const [minimum, maximum] = [-MAX_SHIFT, MAX_SHIFT];
  const set = (shift) => move({ shift });
  const constant = slider({ label: name, minimum, maximum, step: STEP, text: signed, set });
  const top = element("div", { class: "row apart" }, query.el, element("div", { class: "row" }, buttons));
  const below = element("div", { class: "row moved" }, constant.el);
  function draw(now) {
    query.show(now.query);
    write(name, `Add a constant to row ${labels[now.query]}`);
    constant.show(now.shift);
  }
  return { top, below, draw };
}

function rowsOf({ labels, shown, query, law }) {
  return labels.map((word, j) => [
    word,
    decimal(shown[query][j], 1),
    decimal(Math.exp(shown[query][j]), 2),
    percent(law[j], 1),
  ]);
}

const lawOfRow = ({ labels, query, law }) => `Row ${labels[query]}: ${lawSaid(labels, law)}.`;

function build(labels, actions, ties) {
  const parts = pictures(labels, actions, ties);
  const hands = controls(labels, actions);
  const line = element("p", { class: "line" }, "");
  const said = element("p", { class: "note said" }, "");
  const bets = predictions({ questions: PREDICTIONS, place: actions.place, turn: actions.turn });
  const numbers = dataTable("The numbers of the row", ["word", "score", "exponential", "probability"]);
  const children = [hands.top, parts.el, hands.below, line, said, bets.el, numbers.el];

  // Draw every part, and return what a screen reader is told.
  function draw(now, fresh, width) {
    const { query, question, scores, shown, shift } = now;
    const bet = story(now);
    const told = bet?.question === question ? bet : {};
    const [first] = firstAndSecond(scores[query]);
    const remark = note(labels, scores[query], query, shift);
    hands.draw(now);
    parts.draw(now, width > NARROW ? Math.floor((width - 2 * GAP) / 3) : width);
    write(line, `P(${labels[first]} after ${labels[query]}) = ${formula(shown[query], first)}`);
    write(said, remark);
    bets.show({ ...told, question, bet: told.answer || "", ask: predictionOf(question).ask(now) });
    numbers.show(() => ({ caption: lawOfRow(now), rows: rowsOf(now) }));
    return fresh ? `${told.verdict} ${told.told}` : `${lawOfRow(now)} ${remark}`;
  }
  return { labels, children, draw };
}

// ---- the widget

function render({ model, el }) {
  const css = MATRIX_CSS + BARS_CSS + PREDICTIONS_CSS + WIDGET_CSS;
  const ui = mount(el, { name: "attention-row", title: TITLE, css, draw });
  const ties = bind(model, RULES, ui.schedule);
  const memory = { fresh: false };
  const actions = actionsOn(ties, memory, ui.schedule);
  const wrong = element("p", { class: "problem", role: "alert" }, "");
  const body = element("div", {});
  ui.root.append(element("p", { class: "lead" }, LEAD), wrong, body);
  let parts = null;

  function draw() {
    const now = read(ties);
    write(wrong, now.message || "");
    update(body, { hidden: now.message ? "" : null });
    if (now.message) return;
    if (parts?.labels.join("\n") !== now.labels.join("\n")) {
      parts = build(now.labels, actions, ties);
      body.replaceChildren(...parts.children);
    }
    ui.announce(parts.draw(now, memory.fresh, ui.width()));
  }

  return () => {
    ties.off();
    ui.destroy();
  };
}

export default { render };
