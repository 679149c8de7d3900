// Reads texts as a JSON list from standard input; writes how many SMS each makes, by Twilio's own calculator, as JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// argv: the folder node_modules, where the package is
const { SegmentedMessage } = createRequire(process.argv[2] + "/")("sms-segments-calculator");
const texts = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(texts.map((text) => new SegmentedMessage(text).segmentsCount)));
