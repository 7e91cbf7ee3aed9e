// Controls: native ones wherever they will do. A control knows keys and pointers, never the model:
// it reads its value through `get` and offers a new one through `set`.
import { element, pool, ride, update, write } from "./draw.mjs";

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** A native range slider with its value beside the label. */
export function slider({
  label,
  minimum,
  maximum,
  step,
  text = String,
  say = text,
  kind = "",
  set,
}) {
  // An <output> inside a label would take the label's name away from the input.
  const output = element("span", { class: "number", "aria-hidden": "true" }, "");
  const input = element("input", {
    type: "range",
    min: minimum,
    max: maximum,
    step,
    oninput: () => set(+input.value),
  });
  const el = element(
    "label",
    { class: `slider ${kind}` },
    element("span", {}, label),
    output,
    input,
  );
  return {
    el,
    input,
    show(value) {
      if (+input.value !== value) input.value = value;
      input.style.setProperty("--fill", `${(100 * (value - minimum)) / (maximum - minimum)}%`);
      write(output, text(value));
      update(input, { "aria-valuetext": say(value) });
    },
  };
}

let groups = 0;

/** Radio buttons drawn as pills; `options` are [value, label, class]. */
export function choice({ legend, options, set }) {
  const name = `choice-${++groups}`;
  const inputs = options.map(([value]) =>
    element("input", { type: "radio", name, value, onchange: () => set(value) }),
  );
  const el = element(
    "fieldset",
    {},
    element("legend", {}, legend),
    options.map(([, label, kind = ""], i) =>
      element("label", { class: `choice ${kind}` }, inputs[i], element("span", {}, label)),
    ),
  );
  return {
    el,
    show: (value) =>
      inputs.forEach((input, i) => {
        input.checked = options[i][0] === value;
      }),
  };
}

/** A push button. */
export const button = (label, press, attributes = {}) =>
  element("button", { type: "button", ...attributes, onclick: press }, label);

/** A switch: on or off. */
export function toggle({ label, set }) {
  const el = button(
    [element("span", { class: "rail" }), element("span", { class: "head" }, label)],
    () => set(el.getAttribute("aria-checked") !== "true"),
    { role: "switch", class: "switch", "aria-checked": "true" },
  );
  return { el, show: (on) => update(el, { "aria-checked": on ? "true" : "false" }) };
}

const KEYS = {
  ArrowUp: [1, 0],
  ArrowRight: [1, 0],
  ArrowDown: [-1, 0],
  ArrowLeft: [-1, 0],
  PageUp: [0, 1],
  PageDown: [0, -1],
};

/** Round a value to its step, hold it in its range, and hand it over. */
export function offering({ minimum, maximum, step, set }) {
  const inverse = Math.round(1 / step);
  return (value) => set(clamp(Math.round(value * inverse) / inverse, minimum, maximum));
}

/** The keys of a slider of our own: a listener that reads `get` and gives to `offer`. */
export const sliderKeys =
  ({ minimum, maximum, step, leap, get }, offer) =>
  (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = KEYS[event.key];
    if (event.key === "Home") offer(minimum);
    else if (event.key === "End") offer(maximum);
    else if (way) offer(get() + way[0] * step + way[1] * leap);
    else return;
    event.preventDefault();
  };

// What is held follows the hand at once: style sheets look for the mark.
function hold(el, event) {
  event.preventDefault();
  el.setPointerCapture(event.pointerId);
  el.focus({ preventScroll: true });
  update(el, { "data-held": "" });
}
const release = (el) => update(el, { "data-held": null });

/** Follow a pointer that presses `el`; `grasp` is called first, `follow` with every move. */
export function dragging(el, grasp, follow) {
  let held = false;
  const end = () => {
    held = false;
    release(el);
  };
  const handlers = {
    pointerdown(event) {
      if (event.button) return;
      hold(el, event);
      held = true;
      grasp(event);
    },
    pointermove: (event) => held && follow(event),
    pointerup(event) {
      if (held) follow(event);
      end();
    },
    pointercancel: end,
  };
  for (const name in handlers) el.addEventListener(name, handlers[name]);
}

/**
 * A handle on a vertical track, with the whole keyboard of a slider. Dragging is never needed: keys
 * work, and so does a tap on the track. A finger on the track scrolls the page; only the knob holds it.
 */
export function verticalHandle({ label, kind, minimum, maximum, step, leap, get, set, say }) {
  const reach = element("rect", { class: "reach" });
  const grab = element("rect", { class: "grip", y: -22, height: 44 });
  // Browsers heed touch-action on a whole svg only, and the track must let the page scroll.
  const knob = element(
    "g",
    { class: "rides", ontouchstart: (event) => event.preventDefault() },
    grab,
    element("rect", { class: "ring", x: -15, width: 30, y: -11, height: 22, rx: 11 }),
    element("rect", { class: "knob", x: -11, width: 22, y: -5, height: 10, rx: 5 }),
  );
  const el = element(
    "g",
    {
      class: `handle ${kind}`,
      role: "slider",
      tabindex: 0,
      "aria-label": label,
      "aria-orientation": "vertical",
    },
    reach,
    knob,
  );
  const offer = offering({ minimum, maximum, step, set });
  let scale = null,
    grip = null,
    tap = false;
  const height = (event) => {
    const matrix = el.parentNode.getScreenCTM();
    return (event.clientY - matrix.f) / matrix.d;
  };
  function follow(event) {
    if (grip !== null) offer(scale.inverse(height(event) - grip));
  }
  const handlers = {
    pointerdown(event) {
      const onTrack = event.target === reach;
      tap = onTrack && event.pointerType === "touch";
      if (tap || event.button) return;
      hold(el, event);
      // Holding the knob off its middle must not move it.
      grip = onTrack ? 0 : height(event) - scale(get());
      if (onTrack) offer(scale.inverse(height(event)));
    },
    pointermove: follow,
    pointerup(event) {
      follow(event);
      grip = null;
      release(el);
    },
    pointercancel() {
      grip = null;
      release(el);
    },
    click(event) {
      if (tap) {
        tap = false;
        el.focus({ preventScroll: true });
        offer(scale.inverse(height(event)));
      }
    },
    keydown: sliderKeys({ minimum, maximum, step, leap, get }, offer),
  };
  for (const name in handlers) el.addEventListener(name, handlers[name]);
  return {
    el,
    place(x, along, top, bottom, room) {
      scale = along;
      const value = get();
      update(el, {
        transform: `translate(${x.toFixed(1)},0)`,
        "aria-valuenow": +value.toFixed(4),
        "aria-valuetext": say(value),
        "aria-valuemin": Math.min(minimum, value),
        "aria-valuemax": Math.max(maximum, value),
      });
      const wide = Math.min(44, room);
      update(grab, { x: -wide / 2, width: wide });
      update(reach, { x: -wide / 2, width: wide, y: top - 8, height: bottom - top + 16 });
      ride(knob, 0, along(value));
    },
  };
}

const line = (cells) => element("tr", {}, cells);
const columnHead = (text) => (text ? element("th", { scope: "col" }, text) : element("td", {}));
const rowCell = (text, i) => element(i ? "td" : "th", i ? {} : { scope: "row" }, text);

/** A table of texts; the first column names the rows. */
export function table(caption, columns, rows) {
  const head = element("thead", {}, line(columns.map(columnHead)));
  const body = element("tbody", {}, rows.map((row) => line(row.map(rowCell))));
  return element("table", {}, caption && element("caption", {}, caption), head, body);
}

/** A table behind a disclosure; it is written only while the reader has it open. */
export function dataTable(title, columns) {
  let content = null;
  const whole = table("", columns, []);
  const caption = element("caption", {});
  const body = whole.lastElementChild;
  whole.prepend(caption);
  const frame = { class: "scroll", tabindex: 0, role: "region", "aria-label": title };
  const summary = element("summary", {}, title);
  const el = element("details", { ontoggle: () => fill() }, summary, element("div", frame, whole));
  function fill() {
    if (!el.open || !content) return;
    const { caption: text, rows } = content();
    write(caption, text);
    const lines = pool(body, rows.length, () => line(columns.map((_, i) => rowCell("", i))));
    rows.forEach((row, r) => row.forEach((cell, c) => write(lines[r].children[c], cell)));
  }
  function show(render) {
    content = render;
    fill();
  }
  return { el, show };
}
