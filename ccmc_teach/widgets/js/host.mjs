// The host of a static page: it brings every div.ccmc-static to life on a plain model.

/** A model without a kernel: it keeps values and tells who listens. */
export class Model {
  #values;
  #listeners = new Map();
  constructor(values) {
    this.#values = { ...values };
  }
  get(key) {
    return this.#values[key];
  }
  set(key, value) {
    if (this.#values[key] === value) return;
    this.#values[key] = value;
    for (const react of [...(this.#listeners.get(`change:${key}`) || [])]) react();
  }
  on(event, react) {
    if (!this.#listeners.has(event)) this.#listeners.set(event, new Set());
    this.#listeners.get(event).add(react);
  }
  off(event, react) {
    this.#listeners.get(event)?.delete(react);
  }
  save_changes() {}
  send() {}
}

// The picture that stood there first is what print shows.
const RULES = `.ccmc-static[data-live]>.ccmc-fallback{display:none}
@media print{.ccmc-static[data-live]>.ccmc-fallback{display:block}.ccmc-static>.ccmc-widget{display:none}}`;

function bringToLife(el, widget) {
  try {
    const model = new Model(JSON.parse(el.dataset.state));
    const stop = widget.render({ model, el });
    Object.assign(el, { model, stop });
    el.dataset.live = "";
  } catch (error) {
    el.querySelector(":scope>.ccmc-widget")?.remove();
    console.error(`widget ${el.dataset.module}:`, error);
  }
}

/** Bring every `module` under `root` to life; a widget that fails leaves its fallback in place. */
export function mountAll(module, widget, root = document) {
  for (const el of root.querySelectorAll(".ccmc-static:not([data-live])"))
    if (el.dataset.module === module) bringToLife(el, widget);
}

let styled = false;

/** Offer a widget: it comes to life as soon as the page has been read. */
export function register(module, widget) {
  if (!styled) document.head.append(Object.assign(document.createElement("style"), { textContent: RULES }));
  styled = true;
  const go = () => mountAll(module, widget);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", go);
  else go();
}
