// The big calendar: a button for a week, or for every Friday, fills its days here, without a round trip. Without this file
// the button posts.
document.addEventListener("click", (event) => {
  const button = event.target.closest('.mini button[name="semaine"], .mini button[name="chaque"]');
  if (!button) return;
  event.preventDefault();
  const parts = button.value.split("_");
  const level = parts.slice(button.name === "semaine" ? 2 : 1).join("_");
  const days = (button.closest(".semaine") || button.form).querySelectorAll('.jour input[type="radio"]');
  for (const input of days) {
    if (input.value !== level || input.checked || !concerns(button.name, parts[0], input.name)) continue;
    input.checked = true;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
});

// Monday is 0, as Python counts.
function concerns(name, which, day) {
  if (name === "semaine" || which === "tous") return true;
  return (new Date(day.slice("jour-".length)).getUTCDay() + 6) % 7 === Number(which);
}

document.addEventListener("change", (event) => {
  if (!event.target.closest(".jour")) return;
  const line = event.target.form.querySelector(".barre p[data-unsaved]");
  if (line) line.textContent = line.dataset.unsaved;
});
