// Counts times tastes: attention over positions is a Markov chain tilted by the counts.
import { button, choice, dataTable } from "./controls.mjs";
import { PREDICTIONS, compute, predictionOf, story } from "./counts_times_tastes_predictions.mjs";
import { element, update, write } from "./draw.mjs";
import { bind, mount } from "./mount.mjs";
import { PREDICTIONS_CSS, predictions } from "./predictions.mjs";
import { promptStrip } from "./prompt_strip.mjs";
import { listed, threePanels } from "./three_panels.mjs";
import { decimal, percent, withTaste } from "./twins_basics.mjs";
import {
  MAX_COUNT,
  equalCounts,
  problem,
  withCount,
  withQuery,
} from "./twins_counts_times_tastes.mjs";

const TITLE = "How do counts tilt the chain?";
const LEAD =
  "The last word looks back over the prompt and gives more attention to the words it likes. " +
  "Add up the attention word by word, and a Markov chain appears, tilted by the counts. " +
  "Drag any handle, or use the arrow keys.";
const FORMULA_CSS = `
.formula{display:flex;flex-wrap:wrap;gap:4px 10px;align-items:center;font-size:15px;margin:10px 0 0;min-height:52px}
.term{display:inline-block;min-width:7ch} .result{display:inline-block;min-width:6.5ch}
.fraction{display:inline-flex;flex-direction:column;text-align:center;line-height:1.5}
.fraction>:first-child{border-bottom:1.5px solid var(--ink);padding:0 8px}
.fraction>:last-child{padding:0 8px}
.formula.long>:first-child{flex-basis:100%}
@container (max-width:700px){.formula>:first-child{flex-basis:100%}}
@container (max-width:480px){.formula{display:block;font-size:13px}.fraction>:last-child{padding:0}.fraction{display:flex;margin:6px 0}}
`;
const COLUMNS = ["word", "count", "taste", "count × taste", "next word", "plain chain"];
const RULES = {
  labels: {},
  P: {},
  prompt: {},
  bet: {},
  grouped: { choices: [false, true], value: false },
  question: { choices: PREDICTIONS.map(({ key }) => key), value: PREDICTIONS[0].key },
};

// ---- the formula with its numbers

function formula(labels) {
  const [next, last, top] = [0, 1, 2].map(() => element("span", { class: "word" }));
  const result = element("b", { class: "result" });
  const terms = labels.map((_, j) => element("span", { class: `term k${j}` }));
  const sum = element("span", {}, terms.flatMap((term, j) => (j ? [" + ", term] : [term])));
  const left = element("span", {}, "P( next = ", next, " | last = ", last, " ) =");
  const fraction = element("span", { class: "fraction" }, element("span", {}, top), sum);
  const right = element("span", {}, "= ", result);
  const kind = labels.length > 4 ? "formula long" : "formula";
  const el = element("p", { class: kind, role: "math" }, left, fraction, right);

  function draw({ counts, tastes, law, query }, focus) {
    const product = (j, sign) => `${counts[j]}${sign}${decimal(tastes[j], 2)}`;
    const name = (node, j, text) => write(update(node, { class: `word k${j}` }), text);
    name(next, focus, labels[focus]);
    name(last, query, labels[query]);
    name(top, focus, product(focus, "×"));
    terms.forEach((term, j) => {
      update(term, { class: j === focus ? `term word k${j}` : `term k${j}` });
      write(term, product(j, "×"));
    });
    write(result, percent(law[focus], 1));
    const below = labels.map((_, j) => product(j, " times ")).join(" plus ");
    const said = `The probability of ${labels[focus]} after ${labels[query]} is ${product(focus, " times ")}`;
    update(el, {
      "aria-label": `${said}, divided by ${below}, which is ${percent(law[focus], 1)}.`,
    });
  }
  return { el, draw };
}

// ---- presets: a button, and what it makes of the prompt: a new one, or null, and a sentence

const PRESETS = [
  {
    label: () => "Equal counts",
    make({ labels, query }) {
      const note = "Every word stands twice. Equal counts cancel, and the plain chain is back.";
      return [equalCounts(labels.length, query, 2), note];
    },
  },
  {
    label: () => "Double everything",
    make(now) {
      const { refusal, change } = predictionOf("double");
      const no = refusal(now);
      if (no) return [null, no];
      return [change(now), "Every count has doubled, and the next-word bars have not moved."];
    },
  },
  {
    label: (labels) => `Flood of ${labels[1]}`,
    make({ labels, prompt, tastes }) {
      const taste = `Its taste is still ${percent(tastes[1], 0)}, but the counts do the rest.`;
      return [
        withCount(prompt, 1, MAX_COUNT),
        `“${labels[1]}” now stands ${MAX_COUNT} times. ${taste}`,
      ];
    },
  },
  {
    label: (labels) => `No ${labels[labels.length - 1]}`,
    make({ labels, prompt, query }) {
      const gone = labels.length - 1;
      const word = `“${labels[gone]}”`;
      if (query === gone)
        return [
          null,
          `${word} is the last word, so one copy stays. Choose another last word first.`,
        ];
      const note = `${word} is not in the prompt, so it can never come next, whatever its taste.`;
      return [withCount(prompt, gone, 0), note];
    },
  },
];

// ---- what a reader can do

// Handlers read the model, never the last drawn frame: two key presses can share one frame.
function read(ties) {
  const [labels, P, prompt] = ["labels", "P", "prompt"].map(ties.get);
  const message = problem(labels, P, prompt);
  return message
    ? { message, labels, P, prompt, counts: [], tastes: [] }
    : { P, ...compute(labels, prompt, P[prompt[prompt.length - 1]]) };
}

// A change is made unless it would leave a picture that cannot be drawn: then the note says why.
function mover(ties, memory, schedule) {
  return (change, { focus = null, note = "", fresh = false, refused = "" } = {}) => {
    const next = { ...read(ties), ...change };
    const no = problem(next.labels, next.P, next.prompt);
    if (!no) ties.put(change);
    memory.focus = no ? memory.focus : focus;
    memory.said = no || note;
    memory.refused = refused;
    memory.fresh = fresh && !no;
    schedule();
  };
}

function handleMoves(state, move, memory) {
  return {
    setCount: (token, value) =>
      move({ prompt: withCount(state().prompt, token, value) }, { focus: token }),
    setTaste(token, value) {
      const { P, query, tastes } = state();
      const row = withTaste(tastes, token, value);
      move({ P: P.map((old, i) => (i === query ? row : old)) }, { focus: token });
    },
    setQuery: (token) => move({ prompt: withQuery(state().prompt, token) }),
    setGrouped: (grouped) => move({ grouped }, { focus: memory.focus, note: memory.said }),
    preset(make) {
      const [prompt, note] = make(state());
      move(prompt ? { prompt } : {}, { note });
    },
  };
}

function betMoves(state, move, ties) {
  const placed = () => story(ties.get("bet"), state().labels);
  return {
    place(question, answer) {
      if (placed()?.question === question) return;
      const now = state();
      const { prompt, tastes } = now;
      const { refusal, change, focus } = predictionOf(question);
      const refused = refusal(now);
      if (refused) move({}, { focus, refused });
      else move({ prompt: change(now), bet: { question, answer, prompt, tastes } }, { focus, fresh: true });
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
 * What a reader can do. `memory` holds what belongs to the view alone: the word in focus, the note
 * under the buttons, why a bet was refused, and whether a bet is fresh.
 */
function actionsOn(ties, memory, schedule) {
  const state = () => read(ties);
  const move = mover(ties, memory, schedule);
  const keys = ["P", "prompt", "bet", "question"];
  const initial = Object.fromEntries(keys.map((key) => [key, ties.get(key)]));
  const moves = {
    ...handleMoves(state, move, memory),
    ...betMoves(state, move, ties),
    restart: () => move(initial),
  };
  // A hand may still be on a handle when something else spoils the inputs.
  const careful = (act) => (...all) => { if (!state().message) act(...all); };
  const kept = Object.entries(moves).map(([name, act]) => [name, careful(act)]);
  return { state, ...Object.fromEntries(kept) };
}

// ---- the widget

// The parts that depend on the words, in the order of the page.
function build(labels, actions) {
  const query = choice({
    legend: "Last word",
    options: labels.map((word, j) => [j, word, `token k${j}`]),
    set: actions.setQuery,
  });
  const order = choice({
    legend: "Prompt",
    options: [
      [false, "in order"],
      [true, "grouped by word"],
    ],
    set: actions.setGrouped,
  });
  const strip = promptStrip();
  const panels = threePanels(labels, actions);
  const sum = formula(labels);
  const bets = predictions({ questions: PREDICTIONS, place: actions.place, turn: actions.turn });
  const presets = PRESETS.map(({ label, make }) =>
    button(label(labels), () => actions.preset(make)),
  );
  const note = element("p", { class: "note said" }, "");
  const numbers = dataTable("The numbers behind the picture", COLUMNS);
  const children = [
    element("div", { class: "row apart" }, query.el, order.el),
    strip.el,
    panels.el,
    sum.el,
    bets.el,
    element(
      "div",
      { class: "row tries" },
      element("span", { class: "head" }, "Try"),
      presets,
      button("Start over", actions.restart),
    ),
    note,
    numbers.el,
  ];
  return { labels, children, query, order, strip, panels, sum, bets, note, numbers };
}

const rowsOf = ({ labels, query, counts: m, tastes, law }) => ({
  caption: `Next word after ${labels[query]}`,
  rows: labels.map((word, j) => [
    word,
    m[j],
    decimal(tastes[j], 3),
    decimal(m[j] * tastes[j], 3),
    percent(law[j], 1),
    percent(tastes[j], 1),
  ]),
});

// Draw every part, and return what a screen reader is told.
function drawParts(parts, now, ties, memory, width) {
  const grouped = ties.get("grouped");
  const question = ties.get("question");
  const bet = story(ties.get("bet"), now.labels);
  const told = bet?.question === question ? bet : { answer: "", told: memory.refused };
  parts.query.show(now.query);
  parts.order.show(grouped);
  parts.strip.draw(now, grouped, width);
  parts.panels.draw(now, width);
  parts.sum.draw(now, memory.focus ?? now.law.indexOf(Math.max(...now.law)));
  parts.bets.show({
    question,
    bet: told.answer,
    ask: predictionOf(question).ask(now.labels),
    verdict: told.verdict,
    told: told.told,
  });
  write(parts.note, memory.said);
  parts.numbers.show(() => rowsOf(now));
  if (memory.fresh) return `${told.verdict} ${told.told}`;
  const law = `After ${now.labels[now.query]}, the next word is ${listed(now.labels, now.law, 0)}.`;
  return memory.refused || `${memory.said} ${law}`.trim();
}

function render({ model, el }) {
  const css = PREDICTIONS_CSS + FORMULA_CSS;
  const ui = mount(el, { name: "counts-times-tastes", title: TITLE, css, draw });
  const ties = bind(model, RULES, ui.schedule);
  const memory = { focus: null, said: "", refused: "", fresh: false };
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
      parts = build(now.labels, actions);
      Object.assign(memory, { focus: null, said: "", refused: "" });
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
