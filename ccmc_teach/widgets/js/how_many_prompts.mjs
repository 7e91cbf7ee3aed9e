// How many prompts does it take: the risk of the fit against the number of prompts, simulated and live.
import { button, choice, dataTable, slider, toggle } from "./controls.mjs";
import { element, update, write } from "./draw.mjs";
import { PREDICTIONS, predictionOf, story } from "./how_many_prompts_predictions.mjs";
import { REPLICATES } from "./how_many_prompts_replicates.mjs";
import { runner } from "./how_many_prompts_runner.mjs";
import { PLOT_CSS, linePlot } from "./line_plot.mjs";
import { bind, mount } from "./mount.mjs";
import { PREDICTIONS_CSS, predictions } from "./predictions.mjs";
import {
  DESIGNS,
  GRID,
  LARGEST_RUN,
  MOST_EXPERIMENTS,
  SIZES,
  degrees,
  experimentRow,
  experimentsProblem,
  grouped,
  lineRisk,
  reading,
  replicateRows,
} from "./twins_how_many_prompts.mjs";

const TITLE = "Twice the vocabulary, how much more data?";
const LEAD =
  "A layer is fitted to n prompts of a teacher. Its excess risk is what it loses to the teacher on new prompts. " +
  `Line and band: mean and middle half of ${grouped(REPLICATES.replicates)} simulated fits. Dashed: the theory.`;
const WIDGET_CSS = `
.choices{gap:10px 26px} .dial{max-width:420px;margin-top:12px} .about{color:var(--soft);margin-top:6px;min-height:1.45em}
.plot .curve.dashed{stroke-width:1.4;stroke:var(--ink);opacity:.8} .reading{margin-top:6px;min-height:4.35em;max-width:82ch}

.plot .dot{r:4.5px}.plot .dot:not(.hollow){stroke:var(--paper)}
.ways{margin-top:12px;gap:6px 28px}
@container (max-width:480px){.reading{min-height:7.3em}.about{min-height:2.9em}}
@media (pointer:coarse){.choices .choice span{min-width:44px;justify-content:center}}
`;
const ABOUT = {
  even: "Every prompt holds its last word and two other words, once each.",
  skewed: "Every prompt holds its last word nine times and two other words once.",
  split: "As with even prompts, but the words fall into two halves that never share a prompt.",
};
const POWERS = "⁰¹²³⁴⁵⁶";
const BOTTOM = 1e-6;
const RISK = {
  label: "Excess risk",
  from: BOTTOM,
  to: 1,
  ticks: [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1],
  log: true,
  text: (value) => (value === 1 ? "1" : `10⁻${POWERS[Math.round(-Math.log10(value))]}`),
};
const BY_N = {
  label: "n, the number of prompts",
  from: 20,
  to: 100000,
  ticks: [100, 1000, 10000, 100000],
  log: true,
  text: grouped,
};
const BY_SHARE = {
  label: "n / K²",
  from: 0.05,
  to: 12000,
  ticks: [0.1, 1, 10, 100, 1000, 10000],
  log: true,
  text: (value) => (value < 1 ? "0.1" : grouped(value)),
};
const RULES = {
  K: { choices: SIZES, value: 5 },
  n: { choices: GRID, value: 1000 },
  design: { choices: DESIGNS, value: "even" },
  experiments: {},
  together: { choices: [false, true], value: false },
  collapsed: { choices: [false, true], value: false },
  question: { choices: PREDICTIONS.map(({ key }) => key), value: PREDICTIONS[0].key },
  bet: {},
};
const RISK_COLUMNS = ["n", "finite fits", "lower quartile", "mean", "upper quartile", "theory"];
const OWN_COLUMNS = ["", "prompts", "K", "n", "excess risk", "times theory"];

const cellsOf = ({ design, K }) => REPLICATES[design][K];

function read(ties) {
  const now = Object.fromEntries(Object.keys(RULES).map((key) => [key, ties.get(key)]));
  return { ...now, message: experimentsProblem(now.experiments) };
}

// ---- what a reader can do

function actionsOn(ties, memory, schedule) {
  const initial = Object.fromEntries(Object.keys(RULES).map((key) => [key, ties.get(key)]));
  function move(change, { said = "", fresh = false } = {}) {
    ties.put(change);
    memory.said = said;
    memory.fresh = fresh;
    memory.running = false;
    schedule();
  }
  function run() {
    const { design, K, n, experiments, message } = read(ties);
    if (message) return;
    if (experiments.length >= MOST_EXPERIMENTS) {
      move({}, { said: `The picture holds ${MOST_EXPERIMENTS} experiments: clear them to run more.` });
      return;
    }
    const last = experiments.reduce((most, one) => Math.max(most, one[3]), 0);
    const next = [design, K, n, (last % LARGEST_RUN) + 1];
    move({ experiments: [...experiments, next] });
    memory.running = true;
  }
  function place(question, answer) {
    if (story(ties.get("bet"))?.question === question) return;
    move({ ...predictionOf(question).change, bet: { question, answer } }, { fresh: true });
  }
  function turn() {
    const at = PREDICTIONS.indexOf(predictionOf(ties.get("question")));
    move({ question: PREDICTIONS[(at + 1) % PREDICTIONS.length].key, bet: {} });
  }
  const clear = () => move({ experiments: [] });
  return { move, run, place, turn, clear, restart: () => move(initial) };
}

// ---- drawing

function curve(cells, { design, size, collapsed }) {
  const across = (n) => (collapsed ? n / size ** 2 : n);
  const shown = GRID.map((n, i) => [n, cells[i]]).filter(([, cell]) => cell.length > 1);
  const risks = (k) => shown.map(([n, cell]) => (cell[k] / 1000) * lineRisk(design, size, n));
  return { xs: shown.map(([n]) => across(n)), low: risks(1), ys: risks(2), high: risks(3) };
}

function dotsOf(now, size, risk) {
  const mine = now.experiments.filter(([design, K]) => design === now.design && K === size);
  return mine
    .map((one) => [now.collapsed ? one[2] / size ** 2 : one[2], risk(one)])
    .filter(([, value]) => value !== null)
    .map(([x, value]) => [x, value < 0 ? 1 : Math.min(1, Math.max(BOTTOM, value)), value < 0]);
}

function guide({ design, collapsed }, size) {
  const share = collapsed ? size ** 2 : 1;
  // The line may leave the plot at the top.
  const first = Math.max(GRID[0], degrees(design, size) / 2);
  const ns = [first, GRID[GRID.length - 1]];
  return { xs: ns.map((n) => n / share), ys: ns.map((n) => lineRisk(design, size, n)) };
}

function linesOf(now, risk) {
  const shown = SIZES.map((size) => (now.together || size === now.K ? size : null));
  const curves = shown.map((size) =>
    size && { ...curve(REPLICATES[now.design][size], { ...now, size }), dots: dotsOf(now, size, risk) },
  );
  return [...shown.map((size) => size && guide(now, size)), ...curves];
}

function plotOf() {
  const guides = SIZES.map(() => ({ label: "", kind: "ink", dashed: true }));
  const curves = SIZES.map((size, k) => ({ label: `K = ${size}`, kind: `k${k}` }));
  const lines = [...guides, ...curves];
  return linePlot({ title: "Excess risk against the number of prompts", x: BY_N, y: RISK, lines, height: 330 });
}

function build(actions) {
  const option = (value, label) => [value, label ?? String(value)];
  const size = choice({ legend: "Words K", options: SIZES.map((K) => option(K)), set: (K) => actions.move({ K }) });
  const design = choice({
    legend: "Prompts",
    options: DESIGNS.map((name) => option(name, name)),
    set: (value) => actions.move({ design: value }),
  });
  const number = slider({
    label: "Number of prompts n",
    minimum: 0,
    maximum: GRID.length - 1,
    step: 1,
    text: (index) => grouped(GRID[index]),
    say: (index) => `${grouped(GRID[index])} prompts`,
    set: (index) => actions.move({ n: GRID[index] }),
  });
  number.el.classList.add("dial");
  const together = toggle({ label: "All vocabularies", set: (on) => actions.move({ together: on }) });
  const collapsed = toggle({ label: "Measure prompts in K²", set: (on) => actions.move({ collapsed: on }) });
  const plot = plotOf();
  const about = element("p", { class: "about" }, "");
  const said = element("p", { class: "reading" }, "");
  const bets = predictions({ questions: PREDICTIONS, place: actions.place, turn: actions.turn });
  const note = element("p", { class: "note said" }, "");
  const numbers = dataTable("The numbers behind the curve", RISK_COLUMNS);
  const own = dataTable("Your experiments", OWN_COLUMNS);
  const tries = [
    button("Run one more experiment", actions.run, { class: "main" }),
    button("Clear experiments", actions.clear),
    button("Start over", actions.restart),
  ];
  const children = [
    element("div", { class: "row choices" }, size.el, design.el),
    about,
    number.el,
    plot.el,
    said,
    element("div", { class: "row ways" }, together.el, collapsed.el),
    element("div", { class: "row tries" }, tries),
    note,
    bets.el,
    numbers.el,
    own.el,
  ];
  return { children, size, design, number, together, collapsed, plot, about, said, bets, note, numbers, own };
}

// What became of the experiment that was run last.
function outcome({ experiments }, risk) {
  if (!experiments.length) return "Run an experiment: your own fit to n prompts becomes a dot.";
  const last = experiments[experiments.length - 1];
  const value = risk(last);
  if (value === null) return `Experiment ${experiments.length} is being drawn and fitted.`;
  const row = experimentRow(experiments.length, ...last.slice(0, 3), value);
  if (value < 0)
    return `Experiment ${row[0]} has no finite fit: some word was never chosen. Its hollow dot stands at the top.`;
  return `Experiment ${row[0]}: excess risk ${row[4]}, ${row[5]} times the theory.`;
}

function drawBets(parts, now) {
  const placed = story(now.bet);
  const told = placed?.question === now.question ? placed : { answer: "" };
  const { ask } = predictionOf(now.question);
  parts.bets.show({ question: now.question, bet: told.answer, ask, verdict: told.verdict, told: told.told });
  return told;
}

function drawTables(parts, now, risk) {
  const { design, K, experiments } = now;
  parts.numbers.show(() => ({
    caption: `Simulated fits with ${design} prompts and K = ${K}`,
    rows: replicateRows(design, K, cellsOf(now)),
  }));
  parts.own.show(() => ({
    caption: experiments.length ? "Each with chance of its own" : "None yet",
    rows: experiments.map((one, i) => {
      const value = risk(one);
      const row = experimentRow(i + 1, one[0], one[1], one[2], value ?? -1);
      return value === null ? [...row.slice(0, 4), "being fitted", "–"] : row;
    }),
  }));
}

// Draw every part, and return what a screen reader is told.
function drawParts(parts, now, memory, risk, width) {
  parts.size.show(now.K);
  parts.design.show(now.design);
  parts.number.show(GRID.indexOf(now.n));
  parts.together.show(now.together);
  parts.collapsed.show(now.collapsed);
  write(parts.about, ABOUT[now.design]);
  const words = reading(now.design, now.K, now.n, cellsOf(now));
  const cursor = now.collapsed ? now.n / now.K ** 2 : now.n;
  const x = now.collapsed ? BY_SHARE : BY_N;
  parts.plot.draw({ lines: linesOf(now, risk), cursor, said: words, x }, width);
  write(parts.said, words);
  const note = memory.said || outcome(now, risk);
  write(parts.note, note);
  const told = drawBets(parts, now);
  drawTables(parts, now, risk);
  if (memory.fresh) return `${told.verdict} ${told.told}`;
  return memory.running ? note : words;
}

function render({ model, el }) {
  const css = PREDICTIONS_CSS + PLOT_CSS + WIDGET_CSS;
  const ui = mount(el, { name: "how-many-prompts", title: TITLE, css, draw });
  const ties = bind(model, RULES, ui.schedule);
  const memory = { said: "", fresh: false, running: false };
  const experiments = runner(ui.schedule);
  const parts = build(actionsOn(ties, memory, ui.schedule));
  const wrong = element("p", { class: "problem", role: "alert" }, "");
  const body = element("div", {}, parts.children);
  ui.root.append(element("p", { class: "lead" }, LEAD), wrong, body);

  function draw() {
    const now = read(ties);
    write(wrong, now.message);
    update(body, { hidden: now.message ? "" : null });
    if (!now.message) ui.announce(drawParts(parts, now, memory, experiments.risk, ui.width()));
  }

  return () => {
    ties.off();
    experiments.stop();
    ui.destroy();
  };
}

export default { render };
