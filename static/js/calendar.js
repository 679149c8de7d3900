// The big calendar: a week's button fills its week here, without a round trip. Without this file the button posts.
document.addEventListener("click", (event) => {
  const button = event.target.closest('.mini button[name="semaine"]');
  if (!button) return;
  event.preventDefault();
  const level = button.value.slice(button.value.indexOf("_", button.value.indexOf("_") + 1) + 1);
  for (const input of button.closest(".semaine").querySelectorAll('input[type="radio"]')) {
    if (input.value === level) input.checked = true;
  }
  announce(button.form);
});

document.addEventListener("change", (event) => {
  if (event.target.closest(".jour")) announce(event.target.form);
});

function announce(form) {
  const line = form.querySelector(".barre p");
  if (line) line.textContent = line.dataset.unsaved;
}
