// The predictions of the plain chain: which chain each stands on, and what is told afterwards.
import { percent } from "./twins_basics.mjs";
import {
  MAX_LENGTH,
  forgotten,
  lawSaid,
  meeting,
  preset,
  shares,
  stationary,
  walk,
} from "./twins_plain_chain.mjs";

const LEVEL = 0.01;

const chainOf = (name) => ({ labels }) => ({ P: preset(name, labels.length), start: 0, length: MAX_LENGTH, theory: true });
const lawOf = (P) => stationary(P, [...P.keys()]);

const first = {
  key: "first",
  right: "no",
  answers: [
    ["more", "Yes, its own share is larger"],
    ["other", "Yes, in another way"],
    ["no", "Hardly at all"],
  ],
  ask: ({ labels }) =>
    `A chain where every word can follow every other, and a text of ${MAX_LENGTH} words. Does the share of ${labels[0]} depend on the first word?`,
  change: chainOf("mixing"),
  tell({ labels, seed }) {
    const P = preset("mixing", labels.length);
    const found = labels.map((word, start) => {
      const share = shares(walk(P, start, seed, MAX_LENGTH), labels.length)[0];
      return `${percent(share, 1)} from ${word}`;
    });
    return (
      `With the same luck, the share of ${labels[0]} is ${found.join(", ")}; the stationary law says ` +
      `${percent(lawOf(P)[0], 1)}. The texts even meet: from word ${meeting(P, seed)} on they are the same, ` +
      "for the next word needs the last one only."
    );
  },
};

const slow = {
  key: "slow",
  right: "same",
  answers: [
    ["even", "They become equal"],
    ["same", "They stay as they are"],
    ["first", "The first word gains for ever"],
  ],
  ask: () =>
    "Slow that chain down: nine times in ten the last word is said again, else it moves as before. What becomes of the long-run shares?",
  change: chainOf("slow"),
  tell({ labels }) {
    const [before, after] = ["mixing", "slow"].map((name) => preset(name, labels.length));
    return (
      `The stationary law is ${lawSaid(labels, lawOf(after))}, as before: each word is left ten times ` +
      "more rarely, and entered ten times more rarely. Only forgetting takes longer: the first word " +
      `makes less than ${percent(LEVEL, 0)} of difference from word ${forgotten(after, LEVEL)} on, ` +
      `and not from word ${forgotten(before, LEVEL)} on.`
    );
  },
};

const rhythm = {
  key: "rhythm",
  right: "shares",
  answers: [
    ["both", "Both"],
    ["shares", "Only the shares in the text"],
    ["none", "Neither"],
  ],
  ask: ({ labels }) =>
    `Leave only the arrows ${[...labels, labels[0]].join(" → ")}, each of them certain. What settles: the shares in the text, or the law of a far word?`,
  change: chainOf("rhythm"),
  tell({ labels, seed }) {
    const P = preset("rhythm", labels.length);
    const text = walk(P, 0, seed, MAX_LENGTH);
    return (
      `The shares after ${MAX_LENGTH} words are ${lawSaid(labels, shares(text, labels.length))}. ` +
      `But word ${MAX_LENGTH} is ${labels[text[MAX_LENGTH - 1]]} for certain if the first was ` +
      `${labels[0]}, and another one if it was ${labels[1]}. This chain never forgets.`
    );
  },
};

export const PREDICTIONS = [first, slow, rhythm];

export const predictionOf = (key) => PREDICTIONS.find((about) => about.key === key);

/** What a bet has to tell, or null where it is no bet. */
export function story({ labels, bet }) {
  const { question, answer, seed } = bet || {};
  const about = predictionOf(question);
  const isSeed = Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32;
  if (!isSeed || !about?.answers.some(([key]) => key === answer)) return null;
  const verdict = answer === about.right ? "Right." : "Not so.";
  return { question, answer, verdict, told: about.tell({ labels, seed }) };
}
