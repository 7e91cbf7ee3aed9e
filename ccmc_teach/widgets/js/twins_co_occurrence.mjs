// The mathematics of co-occurrence: prompts as sets of words, islands, and what the data can see.
// Twin of ccmc_teach/widgets/twins/co_occurrence.py.
import { areTokens, counts, labelsProblem, nextTokenLaw, tableProblem } from "./twins_basics.mjs";

export const MAX_WORDS = 4;
export const MAX_TILT = 3;

// Sums of products of tastes that differ by less are called equal, so that rounding decides nothing.
const EQUAL = 1e-12;
const SWEEPS = 12;

const range = (size) => [...Array(size).keys()];
const same = (a, b) => a.length === b.length && a.every((word, k) => word === b[k]);

// All choices of n items, in the order of Python's itertools.
function combinations(items, n) {
  if (!n) return [[]];
  return items.flatMap((item, k) =>
    combinations(items.slice(k + 1), n - 1).map((rest) => [item, ...rest]),
  );
}

export function possibleSupports(size) {
  const many = range(size - 1).flatMap((k) => combinations(range(size), k + 2));
  return [...many, ...range(size).map((word) => [word])];
}

export function withSupport(supports, words) {
  const rest = supports.filter((known) => !same(known, words));
  return rest.length < supports.length ? rest : [...rest, [...words]];
}

export function preset(name, size, query) {
  const half = Math.floor((size + 1) / 2);
  const words = range(size);
  if (name === "together") return [words];
  if (name === "chain") return words.slice(1).map((word) => [word - 1, word]);
  if (name === "islands") return [words.slice(0, half), words.slice(half)];
  const others = words.filter((word) => word !== query);
  return others.map((word) => [Math.min(word, query), Math.max(word, query)]);
}

export function promptsOf(supports, query, inside) {
  const result = [];
  for (const support of supports) {
    const words = [...support];
    if (inside && !words.includes(query)) words.push(query);
    words.sort((a, b) => a - b);
    if (!result.some((known) => same(known, words))) result.push(words);
  }
  return result;
}

export function islands(prompts, size) {
  let home = range(size);
  for (const words of prompts) {
    const joined = words.map((word) => home[word]);
    home = home.map((at) => (joined.includes(at) ? Math.min(...joined) : at));
  }
  const roots = range(size).filter((word) => home[word] === word);
  return roots.map((root) => range(size).filter((word) => home[word] === root));
}

export const promptLaw = (words, tastes) => nextTokenLaw(tastes, counts(words, tastes.length));

export function laplacian(prompts, tastes) {
  const result = tastes.map(() => tastes.map(() => 0));
  for (const words of prompts) {
    const law = promptLaw(words, tastes);
    for (const [i, j] of combinations(words, 2)) {
      const weight = (law[i] * law[j]) / prompts.length;
      result[i][j] -= weight;
      result[j][i] -= weight;
      result[i][i] += weight;
      result[j][j] += weight;
    }
  }
  return result;
}

export function eigenvalues(matrix) {
  const a = matrix.map((row) => [...row]);
  const pairs = combinations(range(a.length), 2);
  for (let sweep = 0; sweep < SWEEPS; sweep++)
    for (const [p, q] of pairs) if (a[p][q] !== 0) rotate(a, p, q);
  return a.map((row, k) => row[k]).sort((x, y) => x - y);
}

// Make the entry (p, q) zero by a rotation in the plane of p and q.
function rotate(a, p, q) {
  const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (const row of a) [row[p], row[q]] = [c * row[p] - s * row[q], s * row[p] + c * row[q]];
  for (const k of a.keys())
    [a[p][k], a[q][k]] = [c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]];
}

export function weakestGroup(table, query) {
  const size = table.length;
  let [best, weakest] = [Infinity, [0]];
  for (let n = 1; n <= size / 2; n++)
    for (const group of combinations(range(size), n)) {
      if (2 * n === size && group.includes(query)) continue;
      const share = cut(table, group) / (n * (size - n));
      if (share < best - EQUAL) [best, weakest] = [share, group];
    }
  return weakest;
}

// The total weight of the edges between a group and the other words.
function cut(table, group) {
  let total = 0;
  for (const i of group)
    for (const j of table.keys()) if (!group.includes(j)) total -= table[i][j];
  return total;
}

export function singleWord(table, group) {
  const others = range(table.length).filter((word) => !group.includes(word));
  for (const side of [group, others])
    for (const word of side) if (side.length > 1 && table[word][word] > EQUAL) return word;
  return -1;
}

export function notices(words, group) {
  const within = words.filter((word) => group.includes(word)).length;
  return within > 0 && within < words.length;
}

export function tiltedLaw(words, tastes, group, t) {
  if (!notices(words, group)) return promptLaw(words, tastes);
  const factor = Math.exp(t);
  return promptLaw(words, tastes.map((taste, j) => taste * (group.includes(j) ? factor : 1)));
}

export function likelihoodChange(prompts, tastes, group, t) {
  let total = 0;
  for (const words of prompts)
    if (notices(words, group)) {
      const law = promptLaw(words, tastes);
      let mass = 0;
      for (const word of group) mass += law[word];
      total += Math.min(0, t * mass - Math.log(1 + mass * (Math.exp(t) - 1)));
    }
  return prompts.length ? total / prompts.length : 0;
}

export function verdict(parts) {
  if (parts === 1) return "Connected: every ratio is fixed.";
  if (parts === 2) return "2 islands: one ratio is free.";
  return `${parts} islands: ${parts === 3 ? "two" : "three"} ratios are free.`;
}

export function problem(labels, P, supports) {
  const wrong = labelsProblem(labels);
  if (wrong) return wrong;
  if (labels.length > MAX_WORDS)
    return `There are ${labels.length} words; this picture has room for ${MAX_WORDS}.`;
  const bad = tableProblem(P, labels);
  if (bad) return bad;
  const zero = P.findIndex((row) => Math.min(...row) <= 0);
  if (zero >= 0)
    return `Row ${labels[zero]} of P must be positive: a word of taste zero is never chosen.`;
  if (areSupports(supports, labels.length)) return "";
  const tokens = `different tokens from 0 to ${labels.length - 1}`;
  return `The supports must be different lists of ${tokens}, each in increasing order and not empty.`;
}

const areSupports = (supports, size) =>
  Array.isArray(supports) &&
  supports.every(
    (words, k) =>
      areTokens(words, size) &&
      words.length > 0 &&
      !supports.slice(0, k).some((known) => same(known, words)) &&
      words.every((word, i) => !i || words[i - 1] < word),
  );
