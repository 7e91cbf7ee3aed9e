// Predict before reveal: ask, take the bet, let the widget make the change, tell what happened.
import { button } from "./controls.mjs";
import { element, update, write } from "./draw.mjs";

const INVITATION = "Place your bet. Then the widget makes the change and tells what happened.";

export const PREDICTIONS_CSS = `
.bet .answers{gap:8px;margin-top:8px} .bet .asked{margin-top:4px}
.bet .told{margin-top:10px;min-height:4.4em;max-width:76ch}
.bet .turn{flex-wrap:nowrap} .bet .turn *{white-space:nowrap}
.bet button[aria-pressed=true]{border-color:var(--ink);color:var(--ink);box-shadow:inset 0 0 0 1px var(--ink);font-weight:600}
.bet .mark-of{width:1em;font-weight:700}
@container (max-width:480px){.bet .told{min-height:8.8em}}
`;

function answerButton(label, press) {
  const mark = element("span", { class: "mark-of", "aria-hidden": "true" }, "○");
  const verdict = element("span", { class: "unseen" }, "");
  return {
    el: button([mark, element("span", {}, label), verdict], press),
    show(chosen, right, open) {
      write(mark, open || !(chosen || right) ? "○" : right ? "✓" : "✗");
      write(verdict, open || !(chosen || right) ? "" : right ? "(right)" : "(not so)");
    },
  };
}

/**
 * A panel of predictions; its widget needs PREDICTIONS_CSS. Each question has `key`, `ask`, `answers` as [key, label] and the `right`
 * answer's key. `place(question, answer)` takes a bet, `turn()` moves to the next question.
 * `show({ question, bet, ask, told })` draws: `bet` is the answer's key or "", `told` a sentence.
 */
export function predictions({ questions, place, turn }) {
  const number = element("p", { class: "head soft" }, "");
  const asked = element("p", { class: "head asked", id: "asked" }, "");
  const sets = questions.map((question) => ({
    question,
    answers: question.answers.map(([key, label]) => [
      key,
      answerButton(label, () => place(question.key, key)),
    ]),
  }));
  const rows = sets.map(({ answers }) =>
    element(
      "div",
      { class: "row answers", role: "group", "aria-labelledby": "asked" },
      answers.map(([, answer]) => answer.el),
    ),
  );
  const verdict = element("b", {}, "");
  const reason = element("span", {}, "");
  const next = button("", turn, { class: "main" });
  const el = element(
    "section",
    { class: "panel bet", "aria-label": "Predict, then see" },
    element("div", { class: "row apart turn" }, number, next),
    asked,
    rows,
    element("p", { class: "told" }, verdict, reason),
  );
  return {
    el,
    show({ question, bet, ask, verdict: judged, told }) {
      const index = questions.findIndex(({ key }) => key === question);
      write(number, `Prediction ${index + 1} of ${questions.length}`);
      write(asked, ask);
      write(verdict, judged ? `${judged} ` : "");
      write(reason, told || INVITATION);
      write(next, index + 1 < questions.length ? "Next bet" : "Bet again");
      next.style.visibility = bet ? "" : "hidden";
      sets.forEach(({ question: { right }, answers }, i) => {
        update(rows[i], { hidden: i === index ? null : "" });
        for (const [key, answer] of answers) {
          update(answer.el, {
            "aria-pressed": String(key === bet),
            "aria-disabled": bet ? "true" : null,
          });
          answer.show(key === bet, key === right, !bet);
        }
      });
    },
  };
}
