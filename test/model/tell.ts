import { appendFileSync } from "node:fs";

/** A report for the person who runs the tests; into a file where `npm run test:faults` gathers them. */
export function tell(text: string): void {
  const file = process.env["AIGC_MODEL_REPORT"];
  if (file === undefined) console.log(text);
  else appendFileSync(file, `${text}\n\n`);
}
