// The mathematics of counts times tastes: prompts whose counts change, and checks of the inputs.
// Twin of ccmc_teach/widgets/twins/counts_times_tastes.py.
import { NOTHING, counts, labelsProblem, promptProblem, tableProblem } from "./twins_basics.mjs";

export const MAX_COUNT = 12;

export function withCount(prompt, token, count) {
  const query = prompt[prompt.length - 1];
  const body = prompt.slice(0, -1);
  const fewest = token === query ? 1 : 0;
  const have = body.filter((other) => other === token).length + fewest;
  const wanted = Math.min(Math.max(count, fewest), MAX_COUNT);
  for (let copy = have; copy < wanted; copy++)
    body.splice((5 * body.length + 3 * token + copy) % (body.length + 1), 0, token);
  for (let copy = wanted; copy < have; copy++) body.splice(body.lastIndexOf(token), 1);
  return [...body, query];
}

export function withQuery(prompt, token) {
  const result = [...prompt];
  const place = result.lastIndexOf(token);
  if (place < 0) return [...result, token];
  [result[place], result[result.length - 1]] = [result[result.length - 1], result[place]];
  return result;
}

export const doubled = (prompt) => [...prompt, ...prompt];

export const equalCounts = (size, query, copies) =>
  Array.from({ length: size * copies }, (_, position) => (query + 1 + position) % size);

export function problem(labels, P, prompt) {
  const wrong =
    labelsProblem(labels) || tableProblem(P, labels) || promptProblem(prompt, labels.length);
  if (wrong) return wrong;
  const m = counts(prompt, labels.length);
  const most = Math.max(...m);
  if (most > MAX_COUNT)
    return (
      `The prompt holds ${labels[m.indexOf(most)]} ${most} times; ` +
      `this picture has room for ${MAX_COUNT}.`
    );
  const tastes = P[prompt[prompt.length - 1]];
  return tastes.some((taste, j) => taste * m[j] > 0) ? "" : NOTHING;
}
