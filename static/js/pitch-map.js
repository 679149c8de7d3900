// The map of a pitch or hall: a tap puts the pin there and fills in the degrees; so does a button, for the keyboard.
"use strict";

(function () {
  const box = document.querySelector("[data-pitch-map]");
  const lat = document.querySelector('input[name="lat"]');
  const lon = document.querySelector('input[name="lon"]');
  if (!box || !lat || !lon || typeof L === "undefined") return;
  const said = box.dataset;
  const read = (input) => parseFloat(input.value.replace(",", "."));
  const write = (value) => value.toFixed(5).replace(".", ",");
  const typed = () => {
    const point = [read(lat), read(lon)];
    return point.every(Number.isFinite) && Math.abs(point[0]) <= 90 && Math.abs(point[1]) <= 180 ? point : null;
  };

  box.hidden = false;
  const chart = box.querySelector(".carte-lieu");
  const map = L.map(chart, { zoomControl: false, scrollWheelZoom: false });
  map.attributionControl.setPrefix("Leaflet");
  L.control.zoom({ zoomInTitle: said.zoomIn, zoomOutTitle: said.zoomOut }).addTo(map);
  map.on("focus", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());
  map.setView(typed() || [parseFloat(said.lat), parseFloat(said.lon)], typed() ? 17 : 14);

  // under the tiles: once there, they cover it
  map.createPane("outline").style.zIndex = 150;
  fetch(said.outline)
    .then((answer) => answer.json())
    .then((shape) => L.geoJSON(shape, {
      pane: "outline", interactive: false, attribution: said.outlineAttribution,
      style: { className: "contour", weight: 2 },
    }).addTo(map))
    .catch(() => {});
  L.tileLayer(said.tiles, { attribution: said.tilesAttribution, maxZoom: 18, minZoom: 5 }).addTo(map);

  let pin = null;
  const show = (point) => {
    if (!pin) {
      const icon = L.divIcon({ className: "repere", iconSize: [34, 34], iconAnchor: [17, 17] });
      pin = L.marker(point, { icon, draggable: true, title: said.pin, alt: said.pin, keyboard: false }).addTo(map);
      pin.on("dragend", () => put(pin.getLatLng()));
    }
    pin.setLatLng(point);
  };
  const put = (point) => {
    const place = point.wrap();
    lat.value = write(place.lat);
    lon.value = write(place.lng);
    show(place);
    box.querySelector("[role=status]").textContent = said.placed;
  };
  if (typed()) show(typed());
  map.on("click", (event) => put(event.latlng));
  box.querySelector("[data-middle]").addEventListener("click", () => put(map.getCenter()));
  const here = box.querySelector("[data-here]");
  if ("geolocation" in navigator) {
    const say = (words) => { box.querySelector("[role=status]").textContent = words; };
    here.hidden = false;
    here.addEventListener("click", () => {
      say(said.searching);
      navigator.geolocation.getCurrentPosition((found) => {
        put(L.latLng(found.coords.latitude, found.coords.longitude));
        map.setView([found.coords.latitude, found.coords.longitude], 17);
      }, () => say(said.noPosition), { enableHighAccuracy: true, timeout: 20000 });
    });
  }
  [lat, lon].forEach((input) => input.addEventListener("change", () => {
    const point = typed();
    if (point) { show(point); map.setView(point, Math.max(map.getZoom(), 15)); }
  }));
})();
