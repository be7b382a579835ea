// What the page does by itself. Gradio's events call these functions by name.
window.depthDemo = (() => {
  const PHONE = matchMedia("(width < 700px), (height < 500px)"); // upright, or on its side
  const COPIED_MS = 4000;
  const SETTLING_MS = 3000; // after which what is needed later may be fetched
  const FITTING_MS = 5000; // of looking at plots, after a tab was shown
  const NO_PREVIEW = "No preview in this browser. Whether the app can read the file shows when you run it.";

  const resultOf = name => document.getElementById(`${name}-result`);
  const pathsOf = uploads => JSON.stringify(uploads.map(file => file?.path));
  // A refusal goes with its cause; Gradio would show it for ten seconds.
  const dismiss = () => document.querySelectorAll(".toast-body.error [data-testid=toast-close]").forEach(close => close.click());
  const showOnPhone = id => PHONE.matches && document.getElementById(id).scrollIntoView();

  // A run: `data-run` of the results is "begun", "done", "failed", or "outdated" when other pictures are chosen.

  const going = {}; // how many runs of a name were begun and have not ended

  const whenIdle = window.requestIdleCallback ?? setTimeout; // Safari has none
  setTimeout(() => whenIdle(fetchPlotly), SETTLING_MS);

  // Gradio would fetch and read Plotly, 4 MB, only when the first plot is there to be drawn.
  function fetchPlotly() {
    const address = document.querySelector("meta[name=plotly]")?.content;
    if (address && !navigator.connection?.saveData) import(new URL(address, document.baseURI)).catch(() => {});
  }

  function begun(name, uploads) {
    dismiss();
    const result = resultOf(name);
    going[name] = (going[name] ?? 0) + 1;
    result.dataset.run = "begun";
    result.toggleAttribute("data-queued", going[name] > 1);
    result.dataset.of = pathsOf(uploads);
    delete result.dataset.changed;
    showOnPhone(`${name}-result`);
  }

  function runExample(name, example) {
    begun(name, []);
    note(tabOf(name), { example });
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
    whenIdle(fetchPlotly);
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
    if (!same) dismiss();
    if (!same) note(tabOf(name), { example: null });
    result.toggleAttribute("data-changed", !same);
    if (["done", "outdated"].includes(result.dataset.run)) result.dataset.run = same ? "done" : "outdated";
  }

  // Resolves when no run of this name goes on: what can wait does not compete with it.
  async function idle(name) {
    while (resultOf(name)?.dataset.run == "begun") await new Promise(done => setTimeout(done, 100));
  }

  function download(id) {
    document.querySelector(`#${id} a[download$=".zip"], #${id} a[download$=".mp4"]`)?.click();
  }

  // The address: which tab is open, and for each tab its example and the fields that a person changed.

  const TABS = { Photo: "estimate", Stereo: "match", Compare: "compare", Video: "video", "Data set": "score" };
  const HOST = "https://huggingface.co"; // shows a Space in a frame, and its address in the browser's
  const noted = {}; // by tab
  const tabOf = name => Object.keys(TABS).find(title => TABS[title] == name);
  const outerTabs = () => [...document.querySelectorAll("[role=tab]")].filter(tab => tab.textContent.trim() in TABS);
  const openTab = () => outerTabs().find(tab => tab.ariaSelected == "true")?.textContent.trim() ?? "Photo";

  function note(tab, changes) {
    noted[tab] ??= {};
    for (const [name, value] of Object.entries(changes)) {
      if (value == null) delete noted[tab][name];
      else noted[tab][name] = value;
    }
    writeAddress("replaceState");
  }

  function noteFields(tab, known, values) {
    const title = tabOf(TABS[tab[0].toUpperCase() + tab.slice(1)]);
    const alike = (value, usual) => value == usual || String(value) == String(usual); // a choice of several is a list
    note(title, Object.fromEntries(known.map(([name, usual], index) => [name, alike(values[index], usual) ? null : values[index]])));
  }

  function writeAddress(how) {
    const tab = openTab(), parts = noted[tab] ?? {};
    const usual = tab == "Photo" && !Object.keys(parts).length;
    const query = usual ? "" : String(new URLSearchParams({ tab: tab.toLowerCase(), ...parts }));
    if (`?${query}` == (location.search || "?")) return;
    history[how](null, "", query ? `?${query}` : location.pathname);
    if (parent != window) parent.postMessage({ queryString: query }, HOST);
  }

  const tabOpened = () => arriving || writeAddress("pushState");

  // Opens the tab of the address, whose fields are filled by now, and runs its example unless that is shown already.
  let arriving = false;
  async function arrived() {
    const { tab = "photo", ...parts } = Object.fromEntries(new URLSearchParams(location.search));
    const button = outerTabs().find(each => each.textContent.trim().toLowerCase() == tab);
    if (!button) return;
    const title = button.textContent.trim(), name = TABS[title], shown = noted[title]?.example;
    arriving = true;
    button.click();
    noted[title] = parts;
    const until = performance.now() + 10_000;
    while (!resultOf(name) && performance.now() < until) await new Promise(requestAnimationFrame);
    arriving = false;
    if (parts.example && parts.example != shown) document.getElementById(`${name}-run`)?.click();
  }

  const fillFromAddress = () => document.getElementById("go-back")?.click();
  addEventListener("popstate", fillFromAddress);

  // Without an address there is nothing to fill: the server is not asked, and what is chosen meanwhile stays.
  const cameWith = location.search; // what a person opens later is no address to restore
  const restore = () => cameWith && fillFromAddress();

  async function copyLink() {
    const button = document.getElementById("copy-link"), usual = button.textContent;
    const pictures = noted[openTab()]?.example ? "" : " It holds no uploaded pictures.";
    try {
      await navigator.clipboard.writeText(location.href);
      button.textContent = `Link copied.${pictures}`;
    } catch { // without https, or without a permission
      button.textContent = `Please copy the address: ${location.href}`;
    }
    setTimeout(() => (button.textContent = usual), COPIED_MS);
  }

  // Takes values to the fields of another tab, whose result is then of other pictures.
  function carry(title, values) {
    outerTabs().find(tab => tab.textContent.trim() == title)?.click();
    chosen(TABS[title], []);
    return values;
  }

  // Announcements, for those who do not see the page.

  const ENDED = { estimate: "Depth map ready", match: "Matched", compare: "Compared", families: "Matched by all three",
    video: "Clip ready", score: "Data set" };

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
      const sentence = words?.innerText.trim().match(/^.*?[.!](?=\s|$)|^.*/s)[0];
      if (result.dataset.run != "begun") say(sentence ? `${ENDED[name]}: ${sentence}` : `${ENDED[name]}.`);
    }, 300);
  }

  function sayPixel() {
    say(document.querySelector(".probe-cells")?.dataset.say ?? "");
  }

  // A clip: its pictures are on the page, frame and map in turn, so that going through them asks the server nothing.

  let playing; // the timer
  const SHORTEST_MS = 40;

  function showFrame(number, pictures) {
    const [frame, map] = [2 * number - 2, 2 * number - 1].map(place => pictures?.[place]);
    return [frame?.image ?? null, map?.image ?? null, frame?.caption ?? ""];
  }

  function nextFrame(number, pictures) {
    const count = (pictures?.length ?? 0) / 2;
    if (!count) pause();
    const next = count ? (number % count) + 1 : 1;
    return [next, ...showFrame(next, pictures)];
  }

  function playOrPause(pictures) {
    if (playing || !pictures?.length) return pause();
    for (const { image } of pictures) new Image().src = image.url; // at hand when their turn comes
    const time = ({ caption }) => Number(caption.match(/[\d.]+(?= s$)/)?.[0] ?? 0);
    const step_ms = (1000 * (time(pictures.at(-1)) - time(pictures[0]))) / (pictures.length / 2 - 1);
    playing = setInterval(() => document.getElementById("video-next").click(), Math.max(step_ms, SHORTEST_MS));
    document.getElementById("video-play").textContent = "Pause";
  }

  function pause() {
    clearInterval(playing);
    playing = undefined;
    const button = document.getElementById("video-play");
    if (button) button.textContent = "Play";
  }

  // Fields.

  const AS_IT_IS = { __type__: "update" }; // leaves a field alone, also one that was typed into meanwhile

  // Clears the calibration and truth of the previous pair when a new view is uploaded: they would give silently wrong results.
  function forget(cameras, [left, ...fields]) {
    const alike = camera => camera.every((value, index) => Math.abs(value - fields[index]) < 1e-3);
    if (cameras.some(alike)) return fields.map((_, index) => (index < 3 ? 0 : null));
    const compared = JSON.parse(resultOf("compare")?.dataset.of ?? "[]");
    const gone = file => left && !compared.includes(left.path) && compared.includes(file?.path);
    return fields.map((field, index) => (index > 2 && gone(field) ? null : AS_IT_IS));
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
        if (!Object.keys(change).some(name => name.startsWith("scene.camera"))) return; // Plotly's own buttons name its parts
        const camera = plot._fullLayout.scene._scene.getCamera();
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
    target.classList.remove("unseen");
  }, true);

  return { begun, runExample, ended, failed, chosen, idle, download, say, sayPixel, forget, cut, fitPlots, joinSurfaces,
    noteFields, tabOpened, arrived, restore, copyLink, carry, showFrame, nextFrame, playOrPause };
})();
