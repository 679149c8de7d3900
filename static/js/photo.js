// A photograph is made small on the telephone before it is sent: a village has little network. Without this, or where
// the browser cannot, the whole file goes and the server does it.
"use strict";

(function () {
  const SIDE = 1600, LIGHT = 500000;
  const input = document.querySelector('input[type="file"][name="photo"]');
  if (!input || !window.createImageBitmap || !window.DataTransfer) return;

  input.addEventListener("change", async () => {
    const file = input.files[0];
    if (!file || file.size < LIGHT) return;
    try {
      const small = await shrunk(file);
      if (!small || small.size >= file.size || input.files[0] !== file) return;
      const carrier = new DataTransfer();
      carrier.items.add(new File([small], "photo.jpg", { type: "image/jpeg" }));
      input.files = carrier.files;
    } catch { /* the whole file goes */ }
  });

  async function shrunk(file) {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
  }
})();
