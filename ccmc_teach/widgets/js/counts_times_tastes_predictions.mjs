// The two predictions of counts times tastes: what the change is, when it cannot be made, and what
// is told afterwards.
import { listed } from "./three_panels.mjs";
import { attentionWeights, counts, decimal, nextTokenLaw, percent } from "./twins_basics.mjs";
import { MAX_COUNT, doubled, problem, withCount } from "./twins_counts_times_tastes.mjs";

const TRIPLED = 1; // the word whose count the second prediction triples

/** Everything that a picture shows of a prompt and a row of tastes. */
export function compute(labels, prompt, tastes) {
  const m = counts(prompt, labels.length);
  return {
    labels,
    prompt,
    tastes,
    query: prompt[prompt.length - 1],
    counts: m,
    law: nextTokenLaw(tastes, m),
    weights: attentionWeights(prompt, tastes),
  };
}

const double = {
  key: "double",
  right: "same",
  focus: null,
  answers: [
    ["same", "Nothing"],
    ["all", "All probabilities double"],
    ["common", "The commonest word gains"],
  ],
  ask: () => "Double every count. What changes for the next word?",
  change: ({ prompt }) => doubled(prompt),
  refusal({ counts: m, labels }) {
    const j = m.findIndex((count) => 2 * count > MAX_COUNT);
    const needed = `Doubling needs at most ${MAX_COUNT / 2} copies of a word`;
    return j < 0 ? "" : `${needed}, and “${labels[j]}” has ${m[j]}. Lower it first.`;
  },
  tell: (before, after, labels) =>
    `The counts went from ${before.counts.join(", ")} to ${after.counts.join(", ")}, ` +
    `and the next word is still ${listed(labels, after.law, 1)}. ` +
    "The factor 2 stands above and below the fraction line, so it cancels.",
};

// The product of the tripled word against the products of all others.
function odds({ counts: m, tastes }) {
  const products = m.map((count, j) => count * tastes[j]);
  const others = products.reduce((sum, product, j) => (j === TRIPLED ? sum : sum + product), 0);
  return `${decimal(products[TRIPLED], 2)} : ${decimal(others, 2)}`;
}

const triple = {
  key: "triple",
  right: "less",
  focus: TRIPLED,
  answers: [
    ["triple", "Yes, it triples"],
    ["less", "No, it grows less"],
    ["more", "No, it grows more"],
  ],
  ask: (labels) => `Triple “${labels[TRIPLED]}”. Does its probability triple?`,
  change: ({ prompt, counts: m }) => withCount(prompt, TRIPLED, 3 * m[TRIPLED]),
  refusal({ counts: m, law, labels }) {
    const word = `“${labels[TRIPLED]}”`;
    const needed = `Tripling needs 1 to ${MAX_COUNT / 3} copies of ${word}`;
    if (m[TRIPLED] < 1 || 3 * m[TRIPLED] > MAX_COUNT)
      return `${needed}, and now there are ${m[TRIPLED]}. Move its handle first.`;
    if (law[TRIPLED] > 0 && law[TRIPLED] < 1) return "";
    const sure = law[TRIPLED] ? "surely" : "never";
    return `The next word is now ${sure} ${word}, whatever its count. Change that first.`;
  },
  tell(before, after, labels) {
    const [p, q] = [before.law[TRIPLED], after.law[TRIPLED]];
    const [few, many] = [before.counts[TRIPLED], after.counts[TRIPLED]];
    return (
      `“${labels[TRIPLED]}” went from ${few} to ${many} copies, ` +
      `its probability from ${percent(p, 1)} to ${percent(q, 1)}: ${decimal(q / p, 2)} times, ` +
      "because its copies also stand below the fraction line. " +
      `What tripled is its odds against the other words, from ${odds(before)} to ${odds(after)}.`
    );
  },
};

export const PREDICTIONS = [double, triple];

export const predictionOf = (key) => PREDICTIONS.find((about) => about.key === key);

/**
 * What a bet has to tell, or null where it is no bet. It tells from the prompt and the tastes it was
 * placed on, whatever the reader has moved since.
 */
export function story(bet, labels) {
  const about = predictionOf(bet?.question);
  if (!about?.answers.some(([key]) => key === bet.answer)) return null;
  const table = labels.map(() => bet.tastes);
  if (problem(labels, table, bet.prompt)) return null;
  const before = compute(labels, bet.prompt, bet.tastes);
  if (about.refusal(before)) return null;
  const after = compute(labels, about.change(before), bet.tastes);
  const { question, answer } = bet;
  const verdict = answer === about.right ? "Right." : "Not so.";
  return { question, answer, after, verdict, told: about.tell(before, after, labels) };
}
