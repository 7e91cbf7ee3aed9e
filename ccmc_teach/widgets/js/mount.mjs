// The life of a view: shadow root, theme, frames, announcements, and its ties to the model.
import { element } from "./draw.mjs";
import { CSS } from "./style.mjs";

const QUIET = 700; // milliseconds without a change before a screen reader is told

// Known hosts say light or dark outright; elsewhere the background behind the view decides.
function isDark(node) {
  const { documentElement: top, body } = document;
  const jupyter = { true: "light", false: "dark" }[body.dataset.jpThemeLight];
  const said =
    top.dataset.theme ||
    body.dataset.theme ||
    jupyter ||
    (top.classList.contains("dark") && "dark");
  if (said === "dark" || said === "light") return said === "dark";
  for (let n = node; n; n = n.parentElement || n.getRootNode().host) {
    const [red, green, blue, alpha = 1] = (
      getComputedStyle(n).backgroundColor.match(/[\d.]+/g) || []
    ).map(Number);
    if (blue !== undefined && alpha > 0.5)
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 110;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

function followTheme(root, host) {
  const apply = () => (root.dataset.theme = isDark(host.parentElement || host) ? "dark" : "light");
  const page = new MutationObserver(apply);
  const attributeFilter = ["class", "style", "data-theme", "data-mode", "data-jp-theme-light"];
  for (const node of [document.documentElement, document.body])
    page.observe(node, { attributes: true, attributeFilter });
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", apply);
  apply();
  return () => {
    page.disconnect();
    system.removeEventListener("change", apply);
  };
}

// JupyterLab reads plain keys as commands: "b" adds a cell, arrows move the selection.
const keepPlainKeys = (event) => {
  if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
};

let views = 0;

/**
 * Put a view into `el`. `draw()` runs at most once a frame, and only while the view has a width;
 * `css` is what its own parts need.
 * Returns the root for the view's content, `schedule`, `width` (measured on resize only),
 * `announce` and `destroy`.
 */
export function mount(el, { name, title, css = "", draw }) {
  const id = `title-${++views}`;
  const host = element("div", {
    class: "ccmc-widget",
    "data-widget": name,
    onkeydown: keepPlainKeys,
  });
  const root = element(
    "section",
    { class: "widget", "aria-labelledby": id },
    element("p", { class: "title", id }, title),
  );
  const status = element("p", { class: "unseen", role: "status", "aria-live": "polite" });
  host.attachShadow({ mode: "open" }).append(element("style", {}, CSS + css), root, status);
  el.append(host);
  const unfollow = followTheme(root, host);
  let frame = 0,
    timer = 0,
    width = 0,
    dead = false;
  const paint = () => {
    frame = 0;
    if (!dead && width) draw();
  };
  const schedule = () => {
    if (!frame && !dead) frame = requestAnimationFrame(paint);
  };
  const sizes = new ResizeObserver((entries) => {
    const now = Math.floor(entries[entries.length - 1].contentRect.width);
    if (now !== width) {
      width = now;
      schedule();
    }
  });
  sizes.observe(root);
  return {
    host,
    root,
    schedule,
    width: () => width,
    announce(text) {
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (status.textContent !== text) status.textContent = text;
      }, QUIET);
    },
    destroy() {
      dead = true;
      clearTimeout(timer);
      cancelAnimationFrame(frame);
      sizes.disconnect();
      unfollow();
      host.remove();
    },
  };
}

// Some hosts leave off() and save_changes() unimplemented; that must never break a view.
function attempt(action) {
  try {
    action();
  } catch {
    /* this host does without */
  }
}

/** Call `react` when a trait changes; returns a function that stops it. */
export function listen(model, key, react) {
  let on = true;
  const heard = () => {
    if (on) react(key);
  };
  model.on(`change:${key}`, heard);
  return () => {
    on = false;
    attempt(() => model.off(`change:${key}`, heard));
  };
}

function clean(value, rule) {
  if (rule.choices) return rule.choices.includes(value) ? value : rule.value;
  if (rule.minimum === undefined) return value;
  if (typeof value !== "number" || !Number.isFinite(value)) return rule.value;
  const held = Math.min(rule.maximum, Math.max(rule.minimum, value));
  return rule.integer ? Math.round(held) : held;
}

/**
 * Tie a view to its model. `rules` names the traits: {choices, value}, {minimum, maximum, value,
 * integer}, or {} for a raw value that the view checks itself. `get` cleans on the way in, so that
 * no trait can break a view; `put` sets at once and tells the kernel once a frame.
 */
export function bind(model, rules, react) {
  const offs = Object.keys(rules).map((key) => listen(model, key, react));
  let pending = 0;
  const save = () => {
    pending = 0;
    attempt(() => model.save_changes());
  };
  return {
    get: (key) => clean(model.get(key), rules[key]),
    put(changes) {
      for (const key in changes) model.set(key, changes[key]);
      pending ||= requestAnimationFrame(save);
    },
    off() {
      for (const off of offs) off();
      if (pending) {
        cancelAnimationFrame(pending);
        save();
      }
    },
  };
}
