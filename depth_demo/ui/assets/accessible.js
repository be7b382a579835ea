// What Gradio leaves unsaid to a screen reader, or out of the keyboard's reach, is added to the elements that it makes.
(() => {
  const labelOf = element => element.closest(".block")?.querySelector("[data-testid=block-label]")?.textContent.trim() ?? "";
  const set = (element, name, value) => element.getAttribute(name) == value || element.setAttribute(name, value);

  function nameImage(image, alt) {
    if (!image.classList.contains("unseen")) set(image, "alt", alt);
  }

  let told = ""; // of a run that goes on

  function tellNews() {
    const news = document.querySelector("[data-run=begun] .news")?.textContent ?? "";
    if (news && news != told) window.depthDemo.say(news);
    told = news;
  }

  function mend() {
    tellNews();
    for (const button of document.querySelectorAll("button.label-wrap")) {
      set(button, "aria-expanded", String(button.classList.contains("open")));
      set(button.querySelector(".icon"), "aria-hidden", "true");
    }
    for (const tab of document.querySelectorAll("[role=tab]")) {
      set(tab, "tabindex", tab.getAttribute("aria-selected") == "true" ? "0" : "-1");
    }
    for (const head of document.querySelectorAll(".toast-header[role]")) { // a button that holds one, which closes the message
      for (const name of ["role", "tabindex"]) head.removeAttribute(name);
    }
    for (const empty of document.querySelectorAll(".empty[aria-label]")) set(empty, "role", "img");
    for (const image of document.querySelectorAll("[id$=-inputs] .image-frame img:not([id$=-rectify] *)")) {
      nameImage(image, `${labelOf(image)}, as chosen`);
    }
    document.querySelectorAll(".crops img").forEach((image, index) => nameImage(image, `Box ${index + 1}: photo, reference, method`));
    for (const table of document.querySelectorAll(".table")) {
      const rows = table.querySelector(".virtual-table-viewport") ?? table;
      table.classList.toggle("wide", rows.scrollWidth > rows.clientWidth + 1);
    }
    for (const search of document.querySelectorAll(".table .search-input")) set(search, "aria-label", "Search the table");
    for (const slider of document.querySelectorAll("[data-testid=slider]")) mendSlider(slider);
    for (const link of document.querySelectorAll("[id$=-files] a[download]")) {
      set(link, "aria-label", `Download ${link.download}, ${link.textContent.replace("⇣", "").trim()}`);
    }
    for (const plot of document.querySelectorAll(".js-plotly-plot")) {
      const surface = plot.layout?.scene && `${labelOf(plot)}. The depth map as a surface in space.`;
      for (const drawing of plot.querySelectorAll(".main-svg")) set(drawing, "aria-hidden", "true"); // numbers of its axes
      set(plot, "role", "figure"); // an image holds no buttons, as the plot's own
      set(plot, "aria-label", plot.layout?.meta?.says ?? surface ?? labelOf(plot));
    }
  }

  // The handle between two pictures: what lies left of it is of the first.
  function mendSlider(slider) {
    const label = labelOf(slider), [first, second] = label.split(" | "), pictures = slider.closest(".wrap");
    const share = Math.round((100 * new DOMMatrix(getComputedStyle(slider).transform).m41) / (pictures.clientWidth || 1));
    const given = { role: "slider", tabindex: 0, "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 100 };
    for (const [name, value] of Object.entries(given)) set(slider, name, String(value));
    set(slider, "aria-valuenow", String(share));
    set(slider, "aria-valuetext", `${share} % ${first}`);
    set(slider.querySelector(".icon-wrap"), "aria-hidden", "true");
    [...pictures.querySelectorAll("img")].forEach((image, index) => nameImage(image, [first, second][index] ?? label));
  }

  // Moves the handle as a mouse would, which is all that Gradio's slider listens to.
  function slide(slider, share) {
    const box = slider.closest(".wrap").getBoundingClientRect(), now = slider.getBoundingClientRect();
    const from = now.left + now.width / 2, to = box.left + (box.width * Math.min(Math.max(share, 0), 100)) / 100;
    const mouse = (type, x) => new MouseEvent(type, { bubbles: true, cancelable: true, view: window, clientX: x, clientY: box.top + 9 });
    slider.dispatchEvent(mouse("mousedown", from));
    window.dispatchEvent(mouse("mousemove", to));
    window.dispatchEvent(mouse("mouseup", to));
  }

  const STEPS = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -25, PageUp: 25, Home: -100, End: 100 };

  function onKey(event) {
    const { target, key } = event;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (target.matches("[role=tab]")) moveTab(target, key) && event.preventDefault();
    else if (target.matches("[data-testid=slider]") && key in STEPS) {
      event.preventDefault();
      slide(target, Number(target.getAttribute("aria-valuenow")) + STEPS[key]);
    } else if (["Enter", " "].includes(key) && target.matches(".probed .image-container > button")) {
      event.preventDefault(); // a click without a place tells no pixel
      if (document.getElementById("compare-result").dataset.run != "begun") document.getElementById("compare-probe").click();
    }
  }

  function moveTab(tab, key) {
    const tabs = [...tab.closest("[role=tablist]").querySelectorAll("[role=tab]:not([aria-disabled=true])")];
    const at = tabs.indexOf(tab), places = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 };
    if (!(key in places)) return false;
    const next = tabs[(places[key] + tabs.length) % tabs.length];
    next.focus();
    next.click();
    return true;
  }

  let due = false; // one look for all the changes of a frame
  function mendSoon() {
    if (due) return;
    due = true;
    setTimeout(() => ((due = false), mend()), 100);
  }

  document.addEventListener("keydown", onKey, true);
  addEventListener("resize", mendSoon);
  new MutationObserver(mendSoon).observe(document, {
    subtree: true, childList: true, attributeFilter: ["class", "style", "aria-selected", "src"],
  });
})();
