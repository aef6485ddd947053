export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly tests: readonly string[];
}

/**
 * Mistakes, one line each, that the suite must notice. `from` stands in the file exactly once; `tests` are the files
 * that have to notice.
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
    from: 'client.call("CreateAigcImageTask", request, options)',
    to: 'client.call("CreateAigcImageTask", { ...request, SessionId: sessionId + "r".repeat(repeat) }, options)',
    tests: ["test/faults/create.test.ts"],
  },
  {
    name: "an intent that is not flushed to the disk",
    file: "provider/journal/files.ts",
    from: "    await handle.sync();\n    if (size === 0)",
    to: "    if (size === 0)",
    tests: ["test/unit/journal/journalFlush.test.ts"],
  },
  {
    name: "an intent that is not waited for before the request is sent",
    file: "provider/generation/submit.ts",
    from: 'await journal.append(key, { event: "intent"',
    to: 'void journal.append(key, { event: "intent"',
    tests: ["test/unit/journal/journalFlush.test.ts", "test/faults/journal.test.ts"],
  },
  {
    name: "a lost answer that leads to a request under a new id",
    file: "provider/generation/submit.ts",
    from: "      const look = await findTaskAfter(wait, { client, clock, cancelled }, subAppId, isOurs, firstSentAt);",
    to: '      if (repeat === 0) return submit(dependencies, intention, { ...sent, submission: { number: number + 1, attempt: 1 }, sessionId: sessionId + "-2" });\n      const look = await findTaskAfter(wait, { client, clock, cancelled }, subAppId, isOurs, firstSentAt);',
    tests: ["test/faults/create.test.ts"],
  },
  {
    name: "FINISH taken as success",
    file: "provider/service/task.ts",
    from: "if (files.length > 0) return",
    to: 'if (files.length > 0 || status === "FINISH") return',
    tests: ["test/unit/service/task.test.ts", "test/faults/waiting.test.ts"],
  },
  {
    name: "a partial failure without `__provider`",
    file: "provider/dynamic/handler.ts",
    from: "properties: { ...outputs, __provider }",
    to: "properties: outputs",
    tests: ["test/contract/verbs.test.ts"],
  },
  {
    name: "an `update` without outs",
    file: "provider/lifecycle/update.ts",
    from: "return { outs: await conclude({ id, outcome, metadata }, inputs, urn, context) };",
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
    from: "  { generation }: Context,\n): Promise<GenerationRecord | undefined> {\n",
    to: '  context: Context,\n): Promise<GenerationRecord | undefined> {\n  const { generation } = context;\n  if (stored.kind === "running") {\n    const { SubAppId, ModelName, ModelVersion, SessionId } = { SubAppId: subAppId, ModelName: "GG", ModelVersion: "2.5", SessionId: stored.sessionId + "-r" };\n    await context.client.call("CreateAigcImageTask", { SubAppId, ModelName, ModelVersion, SessionId, Prompt: "a lighthouse" });\n  }\n',
    tests: ["test/faults/waiting.test.ts", "test/faults/process.test.ts"],
  },
  {
    name: "a lasting failure that is sent again",
    file: "provider/lifecycle/announce.ts",
    from: '(cause === "passing" && attempt < mostAttempts)',
    to: "attempt < mostAttempts",
    tests: ["test/faults/outcomes.test.ts"],
  },
  {
    name: "a secret in an error",
    file: "provider/vod/failures.ts",
    from: "const words = scrub(message, request, signed.secrets, signed.authorization)",
    to: "const words = message",
    tests: ["test/unit/vod/secrets.test.ts", "test/faults/secrets.test.ts"],
  },
  {
    name: "a slot that is released at the deadline",
    file: "provider/generation/generate.ts",
    from: 'if (report.kind === "running") freeWhenEnded();',
    to: 'if (report.kind === "running") slot.free();',
    tests: ["test/faults/spending.test.ts"],
  },
  {
    name: "a look-up by today's `sessionId`",
    file: "provider/generation/submissions.ts",
    from: "  return stored === undefined ? intention.ownSessionId : ownSessionIdOf(stored, intention);",
    to: "  return stored === undefined ? intention.ownSessionId : intention.ownSessionId;",
    tests: ["test/upgrade/inState.test.ts", "test/faults/sent.test.ts"],
  },
  {
    name: "a repeat under today's `sessionId`",
    file: "provider/generation/generate.ts",
    from: "const sessionId = open?.sessionId ?? sessionIdOf(",
    to: "const sessionId = sessionIdOf(",
    tests: ["test/faults/sent.test.ts"],
  },
  {
    name: "a journal without FileIds",
    file: "provider/generation/memory.ts",
    from: '    await this.dependencies.journal.append(key, { event: "files", submission, taskId, fileIds, ...ending(expireTime) });\n',
    to: "",
    tests: ["test/faults/journal.test.ts"],
  },
  {
    name: "files that state alone knows, not journaled",
    file: "provider/generation/memory.ts",
    from: "if (filesAreNews) await journal.append(",
    to: "if (filesAreNews && !filesAreNews) await journal.append(",
    tests: ["test/upgrade/destroyed.test.ts"],
  },
  {
    name: "a duplicate answer that is not journaled",
    file: "provider/generation/submit.ts",
    from: '        await journal.append(key, { event: "duplicate", submission: number });\n',
    to: "",
    tests: ["test/faults/journal.test.ts"],
  },
  {
    name: "a window that is judged before the queue",
    file: "provider/generation/submit.ts",
    from: "if (mayBeAccepted && !insideWindow(firstSentAt, signedAt)) throw new TooLate();",
    to: "",
    tests: ["test/faults/sent.test.ts"],
  },
  {
    name: "a repeat that is not counted",
    file: "provider/lifecycle/announce.ts",
    from: "  const tooMany = await bills.announce({",
    to: '  if (kind === "repeat") return;\n  const tooMany = await bills.announce({',
    tests: ["test/faults/guard.test.ts"],
  },
  {
    name: 'a "no such task" that is believed inside the window',
    file: "provider/generation/decide.ts",
    from: "return since !== undefined && now >= since + serviceWindowMs;",
    to: "return since !== undefined && now >= since;",
    tests: ["test/faults/sent.test.ts"],
  },
  {
    name: "`unknown` that is taken for absent",
    file: "provider/service/library.ts",
    from: 'return unanswered("The media library", error);',
    to: "return absent;",
    tests: ["test/faults/sent.test.ts"],
  },
  {
    name: "a Cancel that is not heard",
    file: "provider/openCalls.ts",
    from: "const wasUnderWay = !this.isIdle;",
    to: "const wasUnderWay = this.isIdle;",
    tests: ["test/faults/cancel.test.ts"],
  },
];
