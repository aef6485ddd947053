import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { marker } from "../../command/billReport";
import { find, pulumi } from "../../scripts/cli/tools.mts";
import { backends } from "../backends/servers";
import { sayMissing } from "../cli/sayMissing";
import { expectLedger } from "../support/emulator";
import { identityToken, roleArn, subject } from "../unit/vod/credentials/support";
import { ended, example, Pipeline, type Product, runStep } from "./ci";
import { PullRequest } from "./pullRequest";
import { stepNamed, workflow } from "./workflow";

const catalogue: Product[] = JSON.parse(readFileSync(join(example, "catalogue.json"), "utf8"));
const vase: Product = { slug: "vase", picture: "a glass vase", price: "24.00" };
const dearer = ({ price, ...product }: Product): Product => ({ ...product, price: `1${price}` });
const stateServers = backends.filter(({ tool }) => "folder" in find(tool));
sayMissing(pulumi);

/** Runs the workflow's step. @returns the only comment that there is then, which says what the script has written */
async function commented(pullRequest: PullRequest, pipeline: Pipeline): Promise<string | undefined> {
  expect(await pullRequest.runStep(pipeline.workDir)).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(pullRequest.comments.map(({ body }) => body)).toEqual([pipeline.comment()]);
  return pullRequest.comments[0]?.body;
}

describe.skipIf(!("folder" in find(pulumi)))("the script, run by a pipeline", () => {
  test.each(stateServers)(
    "with state in $name: new pictures, a price alone, nothing at all, one more picture; each on a fresh machine",
    async ({ start }) => {
      const pipeline = await Pipeline.open({ state: start });
      const pullRequest = await PullRequest.open();
      const { emulator } = pipeline;
      /** @returns the one comment on a pull request that comes to have these products */
      const previewed = async (products: readonly Product[]) => {
        const before = emulator.ledger().billedImages;
        pipeline.setCatalogue(products);
        for (const verb of ["preview", "bill"]) {
          const { status, stdout, stderr } = await pipeline.script(verb);
          expect(status, stdout + stderr).toBe(0);
        }
        expect(emulator.ledger().billedImages).toBe(before);
        return commented(pullRequest, pipeline);
      };
      /** Merges them. @returns how many images that has billed */
      const merged = async (products: readonly Product[]) => {
        const before = emulator.ledger().billedImages;
        pipeline.replaceMachine({ journal: true });
        pipeline.setCatalogue(products);
        const up = await pipeline.script("up");
        expect(up.status, up.stdout + up.stderr).toBe(0);
        pipeline.replaceMachine({ journal: true });
        return emulator.ledger().billedImages - before;
      };

      expect(await previewed(catalogue)).toContain(`${marker}\n\n### This update bills up to 2 images`);
      expect(await merged(catalogue)).toBe(2);
      const shop = await pipeline.shop();

      const { requests } = emulator.ledger();
      expect(await previewed(catalogue.map(dearer))).toContain("This update bills no image");
      expect(await merged(catalogue.map(dearer))).toBe(0);
      expect(await pipeline.shop()).toEqual(shop.map((product) => ({ ...product, price: `1${product.price}` })));
      expect(await merged(catalogue.map(dearer)), "nothing has changed").toBe(0);
      expect(emulator.ledger().requests, "an unchanged picture is not asked for").toEqual(requests);

      expect(await previewed([vase, ...catalogue])).toMatch(/bills up to 1 image\n.*\| vase \|/s);
      expect(await merged([vase, ...catalogue])).toBe(1);
      expectLedger(emulator, { billed: 3, intended: 3 });
    },
    600_000,
  );

  test("a preview that the guard refuses fails, its comment says so, and `up` sends nothing", async () => {
    const pipeline = await Pipeline.open({});
    const pullRequest = await PullRequest.open();
    // examples/ci/Pulumi.prod.yaml allows 20.
    pipeline.setCatalogue(Array.from({ length: 21 }, (_, index) => ({ ...vase, slug: `vase-${index}` })));
    for (const verb of ["preview", "up"]) {
      const refused = await pipeline.script(verb);
      expect(refused.status).not.toBe(0);
      expect(refused.stdout).toContain("maxImagesPerUpdate");
      expect(refused.stdout).not.toContain("Updating");
      await pipeline.script("bill");
      const comment = await commented(pullRequest, pipeline);
      expect(comment).toMatch(
        /### This update is refused, and bills nothing\n\n- vase-\d+: This picture would be image 21/,
      );
      expect(comment).toContain("As far as it was looked at, it would bill up to 21 images");
      expect(comment).toContain("No preview of this has succeeded");
    }
    pipeline.setCatalogue([vase]);
    for (const verb of ["preview", "bill"]) expect((await pipeline.script(verb)).status).toBe(0);
    expect(await commented(pullRequest, pipeline)).toContain(`${marker}\n\n### This update bills up to 1 image\n`);
    expect(pipeline.emulator.ledger().requests).toEqual({});
    expectLedger(pipeline.emulator, { billed: 0, intended: 0 });
  });

  test("a program that is refused before any picture is looked at says so in the comment, too", async () => {
    const pipeline = await Pipeline.open({});
    pipeline.setCatalogue([vase, vase]);
    expect((await pipeline.script("preview")).status).not.toBe(0);
    await pipeline.script("bill");
    expect(pipeline.comment()?.split("\n")[0]).toBe(marker);
    expect(pipeline.comment()).toContain("No preview of this has succeeded");
    expectLedger(pipeline.emulator, { billed: 0, intended: 0 });
  });

  test("one picture that fails does not keep the others from being made, and is told", async () => {
    const pipeline = await Pipeline.open({});
    pipeline.emulator.fault({ kind: "taskFails", errCodeExt: "InvalidParameter" });
    pipeline.setCatalogue([...catalogue, vase]);
    expect((await pipeline.script("up")).status).not.toBe(0);
    await pipeline.script("bill");
    expect(pipeline.comment()).toContain("Came to: 2 billed, 1 failed");
    expectLedger(pipeline.emulator, { billed: 2, intended: 3 });
  });

  test.each([
    ["with the journal that the cache kept", { journal: true }],
    ["with an empty journal", { journal: false }],
  ])("a job is cancelled while a picture is made; its repetition, %s, bills nothing more", async (_, kept) => {
    const pipeline = await Pipeline.open({ emulator: { taskSeconds: 3_600 } });
    const { emulator } = pipeline;
    pipeline.setCatalogue([vase]);
    const job = pipeline.start("up");
    const over = ended(job);
    await emulator.waitUntil(({ requests }) => (requests["DescribeTaskDetail"] ?? 0) > 0, 120_000);
    // As the runner ends a step: the process that it has started, and no other, is sent the signal.
    job.kill("SIGINT");
    const { status, stdout } = await over;
    expect(status).not.toBe(0);
    expect(stdout).toContain("still running");
    await pipeline.script("bill");
    expect(pipeline.comment()).toContain("Came to: 0 billed, 1 still running");
    const { tasks } = emulator.ledger();

    pipeline.replaceMachine(kept);
    emulator.advance(3_600);
    const again = await pipeline.script("up");
    expect(again.status, again.stdout + again.stderr).toBe(0);
    expect(await pipeline.shop()).toMatchObject([{ slug: "vase", url: expect.stringContaining("http") }]);
    expect(emulator.ledger().tasks.map(({ taskId }) => taskId)).toEqual(tasks.map(({ taskId }) => taskId));
    expectLedger(emulator, { billed: 1, intended: 1 });
  });

  test("`up` without a place for state, and a verb that there is none of, are refused", async () => {
    const pipeline = await Pipeline.open({});
    expect(await pipeline.script("up", { PULUMI_BACKEND_URL: "" })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("names where state is kept"),
    });
    const help = await pipeline.script("deploy");
    expect(help).toMatchObject({ status: 2, stdout: "" });
    expect(help.stderr).toMatch(/^Previews and deploys .*TENCENT_AIGC_JOURNAL_DIR[^\n]*\n$/s);
    expect(pipeline.emulator.ledger().requests).toEqual({});
  });

  test("deploys with the identity that the workflow's step has fetched, in a file of mode 0600, and no key", async () => {
    const folder = mkdtempSync(join(tmpdir(), "aigc-runner-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const asked: string[] = [];
    const tokens = createServer(({ url, headers }, response) => {
      asked.push(`${url} ${headers.authorization}`);
      response.end(JSON.stringify({ count: 1, value: identityToken() }));
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void tokens.close());
    await once(tokens, "listening");
    const address = tokens.address();
    if (address === null || typeof address === "string") throw new Error("a port has a number");
    const got = await runStep(stepNamed("up", "Identity").run, {
      RUNNER_TEMP: folder,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "request-token",
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${address.port}/token?api-version=2.0`,
    });
    expect(got).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(asked).toEqual(["/token?api-version=2.0&audience=sts.tencentcloudapi.com Bearer request-token"]);
    expect(statSync(join(folder, "identity")).mode & 0o777).toBe(0o600);

    const values: Readonly<Record<string, string>> = {
      "vars.TENCENTCLOUD_ASSUME_ROLE_ARN": roleArn,
      "vars.TENCENTCLOUD_ASSUME_ROLE_PROVIDER_ID": "OIDC",
      "runner.temp": folder,
    };
    const keys = Object.entries(stepNamed("up", "Up").env ?? {}).map(([name, value]) => [
      name,
      value.replace(/\$\{\{ (\S+) \}\}/g, (_, context: string) => values[context] ?? ""),
    ]);
    const pipeline = await Pipeline.open({
      keys: Object.fromEntries(keys),
      emulator: { roles: [{ arn: roleArn, providerId: "OIDC", subject }] },
    });
    const up = await pipeline.script("up");
    expect(up.status, up.stdout + up.stderr).toBe(0);
    for (const { secretKey, token } of pipeline.emulator.issuedKeys()) {
      expect(up.stdout + up.stderr).not.toContain(secretKey);
      expect(up.stdout + up.stderr).not.toContain(token);
    }
    expect(up.stdout + up.stderr).not.toContain(readFileSync(join(folder, "identity"), "utf8").trim());
    expectLedger(pipeline.emulator, { billed: 2, intended: 2 });
  });
});

describe("the workflow", () => {
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);

  test("pins each action to a commit, and says which version that is", () => {
    const text = readFileSync(join(example, ".github", "workflows", "pictures.yml"), "utf8");
    const used = [...text.matchAll(/^\s+- uses: (.*)$/gm)].map(([, action = ""]) => action);
    expect(used.length).toBe(steps.filter(({ uses }) => uses !== undefined).length);
    for (const action of used) expect(action).toMatch(/^(actions|pulumi)\/[a-z/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    const pins = used.map((action) =>
      action
        .split(/[@/]/)
        .slice(0, 2)
        .concat(action.split("@")[1] ?? "")
        .join(" "),
    );
    expect(new Set(pins).size, "one commit for one repository").toBe(
      new Set(used.map((action) => action.split("/", 2).join("/").split("@")[0])).size,
    );
  });

  /** Of each action, the inputs that its `action.yml` has, as far as they concern a workflow such as this. */
  const inputsOf: Readonly<Record<string, readonly string[]>> = {
    "actions/checkout": ["repository", "ref", "token", "persist-credentials", "path", "clean", "fetch-depth"],
    "actions/setup-node": ["node-version", "node-version-file", "check-latest", "cache", "registry-url"],
    "pulumi/actions": ["command", "stack-name", "work-dir", "cloud-url", "pulumi-version"],
    "actions/cache/restore": ["path", "key", "restore-keys", "fail-on-cache-miss", "lookup-only"],
    "actions/cache/save": ["path", "key", "upload-chunk-size"],
  };

  test("gives each action only inputs that it has, and those that it needs", () => {
    const needed: Readonly<Record<string, readonly string[]>> = {
      "actions/cache/restore": ["path", "key"],
      "actions/cache/save": ["path", "key"],
    };
    for (const { uses, with: given = {} } of steps.filter((step) => step.uses !== undefined)) {
      const [action = ""] = uses?.split("@") ?? [];
      expect(inputsOf[action], action).toEqual(expect.arrayContaining(Object.keys(given)));
      expect(Object.keys(given), action).toEqual(expect.arrayContaining([...(needed[action] ?? [])]));
    }
  });

  test("runs the script and nothing else of Pulumi; of `up` a cancelled job's signal reaches the CLI", () => {
    const runs = (job: keyof typeof workflow.jobs) => workflow.jobs[job].steps.flatMap(({ run }) => run ?? []);
    expect(runs("preview").filter((run) => run.includes("deploy.sh"))).toEqual([
      "./deploy.sh preview",
      "./deploy.sh bill",
    ]);
    const [up, bill] = runs("up").filter((run) => run.includes("deploy.sh"));
    expect(up).toBe("exec ./deploy.sh up");
    expect(bill).toBe('./deploy.sh bill >> "$GITHUB_STEP_SUMMARY"');
    const others = steps.flatMap(({ run }) => run ?? []).filter((run) => /\bpulumi (?!-tencent)/.test(run));
    expect(others).toEqual([]);
    expect(steps.some((step) => step.uses?.startsWith("pulumi/actions@") && step.with?.["command"])).toBe(false);
  });

  test("installs the CLI that the tests run, and gives secrets to no fork", () => {
    const versions = steps.flatMap((step) => step.with?.["pulumi-version"] ?? []);
    expect(new Set(versions)).toEqual(new Set([pulumi.version.replace(/^v/, "")]));
    expect(workflow.jobs.preview.if).toContain("head.repo.full_name == github.repository");
    expect(workflow.jobs.preview.if).toContain("github.actor != 'dependabot[bot]'");
    expect(Object.keys(workflow.on)).toEqual(["pull_request", "push"]);
  });

  test("gives the jobs what they need and no more, and the identity to `up` alone", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    expect(workflow.jobs.preview.permissions).toEqual({ contents: "read", "pull-requests": "write" });
    expect(workflow.jobs.up.permissions).toEqual({ contents: "read", "id-token": "write" });
    expect(workflow.jobs.up.concurrency).toEqual({ group: "pictures-prod", "cancel-in-progress": false });
  });

  test("keeps the journal of a job that was cancelled, in the folder that the script is told of", () => {
    const [restore, save] = steps.filter(({ uses }) => uses?.startsWith("actions/cache/"));
    const { TENCENT_AIGC_JOURNAL_DIR: journal } = stepNamed("up", "Up").env ?? {};
    expect([restore?.with?.["path"], save?.with?.["path"]]).toEqual([journal, journal]);
    expect(save?.with?.["key"]).toBe(restore?.with?.["key"]);
    expect(save?.with?.["key"]?.startsWith(restore?.with?.["restore-keys"] ?? "-")).toBe(true);
    expect(save?.if).toBe("always()");
  });

  test("finds the comment that it wrote before by the bill's own first line", () => {
    expect(stepNamed("preview", "Comment").run).toContain(marker);
  });

  test("reads no variable that the script and the package do not know", () => {
    const known =
      readFileSync(join(example, "deploy.sh"), "utf8") +
      readFileSync(join(example, "../../docs/credentials.md"), "utf8");
    const given = [...Object.keys(workflow.env), ...Object.keys(stepNamed("up", "Up").env ?? {})];
    expect(given.filter((name) => !known.includes(name))).toEqual([]);
  });
});
