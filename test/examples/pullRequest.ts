import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { type Ran, runStep } from "./ci";
import { stepNamed } from "./workflow";

interface Comment {
  readonly id: number;
  readonly user: { readonly type: "Bot" | "User" };
  body: string;
}

const token = "the job's token";
/** https://docs.github.com/en/rest/issues/comments: how many a page has where it is not said. */
const perPage = 30;
/** "body is too long (maximum is 65536 characters)" */
const longestBody = 65_536;

/** A pull request at GitHub, of which the API for comments is played, and the workflow's step that comments it. */
export class PullRequest {
  readonly comments: Comment[] = [];
  /** Methods that are answered with 502. */
  readonly broken = new Set<string>();
  private readonly env: Record<string, string>;

  private constructor(port: number, folder: string) {
    const gh = join(folder, "gh");
    writeFileSync(gh, `#!/bin/sh\nexec "${process.execPath}" "${join(__dirname, "gh.mjs")}" "$@"\n`);
    chmodSync(gh, 0o755);
    this.env = {
      PATH: `${folder}${delimiter}${process.env["PATH"]}`,
      GH_STUB_URL: `http://127.0.0.1:${port}`,
      GH_TOKEN: token,
      GITHUB_REPOSITORY: "shop/pictures",
      PULL_REQUEST: "7",
    };
  }

  static async open(): Promise<PullRequest> {
    const folder = mkdtempSync(join(tmpdir(), "aigc-gh-"));
    const server = createServer(async (request, response) => {
      const { status, headers = {}, json } = pullRequest.answer(request, await text(request));
      response.writeHead(status, headers).end(JSON.stringify(json));
    }).listen(0, "127.0.0.1");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    });
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("a port has a number");
    const pullRequest = new PullRequest(address.port, folder);
    return pullRequest;
  }

  add(type: Comment["user"]["type"], body: string): Comment {
    const comment = { id: 1_000 + this.comments.length, user: { type }, body };
    this.comments.push(comment);
    return comment;
  }

  /** Runs the workflow's step in the folder of the checkout. */
  runStep(workDir: string): Promise<Ran> {
    return runStep(stepNamed("preview", "Comment").run, this.env, workDir);
  }

  private answer(
    { method = "", url = "", headers }: IncomingMessage,
    body: string,
  ): { readonly status: number; readonly json: object; readonly headers?: Record<string, string> } {
    if (headers.authorization !== `token ${token}`) return { status: 401, json: { message: "Bad credentials" } };
    if (this.broken.has(method)) return { status: 502, json: { message: "Server Error" } };
    const { pathname, searchParams } = new URL(url, this.env["GH_STUB_URL"]);
    const list = "/repos/shop/pictures/issues/7/comments";
    if (method === "GET" && pathname === list) {
      const page = Number(searchParams.get("page") ?? 1);
      const json = this.comments.slice((page - 1) * perPage, page * perPage);
      const next = `<${this.env["GH_STUB_URL"]}${list}?page=${page + 1}>; rel="next"`;
      return { status: 200, json, ...(page * perPage < this.comments.length ? { headers: { link: next } } : {}) };
    }
    const given = z.strictObject({ body: z.string().min(1).max(longestBody) }).safeParse(JSON.parse(body || "null"));
    if (!given.success) return { status: 422, json: { message: "Validation Failed" } };
    if (method === "POST" && pathname === list) return { status: 201, json: this.add("Bot", given.data.body) };
    const id = /^\/repos\/shop\/pictures\/issues\/comments\/(\d+)$/.exec(pathname)?.[1];
    const comment = this.comments.find((one) => String(one.id) === id);
    if (method !== "PATCH" || comment === undefined) return { status: 404, json: { message: "Not Found" } };
    comment.body = given.data.body;
    return { status: 200, json: comment };
  }
}
