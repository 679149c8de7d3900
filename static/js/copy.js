// A button that copies the field it names: <button hidden data-copy="id-of-field" data-done="Copié">…</button>.
// It stays hidden without JavaScript, and where the browser gives no clipboard (plain HTTP).
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    button.textContent = button.dataset.done;
  });
}
