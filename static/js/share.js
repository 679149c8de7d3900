// A button that passes a page on: the phone's own sheet, or the address copied where it has none.
// It stays hidden without JavaScript, and where the browser can do neither (plain HTTP).
for (const button of document.querySelectorAll("[data-share]")) {
  const { share: url, title, text, done } = button.dataset;
  if (!navigator.share && !navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (navigator.share) {
      await navigator.share({ title, text, url }).catch(() => {}); // closed again: nothing to say
    } else {
      await navigator.clipboard.writeText(url);
      button.querySelector("span").textContent = done;
    }
  });
}
