import { html } from "hono/html";
import { isoTime } from "./clock";
import { isBilled, sumsOf } from "./ledger";
import type { Service } from "./service";
import { progressOf, statusOf, type Task } from "./task";

/** How many tasks the page shows, newest first. */
const shown = 100;

const styleSheet = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #222; }
h1 { font-size: 1.4rem; } h1 small { font-weight: normal; color: #666; }
ul { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1rem; }
li { border: 1px solid #ddd; border-radius: 8px; overflow: hidden; }
img { display: block; width: 100%; height: auto; background: #eee; }
div { padding: .6rem .8rem; overflow-wrap: anywhere; } p { margin: 0 0 .3rem; }
code { font-size: .75rem; color: #666; } .failed { color: #a40000; }
@media (prefers-color-scheme: dark) { body { background: #161616; color: #ddd; } li { border-color: #333; } }
`;

/** Nothing but this page's own style and its pictures: whatever a prompt holds, nothing of it can run. */
export const pageSecurityPolicy =
  "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function pageStyle(): string {
  return styleSheet;
}

/** The pictures, what was asked for, and the bill. Every value goes through `html`, which escapes it. */
export function page(service: Service): string {
  const { billed, billedImages, failed, accepted, running } = sumsOf(service);
  const newest = newestTasks(service.store.tasks());
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
${running > 0 ? html`<meta http-equiv="refresh" content="2">` : ""}
<title>CreateAigcImageTask emulator</title>
<link rel="stylesheet" href="/_emulator/style.css">
</head>
<body>
<h1>CreateAigcImageTask emulator <small>${isoTime(service.clock.now())}</small></h1>
<p>The bill, had this been the service: <strong>${billedImages}</strong> images of <strong>${billed}</strong> tasks.
${failed} failed, ${accepted} accepted${accepted > shown ? html`, the newest ${shown} shown` : ""}.</p>
<ul>
${newest.map((task) => card(task, service))}
</ul>
</body>
</html>
`);
}

/** Without those of other programs. */
function newestTasks(tasks: readonly Task[]): Task[] {
  const newest: Task[] = [];
  for (let index = tasks.length - 1; index >= 0 && newest.length < shown; index -= 1) {
    const task = tasks[index];
    if (task && !task.outside) newest.push(task);
  }
  return newest;
}

function card(task: Task, service: Service): ReturnType<typeof html> {
  const now = service.clock.now();
  const { errCode, errCodeExt, message } = task.plan;
  const status = statusOf(task, now);
  const failed = errCode !== 0 && status !== "WAITING" && status !== "PROCESSING";
  return html`<li>
${task.files.filter((file) => service.fileExists(file)).map((file) => html`<img src="${file.path}" alt="" loading="lazy">`)}
<div>
<p>${task.request.Prompt ?? ""}</p>
<p>${task.request.ModelName} ${task.request.ModelVersion} · ${status}${status === "PROCESSING" ? ` ${progressOf(task, now)} %` : ""} · ${isBilled(task, service, now) ? "billed" : "not billed"}</p>
${failed ? html`<p class="failed">${errCode} ${errCodeExt}: ${message}</p>` : ""}
<code>${task.taskId}</code>
</div>
</li>`;
}
