// Curves over a common axis.
class Lines {
  constructor(plot, spec) {
    Object.assign(this, { plot, spec, log: spec.log, hidden: new Set() });
    const own = spec.series.filter((s) => !s.look);
    spec.series.forEach((s) => {
      s.x = spec.axes[s.axis];
      const first = spec.series.some((other) => other.look === "main") ? 1 : 0;  // the accent is taken
      s.colour = s.look === "main" ? "var(--accent)" : s.look === "quiet" ? "var(--quiet)"
        : s.place !== null ? shade(s.place) : `var(--c${(own.indexOf(s) + first) % 7})`;
    });
    this.legend();
  }

  legend() {
    const { series } = this.spec;
    if (series.length < 2) return;
    const list = node("ul", { class: "legend" });
    this.plot.after(list);
    if (series.length > 12 && series.every((s) => s.place !== null)) {
      const item = node("li", { class: "shades" }, list);
      node("span", {}, item, series[0].name);
      node("i", {}, item);
      node("span", {}, item, series[series.length - 1].name);
      return;
    }
    series.forEach((s) => {
      const button = node("button", { type: "button", "aria-pressed": "true", title: "Show or hide" }, node("li", {}, list));
      const line = node("i", { class: s.dashed ? "dashed" : "" }, button);
      line.style.setProperty("--c", s.colour);
      node("span", {}, button, s.name);
      button.addEventListener("click", () => {
        this.hidden.has(s) ? this.hidden.delete(s) : this.hidden.add(s);
        button.setAttribute("aria-pressed", String(!this.hidden.has(s)));
        this.draw();
      });
    });
  }

  shown() {
    return this.spec.series.filter((s) => !this.hidden.has(s));
  }

  // The range of an axis, with a little air.
  ranges() {
    const { levels, zero, percent: share } = this.spec;
    const xs = this.spec.series.flatMap((s) => [s.x[0], s.x[s.x.length - 1]]).filter((v) => v !== undefined);
    let ys = this.shown().flatMap((s) => s.y).filter((v) => v !== null && (!this.log || v > 0));
    if (ys.length) ys = ys.concat(levels.map((l) => l[0]).filter((v) => !this.log || v > 0));
    let low = ys.reduce((a, b) => Math.min(a, b), Infinity), high = ys.reduce((a, b) => Math.max(a, b), -Infinity);
    if (!ys.length) [low, high] = this.log ? [0.1, 1] : [0, 1];
    if (this.log) {
      const air = high > low ? (high / low) ** 0.05 : 1.1;
      [low, high] = [low / air, high * air];
    } else {
      const air = (high - low) * 0.05 || Math.abs(high) * 0.1 || 0.5;
      [low, high] = [zero || (low >= 0 && low < air * 2) ? Math.min(0, low) : low - air, high + air];
      if (share && high > 1) high = Math.max(1, high - air);
    }
    let left = xs.reduce((a, b) => Math.min(a, b), Infinity), right = xs.reduce((a, b) => Math.max(a, b), -Infinity);
    if (this.spec.span) [left, right] = [Math.min(left, this.spec.span[0]), Math.max(right, this.spec.span[1])];
    if (!(left < right)) [left, right] = [left - 0.5 || 0, (right || 0) + 0.5];
    return { low, high, left, right };
  }

  words(value, step) {
    return this.spec.percent ? percent(value, step) : figure(value, step);
  }

  draw() {
    const width = Math.max(this.plot.clientWidth, 200), height = width < 420 ? 200 : 230;
    const { low, high, left, right } = this.ranges();
    const [ticks, step] = axisTicks(this.log, low, high, this.log ? 6 : 5);
    const labels = ticks.map((t) => this.words(t, step));
    this.fine = 10 * step;
    const edge = { left: 26 + 6.3 * Math.max(2, ...labels.map((t) => t.length)), right: 12, top: 16, bottom: 38 };
    const inner = { width: width - edge.left - edge.right, height: height - edge.top - edge.bottom };
    const f = this.log ? Math.log10 : (v) => v;
    this.px = (x) => edge.left + ((x - left) / (right - left)) * inner.width;
    this.py = (y) => edge.top + (1 - (f(y) - f(low)) / (f(high) - f(low))) * inner.height;
    this.box = { ...edge, ...inner, low: edge.top, high: edge.top + inner.height };
    this.plot.querySelector("svg")?.remove();
    const svg = this.svg = node("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
    this.plot.prepend(svg);
    this.axes(svg, width, height, ticks, labels, left, right);
    this.shown().forEach((s) => this.curve(svg, s));
    this.lines(svg, width);
    this.listen(svg);
  }

  axes(svg, width, height, ticks, labels, left, right) {
    const { low, high, left: start } = this.box, end = width - this.box.right;
    ticks.forEach((t, i) => {
      node("line", { class: "grid", x1: start, x2: end, y1: this.py(t), y2: this.py(t) }, svg);
      node("text", { x: start - 6, y: this.py(t) + 4, "text-anchor": "end" }, svg, labels[i]);
    });
    const whole = this.spec.x === "epoch" && right - left >= 1;
    const [below, step] = axisTicks(false, left, right, width < 420 ? 5 : 7, whole);
    below.forEach((t) => {
      node("line", { class: "axis", x1: this.px(t), x2: this.px(t), y1: high, y2: high + 4 }, svg);
      node("text", { x: this.px(t), y: high + 16, "text-anchor": sideways(this.px(t), width) }, svg, figure(t, step));
    });
    node("line", { class: "axis", x1: start, x2: end, y1: high, y2: high }, svg);
    node("text", { class: "title", x: (start + end) / 2, y: height - 4, "text-anchor": "middle" }, svg, this.spec.x);
    const middle = (low + high) / 2;
    node("text", { class: "title", x: 11, y: middle, "text-anchor": "middle", transform: `rotate(-90 11 ${middle})` }, svg, this.spec.y);
  }

  curve(svg, s) {
    let path = "", pen = false, points = 0;
    s.y.forEach((v, i) => {
      const there = v !== null && (!this.log || v > 0);
      const alone = there && !pen && !(s.y[i + 1] !== null && s.y[i + 1] !== undefined && (!this.log || s.y[i + 1] > 0));
      if (alone) {
        const dot = node("circle", { class: "dot", cx: this.px(s.x[i]), cy: this.py(v), r: 2.6 }, svg);
        dot.style.setProperty("--c", s.colour);
      } else if (there) {
        path += `${pen ? "L" : "M"}${this.px(s.x[i]).toFixed(1)} ${this.py(v).toFixed(1)}`;
        points++;
      }
      pen = there;
    });
    if (!points) return;
    const curve = node("path", { class: s.dashed ? "curve dashed" : "curve", d: path }, svg);
    curve.style.setProperty("--c", s.colour);
    if (this.spec.series.length > 12 || points > 150) curve.style.strokeWidth = "1.1px";
  }

  lines(svg, width) {
    const { low, high, left: start } = this.box, end = width - this.box.right;
    for (const [y, words] of this.spec.levels) {
      if (this.log && y <= 0) continue;
      node("line", { class: "level", x1: start, x2: end, y1: this.py(y), y2: this.py(y) }, svg);
      node("text", { class: "level-text halo", x: end - 2, y: this.py(y) - 4, "text-anchor": "end" }, svg, words);
    }
    for (const [x, words] of this.spec.marks) {
      node("line", { class: "mark", x1: this.px(x), x2: this.px(x), y1: low, y2: high }, svg);
      const late = this.px(x) > end - 60;
      node("text", { class: "halo", x: this.px(x), y: low - 5, "text-anchor": late ? "end" : "middle" }, svg, words);
    }
  }

  listen(svg) {
    const tip = tipOf(this.plot);
    this.over = node("g", {}, svg);
    const leave = () => { tip.hidden = true; this.over.replaceChildren(); };
    svg.addEventListener("pointermove", (event) => this.point(event, tip));
    svg.addEventListener("pointerdown", (event) => this.point(event, tip));
    svg.addEventListener("pointerleave", leave);
    leave();
  }

  // The values nearest to the pointer; of many curves those that pass closest to it.
  point(event, tip) {
    const [px, py] = pointerIn(this.svg, event);
    const found = this.shown().map((s) => {
      let best = -1;
      s.x.forEach((x, i) => { if (s.y[i] !== null && (best < 0 || Math.abs(this.px(x) - px) < Math.abs(this.px(s.x[best]) - px))) best = i; });
      return { s, i: best };
    }).filter(({ s, i }) => i >= 0 && (!this.log || s.y[i] > 0));
    if (!found.length) return;
    const at = found.reduce((a, b) => (Math.abs(this.px(b.s.x[b.i]) - px) < Math.abs(this.px(a.s.x[a.i]) - px) ? b : a));
    const x = at.s.x[at.i];
    const near = found.filter(({ s, i }) => Math.abs(this.px(s.x[i]) - this.px(x)) < 12);
    const far = ({ s, i }) => Math.abs(this.py(s.y[i]) - py);
    const rows = near.length > 8 ? [...near].sort((a, b) => far(a) - far(b)).slice(0, 8) : near;
    rows.sort((a, b) => b.s.y[b.i] - a.s.y[a.i]);
    this.over.replaceChildren();
    node("line", { class: "pointer", x1: this.px(x), x2: this.px(x), y1: this.box.low, y2: this.box.high }, this.over);
    tip.replaceChildren();
    const steps = this.spec.steps ? `, step ${Math.round(x * this.spec.steps).toLocaleString("en")}` : "";
    node("div", {}, tip, `${this.spec.x} ${figure(x)}${steps}`);
    const table = node("table", {}, tip);
    rows.forEach(({ s, i }) => {
      const dot = node("circle", { class: "dot", cx: this.px(s.x[i]), cy: this.py(s.y[i]), r: 3.2 }, this.over);
      const row = node("tr", {}, table), name = node("td", {}, row);
      node("i", {}, name).style.setProperty("--c", s.colour);
      dot.style.setProperty("--c", s.colour);
      name.append(s.name);
      node("td", {}, row, this.words(s.y[i], this.fine));
    });
    placeTip(this.plot, tip, px, py);
  }
}

DRAWINGS.lines = Lines;
