// The list and the map in its frame show each other which village somebody is at.
"use strict";

(() => {
  const frame = document.querySelector(".carte-cadre");
  const lines = document.querySelectorAll("li[data-step]");
  const tell = (village) => frame.contentWindow.postMessage({ village }, location.origin);
  for (const line of lines) {
    const village = Number(line.dataset.step);
    for (const come of ["mouseenter", "focusin"]) line.addEventListener(come, () => tell(village));
    for (const go of ["mouseleave", "focusout"]) line.addEventListener(go, () => tell(null));
  }
  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== location.origin || source !== frame.contentWindow) return;
    for (const line of lines) line.classList.toggle("vif", Number(line.dataset.step) === data.village);
  });
})();
