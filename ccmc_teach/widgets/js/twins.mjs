// The mathematics of the widgets. No page, no dependencies.
// Twin of ccmc_teach/widgets/twins.py: the same operations in the same order, the same refusals.

export const MAX_COUNT = 12;
export const MAX_LABEL = 10;
export const TASTE_FLOOR = 0.01;

const LARGEST = 2 ** 53;
const TENS = [1, 10, 100, 1000, 10000];
const NOTHING =
  "The last word can attend to nothing in this prompt: every count times its taste is zero.";

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

export function withCount(prompt, token, count) {
  const query = prompt[prompt.length - 1];
  const body = prompt.slice(0, -1);
  const fewest = token === query ? 1 : 0;
  const have = body.filter((other) => other === token).length + fewest;
  const wanted = Math.min(Math.max(count, fewest), MAX_COUNT);
  for (let copy = have; copy < wanted; copy++)
    body.splice((5 * body.length + 3 * token + copy) % (body.length + 1), 0, token);
  for (let copy = wanted; copy < have; copy++) body.splice(body.lastIndexOf(token), 1);
  return [...body, query];
}

export function withQuery(prompt, token) {
  const result = [...prompt];
  const place = result.lastIndexOf(token);
  if (place < 0) return [...result, token];
  [result[place], result[result.length - 1]] = [result[result.length - 1], result[place]];
  return result;
}

export const doubled = (prompt) => [...prompt, ...prompt];

export const equalCounts = (size, query, copies) =>
  Array.from({ length: size * copies }, (_, position) => (query + 1 + position) % size);

export function problem(labels, P, prompt) {
  if (!areLabels(labels))
    return `The labels must be 2 to 5 different words of at most ${MAX_LABEL} characters each.`;
  const size = labels.length;
  if (!Array.isArray(P) || P.length !== size)
    return `P must be a table of ${size} rows, one for each word.`;
  const bad = P.findIndex((row) => !isLaw(row, size));
  if (bad >= 0)
    return `Row ${labels[bad]} of P must hold ${size} non-negative numbers that sum to 1.`;
  if (!areTokens(prompt, size))
    return `The prompt must hold at least one word and only the tokens 0 to ${size - 1}.`;
  const m = counts(prompt, size);
  const most = Math.max(...m);
  if (most > MAX_COUNT)
    return (
      `The prompt holds ${labels[m.indexOf(most)]} ${most} times; ` +
      `this picture has room for ${MAX_COUNT}.`
    );
  const tastes = P[prompt[prompt.length - 1]];
  return tastes.some((taste, j) => taste * m[j] > 0) ? "" : NOTHING;
}

function areLabels(labels) {
  if (!Array.isArray(labels) || labels.length < 2 || labels.length > 5) return false;
  const sound = (word) =>
    typeof word === "string" && word.replaceAll(" ", "") !== "" && [...word].length <= MAX_LABEL;
  return labels.every(sound) && new Set(labels).size === labels.length;
}

const isNumber = (value) => typeof value === "number" && Math.abs(value) < LARGEST;

function isLaw(row, size) {
  if (!Array.isArray(row) || row.length !== size) return false;
  if (!row.every((value) => isNumber(value) && value >= 0)) return false;
  let total = 0;
  for (const value of row) total += value;
  return Math.abs(total - 1) <= 1e-8;
}

const areTokens = (prompt, size) =>
  Array.isArray(prompt) &&
  prompt.length > 0 &&
  prompt.every((token) => Number.isInteger(token) && token >= 0 && token < size);
