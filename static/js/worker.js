/* The service worker, sent at /sw.js after a line that says what it keeps from the start:
   SHELL = {version, files, offline: {language: path}, never: [paths]}.
   Pages come from the network first and from the last copy seen when it does not answer; files whose address carries a
   hash come from the phone first. A page that was kept says when, in <html data-kept>: offline.js reads it out. */
"use strict";
const SHELL_CACHE = `guinguette-shell-${SHELL.version}`;
const PAGES = "guinguette-pages"; // kept.js reads it too
const FILES = "guinguette-files";
const KEPT_AT = "X-Kept-At";
const MOST = { [PAGES]: 60, [FILES]: 60 };
const PATIENCE_MS = 3000; // a network that is there but does not answer
const FRESH_MS = 10 * 60 * 1000; // how old a copy may be before it is fetched again in advance
const FOLLOWED = 6; // evenings kept with a village
// What is fetched in advance is asked for without a cookie: a message that waits for somebody is not used up unseen.
const AS_ANYBODY = { cache: "no-cache", credentials: "omit" };

self.addEventListener("install", (event) => {
  const pages = Object.values(SHELL.offline).map((path) => new Request(path, AS_ANYBODY));
  const filled = caches.open(SHELL_CACHE).then((cache) => cache.addAll([...SHELL.files, ...pages]));
  event.waitUntil(filled.then(() => self.skipWaiting()));
});

// A page that is open has its files already and asks for others by address, which any version answers.
self.addEventListener("activate", (event) => {
  const own = [SHELL_CACHE, PAGES, FILES];
  const tidied = caches
    .keys()
    .then((names) => names.filter((name) => name.startsWith("guinguette-") && !own.includes(name)))
    .then((old) => Promise.all(old.map((name) => caches.delete(name))));
  event.waitUntil(tidied.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/") || url.pathname === "/pages.css") event.respondWith(file(request));
  else if (request.destination === "iframe") event.respondWith(fetch(request).catch(() => new Response("")));
  else if (asksForPage(request) && isPage(url)) event.respondWith(page(event, url));
});

self.addEventListener("message", (event) => {
  const { keep = [], village } = event.data;
  const wanted = keep.map((path) => fetchAhead(path));
  if (village) wanted.push(fetchAhead(village).then(() => fetchEvenings(village)));
  event.waitUntil(Promise.allSettled(wanted));
});

/* Somebody opens it, or near.js reads it for them. */
function asksForPage({ mode, destination, headers }) {
  return mode === "navigate" ? destination === "document" : headers.get("Accept") === "text/html";
}

/* An address that may hold a page for everybody: neither a file (.ics, .pdf) nor somebody's own. */
function isPage(url) {
  if (/\.\w+$/.test(url.pathname)) return false;
  return !SHELL.never.some((path) => url.pathname === path || url.pathname.startsWith(`${path}/`));
}

/* An answer for everybody: the server says no-store, or that it depends on the cookie, where it is not. (A script may
   not read Set-Cookie: guinguette/web/sessions.py sends Vary: Cookie with it.) */
function mayBeKept(response) {
  const said = (name) => response.headers.get(name) || "";
  return (
    response.status === 200 && response.type === "basic" && !response.redirected &&
    said("Content-Type").startsWith("text/html") &&
    !/no-store|private/i.test(said("Cache-Control")) && !/cookie|\*/i.test(said("Vary"))
  );
}

async function page(event, url) {
  const kept = await (await caches.open(PAGES)).match(key(url));
  const network = fetch(event.request).then((response) => {
    event.waitUntil(keep(url, response.clone()));
    return response;
  });
  event.waitUntil(network.catch(() => {})); // an answer that comes late is kept for the next time
  try {
    const response = await (kept ? Promise.race([network, tooLate()]) : network);
    return kept && response.status >= 500 ? shown(kept) : response;
  } catch {
    if (kept) return shown(kept);
    return event.request.mode === "navigate" ? offlinePage(url) : Response.error();
  }
}

function tooLate() {
  return new Promise((_, refuse) => setTimeout(() => refuse(new Error("no answer")), PATIENCE_MS));
}

async function shown(kept) {
  const html = (await kept.text()).replace("<html", `<html data-kept="${kept.headers.get(KEPT_AT)}"`);
  return new Response(html, { headers: kept.headers });
}

async function offlinePage(url) {
  const language = url.pathname.split("/")[1];
  const stored = await caches.match(SHELL.offline[language] || SHELL.offline.fr);
  return stored || Response.error();
}

async function keep(url, response) {
  const cache = await caches.open(PAGES);
  // gone, or called otherwise now: what was kept under this address is no longer true
  if ([404, 410].includes(response.status) || response.type === "opaqueredirect") return cache.delete(key(url));
  if (!mayBeKept(response)) return undefined;
  const headers = new Headers(response.headers);
  headers.set(KEPT_AT, new Date().toISOString());
  await cache.put(key(url), new Response(await response.blob(), { headers }));
  return bound(PAGES);
}

function key(url) {
  return url.pathname + url.search;
}

/* What was kept last stands last: the rest goes. */
async function bound(name) {
  const cache = await caches.open(name);
  const all = await cache.keys();
  await Promise.all(all.slice(0, -MOST[name]).map((request) => cache.delete(request)));
}

async function fetchAhead(path) {
  const url = new URL(path, location.origin);
  if (url.origin !== location.origin || !isPage(url)) return;
  const kept = await (await caches.open(PAGES)).match(key(url));
  if (kept && Date.now() - new Date(kept.headers.get(KEPT_AT)) < FRESH_MS) return;
  const response = await fetch(url, AS_ANYBODY);
  const html = await response.clone().text();
  await keep(url, response);
  await Promise.allSettled([...html.matchAll(/"(\/static\/[^"]+\.(?:css|js)\?v=\w+)"/g)].map(([, path]) => file(path)));
}

/* The evenings that a village's page names, so that the way there and the hours open with it. */
async function fetchEvenings(village) {
  const kept = await (await caches.open(PAGES)).match(village);
  if (!kept) return;
  const html = await kept.text();
  const paths = new Set([...html.matchAll(/href="((?:\/[a-z]{2})?\/soirees\/[\w-]+)["#]/g)].map((found) => found[1]));
  await Promise.allSettled([...paths].slice(0, FOLLOWED).map((path) => fetchAhead(path)));
}

/* `request` is one, or a path. */
async function file(request) {
  const kept = await caches.match(request, { ignoreVary: true });
  if (kept) return kept;
  try {
    const response = await fetch(request);
    if (response.ok && (response.headers.get("Cache-Control") || "").includes("immutable")) {
      const copy = response.clone();
      await (await caches.open(FILES)).put(request, copy);
      await bound(FILES);
    }
    return response;
  } catch (error) {
    // a page kept before an update names files by their former hash: the present ones serve it
    const present = await caches.match(request, { ignoreSearch: true, ignoreVary: true });
    if (present) return present;
    throw error;
  }
}
