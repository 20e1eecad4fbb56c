"use strict";
// What the page's drawings and switches share. Texts become text nodes, never markup.
const SVG = "http://www.w3.org/2000/svg";
const DRAWINGS = {};  // kind of a figure -> the class that draws it

function node(name, attributes, parent, text) {
  const made = ["div", "table", "tr", "td", "i", "ul", "li", "button", "span"].includes(name)
    ? document.createElement(name) : document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  if (parent) parent.append(made);
  return made;
}

// 0.9812, 1,235, 3e-7: four figures, and more where values that lie a step apart would look alike.
function figure(value, step = 0) {
  if (value === null || value === undefined) return "-";
  const size = Math.abs(value), needed = size && step > 0 ? Math.ceil(Math.log10(size / step)) + 1 : 0;
  const digits = Math.min(15, Math.max(4, needed));
  if (size && (size < 1e-3 || size >= 1e6)) return value.toExponential(Math.max(2, Math.min(15, needed) - 1)).replace("+", "").replace(/\.?0+e/, "e");
  if (size < 1000) return String(Number(value.toPrecision(digits)));
  return value.toLocaleString("en", { maximumFractionDigits: Math.max(0, digits - Math.floor(Math.log10(size)) - 1) });
}

function percent(share, step = 0) {
  if (share === null || share === undefined) return "-";
  const needed = step > 0 ? Math.ceil(-Math.log10(100 * step)) : 0;
  return `${Number((100 * share).toFixed(Math.min(15, Math.max(Math.abs(share) < 0.1 ? 2 : 1, needed))))} %`;
}


// Round places for about `count` ticks on a linear axis.
function linearTicks(low, high, count, whole) {
  const raw = (high - low) / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  let step = [1, 2, 2.5, 5, 10].map((f) => f * power).find((s) => s >= raw * 0.999) || power;
  if (whole) step = Math.max(1, Math.round(step));
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) ticks.push(Number((k * step).toPrecision(15)));
  return ticks;
}

// Powers of ten, with 2 and 5 between them where the axis spans few.
function logTicks(low, high, count) {
  const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9);
  const every = Math.max(1, Math.ceil((last - first + 1) / count));
  const ticks = [];
  for (let p = first - 1; p <= last; p++) {
    const factors = last - first < 2 ? [1, 2, 5] : [1];
    if ((p - first) % every === 0) for (const f of factors) ticks.push(Number((f * 10 ** p).toPrecision(3)));
  }
  return ticks.filter((t) => t >= low * 0.999 && t <= high * 1.001);
}

// The ticks of an axis, and what their labels must tell apart (0: four figures do). A logarithmic axis that spans little has the ticks of a
// linear one.
function axisTicks(log, low, high, count, whole) {
  if (log && high > 5 * low) return [logTicks(low, high, count), 0];
  const ticks = linearTicks(low, high, count, whole);
  return [ticks, ticks.length > 1 ? (ticks[1] - ticks[0]) / 10 : 0];  // a tenth: steps may be 2.5
}

// How a word below the axis is anchored, so that it stays inside the drawing.
function sideways(x, width) {
  return x > width - 14 ? "end" : "middle";
}

// A colour between the first and the last of an order: mixed by the style sheet, so that it follows dark mode.
function shade(part) {
  const [from, to, share] = part < 0.5 ? ["--first", "--middle", part * 2] : ["--middle", "--final", part * 2 - 1];
  return `color-mix(in oklab, var(${from}), var(${to}) ${Math.round(share * 100)}%)`;
}

function tipOf(plot) {
  return plot.querySelector(".tip") || node("div", { class: "tip", hidden: "" }, plot);
}

// Beside the pointer, inside the plot.
function placeTip(plot, tip, x, y) {
  tip.hidden = false;
  const room = plot.clientWidth - tip.offsetWidth - 4;
  tip.style.left = `${Math.max(0, x + 14 > room ? Math.min(x - tip.offsetWidth - 14, room) : x + 14)}px`;
  tip.style.top = `${Math.max(0, Math.min(y - 10, plot.clientHeight - tip.offsetHeight))}px`;
}

// Where the pointer is, in units of the drawing.
function pointerIn(svg, event) {
  const box = svg.getBoundingClientRect();
  return [(event.clientX - box.left) * svg.viewBox.baseVal.width / box.width, (event.clientY - box.top) * svg.viewBox.baseVal.height / box.height];
}
