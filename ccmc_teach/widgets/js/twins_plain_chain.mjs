// The mathematics of a plain Markov chain: a walk, its shares, closed classes and what they keep.
// Twin of ccmc_teach/widgets/twins/plain_chain.py: the same operations in the same order, the same
// refusals. No page.
import { counts, drawn, labelsProblem, percent, tableProblem, uniform } from "./twins_basics.mjs";

export const MAX_WORDS = 4;
export const MAX_LENGTH = 2000;
export const SMALLEST = 1e-6;

const MIXING = {
  2: [[0.7, 0.3], [0.4, 0.6]],
  3: [[0.2, 0.5, 0.3], [0.6, 0.1, 0.3], [0.3, 0.3, 0.4]],
  4: [[0.1, 0.5, 0.2, 0.2], [0.5, 0.1, 0.3, 0.1], [0.2, 0.3, 0.4, 0.1], [0.3, 0.2, 0.2, 0.3]],
};
const STAY = 0.9;

const sum = (values) => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};
const identity = (size) =>
  Array.from({ length: size }, (_, i) => Array.from({ length: size }, (__, j) => (i === j ? 1 : 0)));

export function preset(name, size) {
  const base = MIXING[size].map((row) => [...row]);
  const one = identity(size);
  if (name === "slow")
    return base.map((row, i) => row.map((value, j) => STAY * one[i][j] + (1 - STAY) * value));
  if (name === "rhythm") return [...one.slice(1), one[0]];
  if (name === "trap") return [...base.slice(0, -1), one[size - 1]];
  return name === "islands" ? halves(base) : base;
}

function halves(base) {
  const half = Math.floor((base.length + 1) / 2);
  return base.map((row, i) => {
    const kept = row.map((value, j) => (i < half === j < half ? value : 0));
    const total = sum(kept);
    return kept.map((value) => value / total);
  });
}

export function walk(P, start, seed, length) {
  const tokens = [start];
  for (let step = 0; step < length - 1; step++)
    tokens.push(drawn(P[tokens[step]], uniform(seed, 0, step)));
  return tokens;
}

export const shares = (tokens, size) => counts(tokens, size).map((count) => count / tokens.length);

export function milestones(length) {
  const result = [];
  for (let at = 1; at < length; at += Math.max(1, Math.floor(at / 12))) result.push(at);
  return [...result, length];
}

export function runningShares(tokens, size, lengths) {
  const m = new Array(size).fill(0);
  let at = 0;
  return lengths.map((length) => {
    for (; at < length; at++) m[tokens[at]] += 1;
    return m.map((count) => count / length);
  });
}

export function power(P, steps) {
  let result = identity(P.length);
  let square = P;
  for (let left = steps; left > 0; left = Math.floor(left / 2)) {
    if (left % 2) result = product(result, square);
    square = product(square, square);
  }
  return result;
}

const product = (A, B) =>
  A.map((row) => row.map((_, j) => sum(row.map((value, k) => value * B[k][j]))));

export const spread = (rows) =>
  Math.max(
    ...rows[0].map((_, j) => {
      const column = rows.map((row) => row[j]);
      return Math.max(...column) - Math.min(...column);
    }),
  );

export function forgotten(P, level) {
  let laws = identity(P.length);
  for (let word = 1; word <= MAX_LENGTH; word++) {
    if (spread(laws) < level) return word;
    laws = product(laws, P);
  }
  return 0;
}

export function meeting(P, seed) {
  let tokens = [...P.keys()];
  for (let step = 0; step < MAX_LENGTH - 1; step++) {
    const chance = uniform(seed, 0, step);
    tokens = tokens.map((token) => drawn(P[token], chance));
    if (Math.min(...tokens) === Math.max(...tokens)) return step + 2;
  }
  return 0;
}

export function ledTo(P, token) {
  const found = new Set([token]);
  // A set that grows while it is walked gives its new members too.
  for (const i of found) P[i].forEach((value, j) => value > 0 && found.add(j));
  return [...found].sort((a, b) => a - b);
}

export function closedClasses(P) {
  const result = [];
  for (const token of P.keys()) {
    const members = ledTo(P, token);
    const known = result.some((other) => other.join() === members.join());
    if (!known && members.every((other) => ledTo(P, other).includes(token))) result.push(members);
  }
  return result;
}

export function period(P, members) {
  const depth = { [members[0]]: 0 };
  let result = 0;
  // A path between two members has fewer steps than there are members.
  for (const i of members.flatMap(() => members))
    for (const j of members) {
      if (depth[i] === undefined || !(P[i][j] > 0)) continue;
      depth[j] ??= depth[i] + 1;
      result = divisor(result, Math.abs(depth[i] + 1 - depth[j]));
    }
  return result;
}

const divisor = (a, b) => (b ? divisor(b, a % b) : a);

export function stationary(P, members) {
  const A = eliminated(members.map((i) => members.map((j) => P[i][j])));
  const weights = [1];
  for (let k = 1; k < members.length; k++)
    weights.push(sum(weights.map((weight, i) => weight * A[i][k])));
  const total = sum(weights);
  const result = new Array(P.length).fill(0);
  members.forEach((token, k) => (result[token] = weights[k] / total));
  return result;
}

// States leave the chain from the last on; how the others reach them is kept.
function eliminated(A) {
  for (let k = A.length - 1; k > 0; k--) {
    const out = sum(A[k].slice(0, k));
    for (let i = 0; i < k; i++) {
      A[i][k] /= out;
      for (let j = 0; j < k; j++) A[i][j] += A[i][k] * A[k][j];
    }
  }
  return A;
}

export function limit(P, token) {
  const reached = ledTo(P, token);
  const classes = closedClasses(P).filter((members) => reached.includes(members[0]));
  return classes.length === 1 ? stationary(P, classes[0]) : null;
}

export function named(labels, words) {
  const most = words.map((word) => labels[word]);
  const last = most.pop();
  return most.length ? `${most.join(", ")} and ${last}` : last;
}

export const lawSaid = (labels, law) =>
  labels.map((word, j) => `${word} ${percent(law[j], 1)}`).join(", ");

export function verdict(labels, P) {
  const classes = closedClasses(P);
  if (classes.length > 1) {
    const listed = classes.map((members) => named(labels, members)).join("; ");
    return (
      `${classes.length} closed classes: ${listed}. ` +
      "No unique stationary law, for a text never leaves the class that it enters."
    );
  }
  const [members] = classes;
  const law = `Stationary law: ${lawSaid(labels, stationary(P, members))}.`;
  const rhythm = period(P, members);
  if (rhythm > 1)
    return `A rhythm of ${rhythm} steps: the shares settle, the law of a far word never does. ${law}`;
  if (members.length === 1)
    return `${labels[members[0]]} is never left, and every text ends there. ${law}`;
  if (members.length < P.length)
    return `Sooner or later only ${named(labels, members)} are left. ${law}`;
  return `The first word is forgotten. ${law}`;
}

export function problem(labels, P) {
  const wrong = labelsProblem(labels);
  if (wrong) return wrong;
  if (labels.length > MAX_WORDS) return `The picture has room for ${MAX_WORDS} words at most.`;
  const bad = tableProblem(P, labels);
  if (bad) return bad;
  const tiny = P.findIndex((row) => row.some((value) => value > 0 && value < SMALLEST));
  return tiny < 0 ? "" : `Row ${labels[tiny]} of P must hold zeros and numbers of at least 0.000001.`;
}
