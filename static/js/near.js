// "Près de moi": the position is asked for on a tap and never leaves this function. The page of all dates, which is the
// same for everybody, is fetched, or without network taken from what the phone keeps; the distances are computed here.
// Nothing is stored, nothing is sent.
const button = document.querySelector("[data-near]");
const says = document.querySelector("[data-near-says]");
const MOST = 6;

if (button && "geolocation" in navigator) {
  button.hidden = false;
  button.addEventListener("click", findNearest);
}

async function findNearest() {
  const say = (words) => (says.textContent = words);
  say(button.dataset.wait);
  const dates = allDates();
  dates.catch(() => {}); // said below, once the position is there
  let here;
  try {
    here = await position();
  } catch {
    say(button.dataset.refused);
    document.getElementById("village").focus();
    return;
  }
  try {
    const page = await dates;
    const keptAt = page.documentElement.dataset.kept;
    const nearest = sorted(page, here);
    if (nearest.length) show(nearest);
    const age = keptAt ? ` ${button.dataset.copy.replace("{age}", window.guinguetteAge(keptAt))}` : "";
    say((nearest.length ? button.dataset.found : button.dataset.none) + age);
  } catch {
    say(button.dataset.failed);
  }
}

// Asked for as a page, so that worker.js answers with its copy where the network does not.
async function allDates() {
  const answer = await fetch(button.dataset.near, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error("no dates");
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function position() {
  // a village is some kilometres wide: the phone need not wake its satellites
  const options = { enableHighAccuracy: false, maximumAge: 600000, timeout: 15000 };
  return new Promise((found, refused) => navigator.geolocation.getCurrentPosition((at) => found(at.coords), refused, options));
}

// The next evening of each village that people can come to, nearest first: [{ item, km }].
function sorted(page, here) {
  const following = new Map();
  for (const item of page.querySelectorAll("li[data-point]:not(.s-ann, .s-rep)")) {
    const village = item.querySelector("h3").textContent.trim();
    if (!following.has(village)) following.set(village, { item, km: kilometres(here, item.dataset.point.split(",")) });
  }
  return [...following.values()].sort((one, other) => one.km - other.km).slice(0, MOST);
}

// The great circle (haversine), on the Earth's mean radius.
function kilometres({ latitude, longitude }, [lat, lon]) {
  const rad = Math.PI / 180;
  const across = Math.sin(((lat - latitude) * rad) / 2) ** 2;
  const along = Math.sin(((lon - longitude) * rad) / 2) ** 2 * Math.cos(lat * rad) * Math.cos(latitude * rad);
  return 2 * 6371.009 * Math.asin(Math.sqrt(across + along));
}

function show(nearest) {
  const title = document.createElement("h2");
  title.textContent = button.dataset.title;
  const list = document.createElement("ol");
  list.className = "programme";
  for (const { item, km } of nearest) {
    const away = document.createElement("p");
    away.className = "second";
    away.textContent = button.dataset.km.replace("{km}", Math.max(1, Math.round(km)));
    const shown = document.importNode(item, true);
    shown.querySelector(".txt").append(away);
    list.append(shown);
  }
  document.querySelector("[data-near-list]").replaceChildren(title, list);
}
