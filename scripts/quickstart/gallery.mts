import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import type { TaskInState } from "./report.mts";

const style = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #222; }
ul { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem; }
li { border: 1px solid #ddd; border-radius: 8px; overflow: hidden; }
img { display: block; width: 100%; height: auto; }
div { padding: .6rem .8rem; overflow-wrap: anywhere; } p { margin: 0 0 .3rem; } code { font-size: .75rem; color: #666; }
@media (prefers-color-scheme: dark) { body { background: #161616; color: #ddd; } li { border-color: #333; } }
`;

/** Nothing but this style and pictures that are part of the page: whatever a prompt holds, nothing of it can run. */
const securityPolicy = [
  "default-src 'none'",
  "img-src data:",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** The pictures of tasks, in a page that needs nothing else: `html` escapes every value that is put into it. */
export async function gallery(tasks: readonly TaskInState[]): Promise<string> {
  const cards = await Promise.all(tasks.map(card));
  return String(
    await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${securityPolicy}">
<meta name="viewport" content="width=device-width">
<title>Gallery</title>
<style>${raw(style)}</style>
</head>
<body>
<h1>Gallery</h1>
<p>Drawn by the emulator, in the sizes that were asked for: no model has seen these prompts.</p>
<ul>
${cards}
</ul>
</body>
</html>
`,
  );
}

async function card({ name, prompt, model, taskId, urls }: TaskInState) {
  const pictures = await Promise.all(urls.map(fetchPicture));
  return html`<li>
${pictures.map((source) => html`<img src="${source}" alt="${prompt}">`)}
<div>
<p><strong>${name}</strong> · ${model}</p>
<p>${prompt}</p>
<code>${taskId}</code>
</div>
</li>`;
}

/** A picture as a data URI, so that it shows when what served it has gone. */
async function fetchPicture(url: string): Promise<string> {
  const response = await fetch(url);
  const type = response.headers.get("content-type") ?? "";
  if (!response.ok || !/^image\/[a-z+.-]+$/.test(type)) {
    throw new Error(`The picture at ${url} cannot be shown: HTTP ${response.status}, content type "${type}".`);
  }
  return `data:${type};base64,${Buffer.from(await response.arrayBuffer()).toString("base64")}`;
}
