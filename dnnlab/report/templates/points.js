// Trials as points: one searched value (or the trial's number) against what came out.
const CROSS = "M-3 -3L3 3M-3 3L3 -3";

// A scale of one axis: where a value lies from 0 to 1, its ticks, and its words.
class Scale {
  constructor(axis) {
    Object.assign(this, axis);
    if (this.kind === "words") [this.low, this.high] = [-0.5, this.words.length - 0.5];
    if (this.kind === "log" && !(this.low > 0)) this.kind = "linear";
    this.f = this.kind === "log" ? Math.log10 : (v) => v;
  }

  share(value) {
    const [low, high] = [this.f(this.low), this.f(this.high)];
    return high > low ? (this.f(value) - low) / (high - low) : 0.5;
  }

  ticks(count) {
    if (this.kind === "words") return this.words.map((_, i) => i);
    const [ticks, step] = axisTicks(this.kind === "log", this.low, this.high, count, this.whole);
    this.step = step;
    return ticks;
  }

  // rough: a value between the ticks; their own labels need a figure more.
  text(value, rough = false) {
    return this.kind === "words" ? this.words[value] ?? "-" : figure(value, rough ? 10 * this.step : this.step);
  }
}

function shortened(text, length) {
  return text.length <= length ? text : `${text.slice(0, Math.max(length - 1, 1))}…`;
}

class Points {
  constructor(plot, spec) {
    Object.assign(this, { plot, spec, log: spec.log, scale: new Scale(spec.x) });
    this.legend();
  }

  colour(group) {
    return this.spec.groups.length > 1 ? `var(--c${group % 7})` : "var(--accent)";
  }

  legend() {
    const names = this.spec.groups.length > 1 ? this.spec.groups.map((name, i) => [name, this.colour(i), "dot"]) : [];
    if (this.spec.line.length) names.push(["best so far", "var(--ink)", "line"]);
    if (this.spec.lost.length) names.push(["no result", "var(--critical)", "cross"]);
    if (names.length < 2 || this.spec.bare) return;
    const list = node("ul", { class: "legend" });
    this.plot.after(list);
    for (const [name, colour, look] of names) {
      const item = node("li", { class: "key" }, list);
      if (look === "cross") {
        const svg = node("svg", { viewBox: "-5 -5 10 10", class: "sign" }, item);
        node("path", { class: "cross", d: CROSS }, svg);
      } else node("i", { class: look }, item).style.setProperty("--c", colour);
      node("span", {}, item, name);
    }
  }

  draw() {
    const width = Math.max(this.plot.clientWidth, 200), height = width < 420 ? 180 : 230;
    const ys = this.spec.points.map((p) => p[1]).filter((v) => !this.log || v > 0);
    let low = Math.min(...ys), high = Math.max(...ys);
    if (!ys.length) [low, high] = this.log ? [0.1, 1] : [0, 1];
    const air = this.log ? (high > low ? (high / low) ** 0.06 : 1.05) : (high - low) * 0.07 || Math.abs(high) * 0.1 || 0.5;
    const y = new Scale({ kind: this.log ? "log" : "linear", low: this.log ? low / air : low - air, high: this.log ? high * air : high + air });
    const ticks = y.ticks(5), labels = ticks.map((t) => y.text(t));
    this.y = y;
    const edge = { left: 26 + 6.3 * Math.max(2, ...labels.map((t) => t.length)), right: 14, top: 10, bottom: this.spec.bare ? 22 : 38 };
    const inner = { width: width - edge.left - edge.right, height: height - edge.top - edge.bottom };
    this.px = (v) => edge.left + this.scale.share(v) * inner.width;
    this.py = (v) => edge.top + (1 - y.share(v)) * inner.height;
    this.floor = edge.top + inner.height;
    this.plot.querySelector("svg")?.remove();
    const svg = this.svg = node("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
    this.plot.prepend(svg);
    ticks.forEach((t, i) => {
      node("line", { class: "grid", x1: edge.left, x2: width - edge.right, y1: this.py(t), y2: this.py(t) }, svg);
      node("text", { x: edge.left - 6, y: this.py(t) + 4, "text-anchor": "end" }, svg, labels[i]);
    });
    this.below(svg, width, height, edge, inner);
    const middle = edge.top + inner.height / 2;
    node("text", { class: "title", x: 11, y: middle, "text-anchor": "middle", transform: `rotate(-90 11 ${middle})` }, svg, this.spec.y);
    this.marks(svg);
    this.listen(svg);
  }

  below(svg, width, height, edge, inner) {
    const ticks = this.scale.ticks(width < 420 ? 4 : 6), words = this.scale.kind === "words";
    const room = Math.floor(inner.width / Math.max(ticks.length, 1) / 6.2);
    const every = words ? Math.max(1, Math.ceil(18 / (inner.width / ticks.length))) : 1;
    ticks.forEach((t, i) => {
      node("line", { class: "axis", x1: this.px(t), x2: this.px(t), y1: this.floor, y2: this.floor + 4 }, svg);
      if (i % every) return;
      const text = words ? shortened(this.scale.text(t), Math.max(room * every, 2)) : this.scale.text(t);
      node("text", { x: this.px(t), y: this.floor + 16, "text-anchor": "middle" }, svg, text);
    });
    node("line", { class: "axis", x1: edge.left, x2: width - edge.right, y1: this.floor, y2: this.floor }, svg);
    if (!this.spec.bare) node("text", { class: "title", x: edge.left + inner.width / 2, y: height - 4, "text-anchor": "middle" }, svg, this.scale.label);
  }

  // Words stand on whole numbers: points beside each other instead of on top of each other.
  at(x, number) {
    return this.scale.kind === "words" ? x + (((number * 0.618034) % 1) - 0.5) * 0.5 : x;
  }

  marks(svg) {
    const { points, lost, line, best } = this.spec;
    if (line.length) {
      let path = "";
      line.forEach(([x, v], i) => { if (!this.log || v > 0) path += path ? `H${this.px(x).toFixed(1)}V${this.py(v).toFixed(1)}` : `M${this.px(x).toFixed(1)} ${this.py(v).toFixed(1)}`; });
      if (path) node("path", { class: "so-far", d: `${path}H${this.px(this.scale.high).toFixed(1)}` }, svg);
    }
    for (const [x, , number] of lost) {
      node("path", { class: "cross", d: CROSS, transform: `translate(${this.px(this.at(x, number)).toFixed(1)} ${(this.floor - 5).toFixed(1)})` }, svg);
    }
    this.places = [];
    points.forEach(([x, v, group, number], i) => {
      if (this.log && v <= 0) return;
      const place = { x: this.px(this.at(x, number)), y: this.py(v), i };
      this.places.push(place);
      node("circle", { class: "point", cx: place.x.toFixed(1), cy: place.y.toFixed(1), r: 3.2 }, svg).style.setProperty("--c", this.colour(group));
      if (i === best) node("circle", { class: "ring", cx: place.x.toFixed(1), cy: place.y.toFixed(1), r: 6.5 }, svg);
    });
  }

  listen(svg) {
    const tip = tipOf(this.plot), over = node("g", {}, svg);
    const leave = () => { tip.hidden = true; over.replaceChildren(); };
    const move = (event) => {
      const [px, py] = pointerIn(svg, event);
      const far = (p) => (p.x - px) ** 2 + (p.y - py) ** 2;
      const near = this.places.reduce((a, b) => (a && far(a) <= far(b) ? a : b), null);
      if (!near || far(near) > 900) return leave();
      const [x, v, group, number] = this.spec.points[near.i];
      over.replaceChildren();
      node("circle", { class: "ring", cx: near.x, cy: near.y, r: 5.5 }, over);
      tip.replaceChildren();
      node("div", {}, tip, `trial ${number}${this.spec.groups.length > 1 ? `, ${this.spec.groups[group]}` : ""}`);
      const table = node("table", {}, tip), cells = [[this.spec.y, this.y.text(v, true)]];
      if (this.scale.label !== "trial") cells.unshift([this.scale.label, this.scale.text(x, true)]);
      for (const [name, text] of cells) {
        const row = node("tr", {}, table);
        node("td", {}, row, name);
        node("td", {}, row, text);
      }
      placeTip(this.plot, tip, px, py);
    };
    svg.addEventListener("pointermove", move);
    svg.addEventListener("pointerdown", move);
    svg.addEventListener("pointerleave", leave);
    leave();
  }
}

DRAWINGS.points = Points;
