// What the page does by itself. Gradio's events call these functions by name.
window.depthDemo = (() => {
  const PHONE_PX = 700;
  const FITTING_MS = 5000; // of looking at plots, after a tab was shown
  const NO_PREVIEW = "No preview in this browser. Whether the app can read the file shows when you run it.";

  const resultOf = name => document.getElementById(`${name}-result`);
  const pathsOf = uploads => JSON.stringify(uploads.map(file => file?.path));
  const showOnPhone = id => innerWidth < PHONE_PX && document.getElementById(id).scrollIntoView();

  // A run: `data-run` of the results is "begun", "done", "failed", or "outdated" when other pictures are chosen.

  const going = {}; // how many runs of a name were begun and have not ended

  function begun(name, uploads) {
    const result = resultOf(name);
    going[name] = (going[name] ?? 0) + 1;
    result.dataset.run = "begun";
    result.toggleAttribute("data-queued", going[name] > 1);
    result.dataset.of = pathsOf(uploads);
    delete result.dataset.changed;
    showOnPhone(`${name}-result`);
  }

  function runExample(name) {
    begun(name, []);
    document.getElementById(`${name}-example`).click();
  }

  function ended(name) {
    const result = resultOf(name);
    going[name] = Math.max(going[name] - 1, 0);
    result.toggleAttribute("data-queued", going[name] > 1);
    if (going[name] > 0) return; // the last one has the last word
    result.dataset.run = "changed" in result.dataset ? "outdated" : "done";
    const open = result.querySelector("[role=tab][aria-selected=true]");
    document.getElementById(`${name}-open-${open?.textContent.trim().toLowerCase()}`)?.click(); // draws the open tab anew
    sayResult(name);
  }

  function failed(name) {
    const result = resultOf(name);
    going[name] = 0;
    result.removeAttribute("data-queued");
    result.dataset.run = "failed";
    delete result.dataset.of;
    showOnPhone(`${name}-inputs`);
  }

  // The event may come after the run that it precedes: it tells what is chosen, not that something was changed.
  function chosen(name, uploads) {
    const result = resultOf(name);
    if (!result) return; // in a tab that was never opened
    const same = uploads.length > 0 && result.dataset.of == pathsOf(uploads);
    result.toggleAttribute("data-changed", !same);
    if (["done", "outdated"].includes(result.dataset.run)) result.dataset.run = same ? "done" : "outdated";
  }

  // Resolves when no run of this name goes on: what can wait does not compete with it.
  async function idle(name) {
    while (resultOf(name)?.dataset.run == "begun") await new Promise(done => setTimeout(done, 100));
  }

  function download(id) {
    document.querySelector(`#${id} a[download]`)?.click();
  }

  // Announcements, for those who do not see the page.

  const ENDED = { estimate: "Depth map ready", match: "Matched", compare: "Compared", families: "Matched by all three" };

  function say(text) {
    let region = document.getElementById("said");
    if (!region) {
      region = Object.assign(document.createElement("div"), { id: "said", className: "unseen-text", role: "status" });
      region.setAttribute("aria-live", "polite");
      document.body.append(region);
    }
    region.textContent = text;
  }

  // The first sentence of a result follows what has ended; the page shows it a moment after the run's end.
  function sayResult(name) {
    setTimeout(() => {
      const result = resultOf(name);
      const words = [...result.querySelectorAll(".prose p")].find(p => p.innerText?.trim() && !p.closest(".steps"));
      const sentence = words?.innerText.trim().match(/^.*?[.?!](?=\s|$)|^.*/s)[0];
      if (result.dataset.run != "begun") say(sentence ? `${ENDED[name]}: ${sentence}` : `${ENDED[name]}.`);
    }, 300);
  }

  function sayPixel() {
    say(document.querySelector(".probe-cells")?.dataset.say ?? "");
  }

  // Fields.

  // Clears the calibration and truth of the previous pair when a new view is uploaded: they would give silently wrong results.
  function forget(cameras, [left, ...fields]) {
    const alike = camera => camera.every((value, index) => Math.abs(value - fields[index]) < 1e-3);
    if (cameras.some(alike)) return fields.map((_, index) => (index < 3 ? 0 : null));
    const compared = JSON.parse(resultOf("compare")?.dataset.of ?? "[]");
    const gone = file => left && !compared.includes(left.path) && compared.includes(file?.path);
    return fields.map((field, index) => (index > 2 && gone(field) ? null : field));
  }

  // A slider tells of the number that is typed, and then cuts it to its range without a word.
  function cut(ranges, values) {
    return values.map((value, index) => {
      const range = ranges[index];
      return range ? Math.min(Math.max(value ?? range[0], range[0]), range[1]) : value;
    });
  }

  // Plots.

  // Plotly listens to the window's size alone, and not while it draws: so the plots of a shown tab are looked at for a while.
  function fitPlots() {
    const until = performance.now() + FITTING_MS;
    const misfit = svg => svg.clientWidth && Math.abs(svg.clientWidth - svg.closest(".js-plotly-plot").clientWidth) > 1;
    const fit = () => {
      if ([...document.querySelectorAll(".main-svg")].some(misfit)) window.dispatchEvent(new Event("resize"));
      if (performance.now() < until) setTimeout(fit, 250);
    };
    fit();
  }

  // Turning one surface turns the others in the same element.
  function turnTogether(id) {
    const plots = [...document.querySelectorAll(`#${id} .js-plotly-plot`)].filter(plot => plot._fullLayout?.scene);
    for (const plot of plots) {
      if (plot.dataset.together) continue;
      plot.dataset.together = "yes";
      plot.on("plotly_relayout", change => {
        const camera = change["scene.camera"];
        if (!camera) return;
        for (const other of document.querySelectorAll(`#${id} .js-plotly-plot`)) {
          const scene = other._fullLayout?.scene;
          if (other != plot) scene?._scene?.setViewport({ ...scene, camera: { ...scene.camera, ...camera } });
        }
      });
    }
    return plots.length;
  }

  // Until all surfaces of an element are drawn, which takes a while.
  function joinSurfaces(id, count) {
    const until = performance.now() + 60_000;
    const join = () => turnTogether(id) < count && performance.now() < until && setTimeout(join, 250);
    join();
  }

  // Browsers show a TIFF or a HEIC as a broken picture, as if it had been refused.
  document.addEventListener("error", ({ target }) => {
    if (target.tagName != "IMG" || !target.closest("[id$=-inputs]")) return;
    target.alt = NO_PREVIEW;
    target.classList.add("unseen");
  }, true);
  document.addEventListener("load", ({ target }) => {
    if (!target.classList?.contains("unseen")) return;
    target.alt = "";
    target.classList.remove("unseen");
  }, true);

  return { begun, runExample, ended, failed, chosen, idle, download, sayPixel, forget, cut, fitPlots, joinSurfaces };
})();
