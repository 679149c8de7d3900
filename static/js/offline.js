/* offline.js: starts the worker, says how old a kept page is, keeps the village that somebody follows.
   Everything stays on this phone: the village stands in localStorage, the pages in its cache. */
(() => {
  "use strict";
  const root = document.documentElement;
  const VILLAGE = "guinguette-village";

  /* « il y a 3 heures », in the language of the page; kept.js uses it too */
  window.guinguetteAge = (instant) => {
    const minutes = Math.max(1, Math.floor((Date.now() - new Date(instant)) / 60000));
    const words = new Intl.RelativeTimeFormat(root.lang);
    if (minutes < 60) return words.format(-minutes, "minute");
    if (minutes < 48 * 60) return words.format(-Math.floor(minutes / 60), "hour");
    return words.format(-Math.floor(minutes / 1440), "day");
  };

  const village = () => {
    try {
      return JSON.parse(localStorage.getItem(VILLAGE));
    } catch {
      return null; // storage refused, or written by another hand
    }
  };

  const pieces = document.getElementById("copie");

  function sayAge() {
    const notice = pieces.content.firstElementChild.cloneNode(true);
    const age = notice.querySelector("[data-age]");
    const tell = () => {
      age.textContent = window.guinguetteAge(root.dataset.kept);
    };
    tell();
    setInterval(tell, 60000);
    notice.querySelector("[data-reload]").href = location.href.split("#")[0];
    document.querySelector("main").before(notice);
    // an element that is there, then filled, is what screen readers announce
    setTimeout(() => {
      notice.querySelector("[role=status]").textContent = notice.querySelector("strong").textContent;
    }, 500);
  }

  function showVillage(send) {
    const kept = village();
    const mine = document.querySelector("[data-my-village]");
    if (mine && kept) {
      const link = mine.querySelector("a");
      link.textContent = kept.name;
      link.href = kept.url;
      mine.hidden = false;
    }
    const offer = document.querySelector("[data-village]");
    if (!offer) return;
    const { village: url, name } = offer.dataset;
    const [keep, drop] = [offer.querySelector("[data-keep]"), offer.querySelector("[data-drop]")];
    const said = offer.querySelector("[role=status]");
    const change = (value) => {
      try {
        if (value) localStorage.setItem(VILLAGE, JSON.stringify(value));
        else localStorage.removeItem(VILLAGE);
      } catch {
        said.textContent = said.dataset.refused;
        return;
      }
      keep.hidden = Boolean(value);
      drop.hidden = !value;
      (value ? drop : keep).focus();
      said.textContent = value ? said.dataset.said : "";
    };
    keep.hidden = kept?.url === url;
    drop.hidden = !keep.hidden;
    keep.addEventListener("click", () => {
      change({ name, url });
      send({ village: url });
    });
    drop.addEventListener("click", () => change(null));
    offer.hidden = false;
  }

  if (!("serviceWorker" in navigator)) return;
  if (root.dataset.kept) sayAge();
  const send = (message) => navigator.serviceWorker.ready.then((found) => found.active.postMessage(message));
  showVillage(send);
  navigator.serviceWorker.register("/sw.js").then(
    () => {
      const here = location.pathname + location.search;
      const { home, dates } = pieces.dataset;
      if (!root.dataset.kept) send({ keep: [here, home, dates], village: village()?.url });
    },
    () => {}, // a browser that refuses (private window) reads the site as it is
  );
})();
