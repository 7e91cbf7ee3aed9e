// The two predictions of how many prompts: what the change is, and what is told afterwards.
import { REPLICATES } from "./how_many_prompts_replicates.mjs";
import { decimal } from "./twins_basics.mjs";
import { GRID, degrees, grouped, lineRisk, small } from "./twins_how_many_prompts.mjs";

const N = 10000;

function mean(design, size) {
  const share = REPLICATES[design][size][GRID.indexOf(N)][2] / 1000;
  return share * lineRisk(design, size, N);
}

export const PREDICTIONS = [
  {
    key: "double",
    answers: [
      ["two", "It doubles"],
      ["four", "About 4 times as much"],
      ["eight", "About 8 times as much"],
    ],
    right: "four",
    ask:
      `The vocabulary doubles, from K = 5 to 10, and the number of prompts stays, n = ${grouped(N)}. ` +
      "What does the excess risk do?",
    change: { design: "even", K: 10, n: N, together: true },
    told() {
      const [before, after] = [mean("even", 5), mean("even", 10)];
      return (
        `The mean risk went from ${small(before)} to ${small(after)}, ${decimal(after / before, 2)} times as much. ` +
        `There are K(K−1) log-odds to learn, ${degrees("even", 5)} before and ${degrees("even", 10)} now, ` +
        "and each costs the same. So twice the words need about four times the prompts."
      );
    },
  },
  {
    key: "halves",
    answers: [
      ["stays", "It stays large, whatever n"],
      ["same", "It is the same"],
      ["half", "It is about half"],
    ],
    right: "half",
    ask:
      "Split the ten words into two halves that never share a prompt, so that not every ratio can be learned. " +
      `What does the excess risk do, with n = ${grouped(N)}?`,
    change: { design: "split", K: 10, n: N, together: false },
    told() {
      const [before, after] = [mean("even", 10), mean("split", 10)];
      return (
        `The mean risk fell from ${small(before)} to ${small(after)}: of ${degrees("even", 10)} log-odds ` +
        `${degrees("split", 10)} are left, and each costs the same. The ratios between the halves are never ` +
        "learned. No prompt asks for them, so the risk does not notice."
      );
    },
  },
];

export const predictionOf = (key) => PREDICTIONS.find((about) => about.key === key);

/** What a bet has to tell, or null where it is no bet. */
export function story(bet) {
  const about = predictionOf(bet?.question);
  if (!about?.answers.some(([key]) => key === bet.answer)) return null;
  const verdict = bet.answer === about.right ? "Right." : "Not so.";
  return { ...bet, right: about.right, verdict, told: about.told() };
}
