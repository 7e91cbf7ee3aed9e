// What co-occurrence shows, computed from its inputs, and the sentences and tables about it.
import { decimal, percent } from "./twins_basics.mjs";
import {
  eigenvalues,
  islands,
  laplacian,
  likelihoodChange,
  notices,
  promptLaw,
  promptsOf,
  singleWord,
  tiltedLaw,
  verdict,
  weakestGroup,
} from "./twins_co_occurrence.mjs";

/** Words in one line: cat, dog and owl. */
export function named(labels, words) {
  const [last, ...most] = words.map((word) => labels[word]).reverse();
  return most.length ? `${most.reverse().join(", ")} and ${last}` : last;
}

/** A prompt by its words. */
export const spaced = (labels, words) => words.map((word) => labels[word]).join(" ");

/** The words of a prompt with their shares in a law. */
export const shares = (labels, words, law) =>
  words.map((word) => `${labels[word]} ${percent(law[word], 1)}`).join(", ");

/** The letter of an island. */
export const islandName = (k) => "ABCD"[k];

/** Everything that the picture shows. */
export function compute(inputs) {
  const { labels, P, supports, query, inside, alone, tilt } = inputs;
  const prompts = promptsOf(supports, query, inside);
  const tastes = P[query];
  const table = laplacian(prompts, tastes);
  const parts = islands(prompts, labels.length);
  const weakest = weakestGroup(table, query);
  const single = singleWord(table, weakest);
  const group = alone && single >= 0 ? [single] : weakest;
  const everything = [...labels.keys()];
  const pairs = everything.flatMap((a) => everything.slice(a + 1).map((b) => [a, b]));
  const compared = pairs.map(([a, b]) => ({
    pair: [a, b],
    both: prompts.filter((words) => words.includes(a) && words.includes(b)).length,
    weight: Math.max(0, -table[a][b]),
  }));
  const law = (words) => {
    const moved = tilt !== 0 && notices(words, group);
    const state = tilt === 0 ? "" : moved ? "changed" : "as before";
    const [before, after] = [promptLaw(words, tastes), tiltedLaw(words, tastes, group, tilt)];
    return { words, before, law: after, moved, state };
  };
  const isSeen = prompts.some((words) => words.length === labels.length);
  return {
    ...inputs, prompts, tastes, weakest, single, group, compared,
    islands: parts,
    smallest: eigenvalues(table)[parts.length],
    laws: prompts.map(law),
    unseen: isSeen ? [] : [law(everything)],
    fall: (side, t) => likelihoodChange(prompts, tastes, side, t),
  };
}

/** A factor as it is written. */
export const factor = (t) => `× ${decimal(Math.exp(t), 2)}`;

/** Which island holds which words; nothing where there is one island only. */
export const islandsSaid = ({ labels, islands: parts }) =>
  parts.length > 1
    ? parts.map((part, k) => `Island ${islandName(k)}: ${named(labels, part)}.`).join(" ")
    : "";

/** The free ratio, or one that is fixed, and who notices that it moves. */
export function ratioSaid({ labels, tastes, group, tilt, prompts, fall }) {
  const other = labels.findIndex((_, word) => !group.includes(word));
  const ratio = tastes[group[0]] / tastes[other];
  const said = `The ratio ${labels[group[0]]} : ${labels[other]} is ${decimal(ratio, 2)} in P`;
  if (tilt === 0)
    return `${said}. Move the slider, and see which prompts notice; ticks mark where P cuts the bars.`;
  const end = prompts.some((words) => notices(words, group))
    ? `The data can tell: the log-likelihood falls by ${decimal(-fall(group, tilt), 3)} per prompt.`
    : "No probability in the data has changed, so no data can tell the two apart.";
  return `${said}, and now ${decimal(ratio * Math.exp(tilt), 2)}. ${end}`;
}

/** The graph in words. */
export function graphSaid(now) {
  const { labels, query, inside, compared, islands: parts } = now;
  const place = inside ? "inside" : "outside";
  const joined = compared.filter(({ both }) => both);
  const edges = joined.map(({ pair: [a, b] }) => `${labels[a]}–${labels[b]}`).join(", ") || "none";
  const about = `Co-occurrence graph, query ${labels[query]} ${place} its prompts. Edges: ${edges}.`;
  return `${about} ${verdict(parts.length)} ${islandsSaid(now)}`.trim();
}

/** What the query does, or what is odd about the prompts. */
export function noteOf({ labels, query, inside, prompts }) {
  if (!prompts.length) return "There are no data: switch a prompt on.";
  if (prompts.some((words) => words.length === 1))
    return "A prompt with a single word compares nothing: the next word is certain.";
  return inside
    ? `Self-attention: ${labels[query]} is the last word of each prompt, so it joins every set.`
    : `Cross-attention: ${labels[query]} comes from elsewhere and joins no set.`;
}

/** The laws of some prompts in words. */
export const lawsSaid = ({ labels }, laws) =>
  laws.map(({ words, law }) => `“${spaced(labels, words)}”: ${shares(labels, words, law)}.`).join(" ") ||
  "None.";

/** The graph as a table. */
export const pairRows = ({ labels, query, prompts, compared }) => ({
  caption: `Pairs compared, query ${labels[query]}`,
  rows: compared.map(({ pair: [a, b], both, weight }) => [
    `${labels[a]} – ${labels[b]}`,
    `${both} of ${prompts.length}`,
    both ? "yes" : "no",
    decimal(weight, 4),
  ]),
});

/** The law of every prompt before and after the tilt as a table. */
export function lawRows({ labels, query, group, tilt, laws, unseen }) {
  const row = ({ words, before, law, moved }, after = "") => [
    spaced(labels, words) + after,
    ...labels.map((_, word) => {
      if (!words.includes(word)) return "–";
      const old = percent(before[word], 1);
      return moved ? `${old} → ${percent(law[word], 1)}` : old;
    }),
    moved ? "yes" : "no",
  ];
  return {
    caption: `Next word, query ${labels[query]}, taste of ${named(labels, group)} ${factor(tilt)}`,
    rows: [...laws.map((law) => row(law)), ...unseen.map((law) => row(law, " (never seen)"))],
  };
}
