export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly tests: readonly string[];
}

/**
 * Mistakes, one line each, that the suite must notice. `from` stands in the file exactly once; `tests` are the files
 * that are expected to notice, looked at before all others.
 */
export const mutants: readonly Mutant[] = [
  {
    name: "a submit without its SessionId",
    file: "provider/generation/submit.ts",
    from: "return { ...request, ...named, SessionId: sessionId };",
    to: "return { ...request, ...named };",
    tests: ["test/faults/create.test.ts"],
  },
  {
    name: "a new SessionId at every retry",
    file: "provider/generation/submit.ts",
    from: 'client.call("CreateAigcImageTask", request, { beforeSend, retry })',
    to: 'client.call("CreateAigcImageTask", { ...request, SessionId: sessionId + "r".repeat(repeat) }, { beforeSend, retry })',
    tests: ["test/faults/create.test.ts"],
  },
  {
    name: "an intent that is not flushed to the disk",
    file: "provider/generation/journal.ts",
    from: "await handle.sync();\n    if (size === 0)",
    to: "if (size === 0)",
    tests: ["test/unit/generation/journalFlush.test.ts"],
  },
  {
    name: "an intent that is not waited for before the request is sent",
    file: "provider/generation/submit.ts",
    from: 'await journal.append(key, { event: "intent"',
    to: 'void journal.append(key, { event: "intent"',
    tests: ["test/unit/generation/journalFlush.test.ts", "test/faults/journal.test.ts"],
  },
  {
    name: "a lost answer that leads to a request under a new id",
    file: "provider/generation/submit.ts",
    from: "      await clock.sleep(wait);\n      const task = await look(false)",
    to: "      if (repeat === 0) return submit(dependencies, intention, key, { submission: submission + 1, attempt });\n      const task = await look(false)",
    tests: ["test/faults/create.test.ts"],
  },
  {
    name: "FINISH taken as success",
    file: "provider/generation/task.ts",
    from: "if (files.length > 0) return",
    to: 'if (files.length > 0 || status === "FINISH") return',
    tests: ["test/unit/generation/task.test.ts", "test/faults/waiting.test.ts"],
  },
  {
    name: "a partial failure without `__provider`",
    file: "provider/lifecycle/outputs.ts",
    from: "const properties = provider === undefined ? outputs : { ...outputs, __provider: provider };",
    to: "const properties = provider === undefined ? outputs : { ...outputs };",
    tests: ["test/contract/verbs.test.ts"],
  },
  {
    name: "an `update` without outs",
    file: "provider/lifecycle/update.ts",
    from: "return { outs };",
    to: "return {} as { outs: Outputs };",
    tests: ["test/contract/verbs.test.ts"],
  },
  {
    name: "the sentinel of what is not known yet, not skipped",
    file: "provider/schema/unknown.ts",
    from: "return value === UNKNOWN;",
    to: 'return value === UNKNOWN && typeof value !== "string";',
    tests: ["test/unit/schema/unknown.test.ts"],
  },
  {
    name: "a `read` that submits",
    file: "provider/lifecycle/read.ts",
    from: "  const { taskId } = stored;\n",
    to: `  const { taskId } = stored;
  const { SubAppId, ModelName, ModelVersion, SessionId } = { SubAppId: subAppId, ModelName: String(outputs["modelName"]), ModelVersion: String(outputs["modelVersion"]), SessionId: \`\${stored.sessionId}-r\` };
  if (!isFinished(stored)) await context.client.call("CreateAigcImageTask", { SubAppId, ModelName, ModelVersion, SessionId, Prompt: String(outputs["prompt"]) });
`,
    tests: ["test/faults/waiting.test.ts", "test/faults/process.test.ts"],
  },
  {
    name: "a lasting failure that is sent again",
    file: "provider/lifecycle/diff.ts",
    from: '(cause === "passing" && (attempt ?? 1) < mostAttempts)',
    to: "(attempt ?? 1) < mostAttempts",
    tests: ["test/faults/outcomes.test.ts"],
  },
  {
    name: "a secret in an error",
    file: "provider/vod/failures.ts",
    from: "const words = scrub(message, request, secrets);",
    to: "const words = message;",
    tests: ["test/unit/vod/secrets.test.ts", "test/faults/secrets.test.ts"],
  },
  {
    name: "a slot that is released at the deadline",
    file: "provider/generation/pursue.ts",
    from: 'if (state.kind === "running") freeWhenEnded();',
    to: 'if (state.kind === "running") slot.free();',
    tests: ["test/faults/spending.test.ts"],
  },
];
