// Experiments of the reader's own, a few milliseconds a frame.
import {
  excessRisk,
  fittedOdds,
  hasMaximum,
  rowOdds,
  rowRisk,
  tallies,
} from "./twins_how_many_prompts.mjs";

const BUDGET = 3; // milliseconds
const PROMPTS_AT_ONCE = 500;

function added(table, more) {
  if (!table) return more;
  more.forEach((row, q) =>
    row.forEach((kind, k) => kind.forEach((times, c) => (table[q][k][c] += times))),
  );
  return table;
}

// The work of one experiment in small pieces: draw prompts, then fit row by row.
function* pieces([design, size, n, run]) {
  let table = null;
  for (let start = 0; start < n; start += PROMPTS_AT_ONCE) {
    table = added(table, tallies(design, size, run, start, Math.min(n, start + PROMPTS_AT_ONCE)));
    yield null;
  }
  // Nothing is fitted where one row has no maximum.
  if (!table.every(hasMaximum)) return excessRisk(design, size, table);
  let risk = 0;
  for (let query = 0; query < size; query++) {
    risk += rowRisk(rowOdds(design, size, query), fittedOdds(table[query]));
    yield null;
  }
  return risk / size;
}

/**
 * Runs experiments one after the other and keeps what they gave. `risk(experiment)` is its excess
 * risk, -1 where no finite fit exists, or null while it is not done; asking is what starts it.
 * `ready` is called after each that is done.
 */
export function runner(ready) {
  const known = new Map();
  const waiting = [];
  let frame = 0;

  function work() {
    frame = 0;
    const end = performance.now() + BUDGET;
    do {
      const [key, work_] = waiting[0];
      const { value, done } = work_.next();
      if (!done) continue;
      known.set(key, value);
      waiting.shift();
      ready();
    } while (waiting.length && performance.now() < end);
    if (waiting.length) frame = requestAnimationFrame(work);
  }

  return {
    risk(experiment) {
      const key = experiment.join();
      if (!known.has(key)) {
        known.set(key, null);
        waiting.push([key, pieces(experiment)]);
      }
      if (waiting.length) frame ||= requestAnimationFrame(work);
      return known.get(key);
    },
    stop: () => cancelAnimationFrame(frame),
  };
}
