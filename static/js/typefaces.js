/* typefaces.js: the first paint waits for no typeface. The first page is set in what the phone has, and in ours as soon as
   they are there; every later page has them from the start. Runs before the page is drawn, hence small and in its head. */
(() => {
  "use strict";
  const KEY = "guinguette-polices";
  const show = () => document.documentElement.classList.add("polices");
  try {
    if (localStorage.getItem(KEY)) return show();
  } catch {
    // storage refused: every page is a first one
  }
  addEventListener("load", async () => {
    await Promise.all(['1em "Young Serif"', '1em "Atkinson Hyperlegible Next"'].map((face) => document.fonts.load(face)));
    show();
    try {
      localStorage.setItem(KEY, "1");
    } catch {
      // as above
    }
  });
})();
