// The two predictions of position weights: what the change is, when it cannot be made, which answer
// is right, and what is told afterwards.
import { counts, decimal, nextTokenLaw, percent } from "./twins_basics.mjs";
import {
  SLOWEST,
  effectiveCounts,
  moved,
  olderWeight,
  placeAttention,
  placeWeights,
  problem,
  withFront,
} from "./twins_position_weights.mjs";

const MANY = 1; // the word of the second prediction
const COPIES = 10;
const LEVEL = 1e-9;

/** Everything that a picture shows of a prompt, a row of tastes and a shape of the weights. */
export function compute({ labels, prompt, tastes, shape, value, table }) {
  const size = labels.length;
  const weights = placeWeights(shape, value, table, prompt.length);
  const m = counts(prompt, size);
  const effective = effectiveCounts(prompt, weights, size);
  return {
    labels,
    prompt,
    tastes,
    shape,
    value,
    table,
    weights,
    effective,
    query: prompt[prompt.length - 1],
    counts: m,
    law: nextTokenLaw(tastes, effective),
    plain: nextTokenLaw(tastes, m),
    attention: placeAttention(prompt, tastes, weights),
    before: placeAttention(prompt, tastes, prompt.map(() => 1)),
  };
}

/** The lone word that moves is the last one of the vocabulary. */
export const loneOf = (labels) => labels.length - 1;

/** Why the lone word cannot be moved to a place, or the empty string. */
export function loneRefusal({ prompt, labels }, target) {
  const lone = loneOf(labels);
  const word = `“${labels[lone]}”`;
  const copies = prompt.filter((token) => token === lone).length;
  if (copies !== 1) return `This needs one single ${word}, and now there are ${copies}.`;
  const place = prompt.indexOf(lone);
  if (place === prompt.length - 1)
    return `${word} is the last word, so it stays. Choose another last word first.`;
  return place === target ? `${word} stands there already. Move it away first.` : "";
}

export const tenOld = ({ prompt }) => withFront(prompt, MANY, COPIES);

const fox = {
  key: "fox",
  answers: [
    ["none", "Not at all"],
    ["some", "To less than double"],
    ["much", "To more than double"],
  ],
  ask: ({ labels, law }) => {
    const lone = loneOf(labels);
    return (
      `Move the lone “${labels[lone]}” next to the end. Its probability is ` +
      `${percent(law[lone], 1)}. Does it grow?`
    );
  },
  refusal: (now) => loneRefusal(now, now.prompt.length - 2),
  change: ({ prompt, labels }) =>
    moved(prompt, prompt.indexOf(loneOf(labels)), prompt.length - 2),
  right(before, after) {
    const lone = loneOf(before.labels);
    const [p, q] = [before.law[lone], after.law[lone]];
    if (q <= p + LEVEL) return "none";
    return q <= 2 * p ? "some" : "much";
  },
  tell(before, after) {
    const { labels, prompt, weights } = before;
    const lone = loneOf(labels);
    const place = prompt.indexOf(lone);
    const target = prompt.length - 2;
    const [p, q] = [before.law[lone], after.law[lone]];
    const factor = p > 0 ? `, ${decimal(q / p, 2)} times as much` : "";
    const flat = Math.abs(weights[place] - weights[target]) < LEVEL;
    return (
      `The counts are the same, but “${labels[lone]}” went from age ${prompt.length - 1 - place} to age 1 and ` +
      `from weight ${decimal(weights[place], 2)} to ${decimal(after.weights[target], 2)}. ` +
      `Its probability went from ${percent(p, 1)} to ${percent(q, 1)}${factor}. ` +
      (flat ? "Where weights are equal, a move changes nothing." : "The words that it passed grew one step older.")
    );
  },
};

const many = {
  key: "many",
  answers: [
    ["none", "It stays"],
    ["less", "It rises less than without positions"],
    ["full", "It rises as much"],
  ],
  ask: ({ labels, law }) =>
    `Write ten more “${labels[MANY]}” in front. Its probability is ` +
    `${percent(law[MANY], 1)}. What then?`,
  refusal: () => "",
  change: tenOld,
  right(before, after) {
    const gain = after.law[MANY] - before.law[MANY];
    if (gain <= LEVEL) return "none";
    return gain < after.plain[MANY] - before.plain[MANY] - LEVEL ? "less" : "full";
  },
  tell(before, after) {
    const { labels, shape, value, prompt } = before;
    const word = `“${labels[MANY]}”`;
    let together = 0;
    for (const weight of after.weights.slice(0, COPIES)) together += weight;
    const bound =
      shape === "exponential" && value >= SLOWEST
        ? ` Even endlessly many old words would weigh no more than ${decimal(olderWeight(value, prompt.length), 2)}.`
        : "";
    return (
      `The ten new copies weigh ${decimal(together, 2)} together, so the probability of ${word} went ` +
      `from ${percent(before.law[MANY], 1)} to ${percent(after.law[MANY], 1)}. Without positions it ` +
      `would go from ${percent(before.plain[MANY], 1)} to ${percent(after.plain[MANY], 1)}.${bound}`
    );
  },
};

export const PREDICTIONS = [fox, many];

export const predictionOf = (key) => PREDICTIONS.find((about) => about.key === key);

/**
 * What a bet has to tell, or null where it is no bet. It tells from the inputs it was placed on,
 * whatever the reader has moved since.
 */
export function story(bet, labels) {
  const about = predictionOf(bet?.question);
  if (!about?.answers.some(([key]) => key === bet.answer)) return null;
  const { prompt, tastes, shape, value, table } = bet;
  const fits = (tokens) => !problem(labels, labels.map(() => tastes), tokens, shape, value, table);
  if (!fits(prompt)) return null;
  const before = compute({ ...bet, labels });
  if (about.refusal(before) || !fits(about.change(before))) return null;
  const after = compute({ ...bet, labels, prompt: about.change(before) });
  const right = about.right(before, after);
  const verdict = bet.answer === right ? "Right." : "Not so.";
  const { question, answer } = bet;
  return { question, answer, right, before, after, verdict, told: about.tell(before, after) };
}
