// The likelihood on the triangle: which rows over three words could be behind the data.
import { button, choice, dataTable, slider } from "./controls.mjs";
import { element, update, write } from "./draw.mjs";
import { PREDICTIONS, cloudOf, predictionOf, story } from "./likelihood_triangle_predictions.mjs";
import { bind, mount } from "./mount.mjs";
import { PREDICTIONS_CSS, predictions } from "./predictions.mjs";
import { TERNARY_CSS, ternaryPlot } from "./ternary_plot.mjs";
import { percent } from "./twins_basics.mjs";
import {
  FAMILIES,
  FALLS,
  FALLS_OF_ONE_RATIO,
  MOST_PROMPTS,
  caution,
  divergence,
  problem,
  summary,
  targets,
} from "./twins_likelihood_triangle.mjs";

const TITLE = "How fast does the cloud of possible rows shrink?";
const lead = (query) =>
  `Every point of the triangle is a row of ${query}. Somebody chose one of them, the ring, and drew ` +
  "prompts and next words from it. The cloud holds the rows that could be behind these data. " +
  "Drag the ring, or use the arrow keys.";
const LEAST_ROOM = 620; // pixels beside which the legend fits
const ASIDE = 248;
const AIMS = targets();
const SIZES = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 25, 30, 35, 40, 50, 60, 70, 80, 100, 120, 140,
  160, 200, 250, 300, 350, 400, 500, 600, 700, 800, 1000, 1200, 1400, 1600, 2000,
];
const WIDGET_CSS = `
.many{margin-top:12px;align-items:end} .many .slider{flex:1 1 260px;max-width:440px}
.shown{display:grid;grid-template-columns:minmax(0,1fr) ${ASIDE - 20}px;gap:0 20px;align-items:center}
.key{list-style:none;padding:0;font-size:13px;display:grid;gap:9px;align-content:start;min-height:282px} .key li{display:grid;grid-template-columns:26px 1fr;gap:9px;align-items:center}
.key svg{margin:0;width:26px;height:18px} .key .soft{display:block}
.region{fill:var(--c);fill-opacity:.17;stroke:var(--c);stroke-width:1.3;stroke-linejoin:round} .region.inner{fill-opacity:.34}
.ridge{fill:none;stroke:var(--c);stroke-width:3.2;stroke-linecap:round} .fisher{fill:none;stroke:var(--ink);stroke-width:1.5;stroke-dasharray:5 4}
.best{fill:var(--c);stroke:var(--paper);stroke-width:1.5} .ring-of{fill:var(--paper);stroke:var(--ink);stroke-width:2.5}
.heard{margin-top:10px;min-height:4.35em;max-width:84ch}
@container (max-width:${LEAST_ROOM - 1}px){.shown{display:block}.key{grid-template-columns:repeat(auto-fill,minmax(230px,1fr));margin-top:12px;min-height:132px}.heard,.bet .told{min-height:5.8em}}
@container (max-width:480px){.key{min-height:228px}.heard{min-height:10.15em}.bet .told{min-height:11.6em}.bet .asked{min-height:2.9em}.bet .answers{display:grid;justify-items:start}}
@media (forced-colors:active){.region,.ridge,.best,.fisher,.ring-of{stroke:CanvasText}.region{fill:GrayText}}
`;
const RULES = {
  labels: {},
  truth: {},
  seed: {},
  bet: {},
  n: { minimum: 1, maximum: MOST_PROMPTS, value: 30, integer: true },
  family: { choices: Object.keys(FAMILIES), value: "balanced" },
  question: { choices: PREDICTIONS.map(({ key }) => key), value: PREDICTIONS[0].key },
};

// ---- the paths of the picture

const between = (from, to, part) => from.map((share, j) => share + part * (to[j] - share));

const outline = (laws, place) =>
  `M${laws.map((law) => place(law).map((v) => v.toFixed(1)).join()).join("L")}`;

const region = (best, parts) => (place) => {
  const wedge = parts.length === 2;
  const corners = wedge ? [[1, 0, 0], [0, 1, 0]] : AIMS;
  const laws = corners.map((corner, k) => between(best, corner, parts[k]));
  return `${outline(wedge ? [...laws, [0, 0, 1]] : laws, place)}Z`;
};

const ridge = (best) => (place) => outline([best, [0, 0, 1]], place);

// The pieces of the ellipse inside the triangle.
const ellipse = (best, [u, v]) => (place) => {
  const pieces = [];
  let piece = null;
  for (let k = 0; k <= 120; k++) {
    const [along, across] = [Math.cos((k * Math.PI) / 60), Math.sin((k * Math.PI) / 60)];
    const law = best.map((share, j) => share + along * u[j] + across * v[j]);
    if (Math.min(...law) < 0) piece = null;
    else if (piece) piece.push(law);
    else pieces.push((piece = [law]));
  }
  return pieces.map((laws) => outline(laws, place)).join("");
};

function pathsOf(now) {
  const { best, inner, outer, axes } = now.cloud;
  const open = now.family === "missing";
  return [
    region(best, outer),
    region(best, inner),
    axes.length ? ellipse(best, axes) : null,
    open ? ridge(best) : null,
  ];
}

// ---- the legend

const swatch = (...marks) =>
  element("svg", { class: "k3", viewBox: "0 0 26 18", "aria-hidden": "true" }, marks);
const patch = (kind) => element("rect", { class: kind, x: 1, y: 1, width: 24, height: 16, rx: 4 });
const stroke = (kind) => element("path", { class: kind, d: "M1,9H25" });
const dot = (kind) => element("circle", { class: kind, cx: 13, cy: 9, r: 6.5 });

function legend() {
  const entry = (mark, name) => {
    const said = element("span", { class: "soft" }, "");
    return { el: element("li", {}, swatch(mark), element("span", {}, name, said)), said };
  };
  const truth = entry(dot("ring-of"), "the truth");
  const best = entry(dot("best"), "most likely row");
  const inner = entry(patch("region inner"), "50% cloud");
  const outer = entry(patch("region"), "95% cloud");
  const line = entry(stroke("ridge"), "most likely rows");
  const dashed = entry(stroke("fisher"), "95% ellipse");
  const all = [truth, best, line, inner, outer, dashed];
  const shares = (law) => law.map((share) => percent(share, 0)).join(" · ");
  const hide = (part, on) => update(part.el, { hidden: on ? "" : null });
  return {
    el: element("ul", { class: "key" }, all.map(({ el }) => el)),
    show({ family, truth: law, cloud }) {
      const open = family === "missing";
      hide(best, open);
      hide(line, !open);
      hide(dashed, !cloud.axes.length);
      write(truth.said, shares(law));
      write(best.said, shares(cloud.best));
      write(line.said, "equally likely, all of them");
      const least = open ? FALLS_OF_ONE_RATIO : FALLS;
      [inner, outer].forEach(({ said }, k) =>
        write(said, `at least ${percent(Math.exp(-least[k]), 0)} as likely as the best`),
      );
      write(dashed.said, "from the Fisher information");
    },
  };
}

// ---- what a reader can do

// Handlers read the model, never the last drawn frame: two key presses can share one frame.
function read(ties) {
  const now = {};
  for (const key of ["labels", "truth", "family", "n", "seed"]) now[key] = ties.get(key);
  now.message = problem(now.labels, now.truth, now.family, now.n, now.seed);
  return now;
}

const PRESETS = [
  {
    label: () => "Five prompts",
    make: () => [{ n: 5 }, "Five prompts rule out very little."],
  },
  {
    label: ([, rare]) => `A rare ${rare}`,
    make: ({ labels }) => [
      { truth: [0.38, 0.02, 0.6], n: 30 },
      `“${labels[1]}” has 2% now. It may take many prompts before it is chosen at all.`,
    ],
  },
  {
    label: () => `All ${MOST_PROMPTS} prompts`,
    make: () => [{ n: MOST_PROMPTS }, "With many prompts cloud and ellipse agree."],
  },
];

function moves(state, move, ties) {
  const placed = () => story(ties.get("bet"), state().labels);
  return {
    setTruth: (truth) => move({ truth }),
    setNumber: (n) => move({ n }),
    setFamily: (family) => move({ family }),
    renew: () => move({ seed: (state().seed + 1) % 2 ** 32 }, { note: "New prompts, new luck: the same truth." }),
    preset(make) {
      const [change, note] = make(state());
      move(change, { note });
    },
    place(question, answer) {
      if (placed()?.question === question) return;
      const { message, labels, ...now } = state();
      const { refusal, change } = predictionOf(question);
      const refused = refusal({ ...now, labels });
      if (refused) move({}, { refused });
      else move({ ...change(now), bet: { question, answer, ...now } }, { fresh: true });
    },
    // The next question starts where this one did, unless the reader has moved on since.
    turn() {
      const bet = placed();
      const now = state();
      const untouched = bet && bet.after.n === now.n && bet.after.family === now.family;
      const start = untouched ? { n: bet.before.n, family: bet.before.family } : {};
      const at = PREDICTIONS.indexOf(predictionOf(ties.get("question")));
      move({ question: PREDICTIONS[(at + 1) % PREDICTIONS.length].key, bet: {}, ...start });
    },
  };
}

/**
 * What a reader can do. `memory` holds what belongs to the view alone: the note under the buttons,
 * why a bet was refused, and whether a bet is fresh.
 */
function actionsOn(ties, memory, schedule) {
  const state = () => read(ties);
  const move = (change, { note = "", fresh = false, refused = "" } = {}) => {
    ties.put(change);
    Object.assign(memory, { said: note, refused, fresh });
    schedule();
  };
  const keys = Object.keys(RULES).filter((key) => key !== "labels");
  const initial = Object.fromEntries(keys.map((key) => [key, ties.get(key)]));
  const all = { ...moves(state, move, ties), restart: () => move(initial) };
  // A hand may still be on a handle when something else spoils the inputs.
  const careful = (act) => (...given) => { if (!state().message) act(...given); };
  const kept = Object.entries(all).map(([name, act]) => [name, careful(act)]);
  return { state, ...Object.fromEntries(kept) };
}

// ---- the widget

// A slider over sizes that grow by about the same factor; it shows the number itself.
function numberSlider(set) {
  let shown = 0;
  const part = slider({
    label: "Number of prompts",
    minimum: 0,
    maximum: SIZES.length - 1,
    step: 1,
    text: () => String(shown),
    say: () => (shown === 1 ? "1 prompt" : `${shown} prompts`),
    set: (at) => set(SIZES[at]),
  });
  return {
    el: part.el,
    show(n) {
      shown = n;
      part.show(SIZES.findIndex((size) => size >= n));
    },
  };
}

// The parts that depend on the words, in the order of the page.
function build(labels, actions) {
  const rare = labels[2];
  const family = choice({
    legend: "Words in the prompts",
    options: [
      ["balanced", "in balance"],
      ["skewed", `mostly ${rare}`],
      ["missing", `never ${rare}`],
    ],
    set: actions.setFamily,
  });
  const number = numberSlider(actions.setNumber);
  const plot = ternaryPlot({
    title: `Rows of ${labels[0]} that could be behind the data`,
    labels,
    point: {
      label: `The truth, a row of ${labels[0]}`,
      get: () => actions.state().truth,
      set: actions.setTruth,
    },
    paths: ["region k3", "region inner k3", "fisher", "ridge k3"],
    spots: ["best k3"],
  });
  const key = legend();
  const said = element("p", { class: "heard" }, "");
  const bets = predictions({ questions: PREDICTIONS, place: actions.place, turn: actions.turn });
  const presets = PRESETS.map(({ label, make }) => button(label(labels), () => actions.preset(make)));
  const note = element("p", { class: "note said" }, "");
  const numbers = dataTable("The numbers behind the picture", ["", ...labels]);
  const tries = element("span", { class: "head" }, "Try");
  const children = [
    element("p", { class: "lead" }, lead(labels[0])),
    family.el,
    element("div", { class: "row many" }, number.el, button("New data", actions.renew)),
    element("div", { class: "shown" }, plot.el, key.el),
    said,
    bets.el,
    element("div", { class: "row tries" }, tries, presets, button("Start over", actions.restart)),
    note,
    numbers.el,
  ];
  return { labels, children, family, number, plot, key, said, bets, note, numbers };
}

const kindName = (kind, labels) =>
  kind.map((m, j) => m && `${m} × ${labels[j]}`).filter(Boolean).join(", ");

function rowsOf({ labels, truth, family, n, cloud }) {
  const open = family === "missing";
  const { best, choices } = cloud;
  const likely = best.map((share) => percent(share, 1));
  const chosen = [0, 1, 2].map((j) => choices.reduce((sum, row) => sum + row[j], 0));
  const gap = open
    ? "no single most likely row"
    : `Kullback-Leibler divergence of the most likely row from the truth: ${divergence(truth, best)}`;
  return {
    caption: `${n} prompts; ${gap}; 95% cloud: ${percent(cloud.area, 2)} of the triangle`,
    rows: [
      ["truth", ...truth.map((share) => percent(share, 1))],
      open
        ? [`most likely, of ${labels[0]} and ${labels[1]}`, likely[0], likely[1], "any"]
        : ["most likely", ...likely],
      ["chosen", ...chosen],
      ...choices.map((row, g) => [`chosen after ${kindName(FAMILIES[family][g], labels)}`, ...row]),
    ],
  };
}

function drawBets(parts, now, ties, memory) {
  const question = ties.get("question");
  const bet = story(ties.get("bet"), now.labels);
  const told = bet?.question === question ? bet : { answer: "", told: memory.refused };
  const ask = predictionOf(question).ask(now);
  parts.bets.show({ question, bet: told.answer, ask, verdict: told.verdict, told: told.told });
  return told;
}

// Draw every part, and return what a screen reader is told.
function drawParts(parts, now, ties, memory, width) {
  const { labels, truth, family, cloud } = now;
  const words = `${summary(labels, truth, family, cloud)} ${caution(labels, family, cloud)}`;
  parts.family.show(family);
  parts.number.show(now.n);
  const spots = [family === "missing" ? null : cloud.best];
  const picture = { paths: pathsOf(now), spots, said: words };
  parts.plot.draw(picture, width < LEAST_ROOM ? width : width - ASIDE);
  parts.key.show(now);
  write(parts.said, words);
  const told = drawBets(parts, now, ties, memory);
  write(parts.note, memory.said);
  parts.numbers.show(() => rowsOf(now));
  if (memory.fresh) return `${told.verdict} ${told.told}`;
  return memory.refused || `${memory.said} ${words}`.trim();
}

function render({ model, el }) {
  const css = PREDICTIONS_CSS + TERNARY_CSS + WIDGET_CSS;
  const ui = mount(el, { name: "likelihood-triangle", title: TITLE, css, draw });
  const ties = bind(model, RULES, ui.schedule);
  const memory = { said: "", refused: "", fresh: false };
  const actions = actionsOn(ties, memory, ui.schedule);
  const wrong = element("p", { class: "problem", role: "alert" }, "");
  const body = element("div", {});
  ui.root.append(wrong, body);
  let parts = null;

  function draw() {
    const now = read(ties);
    write(wrong, now.message || "");
    update(body, { hidden: now.message ? "" : null });
    if (now.message) return;
    if (parts?.labels.join("\n") !== now.labels.join("\n")) {
      parts = build(now.labels, actions);
      Object.assign(memory, { said: "", refused: "", fresh: false });
      body.replaceChildren(...parts.children);
    }
    ui.announce(drawParts(parts, { ...now, cloud: cloudOf(now) }, ties, memory, ui.width()));
  }

  return () => {
    ties.off();
    ui.destroy();
  };
}

export default { render };
