// What the mathematics of several widgets needs: words, counts, the law, chance, and checks.
// Twin of ccmc_teach/widgets/twins/basics.py: the same operations in the same order, the same
// refusals. No page.

export const MAX_LABEL = 10;
export const TASTE_FLOOR = 0.01;
export const NOTHING =
  "The last word can attend to nothing in this prompt: every count times its taste is zero.";

const LARGEST = 2 ** 53;
const WORD = 2 ** 32;
const TENS = [1, 10, 100, 1000, 10000];

export function decimal(value, digits) {
  if (!(Math.abs(value) < 1e9) || !(digits in TENS))
    throw new RangeError("A number on the screen must be below 1e9 and have 0 to 4 decimals.");
  const units = Math.floor(Math.abs(value) * TENS[digits] + 0.5);
  const whole = Math.floor(units / TENS[digits]);
  const sign = value < 0 && units > 0 ? "-" : "";
  return digits
    ? `${sign}${whole}.${String(units % TENS[digits]).padStart(digits, "0")}`
    : sign + whole;
}

export const percent = (value, digits) => decimal(100 * value, digits) + "%";

export function counts(prompt, size) {
  const result = new Array(size).fill(0);
  for (const token of prompt) result[token] += 1;
  return result;
}

export function nextTokenLaw(tastes, m) {
  if (tastes.length !== m.length) throw new RangeError("There must be one count for each taste.");
  let total = 0;
  for (let j = 0; j < m.length; j++) total += m[j] * tastes[j];
  if (!(total > 0)) throw new RangeError(NOTHING);
  return tastes.map((taste, j) => (m[j] * taste) / total);
}

export function attentionWeights(prompt, tastes) {
  const scores = prompt.map((token) => (tastes[token] > 0 ? Math.log(tastes[token]) : -Infinity));
  const top = Math.max(...scores);
  if (top === -Infinity) throw new RangeError(NOTHING);
  const parts = scores.map((score) => Math.exp(score - top));
  let total = 0;
  for (const part of parts) total += part;
  return parts.map((part) => part / total);
}

export function withTaste(tastes, token, value) {
  const indices = [...tastes.keys()].filter((i) => i !== token);
  const positive = indices.filter((i) => tastes[i] > 0);
  const others = positive.length ? positive : indices;
  const held = Math.min(Math.max(value, TASTE_FLOOR), 1 - TASTE_FLOOR * others.length);
  const free = 1 - held - TASTE_FLOOR * others.length;
  const above = others.map((i) => Math.max(tastes[i] - TASTE_FLOOR, 0));
  let total = 0;
  for (const part of above) total += part;
  const result = new Array(tastes.length).fill(0);
  result[token] = held;
  others.forEach((i, k) => {
    result[i] = TASTE_FLOOR + free * (total > 0 ? above[k] / total : 1 / others.length);
  });
  return result;
}

export function withBorder(row, token, value) {
  const both = row[token] + row[token + 1];
  const floor = Math.min(TASTE_FLOOR, both / 2);
  const held = Math.min(Math.max(value, floor), both - floor);
  return row.map((old, j) => (j === token ? held : j === token + 1 ? both - held : old));
}

export function mixed(number) {
  let x = number >>> 0;
  x ^= x >>> 17;
  x = Math.imul(x, 0xed5ad4bb);
  x ^= x >>> 11;
  x = Math.imul(x, 0xac4c1b51);
  x ^= x >>> 15;
  x = Math.imul(x, 0x31848bab);
  return (x ^ (x >>> 14)) >>> 0;
}

export const uniform = (seed, run, step) => (mixed(step + mixed(run + mixed(seed))) + 0.5) / WORD;

export function drawn(weights, chance) {
  let total = 0;
  for (const weight of weights) total += weight;
  const level = chance * total;
  let below = 0;
  for (let token = 0; token < weights.length; token++) {
    below += weights[token];
    if (level < below) return token;
  }
  throw new RangeError("To draw a token, a weight must be positive and the chance below 1.");
}

export function labelsProblem(labels) {
  if (areLabels(labels)) return "";
  return `The labels must be 2 to 5 different words of at most ${MAX_LABEL} characters each.`;
}

export function tableProblem(P, labels) {
  const size = labels.length;
  if (!Array.isArray(P) || P.length !== size)
    return `P must be a table of ${size} rows, one for each word.`;
  const bad = P.findIndex((row) => !isLaw(row, size));
  return bad < 0
    ? ""
    : `Row ${labels[bad]} of P must hold ${size} non-negative numbers that sum to 1.`;
}

export function promptProblem(prompt, size) {
  if (areTokens(prompt, size) && prompt.length > 0) return "";
  return `The prompt must hold at least one word and only the tokens 0 to ${size - 1}.`;
}

export const isNumber = (value) => typeof value === "number" && Math.abs(value) < LARGEST;

export function isLaw(row, size) {
  if (!Array.isArray(row) || row.length !== size) return false;
  if (!row.every((value) => isNumber(value) && value >= 0)) return false;
  let total = 0;
  for (const value of row) total += value;
  return Math.abs(total - 1) <= 1e-8;
}

export const areTokens = (tokens, size) =>
  Array.isArray(tokens) &&
  tokens.every((token) => Number.isInteger(token) && token >= 0 && token < size);

function areLabels(labels) {
  if (!Array.isArray(labels) || labels.length < 2 || labels.length > 5) return false;
  const sound = (word) =>
    typeof word === "string" && word.replaceAll(" ", "") !== "" && [...word].length <= MAX_LABEL;
  return labels.every(sound) && new Set(labels).size === labels.length;
}
