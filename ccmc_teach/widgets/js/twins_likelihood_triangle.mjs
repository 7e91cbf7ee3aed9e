// The mathematics of the likelihood on the triangle: one row over three words, and its cloud.
// Twin of ccmc_teach/widgets/twins/likelihood_triangle.py.
import {
  MAX_LABEL,
  decimal,
  drawn,
  isLaw,
  isNumber,
  labelsProblem,
  percent,
  uniform,
} from "./twins_basics.mjs";

export const MOST_PROMPTS = 2000;
export const LEAST_SHARE = 0.01;
export const STEPS = 40;
export const FAMILIES = {
  balanced: [[3, 2, 2], [2, 3, 2], [2, 2, 3]],
  skewed: [[1, 1, 8], [2, 1, 9], [1, 2, 9]],
  missing: [[1, 1, 0], [2, 1, 0], [1, 2, 0]],
};
export const FALLS = [0.6931471805599453, 2.995732273553991];
export const FALLS_OF_ONE_RATIO = [0.22746821155978638, 1.920729410347062];

const MOST_ROUNDS = 300;
const SETTLED = 1e-13;
const CLOSE = 1e-9;

const dot = (kind, row) => kind[0] * row[0] + kind[1] * row[1] + kind[2] * row[2];
const chosenIn = (table, j) => table[0][j] + table[1][j] + table[2][j];
const sizeOf = (row) => row[0] + row[1] + row[2];

export function choices(truth, family, n, seed) {
  const kinds = FAMILIES[family];
  const even = kinds.map(() => 1);
  const weights = kinds.map((kind) => kind.map((m, j) => m * truth[j]));
  const table = kinds.map(() => [0, 0, 0]);
  for (let i = 0; i < n; i++) {
    const kind = drawn(even, uniform(seed, 0, i));
    table[kind][drawn(weights[kind], uniform(seed, 1, i))] += 1;
  }
  return table;
}

// The rates [i][j] at which probability flows from the present j to the chosen i.
function ratesOf(kinds, table, row) {
  const rates = [[0, 0, 0], [0, 0, 0], [0, 0, 0]];
  kinds.forEach((kind, g) => {
    const onOffer = dot(kind, row);
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++)
        if (table[g][i]) rates[i][j] += (table[g][i] * kind[j]) / onOffer;
  });
  // A word that is in no prompt goes to the query and never comes back.
  for (let j = 0; j < 3; j++) if (!kinds.some((kind) => kind[j])) rates[0][j] = 1;
  return rates;
}

// The stationary law of three states: a sum over the trees that lead to each.
function stationary(rates) {
  const trees = [[0, 1, 2], [1, 2, 0], [2, 0, 1]].map(([a, b, c]) => {
    const direct = rates[a][b] * rates[a][c];
    return direct + rates[b][c] * rates[a][b] + rates[c][b] * rates[a][c];
  });
  const total = trees[0] + trees[1] + trees[2];
  return trees.map((tree) => tree / total);
}

export function estimate(family, table) {
  let row = [1 / 3, 1 / 3, 1 / 3];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const old = row;
    row = stationary(ratesOf(FAMILIES[family], table, old));
    if (row.every((share, j) => Math.abs(share - old[j]) <= SETTLED * share)) break;
  }
  return row;
}

export function targets() {
  const result = [];
  for (let corner = 0; corner < 3; corner++)
    for (let step = 0; step < STEPS; step++) {
      const law = [0, 0, 0];
      law[corner] = (STEPS - step) / STEPS;
      law[(corner + 1) % 3] = step / STEPS;
      result.push(law);
    }
  return result;
}

// Weights c and slopes a: the log-likelihood changes by the sum of c log(1 + a t) along the way.
function termsOf(kinds, table, best, target) {
  const way = best.map((share, j) => target[j] - share);
  const terms = [];
  for (let j = 0; j < 3; j++) {
    const chosen = chosenIn(table, j);
    if (chosen) terms.push([chosen, way[j] / best[j]]);
  }
  kinds.forEach((kind, g) => {
    const size = sizeOf(table[g]);
    if (size) terms.push([-size, dot(kind, way) / dot(kind, best)]);
  });
  return terms;
}

// The change of the log-likelihood after a part of the way, and its slope.
function fallen(terms, part) {
  let value = 0;
  let steepness = 0;
  for (const [weight, slope] of terms) {
    const there = 1 + slope * part;
    value += weight * Math.log(there);
    steepness += (weight * slope) / there;
  }
  return [value, steepness];
}

export function reach(family, table, best, target, fall) {
  const terms = termsOf(FAMILIES[family], table, best, target);
  const isPossible = terms.every(([weight, slope]) => weight <= 0 || 1 + slope > 0);
  if (isPossible && fallen(terms, 1)[0] >= -fall) return 1;
  let [low, high, curvature] = [0, 1, 0];
  for (const [weight, slope] of terms) curvature += weight * slope * slope;
  let part = curvature > 0 ? Math.min(Math.sqrt((2 * fall) / curvature), 0.5) : 0.5;
  for (let round = 0; round < 100; round++) {
    const [value, slope] = fallen(terms, part);
    if (value >= -fall) low = part;
    else high = part;
    let following = slope < 0 ? part - (value + fall) / slope : high;
    if (!(low < following && following < high)) following = (low + high) / 2;
    const isClose = Math.abs(following - part) <= CLOSE * part;
    part = following;
    if (isClose) break;
  }
  return part;
}

export function area(best, parts) {
  if (parts.length === 2) return parts[0] * (1 - best[0]) + parts[1] * best[0];
  let total = 0;
  for (let k = 0; k < parts.length; k++) {
    // The side between two corners lies opposite of the third one.
    const opposite = best[(Math.floor(k / STEPS) + 2) % 3];
    total += parts[k] * parts[(k + 1) % parts.length] * opposite;
  }
  return total / STEPS;
}

function information(family, table, best, one, other) {
  let total = 0;
  for (let j = 0; j < 3; j++)
    total += chosenIn(table, j) * (one[j] / best[j]) * (other[j] / best[j]);
  FAMILIES[family].forEach((kind, g) => {
    const onOffer = dot(kind, best);
    total -= sizeOf(table[g]) * (dot(kind, one) / onOffer) * (dot(kind, other) / onOffer);
  });
  return total;
}

// The axes u, v of the 95 % ellipse best + cos(a) u + sin(a) v, from Cholesky factors.
function axesOf(family, table, best) {
  const [one, other] = [[1, -1, 0], [0, -1, 1]];
  const first = information(family, table, best, one, one);
  const mixed = information(family, table, best, one, other);
  const second = information(family, table, best, other, other);
  const a = Math.sqrt(first);
  const b = mixed / a;
  const c = Math.sqrt(second - b * b);
  const size = Math.sqrt(2 * FALLS[1]);
  const [along, across, up] = [size / a, (-size * b) / (a * c), size / c];
  return [[along, -along, 0], [across, -across - up, up]];
}

export function cloud(truth, family, n, seed) {
  const table = choices(truth, family, n, seed);
  const best = estimate(family, table);
  const isOpen = family === "missing";
  const aims = isOpen ? [[1, 0, 0], [0, 1, 0]] : targets();
  const [inner, outer] = (isOpen ? FALLS_OF_ONE_RATIO : FALLS).map((fall) =>
    aims.map((aim) => reach(family, table, best, aim, fall)),
  );
  const isPresent = (j) => FAMILIES[family].some((kind) => kind[j]);
  const never = [0, 1, 2].filter((j) => isPresent(j) && !chosenIn(table, j));
  const axes = isOpen || never.length ? [] : axesOf(family, table, best);
  return { choices: table, best, never, inner, outer, area: area(best, outer), axes };
}

export function divergence(truth, best) {
  let total = 0;
  for (let j = 0; j < 3; j++) {
    if (!(best[j] > 0)) return "infinite";
    total += truth[j] * Math.log(truth[j] / best[j]);
  }
  return decimal(total, 4);
}

const listed = (labels, law) =>
  labels.map((word, j) => `${word} ${percent(law[j], 0)}`).join(", ");

export function summary(labels, truth, family, now) {
  let n = 0;
  for (const row of now.choices) n += sizeOf(row);
  const prompts = n === 1 ? "1 prompt" : `${n} prompts`;
  const covers = `The 95% cloud covers ${percent(now.area, 2)} of the triangle.`;
  if (family === "missing") {
    const [first, second, third] = labels;
    return (
      `${prompts} without ${third}: most likely, ${first} has ${percent(now.best[0], 0)} of what ` +
      `${first} and ${second} have together, and ${third} can have any share. ${covers}`
    );
  }
  return (
    `${prompts}: most likely is ${listed(labels, now.best)}; ` +
    `the truth is ${listed(labels, truth)}. ${covers}`
  );
}

export function caution(labels, family, { best, never, axes }) {
  if (family === "missing")
    return (
      "All rows on the thick line are equally likely: no number of such prompts tells the " +
      `share of ${labels[2]}. So there is no ellipse.`
    );
  if (!axes.length) {
    const words = never.map((j) => labels[j]).join(", ");
    return `Never chosen so far: ${words}. So the maximum lies on the border, and there is no ellipse.`;
  }
  const size = percent(2 * Math.PI * axes[0][0] * axes[1][2], 2);
  const expected = `The Fisher information expects the dashed ellipse, ${size} of the triangle`;
  const widths = [0, 1, 2].map((j) => axes[0][j] * axes[0][j] + axes[1][j] * axes[1][j]);
  return widths.some((width, j) => width > best[j] * best[j])
    ? `${expected}. It leaves the triangle: for so few choices it is a rough guide.`
    : `${expected}.`;
}

export function problem(labels, truth, family, n, seed) {
  if (labelsProblem(labels) || labels.length !== 3)
    return `The labels must be 3 different words of at most ${MAX_LABEL} characters each.`;
  if (!isLaw(truth, 3) || !truth.every((share) => share >= LEAST_SHARE))
    return `The truth must hold 3 numbers of at least ${LEAST_SHARE} that sum to 1.`;
  if (typeof family !== "string" || !Object.hasOwn(FAMILIES, family))
    return `The family must be one of ${Object.keys(FAMILIES).join(", ")}.`;
  if (!isNumber(n) || n !== Math.floor(n) || n < 1 || n > MOST_PROMPTS)
    return `The number of prompts must be a whole number from 1 to ${MOST_PROMPTS}.`;
  if (!isNumber(seed) || seed !== Math.floor(seed) || seed < 0 || seed >= 2 ** 32)
    return "The seed must be a whole number from 0 to 4294967295.";
  return "";
}
