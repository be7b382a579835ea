// Surfaces: a click or a tap makes one active. Only then does the wheel zoom it, or one finger turn it; else both scroll the page.
(() => {
  const NARROW = 1; // width by height, below which a surface is seen from farther away
  const touch = matchMedia("(pointer: coarse)");
  const homes = new WeakMap(); // by what is drawn: the camera of its first view

  const plotAt = target => target.closest?.(".js-plotly-plot");
  const surfaceAt = target => (target.closest?.(".gl-container") ? plotAt(target) : null);
  const isActive = plot => plot.classList.contains("active-surface");

  // A narrow figure sees less to both sides: from farther away it shows as much of the scene as a square one.
  function homeOf(plot) {
    const { eye, center } = plot.layout.scene.camera;
    const farther = Math.max(1, (NARROW * plot.clientHeight) / plot.clientWidth);
    const back = axis => center[axis] + farther * (eye[axis] - center[axis]);
    return { center: { ...center }, eye: { x: back("x"), y: back("y"), z: back("z") }, up: { x: 0, y: 0, z: 1 } };
  }

  const goHome = plot => Plotly.relayout(plot, { "scene.camera": structuredClone(homes.get(plot.data[0])) });

  function dress(plot) {
    const scene = plot._fullLayout?.scene?._scene, block = plot.closest(".block");
    if (!scene?.glplot || !plot.clientWidth || homes.has(plot.data[0])) return;
    homes.set(plot.data[0], homeOf(plot));
    if (plot.clientWidth < NARROW * plot.clientHeight) goHome(plot);
    if (block.querySelector(".surface-tools")) return;
    const tools = Object.assign(document.createElement("div"), { className: "surface-tools" });
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Reset view" });
    button.addEventListener("click", () => goHome(block.querySelector(".js-plotly-plot")));
    tools.append(document.createElement("span"), button);
    block.append(tools);
    hint(block);
  }

  function hint(block) {
    const active = block.querySelector(".active-surface");
    const words = touch.matches ? ["Tap to turn", "Drag to turn"] : ["Click to zoom", "Esc ends zoom"];
    const place = block.querySelector(".surface-tools span");
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
