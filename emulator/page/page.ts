import { html } from "hono/html";
import { behaviourTable, defaultBehaviours } from "../behaviours";
import { isoTime } from "../clock";
import type { ScriptedFault } from "../faults";
import { isBilled, sumsOf } from "../ledger";
import type { Service } from "../service";
import { progressOf, statusOf, type Task } from "../task";
import { type Filter, isShown, stateOf, states } from "./filter";

type Html = ReturnType<typeof html>;

/** How many tasks the page shows, newest first. */
const mostShown = 100;

/** Nothing but this page's own script, style and pictures: whatever a prompt holds, nothing of it can run. */
export const pageSecurityPolicy =
  "default-src 'none'; connect-src 'self'; img-src 'self'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/**
 * The pictures, what was asked for, the bill, and what was changed about the service. Every value goes through `html`, which
 * escapes it. What is `data-live` is renewed by the script, child by child, by their ids.
 */
export function page(service: Service, filter: Filter): string {
  const now = service.clock.now();
  const { billed, billedImages, failed, accepted, running } = sumsOf(service);
  const { tasks, matching } = newestTasks(service, filter, now);
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>CreateAigcImageTask emulator</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/_emulator/style.css">
<script type="module" src="/_emulator/page.js"></script>
</head>
<body>
<header id="clock" data-live><h1 id="title">CreateAigcImageTask emulator</h1> <time id="time">${isoTime(now)}</time></header>
<p class="ended" role="alert" hidden>The emulator does not answer. It may have ended.</p>
<dl id="bill" data-live aria-label="The bill, had this been the service">
${figure("Images billed", billedImages)}
${figure("Tasks billed", billed)}
${figure("Running", running)}
${figure("Failed", failed)}
${figure("Accepted", accepted)}
</dl>
<div id="changes" data-live>${changes(service)}</div>
<form method="get" action="/">
<input type="search" name="search" value="${filter.search}" placeholder="Prompt, model, TaskId or SessionId ( / )" aria-label="Search">
<select name="state" aria-label="State">
${states.map((state) => html`<option ${state === filter.state ? "selected" : ""}>${state}</option>`)}
</select>
<noscript><button>Filter</button></noscript>
</form>
<div id="count" data-live><p id="shown-${tasks.length}-of-${matching}" class="soft" role="status">${counted(tasks.length, matching)}</p></div>
<ul id="tasks" class="tasks" data-live>
${tasks.map((task) => card(task, service, now))}
</ul>
</body>
</html>
`);
}

function figure(name: string, value: number): Html {
  return html`<div id="${name.toLowerCase().replace(" ", "-")}"><dt>${name}</dt><dd>${value}</dd></div>`;
}

function counted(shown: number, matching: number): string {
  if (matching === 0) return "No task.";
  return shown < matching
    ? `The newest ${shown} of ${matching} tasks.`
    : `${matching} ${matching === 1 ? "task" : "tasks"}.`;
}

/** Faults that are armed and behaviours that are not the default. */
function changes({ faults, behaviours }: Service): Html | string {
  const defaults = defaultBehaviours();
  const changed = namesOf(behaviourTable).filter((name) => behaviours[name] !== defaults[name]);
  const lines = [
    ...faults.armed().map(faultText),
    ...changed.map((name) => `${name}: ${behaviours[name]} (${behaviourTable[name].meaning})`),
  ];
  if (lines.length === 0) return "";
  return html`<section id="changed"><h2>Faults and behaviours that are set</h2>
<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul></section>`;
}

function faultText({ fault, action, prompt, pass, left }: ScriptedFault): string {
  const { kind, ...parameters } = fault;
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  const times = left === Number.POSITIVE_INFINITY ? "always" : left === 1 ? "once" : `${left} times`;
  return [
    [kind, ...given.map(([name, value]) => `${name} ${JSON.stringify(value)}`)].join(", "),
    `${times}${pass > 0 ? `, after ${pass} more` : ""}`,
    `at ${action ?? "any action"}${prompt === undefined ? "" : ` whose prompt has ${JSON.stringify(prompt)}`}`,
  ].join(" · ");
}

function namesOf<T extends object>(table: T): (keyof T)[] {
  return Object.keys(table) as (keyof T)[];
}

/** Without those of other programs. */
function newestTasks(service: Service, filter: Filter, now: number): { tasks: Task[]; matching: number } {
  const all = service.store.tasks().filter((task) => !task.outside && isShown(task, filter, now));
  return { tasks: all.slice(-mostShown).reverse(), matching: all.length };
}

function card(task: Task, service: Service, now: number): Html {
  const { errCode, errCodeExt, message } = task.plan;
  const { Prompt = "", ModelName, ModelVersion } = task.request;
  const status = statusOf(task, now);
  const progress = progressOf(task, now);
  const bill = isBilled(task, service, now) ? "billed" : "not billed";
  return html`<li class="task" id="${task.taskId}">
${task.files
  .filter((file) => service.fileExists(file))
  .map((file) => html`<a href="${file.path}"><img src="${file.path}" alt="${Prompt}" loading="lazy"></a>`)}
<div>
<h2>${Prompt}</h2>
<p>${ModelName} ${ModelVersion} · ${status} · ${bill}</p>
${status === "PROCESSING" ? html`<progress max="100" value="${progress}">${progress} %</progress>` : ""}
${stateOf(task, now) === "failed" ? html`<p class="failed">${errCode} ${errCodeExt}: ${message}</p>` : ""}
<code>${task.taskId}</code>
</div>
</li>`;
}
