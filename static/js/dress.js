/* dress.js: the first paint waits for nothing that it can do without. The first page is set in the typefaces that the phone
   has, and in ours once they are there; every later page has them from the start. Other scripts come once it is drawn. */
(() => {
  "use strict";
  const KEY = "guinguette-polices";
  const dress = () => document.documentElement.classList.add("polices");
  let known;
  try {
    known = localStorage.getItem(KEY);
  } catch {
    // storage refused: every page is a first one
  }
  if (known) dress();
  const later = async () => {
    for (const { dataset } of document.querySelectorAll("[data-script]")) {
      // in the order of the page: not as each arrives
      document.head.append(Object.assign(document.createElement("script"), { src: dataset.script, async: false }));
    }
    await Promise.all(['1em "Young Serif"', '1em "Atkinson Hyperlegible Next"'].map((face) => document.fonts.load(face)));
    dress();
    try {
      localStorage.setItem(KEY, "1");
    } catch {
      // as above
    }
  };
  addEventListener("load", () => requestAnimationFrame(() => setTimeout(later)));
})();
