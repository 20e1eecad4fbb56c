// Histograms over time, one behind the other; the last one stands in front.
class Ridges {
  constructor(plot, spec) {
    Object.assign(this, { plot, spec });
  }

  draw() {
    const { rows, low, high, times } = this.spec, count = rows.length;
    const width = Math.max(this.plot.clientWidth, 180), gap = Math.max(7, Math.min(18, 130 / count)), tall = 44;
    const edge = { left: 34, right: 10, top: tall, bottom: 36 };
    const height = edge.top + gap * (count - 1) + edge.bottom;
    this.px = (x) => edge.left + ((x - low) / (high - low)) * (width - edge.left - edge.right);
    this.plot.querySelector("svg")?.remove();
    const svg = this.svg = node("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
    this.plot.prepend(svg);
    const bottom = height - edge.bottom;
    const [ticks, apart] = axisTicks(false, low, high, width < 320 ? 3 : 5);
    ticks.forEach((t) => {
      node("line", { class: "grid", x1: this.px(t), x2: this.px(t), y1: 8, y2: bottom + 4 }, svg);
      node("text", { x: this.px(t), y: bottom + 16, "text-anchor": sideways(this.px(t), width) }, svg, figure(t, apart));
    });
    const step = (high - low) / rows[0].length;
    this.paths = rows.map((row, k) => {
      const base = edge.top + gap * k;
      const points = row.map((v, i) => `${this.px(low + (i + 0.5) * step).toFixed(1)} ${(base - (v / 99) * tall * 0.9).toFixed(1)}`);
      const path = node("path", { class: "ridge", d: `M${this.px(low).toFixed(1)} ${base}L${points.join("L")}L${this.px(high).toFixed(1)} ${base}` }, svg);
      path.style.setProperty("--c", shade(count > 1 ? k / (count - 1) : 0.5));
      const every = Math.max(1, Math.ceil(13 / gap));
      if (k % every === 0 || k === count - 1) {
        if (k === count - 1 || count - 1 - k >= every) node("text", { x: edge.left - 5, y: base + 4, "text-anchor": "end" }, svg, figure(times[k]));
      }
      return path;
    });
    node("text", { class: "title", x: (edge.left + width - edge.right) / 2, y: height - 4, "text-anchor": "middle" }, svg, this.spec.x);
    const middle = (edge.top + bottom) / 2;
    node("text", { class: "title", x: 9, y: middle, "text-anchor": "middle", transform: `rotate(-90 9 ${middle})` }, svg, this.spec.time);
    this.listen(svg, edge.top, gap);
  }

  listen(svg, top, gap) {
    const tip = tipOf(this.plot), { rows, low, high, times, time } = this.spec;
    const point = (event) => {
      const [px, py] = pointerIn(svg, event);
      const k = Math.max(0, Math.min(rows.length - 1, Math.ceil((py - top) / gap)));
      this.paths.forEach((path, i) => path.classList.toggle("at", i === k));
      const value = low + ((px - this.px(low)) / (this.px(high) - this.px(low))) * (high - low);
      tip.textContent = `${time} ${figure(times[k])}, ${this.spec.x} ${figure(Math.max(low, Math.min(high, value)))}`;
      placeTip(this.plot, tip, px, py);
    };
    svg.addEventListener("pointermove", point);
    svg.addEventListener("pointerdown", point);
    svg.addEventListener("pointerleave", () => { tip.hidden = true; this.paths.forEach((path) => path.classList.remove("at")); });
  }
}

DRAWINGS.ridges = Ridges;
