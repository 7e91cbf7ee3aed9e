// The mathematics of how many prompts: three designs of prompts, experiments, fits and risks.
// Twin of ccmc_teach/widgets/twins/how_many_prompts.py.
import { decimal, mixed, percent, uniform } from "./twins_basics.mjs";

export const SIZES = [3, 5, 10, 20];
export const DESIGNS = ["even", "skewed", "split"];
export const GRID = [20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000];
export const LOUD = 9;
export const MOST_EXPERIMENTS = 40;
export const MOST_ROUNDS = 2000;
export const LARGEST_CHANGE = 1e-10;
export const LARGEST_RUN = 9999;

const STRENGTHS = 4;
const PRACTICALLY_ALL = 990;

const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);
const zeros = (size) => new Array(size).fill(0);

export const tasteWeights = (size) =>
  range(0, size).map((query) =>
    range(0, size).map((token) => 1 + (mixed(1000 * size + size * query + token) % STRENGTHS)),
  );

export function rowTokens(design, size, query) {
  const half = Math.floor((size + 1) / 2);
  const halves = query < half ? range(0, half) : range(half, size);
  const together = design === "split" ? halves : range(0, size);
  return [query, ...together.filter((token) => token !== query)];
}

export function rowKinds(places) {
  const others = places - 1;
  if (others < 2) return [range(0, places)];
  return range(0, others).map((j) => [0, 1 + j, 1 + ((j + 1) % others)]);
}

export function rowOdds(design, size, query) {
  const tastes = tasteWeights(size)[query];
  const odds = rowTokens(design, size, query).map((token) => tastes[token]);
  if (design === "skewed") odds[0] *= LOUD;
  return odds;
}

export function degrees(design, size) {
  let total = 0;
  for (let query = 0; query < size; query++) total += rowTokens(design, size, query).length - 1;
  return total;
}

export function tallies(design, size, run, start, stop) {
  const seed = 10 * size + DESIGNS.indexOf(design);
  const odds = range(0, size).map((query) => rowOdds(design, size, query));
  const kinds = odds.map((row) => rowKinds(row.length));
  const result = kinds.map((row) => row.map((kind) => zeros(kind.length)));
  for (let i = start; i < stop; i++) {
    const where = uniform(seed, run, 2 * i) * size;
    const query = Math.floor(where);
    const kind = Math.floor((where - query) * kinds[query].length);
    const places = kinds[query][kind];
    let total = 0;
    for (const place of places) total += odds[query][place];
    const level = uniform(seed, run, 2 * i + 1) * total;
    let c = 0;
    let below = odds[query][places[0]];
    while (level >= below) {
      c += 1;
      below += odds[query][places[c]];
    }
    result[query][kind][c] += 1;
  }
  return result;
}

export const rowPlaces = (tally) => (tally.length === 1 ? tally[0].length : tally.length + 1);

export function hasMaximum(tally) {
  const size = rowPlaces(tally);
  const kinds = rowKinds(size);
  const isChosen = new Array(size).fill(false);
  const leads = range(0, size).map((place) => place === 0);
  for (let grows = true; grows; ) {
    grows = false;
    kinds.forEach((kind, k) => {
      let back = false;
      kind.forEach((place, c) => {
        isChosen[place] ||= tally[k][c] > 0;
        back ||= tally[k][c] > 0 && leads[place];
      });
      for (const place of kind) if (back && !leads[place]) leads[place] = grows = true;
    });
  }
  return leads.every(Boolean) && isChosen.slice(1).every(Boolean);
}

export function fittedOdds(tally) {
  const size = rowPlaces(tally);
  const kinds = rowKinds(size);
  let odds = new Array(size).fill(1 / size);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const rates = range(0, size).map(() => zeros(size));
    kinds.forEach((kind, k) => {
      let total = 0;
      for (const place of kind) total += odds[place];
      kind.forEach((place, c) => {
        for (const present of kind) rates[present][place] += tally[k][c] / total;
      });
    });
    const next = stationary(rates);
    let moved = 0;
    next.forEach((share, i) => (moved = Math.max(moved, Math.abs(share - odds[i]) / share)));
    odds = next;
    if (moved <= LARGEST_CHANGE) break;
  }
  return odds;
}

function stationary(rates) {
  const size = rates.length;
  for (let k = size - 1; k > 0; k--) {
    let total = 0;
    for (let j = 0; j < k; j++) total += rates[k][j];
    for (let i = 0; i < k; i++) {
      if (!(rates[i][k] > 0)) continue;
      rates[i][k] /= total;
      for (let j = 0; j < k; j++) rates[i][j] += rates[i][k] * rates[k][j];
    }
  }
  const law = new Array(size).fill(1);
  let whole = 1;
  for (let k = 1; k < size; k++) {
    let share = 0;
    for (let i = 0; i < k; i++) share += law[i] * rates[i][k];
    law[k] = share;
    whole += share;
  }
  return law.map((share) => share / whole);
}

export function rowRisk(truth, odds) {
  const kinds = rowKinds(truth.length);
  let risk = 0;
  for (const kind of kinds) {
    let ofTruth = 0;
    let ofFit = 0;
    for (const place of kind) {
      ofTruth += truth[place];
      ofFit += odds[place];
    }
    for (const place of kind) {
      const p = truth[place] / ofTruth;
      risk += p * Math.log(p / (odds[place] / ofFit));
    }
  }
  return risk / kinds.length;
}

export function excessRisk(design, size, table) {
  let risk = 0;
  for (let query = 0; query < size; query++) {
    if (!hasMaximum(table[query])) return -1;
    risk += rowRisk(rowOdds(design, size, query), fittedOdds(table[query]));
  }
  return risk / size;
}

export function slope(xs, ys) {
  let meanX = 0;
  let meanY = 0;
  xs.forEach((x, i) => {
    meanX += Math.log(x) / xs.length;
    meanY += Math.log(ys[i]) / xs.length;
  });
  let across = 0;
  let along = 0;
  xs.forEach((x, i) => {
    across += (Math.log(x) - meanX) * (Math.log(ys[i]) - meanY);
    along += (Math.log(x) - meanX) * (Math.log(x) - meanX);
  });
  return across / along;
}

export function small(value) {
  let digits = 0;
  let scale = 1;
  while (Math.floor(value * scale + 0.5) < 100) {
    digits += 1;
    scale *= 10;
  }
  const units = Math.floor(value * scale + 0.5);
  if (!digits) return String(units);
  return `${Math.floor(units / scale)}.${String(units % scale).padStart(digits, "0")}`;
}

export const grouped = (n) =>
  n < 1000 ? String(n) : `${Math.floor(n / 1000)}\u00a0${String(n % 1000).padStart(3, "0")}`;

export const lineRisk = (design, size, n) => degrees(design, size) / (2 * n);

export function measuredSlope(cells) {
  const xs = [];
  const ys = [];
  GRID.forEach((n, i) => {
    if (cells[i][0] < PRACTICALLY_ALL) return;
    xs.push(n);
    ys.push(cells[i][2] / n);
  });
  return xs.length > 1 ? slope(xs, ys) : 0;
}

export function reading(design, size, n, cells) {
  const cell = cells[GRID.indexOf(n)];
  const start = `With ${design} prompts, K = ${size} and n = ${grouped(n)}, `;
  const without = percent((1000 - cell[0]) / 1000, 0);
  if (cell.length === 1)
    return `${start}${without} of the experiments have no finite fit: take more prompts.`;
  const name = design === "split" ? `${degrees(design, size)}/2n` : "K(K−1)/2n";
  const mean = small((cell[2] / 1000) * lineRisk(design, size, n));
  let text = `${start}the mean excess risk is ${mean}, which is ${decimal(cell[2] / 1000, 2)} times ${name}.`;
  if (cell[0] < 1000)
    text += ` In ${cell[0] > 990 ? "less than 1%" : without} of the experiments no finite fit exists.`;
  const steep = measuredSlope(cells);
  if (steep < 0) text += ` Measured slope: −${decimal(-steep, 2)}.`;
  return design === "split" ? `${text} The ratios between the halves are never learned, whatever n.` : text;
}

export const replicateRows = (design, size, cells) =>
  GRID.map((n, i) => {
    const [share, ...rest] = cells[i];
    const line = lineRisk(design, size, n);
    const numbers = rest.length ? rest.map((v) => small((v / 1000) * line)) : ["–", "–", "–"];
    return [grouped(n), percent(share / 1000, 1), ...numbers, small(line)];
  });

export function experimentRow(number, design, size, n, risk) {
  const start = [String(number), design, String(size), grouped(n)];
  if (risk < 0) return [...start, "no finite fit", "–"];
  return [...start, small(risk), decimal(risk / lineRisk(design, size, n), 2)];
}

export function experimentsProblem(experiments) {
  if (!Array.isArray(experiments) || experiments.length > MOST_EXPERIMENTS)
    return `The experiments must be a list of at most ${MOST_EXPERIMENTS} experiments.`;
  if (experiments.every(isExperiment)) return "";
  return (
    "An experiment must name a design, a vocabulary, a number of prompts of the list " +
    `and a run from 1 to ${LARGEST_RUN}.`
  );
}

function isExperiment(one) {
  if (!Array.isArray(one) || one.length !== 4) return false;
  const [design, size, n, run] = one;
  if (!DESIGNS.includes(design) || !SIZES.includes(size) || !GRID.includes(n)) return false;
  return Number.isInteger(run) && run >= 1 && run <= LARGEST_RUN;
}
