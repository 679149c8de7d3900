// Photographs are made small on the telephone before they are sent: a village has little network. Without this, or
// where the browser cannot, the whole files go and the server does it.
"use strict";

(function () {
  const SIDE = 1600, LIGHT = 500000;
  const input = document.querySelector('input[type="file"][name="photo"]');
  if (!input || !window.createImageBitmap || !window.DataTransfer) return;
  let making = null;

  input.addEventListener("change", () => {
    const mine = (making = lighten([...input.files]).then((files) => {
      if (making !== mine) return; // others were chosen meanwhile
      making = null;
      const carrier = new DataTransfer();
      for (const file of files) carrier.items.add(file);
      input.files = carrier.files;
    }));
  });

  // Whoever is quicker than their telephone waits for it: the whole files would take longer.
  input.form.addEventListener("submit", async (event) => {
    if (!making) return;
    event.preventDefault();
    const button = event.submitter;
    if (button) button.setAttribute("aria-busy", "true");
    while (making) await making;
    if (button) button.removeAttribute("aria-busy");
    input.form.requestSubmit(button);
  });

  // One after the other: an old telephone has memory for one.
  async function lighten(files) {
    const small = [];
    for (const file of files) small.push(file.size < LIGHT ? file : await shrunk(file).catch(() => file));
    return small;
  }

  async function shrunk(file) {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return made && made.size < file.size ? new File([made], "photo.jpg", { type: "image/jpeg" }) : file;
  }
})();
