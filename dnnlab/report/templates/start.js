// Draw every figure, and again when its width changes; make the switches work.
for (const holder of document.querySelectorAll("figure.chart")) {
  const plot = holder.querySelector(".plot"), spec = JSON.parse(holder.querySelector("script[type='application/json']").textContent);
  const drawing = new DRAWINGS[spec.kind](plot, spec);
  let width = 0;
  const draw = () => { width = plot.clientWidth; drawing.draw(); };
  draw();
  new ResizeObserver(() => { if (Math.abs(plot.clientWidth - width) > 1 && plot.clientWidth) requestAnimationFrame(draw); }).observe(plot);
  const log = holder.querySelector("[data-log]");
  log?.addEventListener("click", () => {
    drawing.log = !drawing.log;
    log.setAttribute("aria-pressed", String(drawing.log));
    draw();
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const source = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = "Copied";
    } catch {  // no clipboard for pages from a file: mark the text, so that it can be copied by hand
      getSelection().selectAllChildren(source);
      button.textContent = "Marked";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
}

// Folded parts stand open on paper.
let folded = [];
addEventListener("beforeprint", () => { folded = [...document.querySelectorAll("details:not([open])")]; folded.forEach((d) => { d.open = true; }); });
addEventListener("afterprint", () => folded.forEach((d) => { d.open = false; }));
