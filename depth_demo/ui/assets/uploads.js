// Fields for photos take every picture that the app reads. Gradio's own take what the system's list of types calls an image,
// and few systems know the files of stereo cameras.
(() => {
  const ENDINGS = [".mpo", ".jps", ".pns", ".heic", ".heif", ".avif", ".jp2", ".pgm", ".ppm", ".pnm"];
  const IMAGES = "image/*";

  const isPhotoField = input => input?.type == "file" && input.accept.startsWith(IMAGES) && input.closest("[id$=-inputs]");
  const isUnknown = file => !file.type.startsWith("image/") && ENDINGS.some(ending => file.name.toLowerCase().endsWith(ending));

  // The same files, each with a type that is one of an image; null if all have one.
  function typed(files) {
    if (![...files].some(isUnknown)) return null;
    const all = new DataTransfer();
    for (const file of files) all.items.add(isUnknown(file) ? new File([file], file.name, { type: "image/jpeg" }) : file);
    return all;
  }

  // Gradio opens the dialog by a click on a field that nobody sees.
  document.addEventListener("click", ({ target }) => {
    if (isPhotoField(target)) target.accept = [IMAGES, ...ENDINGS].join(",");
  }, true);

  document.addEventListener("change", ({ target }) => {
    const files = isPhotoField(target) ? typed(target.files) : null;
    if (files) target.files = files.files;
  }, true);

  document.addEventListener("drop", event => {
    const holds = event.target.closest?.(".block")?.querySelector("input[type=file]");
    const files = isPhotoField(holds) && event.dataTransfer ? typed(event.dataTransfer.files) : null;
    if (!files) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    event.target.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
  }, true);
})();
