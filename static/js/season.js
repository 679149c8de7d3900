// The season on wide screens: a calendar a vehicle, filled from the lines of the table. While an evening is held, each
// date of the vans that are near says whether it may go there, which rule forbids it, or what it costs. Without this
// file, and on phones, the table leads to the same choices in a form.
"use strict";

(() => {
  const board = document.querySelector(".calendriers");
  const table = document.querySelector("table.saison");
  if (!board || !matchMedia("(min-width: 62rem)").matches) return;

  const lines = [...table.querySelectorAll("a[data-date]")];
  const form = board.querySelector("form");
  const told = board.querySelector(".dit p");
  const hint = told.textContent;
  const known = new Map(); // what the server said of a line's places, each asked for once
  const calendars = [];
  let held = null; // the line that is being dragged, with its places by "date:van", and the last one it hung over

  adoptStyles(); // before the script runs
  const script = document.createElement("script");
  script.src = board.dataset.script;
  script.addEventListener("load", start);
  document.head.append(script);

  function start() {
    board.hidden = false;
    table.hidden = true;
    for (const place of board.querySelectorAll("[data-van]")) calendars.push(calendarIn(place));
    for (const link of board.querySelectorAll(".mois a")) link.addEventListener("click", (event) => open(event, link));
    mark(board.dataset.month);
  }

  // FullCalendar writes its rules into a <style> element, which our policy refuses, unless it finds one. This one is of
  // no namespace that a browser styles by, and hands the rules on to a constructed sheet, which the policy allows; all
  // but the typeface of arrows that we do not show, whose address the policy refuses too.
  function adoptStyles() {
    const sheet = new CSSStyleSheet();
    const style = document.createElementNS("urn:guinguette", "style");
    style.setAttribute("data-fullcalendar", "");
    style.sheet = {
      cssRules: sheet.cssRules,
      insertRule: (rule) => rule.startsWith("@font-face") || sheet.insertRule(rule, sheet.cssRules.length),
    };
    document.head.append(style);
    document.adoptedStyleSheets.push(sheet);
  }

  function calendarIn(place) {
    const van = place.dataset.van;
    const days = new Set(place.dataset.open.split(" "));
    const calendar = new FullCalendar.Calendar(place, {
      locale: document.documentElement.lang,
      timeZone: "UTC", // dates alone: none may slip by a day
      initialView: "dayGridMonth",
      initialDate: `${board.dataset.month}-01`,
      hiddenDays: board.dataset.hidden.split(" ").filter(Boolean).map(Number),
      firstDay: 1,
      fixedWeekCount: false,
      headerToolbar: false,
      height: "auto",
      editable: true,
      droppable: true, // from the other vehicles' calendars
      eventDurationEditable: false,
      events: lines.filter((line) => line.dataset.van === van).map(eventOf),
      dayCellClassNames: ({ date }) => (days.has(date.toISOString().slice(0, 10)) ? [] : ["ferme"]),
      dayCellDidMount: ({ el }) => el.removeAttribute("aria-labelledby"), // it is read with its evenings
      eventContent: ({ event }) => (event.extendedProps.line ? { domNodes: faceOf(event.extendedProps.line) } : true),
      eventDragStart: ({ event }) => hold(event.extendedProps.line),
      eventAllow: ({ startStr }, { extendedProps }) => over(extendedProps.line, startStr, van),
      eventDragStop: letGo,
      eventDrop: ({ event }) => move(event, van),
      eventReceive: ({ event }) => move(event, van),
    });
    calendar.render();
    place.addEventListener("pointerdown", (event) => {
      const line = lines.find((each) => each.href === event.target.closest(".fc-event")?.href);
      if (line?.dataset.places) ask(line);
    });
    return { calendar, van };
  }

  function eventOf(line) {
    return {
      start: line.dataset.date,
      allDay: true,
      title: line.querySelector("b").textContent,
      url: line.href,
      editable: Boolean(line.dataset.places),
      extendedProps: { line },
    };
  }

  function faceOf(line) {
    return [...line.querySelectorAll(".pt, b, .tenue")].map((node) => node.cloneNode(true));
  }

  function ask(line) {
    if (!known.has(line)) {
      const answer = fetch(line.dataset.places, { headers: { Accept: "application/json" } }).then((response) => {
        if (!response.ok) throw new Error(response.status);
        return response.json();
      });
      answer.catch(() => known.delete(line));
      known.set(line, answer);
    }
    return known.get(line);
  }

  async function hold(line) {
    const mine = { line, places: null, over: null };
    held = mine;
    say(board.dataset.wait);
    try {
      const places = await ask(line);
      mine.places = new Map(places.map((place) => [`${place.date}:${place.van}`, place]));
      if (held === mine) show(places);
    } catch {
      if (held === mine) say(board.dataset.failed, "stop");
    }
  }

  function show(places) {
    for (const { calendar, van } of calendars) {
      calendar.addEventSource({
        id: "places",
        events: places
          .filter((place) => String(place.van) === van)
          .map((place) => ({
            start: place.date,
            allDay: true,
            display: "background",
            title: place.short,
            classNames: [`place-${place.kind}`],
          })),
      });
    }
    say(hint);
  }

  function over(line, date, van) {
    if (!held?.places) return false;
    if (date === line.dataset.date && van === line.dataset.van) {
      held.over = null;
      return true;
    }
    held.over = held.places.get(`${date}:${van}`) ?? null;
    if (held.over) say(held.over.text, held.over.kind === "non" ? "stop" : "");
    else if (![...held.places.values()].some((place) => String(place.van) === van)) say(board.dataset.far);
    return Boolean(held.over) && held.over.kind !== "non";
  }

  function letGo() {
    for (const { calendar } of calendars) calendar.getEventSourceById("places")?.remove();
    const refused = held?.over?.kind === "non" ? held.over : null;
    held = null;
    if (!refused) return;
    say(refused.text, "stop");
    if (!refused.exception) return;
    const link = document.createElement("a");
    link.href = refused.exception;
    link.textContent = board.dataset.except;
    told.append(" ", link);
  }

  function move(event, van) {
    form.action = event.extendedProps.line.dataset.move;
    form.elements.vers.value = `${event.startStr}:${van}`;
    form.submit();
  }

  function open(event, link) {
    event.preventDefault();
    for (const { calendar } of calendars) calendar.gotoDate(link.dataset.first);
    mark(link.dataset.first.slice(0, 7));
    history.replaceState(null, "", link.href);
  }

  function mark(month) {
    for (const link of board.querySelectorAll(".mois a")) {
      if (link.dataset.first.startsWith(month)) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  function say(text, kind = "") {
    if (told.textContent !== text) told.textContent = text;
    told.parentElement.className = `dit ${kind}`;
  }
})();
