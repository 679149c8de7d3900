// What folium does not say to Leaflet: words in the page's language, and a map that a keyboard can leave and enter.
"use strict";

// Called once by the map's document. `words`: zoom_in, zoom_out, close.
function guinguetteMap(map, words) {
  L.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
  map.attributionControl.setPrefix("Leaflet");
  // The wheel scrolls the page until somebody enters the map.
  map.on("focus", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());

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
    if (popup.getElement().contains(document.activeElement) && opener) opener.focus({ preventScroll: true });
  });
  map.getContainer().addEventListener("keydown", (event) => {
    if (event.key === "Escape") map.closePopup();
  });
}
