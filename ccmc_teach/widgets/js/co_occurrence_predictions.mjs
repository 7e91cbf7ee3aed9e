// The predictions of co-occurrence: which design each stands on, and what is told afterwards.
import { named, shares, spaced } from "./co_occurrence_words.mjs";
import { percent } from "./twins_basics.mjs";
import {
  MAX_TILT,
  islands,
  laplacian,
  preset,
  promptLaw,
  promptsOf,
  tiltedLaw,
  weakestGroup,
} from "./twins_co_occurrence.mjs";

const quoted = (labels, words) => `“${spaced(labels, words)}”`;

const listed = (labels, parts) => parts.map((part) => named(labels, part)).join("; ");

// The link in the middle of the chain, and the chain without it.
function broken({ labels, query }) {
  const chain = preset("chain", labels.length, query);
  const middle = Math.floor(chain.length / 2);
  return { link: chain[middle], rest: chain.filter((_, k) => k !== middle) };
}

const remove = {
  key: "remove",
  right: "one",
  answers: [
    ["none", "Yes"],
    ["one", "No, one ratio goes free"],
    ["all", "No, every ratio goes free"],
  ],
  ask(now) {
    const { link } = broken(now);
    const chain = now.labels.join(" – ");
    return `Take the chain ${chain} and remove the only prompt with ${named(now.labels, link)}. Is the row still identified?`;
  },
  change: (now) => ({ supports: broken(now).rest, inside: false, alone: false, tilt: 0 }),
  tell(now) {
    const { labels } = now;
    const parts = islands(broken(now).rest, labels.length);
    return (
      `The islands are now: ${listed(labels, parts)}. ` +
      "No prompt, and no chain of prompts, compares a word of one with a word of another. " +
      "Their ratio is free, and the log-likelihood is flat along it; ratios inside an island stay fixed."
    );
  },
};

const tilt = {
  key: "tilt",
  right: "none",
  answers: [
    ["none", "In none"],
    ["some", "In those with these words"],
    ["all", "In all"],
  ],
  ask(now) {
    const { group } = twoIslands(now);
    return `Two islands. Multiply the taste of ${named(now.labels, group)} by 20. In which prompts do the probabilities change?`;
  },
  change: (now) => ({ supports: twoIslands(now).supports, inside: false, alone: false, tilt: MAX_TILT }),
  tell(now) {
    const { labels, tastes } = now;
    const { supports, group } = twoIslands(now);
    const still = supports
      .map((words) => `${quoted(labels, words)} still gives ${shares(labels, words, promptLaw(words, tastes))}`)
      .join("; ");
    const all = labels.map((_, word) => word);
    const [before, after] = [0, MAX_TILT].map((t) => tiltedLaw(all, tastes, group, t));
    const word = group[0];
    return (
      `${still}: the factor stands above and below the fraction line. ` +
      `Only a prompt with words of both islands would show it, and the data have none: there ` +
      `${labels[word]} goes from ${percent(before[word], 1)} to ${percent(after[word], 1)}.`
    );
  },
};

function twoIslands({ labels, tastes, query }) {
  const supports = preset("islands", labels.length, query);
  return { supports, group: weakestGroup(laplacian(supports, tastes), query) };
}

const inside = {
  key: "inside",
  right: "one",
  answers: [
    ["two", "Two"],
    ["one", "One"],
    ["each", "One for each word"],
  ],
  ask: ({ labels, query }) =>
    `Two islands again. Now let the query ${labels[query]} stand inside its prompts, as in self-attention. How many islands are left?`,
  change: (now) => ({ supports: twoIslands(now).supports, inside: true, alone: false, tilt: 0 }),
  tell(now) {
    const { labels, query } = now;
    const { supports } = twoIslands(now);
    const prompts = promptsOf(supports, query, true);
    const changed = prompts.filter((words, k) => words.length > supports[k].length);
    const joined = changed.map((words) => quoted(labels, words)).join(" and ");
    return (
      `The query joins every prompt, so there is now ${joined}. ` +
      `Each word that ever stands in a prompt ending in ${labels[query]} is compared with ` +
      `${labels[query]} itself: the islands meet at the query. ` +
      "With self-attention only a word that never stands before the query stays alone."
    );
  },
};

export const PREDICTIONS = [remove, tilt, inside];

export const predictionOf = (key) => PREDICTIONS.find((about) => about.key === key);

/** What a bet has to tell, or null where it is no bet. */
export function story(now) {
  const { question, answer, query } = now.bet || {};
  const about = predictionOf(question);
  if (!about?.answers.some(([key]) => key === answer) || !now.P[query]) return null;
  const verdict = answer === about.right ? "Right." : "Not so.";
  return { question, answer, verdict, told: about.tell({ ...now, query, tastes: now.P[query] }) };
}
