// The two predictions of the likelihood triangle: what the change is, when it cannot be made, and
// what is told afterwards.
import { decimal, percent } from "./twins_basics.mjs";
import { FAMILIES, MOST_PROMPTS, cloud, problem } from "./twins_likelihood_triangle.mjs";

const FEWEST = 20; // below, luck says more than the rule
const KEPT = 6;
const kept = new Map();

/** What `cloud` returns, kept for the states that were drawn last. */
export function cloudOf({ truth, family, n, seed }) {
  const key = [truth, family, n, seed].join();
  if (!kept.has(key)) kept.set(key, cloud(truth, family, n, seed));
  if (kept.size > KEPT) kept.delete(kept.keys().next().value);
  return kept.get(key);
}

const four = {
  key: "four",
  right: "half",
  answers: [
    ["half", "Half as wide"],
    ["quarter", "A quarter as wide"],
    ["same", "As wide as before"],
  ],
  ask: () => "Four times the data: how wide is the cloud then?",
  change: ({ n }) => ({ n: 4 * n }),
  refusal({ labels, family, n }) {
    if (family === "missing")
      return `Without ${labels[2]} the cloud never gets shorter. Choose other prompts first.`;
    if (n < FEWEST) return `With so few prompts luck rules. Take at least ${FEWEST} first.`;
    if (4 * n <= MOST_PROMPTS) return "";
    return `Four times ${n} prompts are more than ${MOST_PROMPTS}. Take fewer first.`;
  },
  tell(before, after) {
    const [small, large] = [cloudOf(after).area, cloudOf(before).area];
    const [from, to] = [percent(large, 2), percent(small, 2)];
    return (
      `With ${before.n} prompts the 95% cloud covered ${from} of the triangle, with ${after.n} it ` +
      `covers ${to}: ${decimal(small / large, 2)} times the area, so ` +
      `${decimal(Math.sqrt(small / large), 2)} times the width. The rule for many prompts is one ` +
      "half: widths shrink like 1 over the square root of n."
    );
  },
};

const unseen = {
  key: "unseen",
  right: "band",
  answers: [
    ["point", "Next to a point"],
    ["band", "A thin band"],
    ["all", "The whole triangle"],
  ],
  ask: ({ labels }) => `Take ${MOST_PROMPTS} prompts without ${labels[2]}: what is left of the cloud?`,
  change: () => ({ family: "missing", n: MOST_PROMPTS }),
  refusal: ({ family, n }) =>
    family === "missing" && n === MOST_PROMPTS
      ? "These are the prompts that you see already. Choose others first."
      : "",
  tell(_, after) {
    const [first, second, third] = after.labels;
    const share = percent(cloudOf(after).best[0], 0);
    return (
      `So much data settle ${first} against ${second}: ${first} has about ${share} of what the two ` +
      `have together. But they say nothing about ${third}: its share can be anything from 0% to ` +
      "100%. More of them make the band thinner, never shorter."
    );
  },
};

export const PREDICTIONS = [four, unseen];

export const predictionOf = (key) => PREDICTIONS.find((about) => about.key === key);

/**
 * What a bet has to tell, or null where it is no bet. It tells from the inputs it was placed on,
 * whatever the reader has moved since.
 */
export function story(bet, labels) {
  const about = predictionOf(bet?.question);
  if (!about?.answers.some(([key]) => key === bet.answer)) return null;
  const { truth, family, n, seed } = bet;
  if (problem(labels, truth, family, n, seed) || !FAMILIES[family]) return null;
  const before = { labels, truth, family, n, seed };
  if (about.refusal(before)) return null;
  const after = { ...before, ...about.change(before) };
  const { question, answer } = bet;
  const verdict = answer === about.right ? "Right." : "Not so.";
  return { question, answer, before, after, verdict, told: about.tell(before, after) };
}
