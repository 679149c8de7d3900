// Reads an iCalendar feed from standard input with ical.js in strict mode; writes its events as JSON:
// [{uid, start (ISO 8601, UTC), summary}]. The time zone is the one the feed itself carries.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

ICAL.design.strict = true;
const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
for (const zone of calendar.getAllSubcomponents("vtimezone")) {
  ICAL.TimezoneService.register(new ICAL.Timezone(zone));
}
const events = calendar.getAllSubcomponents("vevent").map((component) => {
  const event = new ICAL.Event(component, { strictExceptions: true });
  return { uid: event.uid, start: event.startDate.toJSDate().toISOString(), summary: event.summary };
});
process.stdout.write(JSON.stringify(events));
