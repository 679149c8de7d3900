// What folium does not say to Leaflet: words in the page's language, bunches of lanterns that a keyboard opens, a map
// without tiles that stays readable, and no movement for whoever wants none.
"use strict";

var guinguetteWords; // of the page's language; the document sets them before its layers

if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
  const panBy = L.Map.prototype.panBy;
  L.Map.mergeOptions({ zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false });
  L.Map.include({ panBy(offset, options) { return panBy.call(this, offset, { ...options, animate: false }); } });
  L.MarkerClusterGroup.mergeOptions({ animate: false });
}

// The icon of villages too near to each other to be shown apart: how many, and for screen readers which.
function guinguetteBunch(bunch) {
  const html = document.createElement("div");
  html.append(document.getElementById("grappe").content.cloneNode(true));
  const names = bunch.getAllChildMarkers().map((marker) => marker.options.name);
  html.querySelector("text").textContent = names.length;
  html.querySelector(".vh").textContent = guinguetteWords.bunch
    .replace("{count}", () => names.length)
    .replace("{names}", () => names.sort((a, b) => a.localeCompare(b)).join(", "));
  return L.divIcon({ html, className: "lanterne grappe", iconSize: [50, 50] });
}

function guinguetteTown(map, pane, location, name) {
  const html = document.createElement("span");
  html.textContent = name;
  html.ariaHidden = "true";
  const icon = L.divIcon({ html, className: "ville", iconSize: [8, 8] });
  L.marker(location, { icon, pane, interactive: false, keyboard: false }).addTo(map);
}

// Called once by the map's document, when all its layers are there.
function guinguetteMap(map, tiles, bunches, lines) {
  const words = guinguetteWords;
  const container = map.getContainer();
  L.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
  map.attributionControl.setPrefix("Leaflet");
  // The wheel scrolls the page until somebody enters the map.
  map.on("focus", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());
  giveUpWithoutTiles(map, tiles);
  follow(bunches, lines);
  openByKeyboard(map, bunches);
  highlight(map, bunches);

  let opener = null;
  map.on("popupopen", ({ popup }) => {
    const box = popup.getElement();
    opener = document.activeElement;
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", box.querySelector("h2").textContent);
    box.querySelector(".leaflet-popup-close-button").setAttribute("aria-label", words.close);
    (box.querySelector("li a") || box).focus({ preventScroll: true });
  });
  map.on("popupclose", ({ popup }) => {
    const left = document.activeElement === document.body || popup.getElement().contains(document.activeElement);
    if (left && opener) opener.focus({ preventScroll: true });
  });
  container.addEventListener("keydown", (event) => {
    if (event.key === "Escape") map.closePopup();
  });
}

// A server out of reach is asked three times, not at each move; again once the network is back.
function giveUpWithoutTiles(map, tiles) {
  let failures = 0;
  tiles.on("tileload", () => { failures = -Infinity; });
  tiles.on("tileerror", () => {
    failures += 1;
    if (failures === 3) tiles.remove();
  });
  addEventListener("online", () => {
    failures = Math.min(failures, 0);
    tiles.addTo(map);
  });
}

// A line leads from lantern to lantern, or to the bunch in which a lantern hangs. A way taken twice is drawn once: two
// dashed lines one over the other would look like a whole one.
function follow(bunches, lines) {
  const markers = new Map(bunches.getLayers().map((marker) => [marker.getLatLng().toString(), marker]));
  const ways = lines.flatMap((group) => group.getLayers().map((line) => [line, line.getLatLngs()]));
  const seat = (point) => bunches.getVisibleParent(markers.get(point.toString()))?.getLatLng() ?? point;
  const legs = (points) => new Map(points.slice(1).map((point, n) => {
    const leg = [seat(points[n]), seat(point)].sort((a, b) => a.lat - b.lat || a.lng - b.lng);
    return [leg.join(), leg];
  }));
  const draw = () => ways.forEach(([line, points]) => line.setLatLngs([...legs(points).values()]));
  bunches.on("animationend", draw);
  draw();
}

// Leaflet hears Enter; buttons open with Space too. Whoever opens a bunch so comes to the first lantern that was in it.
function openByKeyboard(map, bunches) {
  const container = map.getContainer();
  let opened = null;
  container.addEventListener("keydown", (event) => {
    if (event.key !== " " || !event.target.matches(".lanterne")) return;
    event.preventDefault();
    event.target.click();
  });
  const land = () => {
    if (!opened) return;
    const markers = opened.getAllChildMarkers();
    const first = markers.reduce((one, other) => (other.options.number < one.options.number ? other : one));
    const shown = bunches.getVisibleParent(first);
    if (!shown || shown === opened) return; // still on its way
    opened = null;
    if ([document.body, container].includes(document.activeElement)) shown.getElement().focus({ preventScroll: true });
  };
  bunches.on("clusterclick clusterkeypress", ({ layer, type, originalEvent }) => {
    const entered = type === "clusterkeypress" ? originalEvent.key === "Enter" : originalEvent.detail === 0;
    opened = entered ? layer : null;
    land();
  });
  bunches.on("animationend spiderfied", land);
}

// The list beside the frame and the map show each other which village somebody is at.
function highlight(map, bunches) {
  const tell = (number) => parent.postMessage({ village: number }, location.origin);
  bunches.on("mouseover", ({ layer }) => tell(layer.options.number));
  bunches.on("mouseout", () => tell(null));
  addEventListener("message", ({ origin, data }) => {
    if (origin !== location.origin) return;
    map.getContainer().querySelector(".vif")?.classList.remove("vif");
    const marker = bunches.getLayers().find(({ options }) => options.number === data.village);
    if (marker) bunches.getVisibleParent(marker)?.getElement().classList.add("vif");
  });
}
