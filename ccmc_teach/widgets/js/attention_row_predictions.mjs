// The predictions of the attention row: the change that each makes, and what is told afterwards.
import { decimal, percent } from "./twins_basics.mjs";
import { lawSaid, preset, scoresProblem, softmax, withColumn, withScore } from "./twins_attention_row.mjs";

const SHIFT = 2;
const RAISE = 0.7;
const HIGHEST = 3; // above there is no room for a bet

// Bets stand on the reader's table where it has room, else on the table of the start.
const baseOf = ({ labels, scores }) =>
  Math.max(...scores.flat()) <= HIGHEST ? scores : preset(labels.length);

// The word with the lowest score: it has most to gain.
const lowest = (row) => row.indexOf(Math.min(...row));
const other = (word) => (word ? 0 : 1);

const shift = {
  key: "shift",
  right: "nothing",
  answers: [
    ["nothing", "Nothing"],
    ["larger", "The row grows"],
    ["uneven", "The row becomes more unequal"],
  ],
  ask: ({ labels, query }) =>
    `Add ${SHIFT} to every score of row ${labels[query]}. What changes in P?`,
  change: (now) => ({ scores: baseOf(now), shift: SHIFT }),
  tell: ({ labels, scores, query }) =>
    `Each exponential of the row is ${decimal(Math.exp(SHIFT), 2)} times as large, and so is their sum. ` +
    `Row ${labels[query]} of P is still ${lawSaid(labels, softmax(scores[query]))}. ` +
    "So many tables of scores make the same chain: the scores of a row matter only up to a constant.",
};

const odds = {
  key: "odds",
  right: "odds",
  answers: [
    ["chance", "Its probability doubles"],
    ["odds", "Its odds double"],
    ["rows", "All rows of P change"],
  ],
  ask(now) {
    const word = lowest(baseOf(now)[now.query]);
    return `Raise the score of ${now.labels[word]} in row ${now.labels[now.query]} by ${RAISE}, which is log 2 rounded. What happens?`;
  },
  change(now) {
    const scores = baseOf(now);
    const word = lowest(scores[now.query]);
    return { scores: withScore(scores, now.query, word, scores[now.query][word] + RAISE), shift: 0 };
  },
  tell({ labels, scores, query }) {
    const row = scores[query];
    const word = lowest(row);
    const next = withScore(scores, query, word, row[word] + RAISE)[query];
    const [before, after] = [row, next].map(softmax);
    const ratio = (law) => decimal(law[word] / law[other(word)], 3);
    return (
      `The odds of ${labels[word]} against ${labels[other(word)]} go from ${ratio(before)} to ${ratio(after)}. ` +
      `Its probability goes from ${percent(before[word], 1)} to ${percent(after[word], 1)}: less than ` +
      "twice, for the sum grows too. The other rows know nothing of it."
    );
  },
};

const column = {
  key: "column",
  right: "gains",
  answers: [
    ["nothing", "Nothing"],
    ["row", "One row changes"],
    ["gains", "The word gains in every row"],
  ],
  ask: ({ labels }) => `Add 1 to every score of column ${labels[1]}. What changes in P?`,
  change: (now) => ({ scores: withColumn(baseOf(now), 1, 1), shift: 0 }),
  tell({ labels, scores }) {
    const next = withColumn(scores, 1, 1);
    const gains = labels.map((word, q) => {
      const [before, after] = [scores, next].map((table) => percent(softmax(table[q])[1], 1));
      return `${before} to ${after} after ${word}`;
    });
    return (
      `${labels[1]} goes from ${gains.join(", ")}. A constant cancels only where one softmax holds all ` +
      "that it was added to, and softmax runs along the rows."
    );
  },
};

export const PREDICTIONS = [shift, odds, column];

export const predictionOf = (key) => PREDICTIONS.find((about) => about.key === key);

/** A bet as it is kept: the table before the change stands in it. */
export const betOn = (now, question, answer) => ({
  question,
  answer,
  query: now.query,
  scores: baseOf(now),
});

/** What a bet has to tell, or null where it is no bet. */
export function story({ labels, bet }) {
  const { question, answer, query, scores } = bet || {};
  const about = predictionOf(question);
  if (!about?.answers.some(([key]) => key === answer)) return null;
  if (scoresProblem(scores, labels) || !scores[query]) return null;
  const verdict = answer === about.right ? "Right." : "Not so.";
  return { question, answer, verdict, told: about.tell({ labels, scores, query }) };
}
