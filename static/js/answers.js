/* answers.js: a host's days are saved as they are touched. What is touched is kept on the phone until the server has it:
   without network, with the page closed, whatever the link it is opened by again. Each touch has its instant, and of two
   touches of a day the later one stands, whoever's it is and whenever it arrives. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-answers]");
  const line = form.querySelector("[role=status]");
  const KEY = `guinguette-jours-${form.dataset.answers}`;
  const CALM_MS = 500; // three taps on one day are one answer
  const FIRST_WAIT_MS = 2000;
  const LONGEST_WAIT_MS = 60000;
  const PATIENCE_MS = 30000;
  const GONE = [403, 404, 410];
  const skew = Date.now() - Number(form.dataset.now); // the phone's clock may be anything
  let known = JSON.parse(form.elements.seen.value); // what the server has: {date: [level, instant]}
  let memory = { days: {}, done: false };
  let lasting = true;
  let busy = false;
  let wait = FIRST_WAIT_MS;
  let timer;

  function load() {
    try {
      memory = JSON.parse(localStorage.getItem(KEY)) || { days: {}, done: false };
    } catch {
      // storage refused, or not ours: what this page knows
    }
    return memory;
  }

  function store(queue) {
    memory = queue;
    try {
      if (isEmpty(queue)) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, JSON.stringify(queue));
      lasting = true;
    } catch {
      lasting = false;
    }
  }

  function isEmpty(queue) {
    return Object.keys(queue.days).length === 0 && !queue.done;
  }

  function touch(date, level) {
    const queue = load();
    const [, before] = queue.days[date] || known[date] || ["", 0];
    queue.days[date] = [level, Math.max(Date.now() - skew, before + 1)]; // whoever touches it has seen what it was
    store(queue);
    show(date, level);
  }

  /* A day that has an answer does not become empty again: that button goes, with its label. */
  function show(date, level) {
    for (const input of form.querySelectorAll(`input[name="jour-${date}"]`)) {
      if (input.value === level) input.checked = true;
      if (input.value !== "") continue;
      input.nextElementSibling.remove();
      input.remove();
    }
  }

  function showAll() {
    const queue = load();
    for (const [date, [level]] of Object.entries({ ...known, ...queue.days })) show(date, level);
    if (queue.done) finish();
    hideFinish();
    if (!isEmpty(queue)) say(line.dataset.kept);
  }

  function finish() {
    for (const empty of form.querySelectorAll('.jour input[value=""]:checked')) show(empty.name.slice("jour-".length), "no");
    hideFinish();
  }

  function hideFinish() {
    const section = form.querySelector("[data-finish]");
    if (section) section.hidden = !form.querySelector('.jour input[value=""]');
  }

  function say(text) {
    if (line.textContent !== text) line.textContent = text;
  }

  function soon(after) {
    clearTimeout(timer);
    timer = setTimeout(send, after);
  }

  async function send() {
    clearTimeout(timer);
    const queue = load();
    if (busy || isEmpty(queue)) return;
    busy = true;
    say(line.dataset.sending);
    const stop = new AbortController();
    const patience = setTimeout(() => stop.abort(), PATIENCE_MS);
    try {
      const response = await fetch(form.dataset.touches, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(queue),
        keepalive: true, // it goes on where the page is closed meanwhile
        signal: stop.signal,
      });
      if (GONE.includes(response.status)) return say(line.dataset.gone);
      if (!response.ok) throw new Error(response.status);
      arrived(queue, await response.json());
    } catch {
      say(lasting ? line.dataset.kept : line.dataset.fragile);
      soon(wait);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    } finally {
      clearTimeout(patience);
      busy = false;
    }
  }

  /* What was sent and has not been touched again meanwhile is done with. */
  function arrived(sent, answer) {
    const queue = load();
    for (const [date, [, at]] of Object.entries(sent.days)) {
      if (queue.days[date]?.[1] === at) delete queue.days[date];
    }
    if (sent.done) queue.done = false;
    store(queue);
    known = answer.days;
    form.elements.seen.value = JSON.stringify(known);
    wait = FIRST_WAIT_MS;
    showAll();
    if (isEmpty(queue)) say(`${answer.said} ${answer.left}`);
    else soon(CALM_MS);
  }

  form.addEventListener("change", ({ target }) => {
    if (!target.closest(".jour") || !target.value) return;
    touch(target.name.slice("jour-".length), target.value);
    say(line.dataset.sending);
    soon(CALM_MS);
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isEmpty(load())) say(line.dataset.all);
    else send();
  });

  const finished = form.querySelector("[name=fini]");
  if (finished) {
    finished.addEventListener("click", (event) => {
      event.preventDefault();
      store({ ...load(), done: true });
      finish();
      form.querySelector(".barre button").focus(); // the button goes
      send();
    });
  }

  for (const back of ["online", "focus", "pageshow"]) addEventListener(back, () => send());
  document.addEventListener("visibilitychange", () => send()); // when it is left too: it may not be seen again
  showAll();
  send();
})();
