// Which pairs were ever compared? Sets of words, islands, and directions that no prompt notices.
import { BARS_CSS, lawBars } from "./co_occurrence_bars.mjs";
import { GRAPH_CSS, coOccurrenceGraph } from "./co_occurrence_graph.mjs";
import { PREDICTIONS, predictionOf, story } from "./co_occurrence_predictions.mjs";
import {
  compute,
  factor,
  graphSaid,
  islandsSaid,
  lawRows,
  lawsSaid,
  named,
  noteOf,
  pairRows,
  ratioSaid,
} from "./co_occurrence_words.mjs";
import { button, choice, dataTable, slider } from "./controls.mjs";
import { element, update, write } from "./draw.mjs";
import { PLOT_CSS, linePlot } from "./line_plot.mjs";
import { bind, mount } from "./mount.mjs";
import { PREDICTIONS_CSS, predictions } from "./predictions.mjs";
import { decimal } from "./twins_basics.mjs";
import {
  MAX_TILT,
  possibleSupports,
  preset,
  problem,
  verdict,
  withSupport,
} from "./twins_co_occurrence.mjs";

const TITLE = "Which pairs were ever compared?";
const LEAD =
  "A prompt compares the words that it holds, and no others. From such comparisons a row of P " +
  "is learned. Switch prompts on and off, and see what endless data can tell.";
const PRESETS = [
  ["together", "All together"],
  ["chain", "Chain"],
  ["islands", "Two islands"],
  ["star", "Star"],
];
const ROWS = 3; // prompts shown as bars
const GAP = 26; // between the columns
const NARROW = 600; // one column from here down
const STEPS = Array.from({ length: 31 }, (_, k) => (MAX_TILT * (k - 15)) / 15);
const RULES = {
  labels: {},
  P: {},
  supports: {},
  query: { minimum: 0, maximum: 3, value: 0, integer: true },
  inside: { choices: [false, true], value: false },
  alone: { choices: [false, true], value: false },
  tilt: { minimum: -MAX_TILT, maximum: MAX_TILT, value: 0 },
  question: { choices: PREDICTIONS.map(({ key }) => key), value: PREDICTIONS[0].key },
  bet: {},
};
const DESIGN_CSS = `
.pair{display:grid;grid-template-columns:1fr 1fr;gap:0 ${GAP}px}.pair>*{min-width:0}
.sets{display:flex;flex-wrap:wrap;gap:6px;margin-top:8px}
.set{gap:5px;padding:3px 11px 3px 9px;color:var(--soft)}.set i{font-style:normal;width:.9em;text-align:center}
.set[aria-pressed=true]{background:var(--panel);border-color:var(--ink);color:var(--ink)}
.set[aria-pressed=true] .word{color:var(--t)}.set .word{color:inherit}
.verdict{margin-top:12px}.verdict b{font-size:15px;font-weight:650}.verdict span{display:block;min-height:1.45em}
.tilt{gap:10px ${GAP}px}.tilt>*{flex:1 1 280px}.choice em{font-style:normal}.choice i{width:22px;border-top:2.5px solid}.choice i.dashed{border-top-style:dashed}
.plot .ink .dot{--c:var(--ink)}.ratio{min-height:4.4em;margin-top:10px}.bet .asked{min-height:2.9em}.bet .told{min-height:5.9em}
@container (max-width:${NARROW}px){.pair{grid-template-columns:1fr}.said,.verdict span{min-height:2.9em}.bet .asked{min-height:4.4em}.bet .told{min-height:7.3em}}
@container (max-width:480px){.ratio,.bet .asked{min-height:5.8em}.bet .answers{flex-direction:column;align-items:flex-start}.bet .told{min-height:13.1em}}
`;

// ---- what a reader can do

function read(ties) {
  const inputs = Object.fromEntries(Object.keys(RULES).map((key) => [key, ties.get(key)]));
  const message = problem(inputs.labels, inputs.P, inputs.supports);
  if (message) return { message };
  return compute({ ...inputs, query: Math.min(inputs.query, inputs.labels.length - 1) });
}

function actionsOn(ties, memory, schedule) {
  const { labels, P, ...initial } = Object.fromEntries(
    Object.keys(RULES).map((key) => [key, ties.get(key)]),
  );
  const move = (change, fresh = false) => {
    ties.put(change);
    memory.fresh = fresh;
    schedule();
  };
  const moves = {
    move,
    toggle: (words) => move({ supports: withSupport(read(ties).supports, words) }),
    preset(name) {
      const now = read(ties);
      move({ supports: preset(name, now.labels.length, now.query), tilt: 0 });
    },
    restart: () => move(initial),
    place(question, answer) {
      const now = read(ties);
      if (story(now)?.question === question) return;
      const bet = { question, answer, query: now.query };
      move({ ...predictionOf(question).change(now), bet }, true);
    },
    turn() {
      const at = PREDICTIONS.indexOf(predictionOf(read(ties).question));
      move({ question: PREDICTIONS[(at + 1) % PREDICTIONS.length].key, bet: {} });
    },
  };
  // A hand may still be on a control when something else spoils the inputs.
  const careful = (act) => (...all) => { if (!read(ties).message) act(...all); };
  return Object.fromEntries(Object.entries(moves).map(([name, act]) => [name, careful(act)]));
}

// ---- the parts of the page; each has an element and draws what is shown now

function chips(labels, toggle) {
  const sets = possibleSupports(labels.length);
  const buttons = sets.map((words) => {
    const mark = element("i", { "aria-hidden": "true" }, "+");
    const name = `Prompts with ${named(labels, words)}${words.length > 1 ? "" : " alone"}`;
    const parts = words.map((word) => element("span", { class: `word k${word}` }, labels[word]));
    return button([mark, parts], () => toggle(words), { class: "set", "aria-label": name });
  });
  const about = { class: "sets", role: "group", "aria-label": "Prompts of the data" };
  const el = element("div", about, buttons);
  const draw = ({ supports }) =>
    sets.forEach((words, k) => {
      const on = supports.some((known) => known.join() === words.join());
      update(buttons[k], { "aria-pressed": String(on) });
      write(buttons[k].firstChild, on ? "✓" : "+");
    });
  return { el, draw };
}

function design(labels, { move, toggle, preset: choose, restart }) {
  const query = choice({
    legend: "Query",
    options: labels.map((word, j) => [j, word, `token k${j}`]),
    set: (token) => move({ query: token }),
  });
  const place = choice({
    legend: "It stands",
    options: [
      [false, "outside"],
      [true, "in its prompts"],
    ],
    set: (inside) => move({ inside }),
  });
  const presets = PRESETS.map(([name, label]) => button(label, () => choose(name)));
  const head = element("span", { class: "head" }, "Prompts");
  const sets = chips(labels, toggle);
  const note = element("p", { class: "note said" }, "");
  const el = [
    element("div", { class: "row apart" }, query.el, place.el),
    element("div", { class: "row tries" }, head, presets, button("Start over", restart)),
    sets.el,
    note,
  ];
  function draw(now) {
    query.show(now.query);
    place.show(now.inside);
    sets.draw(now);
    write(note, noteOf(now));
  }
  return { el, draw };
}

function likelihoodPlot() {
  const written = (t) => decimal(Math.exp(t), t < 0 ? 2 : t === 1 ? 1 : 0);
  const along = { from: -MAX_TILT, to: MAX_TILT, ticks: [-3, -1, 0, 1, 3], text: written };
  const up = { from: -1.05, to: 0.1, ticks: [0, -0.5, -1], text: (v) => decimal(v, 1) };
  const plot = linePlot({
    title: "Log-likelihood along two directions",
    x: { label: "taste multiplied by", ...along },
    y: { label: "Log-likelihood per prompt, 0 at best", ...up },
    lines: [{ label: "group" }, { label: "word", dashed: true }],
    height: 300,
  });
  function draw({ labels, weakest, single, group, tilt, fall }, width) {
    const curve = (side) => {
      const ys = STEPS.map((t) => fall(side, t));
      const low = Math.min(...ys);
      const shape = low < 0 ? `falls to ${decimal(low, 2)}` : "flat, 0.00 everywhere";
      const dots = side.join() === group.join() ? [[tilt, fall(side, tilt)]] : [];
      return { xs: STEPS, ys, dots, said: `Tilting ${named(labels, side)}: ${shape}.` };
    };
    const lines = [curve(weakest), single < 0 ? null : curve([single])];
    const said = lines.map((line) => line?.said || "").join(" ");
    plot.draw({ lines, cursor: tilt, said: said.trim() }, width);
  }
  return { el: plot.el, draw };
}

function pictures(labels) {
  const graph = coOccurrenceGraph(labels);
  const plot = likelihoodPlot();
  const [judged, which] = ["b", "span"].map((tag) => element(tag, {}, ""));
  const facts = element("p", { class: "facts soft" }, "");
  const el = [
    element("div", { class: "pair" }, graph.el, plot.el),
    element("p", { class: "verdict" }, judged, which),
    facts,
  ];
  function draw(now, width) {
    const parts = now.islands.length;
    const lowest = now.smallest === undefined ? "none" : decimal(now.smallest, 4);
    const walk = "From every word a walk along the edges leads to every other.";
    graph.draw({ ...now, said: graphSaid(now) }, width);
    plot.draw(now, width);
    write(judged, verdict(parts));
    write(which, islandsSaid(now) || walk);
    write(facts, `Islands ${parts}, free ratios ${parts - 1}, smallest positive eigenvalue ${lowest}`);
  }
  return { el, draw };
}

function tilter(labels, { move }) {
  const [weakest, single] = [0, 1].map(() => element("em", {}, ""));
  const sample = (kind) => element("i", { class: kind, "aria-hidden": "true" });
  const way = choice({
    legend: "Tilt",
    options: [
      [false, [sample("solid"), weakest]],
      [true, [sample("dashed"), single]],
    ],
    set: (alone) => move({ alone }),
  });
  const name = element("span", {}, "");
  const [minimum, maximum] = [-MAX_TILT, MAX_TILT];
  const set = (tilt) => move({ tilt });
  const amount = slider({ label: name, minimum, maximum, step: 0.1, text: factor, set });
  const data = lawBars({ title: "Prompts of the data", labels, rows: ROWS });
  const fresh = lawBars({ title: "A prompt that the data never had", labels, rows: 1 });
  const ratio = element("p", { class: "ratio" }, "");
  const el = element(
    "section",
    { class: "panel", "aria-label": "Tilt the row" },
    element("div", { class: "row tilt" }, way.el, amount.el),
    element("div", { class: "pair" }, data.el, element("div", {}, fresh.el, ratio)),
  );
  function drawBars(now, width) {
    const { laws, unseen } = now;
    const more = laws.length > ROWS && `and ${laws.length - ROWS} more, in the table below`;
    // Those that notice come first.
    const ordered = [...laws].sort((a, b) => b.moved - a.moved);
    data.draw({ laws: ordered, remark: more || (laws.length ? "" : "none"), said: lawsSaid(now, ordered) }, width);
    const remark = unseen.length ? "" : "none: the data have a prompt with all words";
    fresh.draw({ laws: unseen, remark, said: lawsSaid(now, unseen) }, width);
  }
  function draw(now, width) {
    const other = now.single >= 0;
    write(weakest, `group: ${now.weakest.map((word) => labels[word]).join(", ")}`);
    update(way.el.lastElementChild, { hidden: other ? null : "" });
    write(single, other ? `word: ${labels[now.single]}` : "");
    way.show(now.alone && other);
    write(name, `Taste of ${named(labels, now.group)}`);
    amount.show(now.tilt);
    write(ratio, ratioSaid(now));
    drawBars(now, width);
  }
  return { el, draw };
}

function build(labels, actions) {
  const { place, turn } = actions;
  const controls = design(labels, actions);
  const views = pictures(labels);
  const bets = predictions({ questions: PREDICTIONS, place, turn });
  const tilt = tilter(labels, actions);
  const pairs = dataTable("Who was compared with whom", ["pair", "prompts with both", "edge", "weight"]);
  const laws = dataTable("The numbers of the bars", ["prompt", ...labels, "changed"]);
  const children = [...controls.el, ...views.el, bets.el, tilt.el, pairs.el, laws.el];

  // Draw every part, and return what a screen reader is told.
  function draw(now, fresh, width) {
    const { question } = now;
    const columns = (room) => (width > NARROW ? Math.floor((room - GAP) / 2) : room);
    const bet = story(now);
    const told = bet?.question === question ? bet : {};
    controls.draw(now);
    views.draw(now, columns(width));
    bets.show({ ...told, question, bet: told.answer || "", ask: predictionOf(question).ask(now) });
    tilt.draw(now, columns(width - (width > 480 ? 32 : 24)));
    pairs.show(() => pairRows(now));
    laws.show(() => lawRows(now));
    if (fresh) return `${told.verdict} ${told.told}`;
    const moved = now.tilt ? ratioSaid(now) : "";
    return `${verdict(now.islands.length)} ${islandsSaid(now)} ${moved}`.trim();
  }
  return { labels, children, draw };
}

// ---- the widget

function render({ model, el }) {
  const css = GRAPH_CSS + PLOT_CSS + BARS_CSS + PREDICTIONS_CSS + DESIGN_CSS;
  const ui = mount(el, { name: "co-occurrence", title: TITLE, css, draw });
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
      parts = build(now.labels, actions);
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
