// The registry's lists: « toutes » ticks what is shown; a value typed or chosen in a bulk change ticks its own line.
"use strict";

const all = document.querySelector("[data-all]");
const boxes = document.querySelectorAll('input[name="ligne"][type="checkbox"]');
if (all) {
  all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
  boxes.forEach((box) => box.addEventListener("change", () => { if (!box.checked) all.checked = false; }));
}
document.querySelectorAll(".changement .valeur").forEach((value) => {
  value.addEventListener("input", () => {
    value.closest("fieldset").querySelector('input[name="changer"]').checked = true;
  });
});
