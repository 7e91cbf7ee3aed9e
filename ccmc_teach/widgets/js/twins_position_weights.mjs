// The mathematics of position weights: weights by place, weighted counts, words that move.
// Twin of ccmc_teach/widgets/twins/position_weights.py.
import {
  NOTHING,
  decimal,
  isNumber,
  labelsProblem,
  percent,
  promptProblem,
  tableProblem,
} from "./twins_basics.mjs";

export const MAX_LENGTH = 30;
export const TABLE_FLOOR = 0.01;
export const SLOWEST = 0.001;
export const UNHEARD =
  "With these weights the last word hears no word that it could let follow, because every " +
  "weight times taste is zero: let it hear more places.";
export const SHAPES = {
  uniform: null,
  exponential: ["rate", 0, 1],
  power: ["exponent", 0, 3],
  window: ["size", 1, 15],
  sink: ["mass", 0, 0.9],
  absolute: null,
};

const sum = (parts) => {
  let total = 0;
  for (const part of parts) total += part;
  return total;
};

export function placeWeights(shape, value, table, length) {
  const byAge = (weight) => Array.from({ length }, (_, place) => weight(length - 1 - place));
  if (shape === "exponential") return byAge((age) => Math.exp(-value * age));
  if (shape === "power") return byAge((age) => (1 + age) ** -value);
  if (shape === "window") return byAge((age) => (age < value ? 1 : 0));
  if (shape === "sink") {
    const rest = (1 - value) / (1 - value + value * length);
    return byAge((age) => (age === length - 1 ? 1 : rest));
  }
  return shape === "absolute" ? table.slice(0, length) : byAge(() => 1);
}

export function effectiveNumber(weights) {
  const loudest = Math.max(...weights);
  const relative = weights.map((weight) => weight / loudest);
  const total = sum(relative);
  return (total * total) / sum(relative.map((weight) => weight * weight));
}

export function weightedCounts(prompt, weights, size) {
  const result = new Array(size).fill(0);
  prompt.forEach((token, place) => (result[token] += weights[place]));
  return result;
}

export function effectiveCounts(prompt, weights, size) {
  const total = sum(weights);
  return weightedCounts(prompt, weights, size).map((part) => (prompt.length * part) / total);
}

export function placeAttention(prompt, tastes, weights) {
  const parts = prompt.map((token, place) => weights[place] * tastes[token]);
  const total = sum(parts);
  if (!(total > 0)) throw new RangeError(UNHEARD);
  return parts.map((part) => part / total);
}

export function moved(prompt, place, target) {
  const result = [...prompt];
  const [token] = result.splice(place, 1);
  result.splice(Math.min(Math.max(target, 0), prompt.length - 2), 0, token);
  return result;
}

export const withFront = (prompt, token, copies) => [...new Array(copies).fill(token), ...prompt];

export const olderWeight = (rate, length) => Math.exp(-rate * length) / (1 - Math.exp(-rate));

export function heard(shape, value, weights) {
  const number = `Effectively heard: ${decimal(effectiveNumber(weights), 1)} of ${weights.length} places.`;
  return number + about(shape, value, weights);
}

function about(shape, value, weights) {
  const { length } = weights;
  if (shape === "uniform" || (["exponential", "power", "sink"].includes(shape) && value === 0))
    return " Positions do not matter.";
  if (shape === "exponential")
    return value < SLOWEST
      ? " Memory: more than 1000 words."
      : ` Memory: 1/rate = ${decimal(1 / value, 1)} words.`;
  if (shape === "power") return ` The oldest place still weighs ${decimal(weights[0], 3)}.`;
  if (shape === "window") {
    const silent = Math.max(length - Math.trunc(value), 0);
    return silent ? ` Old places not heard at all: ${silent}.` : " The window holds the whole prompt.";
  }
  if (shape === "sink")
    return ` The first place holds ${percent(weights[0] / sum(weights), 0)} of all weight.`;
  return "";
}

export function problem(labels, P, prompt, shape, value, table) {
  const wrong =
    labelsProblem(labels) || tableProblem(P, labels) || promptProblem(prompt, labels.length);
  if (wrong) return wrong;
  if (prompt.length > MAX_LENGTH)
    return `The prompt holds ${prompt.length} words; this picture has room for ${MAX_LENGTH}.`;
  const bad = weightsProblem(shape, value, table);
  if (bad) return bad;
  const tastes = P[prompt[prompt.length - 1]];
  if (!prompt.some((token) => tastes[token] > 0)) return NOTHING;
  if (shape === "absolute" && !(table[prompt.length - 1] > 0))
    return "The table must give the place of the last word a weight above 0.";
  const weights = placeWeights(shape, value, table, prompt.length);
  return prompt.some((token, place) => weights[place] * tastes[token] > 0) ? "" : UNHEARD;
}

function weightsProblem(shape, value, table) {
  if (typeof shape !== "string" || !Object.hasOwn(SHAPES, shape))
    return `The shape must be one of ${Object.keys(SHAPES).join(", ")}.`;
  if (SHAPES[shape]) {
    const [name, least, most] = SHAPES[shape];
    if (!isNumber(value) || !(least <= value && value <= most))
      return `The ${name} of the ${shape} must be a number from ${least} to ${most}.`;
  }
  if (!Array.isArray(table) || table.length !== MAX_LENGTH)
    return `The table must hold ${MAX_LENGTH} weights, one for each place.`;
  if (!table.every((weight) => isNumber(weight) && weight >= 0 && weight <= 1))
    return "The table must hold weights from 0 to 1.";
  return "";
}
