// Parallel coordinates: an axis for each searched value and one for what came out, a line for each trial. Where there is no room for the
// axes side by side, they lie below each other.
class Parallel {
  constructor(plot, spec) {
    Object.assign(this, { plot, spec, log: false, scales: spec.axes.map((axis) => new Scale(axis)) });
  }

  draw() {
    const width = Math.max(this.plot.clientWidth, 200), count = this.scales.length;
    this.lying = width / count < 92;
    const height = this.lying ? 26 + 62 * count : 300;
    const edge = this.lying ? { left: 16, right: 20, top: 30, bottom: 30 } : { left: 56, right: 64, top: 30, bottom: 30 };
    const [along, across] = this.lying ? [height - edge.top - edge.bottom, width - edge.left - edge.right] : [width - edge.left - edge.right, height - edge.top - edge.bottom];
    const gap = this.scales.map((_, k) => this.spec.lines.some((l) => l.at[k] === null));
    // The place of a share on axis k; what a trial does not have lies beyond the low end.
    this.at = (k, share) => {
      const far = (count > 1 ? k / (count - 1) : 0.5) * along, s = share === null ? 0 : gap[k] ? 0.14 + 0.86 * share : share;
      return this.lying ? [edge.left + s * across, edge.top + far] : [edge.left + far, edge.top + (1 - s) * across];
    };
    this.plot.querySelector("svg")?.remove();
    const svg = this.svg = node("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
    this.plot.prepend(svg);
    this.lines(svg);
    this.scales.forEach((scale, k) => this.axis(svg, scale, k, gap[k], Math.max(along, width) / count));
    this.listen(svg);
  }

  lines(svg) {
    const { lines, best } = this.spec, many = lines.length > 60;
    this.places = lines.map((line) => line.at.map((v, k) => this.at(k, v === null ? null : this.scales[k].share(v))));
    lines.forEach((line, i) => {
      const path = node("path", { class: "thread", d: this.path(i) }, svg);
      path.style.setProperty("--c", shade(line.place));
      path.style.opacity = String((many ? 0.16 : 0.3) + 0.55 * line.place ** 2);
      if (i === best) path.classList.add("best");
    });
  }

  path(i) {
    return this.places[i].map(([x, y], k) => `${k ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  }

  axis(svg, scale, k, gap, room) {
    const [from, to] = [this.at(k, 0), this.at(k, 1)], wide = this.lying;
    node("line", { class: "spine", x1: from[0], y1: from[1], x2: to[0], y2: to[1] }, svg);
    const ticks = scale.ticks(wide ? 4 : 5), length = Math.abs(wide ? to[0] - from[0] : to[1] - from[1]);
    const every = scale.kind === "words" ? Math.max(1, Math.ceil((wide ? 40 : 13) / (length / ticks.length))) : 1;
    const letters = wide ? Math.floor((length / ticks.length) * every / 6.4) : 9;
    ticks.forEach((t, i) => {
      const [x, y] = this.at(k, scale.share(t));
      node("line", { class: "spine", x1: wide ? x : x - 4, x2: x, y1: y, y2: wide ? y + 4 : y }, svg);
      if (i % every) return;
      const text = shortened(scale.text(t), Math.max(letters, 2));
      const place = wide ? { x, y: y + 15, "text-anchor": "middle" } : { x: x - 7, y: y + 4, "text-anchor": "end" };
      node("text", { class: "halo", ...place }, svg, text);
    });
    if (gap) {
      const [x, y] = this.at(k, null);
      node("text", { class: "halo title", x: wide ? x : x - 7, y: wide ? y + 15 : y + 4, "text-anchor": wide ? "middle" : "end" }, svg, "-");
    }
    const [x, y] = wide ? [this.at(k, 0)[0], from[1] - 9] : [to[0], to[1] - 14];
    const fits = wide ? 60 : Math.floor(room / 6.4), last = k === this.scales.length - 1;
    const anchor = wide ? "start" : k === 0 ? "start" : last ? "end" : "middle";
    const shift = anchor === "middle" || wide ? 0 : k === 0 ? -50 : 58;
    node("text", { class: "halo name", x: wide && gap ? this.at(k, null)[0] : x + shift, y, "text-anchor": anchor }, svg, shortened(scale.label, fits));
  }

  listen(svg) {
    const tip = tipOf(this.plot), over = node("g", {}, svg);
    const leave = () => { tip.hidden = true; over.replaceChildren(); svg.classList.remove("one"); };
    const move = (event) => {
      const [px, py] = pointerIn(svg, event);
      let near = -1, nearest = 400;
      this.places.forEach((places, i) => places.forEach((p, k) => {
        const [x, y] = p, [u, v] = places[k + 1] || p, length = (u - x) ** 2 + (v - y) ** 2;
        const s = length ? Math.min(1, Math.max(0, ((px - x) * (u - x) + (py - y) * (v - y)) / length)) : 0;
        const far = (x + s * (u - x) - px) ** 2 + (y + s * (v - y) - py) ** 2;
        if (far < nearest) [near, nearest] = [i, far];
      }));
      if (near < 0) return leave();
      const line = this.spec.lines[near];
      over.replaceChildren();
      svg.classList.add("one");
      node("path", { class: "thread at", d: this.path(near) }, over);
      tip.replaceChildren();
      node("div", {}, tip, `trial ${line.number}`);
      const table = node("table", {}, tip);
      this.scales.forEach((scale, k) => {
        if (line.at[k] === null) return;
        const row = node("tr", {}, table);
        node("td", {}, row, scale.label);
        node("td", {}, row, scale.text(line.at[k], true));
      });
      placeTip(this.plot, tip, px, py);
    };
    svg.addEventListener("pointermove", move);
    svg.addEventListener("pointerdown", move);
    svg.addEventListener("pointerleave", leave);
    leave();
  }
}

DRAWINGS.parallel = Parallel;
