/* kept.js: the page /hors-ligne lists what this phone has kept, the village first; and forgets it when asked. */
(async () => {
  "use strict";
  const offlinePaths = /\/hors-ligne$/;
  if (!offlinePaths.test(location.pathname)) {
    // the worker shows this page in the place of one that it does not have
    document.querySelector("[data-missing]").hidden = false;
    document.querySelector("[data-again]").href = location.href;
  }
  if (!("caches" in window)) return;
  const list = document.querySelector("[data-list]");
  const row = list.querySelector("template");
  const empty = document.querySelector("[data-empty]");

  const read = async (cache, request) => {
    const response = await cache.match(request);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const { pathname, search } = new URL(request.url);
    const title = page.title.split("·").slice(0, -1).join("·").trim() || page.title;
    return { path: pathname + search, title, at: response.headers.get("X-Kept-At"), language: page.documentElement.lang };
  };

  let mine;
  try {
    mine = JSON.parse(localStorage.getItem("guinguette-village"))?.url;
  } catch {
    mine = undefined;
  }
  const cache = await caches.open("guinguette-pages");
  const pages = await Promise.all((await cache.keys()).map((request) => read(cache, request)));
  const shown = pages.filter(({ path, language }) => language === document.documentElement.lang && !offlinePaths.test(path));
  shown.sort((a, b) => (b.path === mine) - (a.path === mine) || b.at.localeCompare(a.at));
  for (const { path, title, at } of shown) {
    const item = row.content.firstElementChild.cloneNode(true);
    item.querySelector("a").href = path;
    item.querySelector("a").textContent = title;
    item.querySelector("[data-age]").textContent = window.guinguetteAge(at);
    list.querySelector("ul").append(item);
  }
  list.hidden = shown.length === 0;
  empty.hidden = shown.length > 0;

  const forget = document.querySelector("[data-forget]");
  forget.addEventListener("click", async () => {
    await caches.delete("guinguette-pages");
    try {
      for (const key of ["guinguette-village", "guinguette-polices"]) localStorage.removeItem(key);
    } catch {
      // storage refused: nothing is there
    }
    list.hidden = true;
    empty.hidden = false;
    document.querySelector("[data-said]").textContent = forget.dataset.done;
  });
})();
