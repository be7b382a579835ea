// Surfaces: a click or a tap makes one active. Only then does the wheel zoom it, or one finger turn it; else both scroll the page.
(() => {
  const NARROW = 1.3; // width by height, below which a surface is seen by its camera for narrow figures
  const touch = matchMedia("(pointer: coarse)");
  const homes = new WeakMap(); // by what is drawn: the camera of its first view

  const plotAt = target => target.closest?.(".js-plotly-plot");
  const surfaceAt = target => (target.closest?.(".gl-container") ? plotAt(target) : null);
  const isActive = plot => plot.classList.contains("active-surface");

  // The camera that the figure came with is for a wide one. A narrow one has its own, and is made as low as that camera needs.
  function homeOf(plot) {
    const { scene, meta } = plot.layout, wide = scene.camera;
    const narrow = plot.clientWidth < NARROW * plot.clientHeight;
    const { eye, center } = narrow ? meta.narrow : wide;
    return { camera: { eye, center, up: { x: 0, y: 0, z: 1 } }, narrow };
  }

  const goHome = plot => Plotly.relayout(plot, { "scene.camera": structuredClone(homes.get(plot.data[0])) });

  function dress(plot) {
    const scene = plot._fullLayout?.scene?._scene, block = plot.closest(".block");
    if (!scene?.glplot || !plot.clientWidth || homes.has(plot.data[0])) return;
    const { camera, narrow } = homeOf(plot);
    homes.set(plot.data[0], camera);
    Object.assign(scene.viewInitial, structuredClone(camera)); // where Plotly's own button leads
    if (narrow) {
      const height = Math.min(plot.clientHeight, Math.round(plot.clientWidth / plot.layout.meta.proportion));
      Plotly.relayout(plot, { height, "scene.camera": structuredClone(camera) });
    }
    if (block.querySelector(".surface-tools")) return;
    const tools = Object.assign(document.createElement("div"), { className: "surface-tools" });
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Reset view" });
    button.addEventListener("click", () => goHome(block.querySelector(".js-plotly-plot")));
    tools.append(button);
    block.append(tools, Object.assign(document.createElement("div"), { className: "surface-hint" }));
    hint(block);
  }

  function hint(block) {
    const active = block.querySelector(".active-surface");
    const words = touch.matches ? ["Tap to turn", "Drag to turn"] : ["Click to zoom", "Esc ends zoom"];
    const place = block.querySelector(".surface-hint");
    if (place) place.textContent = words[active ? 1 : 0];
  }

  function activate(chosen) {
    for (const plot of document.querySelectorAll(".js-plotly-plot")) {
      if (isActive(plot) == (plot == chosen)) continue;
      plot.classList.toggle("active-surface", plot == chosen);
      hint(plot.closest(".block"));
    }
  }

  // Plotly listens at the surface itself: what stops here scrolls the page.
  function keepFromPlotly(event) {
    const plot = surfaceAt(event.target);
    if (plot && !isActive(plot)) event.stopPropagation();
  }

  for (const type of ["wheel", "touchstart", "touchmove"]) document.addEventListener(type, keepFromPlotly, { capture: true, passive: true });
  document.addEventListener("click", ({ target }) => surfaceAt(target) && activate(surfaceAt(target)), true);
  document.addEventListener("pointerdown", ({ target }) => {
    if (!plotAt(target) && !target.closest?.(".surface-tools")) activate(null);
  }, true);
  document.addEventListener("keydown", ({ key }) => key == "Escape" && activate(null), true);

  // A surface is drawn some time after its element is there, and nothing tells when.
  setInterval(() => document.querySelectorAll(".js-plotly-plot").forEach(dress), 250);
})();
