import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { AigcImageTask } from "pulumi-tencent-aigc";
import { parse } from "yaml";

const read = (name: string) => readFileSync(join(__dirname, name), "utf8");
const catalogue: { slug: string; name: string; prompt: string }[] = parse(read("catalogue.yaml"));
const site = join(__dirname, "site");
const pictures = join(site, "pictures");
mkdirSync(pictures, { recursive: true });

/** Brings a picture into the site, unless it is there: the page then needs no URL of the service, which may end. */
async function download(url: string, path: string): Promise<void> {
  if (existsSync(path)) return;
  const response = await fetch(url);
  if (!response.ok)
    throw new Error(`${url} answers HTTP ${response.status}: run \`pulumi up\` again, it bills nothing`);
  // Renamed when it is whole, so that half a picture never gets onto the page.
  writeFileSync(`${path}.part`, Buffer.from(await response.arrayBuffer()));
  renameSync(`${path}.part`, path);
}

const escapeHtml = (text: string) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

const cards = catalogue.map(({ slug, name, prompt }) => {
  // Named by its slug: the catalogue can be put in another order, and nothing is generated again.
  const task = new AigcImageTask(slug, {
    modelName: "GG",
    modelVersion: "3.0",
    prompt,
    outputConfig: { aspectRatio: "4:5" },
  });
  return task.files.apply(async ([picture]) => {
    // Another picture has another FileId, so it is another file, which no browser has in its cache.
    const file = `${slug}-${picture?.fileId}.${picture?.fileType}`;
    if (picture && !pulumi.runtime.isDryRun()) await download(picture.url, join(pictures, file));
    const alt = escapeHtml(name);
    return { file, html: `<figure><img src="pictures/${file}" alt="${alt}"><figcaption>${alt}</figcaption></figure>` };
  });
});

/** Written when all pictures are there, at every `pulumi up`; a preview writes nothing. */
export const page = pulumi.all(cards).apply((shown) => {
  if (pulumi.runtime.isDryRun()) return undefined;
  const html = shown.map((card) => card.html).join("\n");
  writeFileSync(
    join(site, "index.html"),
    read("template.html").replace("<!-- pictures -->", () => html),
  );
  // What the page no longer shows goes from the site. In the media library it stays.
  const files = shown.map(({ file }) => file);
  for (const name of readdirSync(pictures)) if (!files.includes(name)) rmSync(join(pictures, name));
  return "site/index.html";
});
