// The mathematics of an attention row: scores, their softmax, and what a constant does to them.
// Twin of ccmc_teach/widgets/twins/attention_row.py: the same operations in the same order, the
// same refusals. No page.
import { decimal, isNumber, labelsProblem, percent } from "./twins_basics.mjs";

export const MAX_WORDS = 4;
export const MAX_SCORE = 4;
export const MAX_SHIFT = 3;
export const STEP = 0.1;

const SCORES = {
  2: [[0.5, 1.2], [1.0, -0.8]],
  3: [[-0.5, 1.1, 0.4], [1.2, -0.8, 0.3], [0.0, 0.6, -1.0]],
  4: [[-0.5, 1.1, 0.4, -1.2], [1.2, -0.8, 0.3, 0.5], [0.0, 0.6, -1.0, 0.9], [-0.3, 0.2, 1.5, 0.0]],
};
const CERTAIN = 0.99;
const EQUAL = 1e-9;

const copy = (table) => table.map((row) => [...row]);
const sum = (values) => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

export const preset = (size) => copy(SCORES[size]);

export function softmax(row) {
  const top = Math.max(...row);
  const parts = row.map((score) => Math.exp(score - top));
  const total = sum(parts);
  return parts.map((part) => part / total);
}

export const transitionMatrix = (scores) => scores.map(softmax);

export const shifted = (scores, query, shift) =>
  scores.map((row, i) => row.map((score) => (i === query ? score + shift : score)));

export function withScore(scores, query, word, value) {
  const held = Math.min(Math.max(value, -MAX_SCORE), MAX_SCORE);
  const result = copy(scores);
  result[query][word] = Math.floor(held * 10 + 0.5) / 10;
  return result;
}

export const level = (scores, query) =>
  scores.map((row, i) => (i === query ? row.map(() => 0) : [...row]));

export function dominant(scores, query) {
  const result = copy(scores);
  const best = result[query].indexOf(Math.max(...result[query]));
  result[query] = result[query].map((_, j) => (j === best ? MAX_SCORE : -MAX_SCORE));
  return result;
}

export const withColumn = (scores, word, constant) =>
  scores.reduce((table, row, query) => withScore(table, query, word, row[word] + constant), scores);

export const firstAndSecond = (row) =>
  [...row.keys()].sort((a, b) => row[b] - row[a] || a - b).slice(0, 2);

export function formula(row, word) {
  const total = sum(row.map((score) => Math.exp(score)));
  const terms = row.map((score) => `exp(${decimal(score, 1)})`);
  const above = decimal(Math.exp(row[word]), 2);
  const share = percent(softmax(row)[word], 1);
  return `${terms[word]} / (${terms.join(" + ")}) = ${above} / ${decimal(total, 2)} = ${share}`;
}

export function note(labels, row, query, shift) {
  const [first, second] = firstAndSecond(row);
  if (Math.abs(shift) > EQUAL)
    return (
      `Row ${labels[query]} has ${shift > 0 ? "+" : ""}${decimal(shift, 1)}: a factor of ${decimal(Math.exp(shift), 2)} on ` +
      "every exponential and on their sum, so it cancels."
    );
  if (Math.max(...row) - Math.min(...row) < EQUAL)
    return `All scores of row ${labels[query]} are equal, so every word is as likely as any other.`;
  if (softmax(row)[first] > CERTAIN)
    return `One score is far above the others: softmax is almost certain of ${labels[first]}, but never quite.`;
  return (
    `The log-odds of ${labels[first]} against ${labels[second]} are ` +
    `${decimal(row[first] - row[second], 1)}, the difference of their scores.`
  );
}

export const lawSaid = (labels, law) =>
  labels.map((word, j) => `${word} ${percent(law[j], 1)}`).join(", ");

export function scoresProblem(scores, labels) {
  const size = labels.length;
  if (!Array.isArray(scores) || scores.length !== size)
    return `The scores must be a table of ${size} rows, one for each word.`;
  const bad = scores.findIndex(
    (row) => !Array.isArray(row) || row.length !== size || !row.every(isScore),
  );
  return bad < 0
    ? ""
    : `Row ${labels[bad]} of the scores must hold ${size} numbers from -${MAX_SCORE} to ${MAX_SCORE}.`;
}

const isScore = (value) => isNumber(value) && Math.abs(value) <= MAX_SCORE;

export function problem(labels, scores) {
  const wrong = labelsProblem(labels);
  if (wrong) return wrong;
  if (labels.length > MAX_WORDS) return `The picture has room for ${MAX_WORDS} words at most.`;
  return scoresProblem(scores, labels);
}
