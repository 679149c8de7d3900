// Reads an iCalendar feed from standard input with node-ical; writes its events as JSON:
// [{uid, start (ISO 8601, UTC), summary}]. node-ical believes its own tz database, not the feed's rules.
import { readFileSync } from "node:fs";
import ical from "node-ical";

const calendar = ical.sync.parseICS(readFileSync(0, "utf8"));
const events = Object.values(calendar)
  .filter((component) => component.type === "VEVENT")
  .map((event) => ({ uid: event.uid, start: event.start.toISOString(), summary: event.summary }));
process.stdout.write(JSON.stringify(events));
