// Elements, scales, axes and marks. Drawing only changes attributes and texts that differ, and
// never asks the page for a size: that would force a layout in the middle of a frame.

const SVG = new Set(["svg", "g", "path", "rect", "line", "circle", "text"]);

/** Make an element; attributes that start with "on" are listeners. */
export function element(tag, attributes = {}, ...children) {
  const node = SVG.has(tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const name in attributes)
    if (name.startsWith("on")) node.addEventListener(name.slice(2), attributes[name]);
    else update(node, { [name]: attributes[name] });
  node.append(...children.flat(2).filter((child) => child != null && child !== false));
  return node;
}

/** Set attributes that differ; null and false take an attribute away. */
export function update(node, attributes) {
  for (const name in attributes) {
    const value = attributes[name];
    if (value == null || value === false) node.removeAttribute(name);
    else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
  return node;
}

/** Set the text of an element that holds nothing but text. */
export function write(node, string) {
  if (!node.firstChild) node.append("");
  if (node.firstChild.data !== String(string)) node.firstChild.data = string;
}

/** Move an element by a style, which browsers can animate. */
export function ride(node, x, y) {
  const transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
  if (node.style.transform !== transform) node.style.transform = transform;
}

/** Keep `size` children, made by `make(index)`, and return them. */
export function pool(parent, size, make) {
  while (parent.children.length > size) parent.lastElementChild.remove();
  while (parent.children.length < size) parent.append(make(parent.children.length));
  return parent.children;
}

/** The shortest beginnings that tell the words apart. */
export function shortNames(labels) {
  return labels.map((word, i) => {
    const letters = [...word];
    for (let size = 1; size < letters.length; size++) {
      const start = letters.slice(0, size).join("");
      if (labels.every((other, k) => k === i || !other.startsWith(start))) return start;
    }
    return word;
  });
}

/** A straight scale from data to pixels, with its inverse. */
export function linear(from, to, start, end) {
  const scale = (value) => start + ((value - from) / (to - from)) * (end - start);
  scale.inverse = (pixel) => from + ((pixel - start) / (end - start)) * (to - from);
  return scale;
}

/** A logarithmic scale; values below its start are drawn at its start. */
export function logarithmic(from, to, start, end) {
  const straight = linear(Math.log(from), Math.log(to), start, end);
  const scale = (value) => straight(Math.log(Math.max(value, from)));
  scale.inverse = (pixel) => Math.exp(straight.inverse(pixel));
  return scale;
}

/** The `d` of a path through points. */
export const polyline = (xs, ys, x, y) =>
  xs.map((v, i) => `${i ? "L" : "M"}${x(v).toFixed(1)},${y(ys[i]).toFixed(1)}`).join("");

/** Grid lines, base line and ticks of a plot; drawn once for a size, hidden from screen readers. */
export function axes({
  x,
  y,
  width,
  height,
  xTicks = [],
  yTicks = [],
  xText = String,
  yText = String,
  xLabel,
  yLabel,
}) {
  const line = (kind, x1, x2, y1, y2) => element("line", { class: kind, x1, x2, y1, y2 });
  const text = (kind, px, py, string) => element("text", { class: kind, x: px, y: py }, string);
  return element(
    "g",
    { "aria-hidden": "true" },
    yTicks.map((v) => [
      line("grid", 0, width, y(v), y(v)),
      text("soft end", -8, y(v) + 4, yText(v)),
    ]),
    line("axis", 0, width, height, height),
    xTicks.map((v) => [
      line("axis", x(v), x(v), height, height + 4),
      text("soft mid", x(v), height + 18, xText(v)),
    ]),
    xLabel && text("soft end", width, height + 34, xLabel),
    yLabel && text("head", -38, -14, yLabel),
  );
}
