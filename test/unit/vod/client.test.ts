import { once } from "node:events";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { describe, expect, test } from "vitest";
import { version } from "../../../package.json";
import type { Attempt } from "../../../provider/vod/client";
import { authorization } from "../../../provider/vod/sign";
import { manualClock } from "./manualClock";
import {
  accepts,
  answers,
  keys,
  loopbackEndpoint,
  refuses,
  rejection,
  replies,
  resets,
  stalls,
  submit,
  vodServer,
} from "./vodServer";

const detail = { TaskId: "task-1", SubAppId: 251007502 };
const short = { connectMs: 300, headersMs: 300, bodyMs: 300, totalMs: 5_000 };

describe("a request", () => {
  test("is a signed POST of JSON, with the headers of the API", async () => {
    await using server = await vodServer(accepts);
    const clock = manualClock(1551113065_900);
    const answer = await server.client({ clock }).call("CreateAigcImageTask", submit);
    expect(answer).toEqual({ TaskId: "task-1", RequestId: "request-1" });
    const [request] = server.received;
    expect(JSON.parse(request?.body ?? "")).toEqual(submit);
    expect(request?.headers).toMatchObject({
      host: server.endpoint.host,
      "content-type": "application/json",
      "x-tc-action": "CreateAigcImageTask",
      "x-tc-version": "2018-07-17",
      "x-tc-timestamp": "1551113065",
      "x-tc-language": "en-US",
      "x-tc-requestclient": `pulumi-tencent-aigc/${version}`,
      authorization: authorization(keys, { hostname: "127.0.0.1", body: request?.body ?? "", timestamp: 1551113065 }),
    });
    expect(request?.headers).not.toHaveProperty("x-tc-token");
    expect(request?.headers).not.toHaveProperty("x-tc-region");
  });

  test("carries the session token when there is one", async () => {
    await using server = await vodServer(accepts);
    const client = server.client({ credentials: async () => ({ ...keys, token: "session-token" }) });
    await client.call("CreateAigcImageTask", submit);
    expect(server.received[0]?.headers["x-tc-token"]).toBe("session-token");
  });

  test("leaves out null and undefined at any depth, and sends text as it is", async () => {
    await using server = await vodServer(accepts);
    const request = {
      ...submit,
      Prompt: "画 🚗",
      Seed: null,
      OutputConfig: { Resolution: undefined, ClassId: 0, LogoAdd: "" },
    };
    await server
      .client()
      .call("CreateAigcImageTask", { ...request, FileInfos: [null, { Url: null, FileId: "f" }] } as never);
    expect(server.received[0]?.body).toBe(
      '{"SubAppId":251007502,"ModelName":"GG","ModelVersion":"2.5","Prompt":"画 🚗",' +
        '"SessionId":"pta-0123456789abcdef","OutputConfig":{"ClassId":0,"LogoAdd":""},"FileInfos":[{"FileId":"f"}]}',
    );
  });

  test("over 10 MB is refused before anything is sent", async () => {
    await using server = await vodServer(accepts);
    let asked = 0;
    const credentials = async () => {
      asked++;
      return keys;
    };
    const client = server.client({ credentials });
    const image = { Type: "Base64", Base64: "QUJD".repeat(2_700_000) };
    const error = await rejection(client.call("CreateAigcImageTask", { ...submit, FileInfos: [image] }));
    expect(error).toMatchObject({ name: "RequestTooLargeError", billed: "no", action: "CreateAigcImageTask" });
    expect(error.message).toContain("fileInfos[].asset");
    expect(error.message.length).toBeLessThan(400);
    expect(server.received).toEqual([]);
    expect(asked).toBe(0);
  });

  test("of just under 10 MB is sent", async () => {
    await using server = await vodServer(accepts);
    const image = { Base64: "A".repeat(10 * 1024 * 1024 - 300) };
    await server.client().call("CreateAigcImageTask", { ...submit, FileInfos: [image] });
    expect(server.received[0]?.body.length).toBeGreaterThan(10 * 1024 * 1024 - 300);
  });
});

describe("an answer", () => {
  const padding = "x".repeat(10 * 1024 * 1024);

  test.each<[string, Buffer, Record<string, string>]>([
    ["with a byte order mark", Buffer.from('\uFEFF{"Response":{"TaskId":"t","RequestId":"r"}}'), {}],
    ["called text/html", Buffer.from('{"Response":{"TaskId":"t","RequestId":"r"}}'), { "content-type": "text/html" }],
    ["with unknown fields", Buffer.from('{"Response":{"TaskId":"t","RequestId":"r","New":{}}}'), {}],
  ])("%s is read", async (_, body, headers) => {
    await using server = await vodServer(replies(200, body, headers));
    expect(await server.client().call("CreateAigcImageTask", submit)).toMatchObject({ TaskId: "t", RequestId: "r" });
  });

  test("is whole when its characters are split in transit", async () => {
    const text = JSON.stringify({ Response: { RequestId: "r", AigcImageTask: { SessionContext: "画一辆 🚗" } } });
    await using server = await vodServer(async (response) => {
      for (const byte of Buffer.from(text)) {
        response.write(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    const answer = await server.client().call("DescribeTaskDetail", detail);
    expect(answer.AigcImageTask?.SessionContext).toBe("画一辆 🚗");
  });

  test.each<[string, Parameters<typeof vodServer>[0], string]>([
    ["that never begins", stalls, "headers timeout"],
    ["reset before its first byte", resets, "ECONNRESET"],
    ["closed before its first byte", (_, request) => request.socket.end(), "connection closed"],
    [
      "whose body stalls",
      (response) => {
        response.writeHead(200, { "content-length": "1000" });
        response.write('{"Response":');
      },
      "body timeout",
    ],
    [
      "whose body is cut short",
      (response, request) => {
        response.writeHead(200, { "content-length": "1000" });
        response.write('{"Response":{"TaskId":"task-1"', () => request.socket.destroy());
      },
      "connection closed",
    ],
    [
      "cut short without saying so",
      (response) => {
        response.writeHead(200, { connection: "close" });
        response.end('{"Response":{"TaskId":"task-1"');
      },
      "no answer of the API",
    ],
    ["of a gateway in HTML", replies(502, "<html>Bad Gateway</html>"), "HTTP 502"],
    ["504", replies(504, ""), "HTTP 504"],
    ["404 that looks like the API's", replies(404, '{"Response":{"TaskId":"t","RequestId":"r"}}'), "HTTP 404"],
    ["that redirects", replies(307, "", { location: "http://127.0.0.1:1/" }), "HTTP 307"],
    ["of more than 10 MB", replies(200, `{"Response":{"TaskId":"t","X":"${padding}"}}`), "answer too large"],
    ["in HTML", replies(200, "<html>Welcome to the guest network</html>"), "no answer of the API"],
    ["that is empty", replies(200, ""), "no answer of the API"],
    ["that is no object", replies(200, "[]"), "no answer of the API"],
    ["without Response", replies(200, '{"TaskId":"t"}'), "no answer of the API"],
    ["whose Response is null", replies(200, '{"Response":null}'), "no answer of the API"],
    ["with an error of no code", answers({ Error: { Message: "m" } }), "an error without a code"],
    ["without a TaskId", answers({}), "no TaskId"],
    ["with an empty TaskId", answers({ TaskId: "" }), "no TaskId"],
    ["that is not HTTP", (_, request) => request.socket.end("garbage\r\n\r\n"), "not HTTP"],
  ])("%s leaves a submit unknown, and it is not sent again", async (_, reply, reason) => {
    await using server = await vodServer(reply);
    const client = server.client({ timeouts: short, clock: manualClock() });
    const error = await rejection(client.call("CreateAigcImageTask", submit));
    expect(error).toMatchObject({
      name: "AnswerLostError",
      reason,
      billed: "unknown",
      action: "CreateAigcImageTask",
      sessionId: submit.SessionId,
    });
    expect(error.message).toMatch(/may have been accepted: the task is found again by its SessionId/);
    expect(server.received).toHaveLength(1);
  });

  test("that only drips does not hold a call for ever", async () => {
    await using server = await vodServer((response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(" "), 20);
      response.on("close", () => clearInterval(drip));
    });
    const client = server.client({ timeouts: { ...short, totalMs: 400 } });
    const error = await rejection(client.call("CreateAigcImageTask", submit));
    expect(error).toMatchObject({ name: "AnswerLostError", reason: "answer timeout", billed: "unknown" });
  });

  test("lost to a submit without a SessionId says that it cannot be found by it", async () => {
    await using server = await vodServer(resets);
    const { SessionId: _, ...anonymous } = submit;
    const error = await rejection(server.client().call("CreateAigcImageTask", anonymous));
    expect(error).toMatchObject({ name: "AnswerLostError", billed: "unknown" });
    expect(error.message).toContain("carried no SessionId");
  });

  test("lost on a connection that was used before is lost too: the submit is not sent again", async () => {
    await using server = await vodServer(answers({}), resets);
    const client = server.client();
    await client.call("DescribeTaskDetail", detail);
    const error = await rejection(client.call("CreateAigcImageTask", submit));
    expect(error).toMatchObject({ name: "AnswerLostError", billed: "unknown" });
    expect(server.received).toHaveLength(2);
  });

  test("to a read that is lost costs nothing", async () => {
    await using server = await vodServer(resets);
    const error = await rejection(server.client({ clock: manualClock() }).call("DescribeTaskDetail", detail));
    expect(error).toMatchObject({ name: "AnswerLostError", billed: "no", taskId: "task-1" });
  });
});

describe("a redirect", () => {
  test("carries nothing to where it points", async () => {
    await using other = await vodServer(accepts);
    await using server = await vodServer(replies(307, "", { location: other.endpoint.url.href }));
    await rejection(server.client().call("CreateAigcImageTask", submit));
    expect(other.received).toEqual([]);
  });
});

describe("a refusal", () => {
  test.each([
    ["FailedOperation", "no"],
    ["FailedOperation.InvalidVodUser", "no"],
    ["InternalError", "unknown"],
    ["InternalError.DBError", "unknown"],
    ["InvalidParameter", "no"],
    ["InvalidParameterValue.FileId", "no"],
    ["InvalidParameterValue.SessionContextTooLong", "no"],
    ["InvalidParameterValue.SessionIdTooLong", "no"],
    ["InvalidParameterValue.SubAppId", "no"],
    ["LimitExceeded.Quota", "no"],
    ["UnauthorizedOperation", "no"],
    ["AuthFailure.SignatureFailure", "no"],
    ["SomethingNew.Entirely", "no"],
  ])("of a submit with %s is final, billed: %s", async (code, billed) => {
    await using server = await vodServer(refuses(code, "The reason is such."));
    const error = await rejection(server.client({ clock: manualClock() }).call("CreateAigcImageTask", submit));
    expect(error).toMatchObject({
      name: "ApiError",
      code,
      billed,
      requestId: "request-1",
      action: "CreateAigcImageTask",
    });
    expect(error.message).toContain(`(${code}: The reason is such)`);
    expect(error.message.endsWith(String(error["nextStep"]))).toBe(true);
    expect(server.received).toHaveLength(1);
  });

  test("for a SessionId in use is an error of its own", async () => {
    await using server = await vodServer(refuses("InvalidParameterValue.SessionId"));
    const error = await rejection(server.client().call("CreateAigcImageTask", submit));
    expect(error).toMatchObject({ name: "DuplicateSessionError", billed: "no", sessionId: submit.SessionId });
    expect(server.received).toHaveLength(1);
  });

  test("is classified by its code even when the prompt is that code", async () => {
    await using server = await vodServer(refuses("InvalidParameterValue.SessionId"));
    const request = { ...submit, Prompt: "InvalidParameterValue.SessionId" };
    const error = await rejection(server.client().call("CreateAigcImageTask", request));
    expect(error).toMatchObject({ name: "DuplicateSessionError", code: "InvalidParameterValue.SessionId" });
  });

  test("of a read is final when it does not pass", async () => {
    await using server = await vodServer(refuses("ResourceNotFound"));
    const error = await rejection(server.client().call("DescribeTaskDetail", detail));
    expect(error).toMatchObject({ name: "ApiError", code: "ResourceNotFound", billed: "no", taskId: "task-1" });
    expect(server.received).toHaveLength(1);
  });

  test("of the credentials says which config refresh and destroy use", async () => {
    await using server = await vodServer(refuses("AuthFailure.SecretIdNotFound"));
    const error = await rejection(server.client().call("DescribeTaskDetail", detail));
    expect(error.message).toContain("still use the config of the last `pulumi up`");
  });
});

describe("trying again", () => {
  test("after throttling keeps a submit's SessionId, waits longer each time, and reports it", async () => {
    const throttled = refuses("RequestLimitExceeded");
    await using server = await vodServer(
      throttled,
      throttled,
      refuses("RequestLimitExceeded.UinLimitExceeded"),
      accepts,
    );
    const clock = manualClock();
    const attempts: Attempt[] = [];
    const client = server.client({ clock, random: () => 0 });
    await client.call("CreateAigcImageTask", submit, { onAttempt: (attempt) => attempts.push(attempt) });
    expect(attempts.map(({ number, error, retryInMs }) => [number, error?.code, retryInMs])).toEqual([
      [1, "RequestLimitExceeded", 500],
      [2, "RequestLimitExceeded", 1000],
      [3, "RequestLimitExceeded.UinLimitExceeded", 2000],
      [4, undefined, undefined],
    ]);
    expect(clock.slept).toEqual([500, 1000, 2000]);
    expect(new Set(server.received.map(({ body }) => JSON.parse(body).SessionId))).toEqual(new Set([submit.SessionId]));
    expect(new Set(server.received.map(({ headers }) => headers["x-tc-timestamp"])).size).toBeGreaterThan(1);
  });

  test("ends: a submit that is throttled for ever fails unbilled", async () => {
    await using server = await vodServer(refuses("RequestLimitExceeded"));
    const error = await rejection(server.client({ clock: manualClock() }).call("CreateAigcImageTask", submit));
    expect(error).toMatchObject({ name: "ApiError", code: "RequestLimitExceeded", billed: "no" });
    expect(server.received).toHaveLength(7);
  });

  test.each([
    ["an InternalError", refuses("InternalError")],
    ["ResourceBusy", refuses("ResourceBusy")],
    ["throttling", refuses("RequestLimitExceeded")],
    ["a reset", resets],
    ["a gateway's error", replies(502, "<html>")],
  ])("a read gets over %s", async (_, trouble) => {
    await using server = await vodServer(trouble, trouble, answers({ Status: "FINISH" }));
    const client = server.client({ clock: manualClock() });
    expect(await client.call("DescribeTaskDetail", detail)).toMatchObject({ Status: "FINISH" });
    expect(server.received).toHaveLength(3);
  });

  test("ends: a read fails after its last try", async () => {
    await using server = await vodServer(resets);
    const clock = manualClock();
    const error = await rejection(server.client({ clock, random: () => 0 }).call("DescribeTasks", {}));
    expect(error).toMatchObject({ name: "AnswerLostError", billed: "no" });
    expect(clock.slept).toEqual([250, 500, 1000, 2000, 4000]);
    expect(server.received).toHaveLength(6);
  });

  test("sets metadata again after a lost answer", async () => {
    await using server = await vodServer(resets, answers({}));
    await server.client({ clock: manualClock() }).call("ModifyMediaInfo", { FileId: "f", Name: "n" });
    expect(server.received).toHaveLength(2);
  });

  test.each([
    ["3", 3000],
    ["3600", 6000],
    ["-5", 500],
    ["soon", 500],
  ])("heeds a Retry-After of %s with %d ms", async (header, expected) => {
    await using server = await vodServer(refuses("RequestLimitExceeded", "m", { "retry-after": header }), answers({}));
    const clock = manualClock();
    await server.client({ clock, random: () => 0 }).call("DescribeTasks", {});
    expect(clock.slept[0]).toBe(expected);
  });

  test("opens a connection again until one is open; a submit too, since nothing was sent", async () => {
    const blocker = createTcpServer().listen(0, "127.0.0.1");
    await once(blocker, "listening");
    const { port } = blocker.address() as AddressInfo;
    blocker.close();
    await once(blocker, "close");
    await using server = await vodServer(accepts);
    const attempts: Attempt[] = [];
    const clock = manualClock();
    const client = server.client({ endpoint: loopbackEndpoint(port), clock, random: () => 0 });
    const error = await rejection(
      client.call("CreateAigcImageTask", submit, { onAttempt: (attempt) => attempts.push(attempt) }),
    );
    expect(error).toMatchObject({ name: "NotConnectedError", reason: "ECONNREFUSED", billed: "no" });
    expect(error.message).toContain("Nothing was sent or billed.");
    expect(attempts).toHaveLength(5);
    expect(clock.slept).toEqual([250, 500, 1000, 2000]);
  });

  test("gives up on a connection whose TLS handshake stalls, with nothing sent", async () => {
    const silent = createTcpServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
    await once(silent, "listening");
    await using server = await vodServer(accepts);
    const { port } = silent.address() as AddressInfo;
    const url = new URL(`https://127.0.0.1:${port}`);
    const client = server.client({
      endpoint: { url, host: url.host, loopback: true },
      timeouts: { connectMs: 100 },
      clock: manualClock(),
    });
    const error = await rejection(client.call("CreateAigcImageTask", submit));
    expect(error).toMatchObject({ name: "NotConnectedError", reason: "connect timeout", billed: "no" });
    silent.close();
  });
});

describe("the hook before sending", () => {
  test("runs before every try", async () => {
    await using server = await vodServer(refuses("RequestLimitExceeded"), accepts);
    const sent: number[] = [];
    const beforeSend = async () => {
      sent.push(server.received.length);
    };
    await server.client({ clock: manualClock() }).call("CreateAigcImageTask", submit, { beforeSend });
    expect(sent).toEqual([0, 1]);
  });

  test("stops a call by throwing: nothing is sent", async () => {
    await using server = await vodServer(accepts);
    const stop = new Error("the engine is gone");
    const beforeSend = () => {
      throw stop;
    };
    expect(await rejection(server.client().call("CreateAigcImageTask", submit, { beforeSend }))).toBe(stop);
    expect(server.received).toEqual([]);
  });

  test("stops a retry by throwing", async () => {
    await using server = await vodServer(refuses("RequestLimitExceeded"), accepts);
    let runs = 0;
    const beforeSend = async () => {
      if (++runs > 1) {
        throw new Error("the engine is gone");
      }
    };
    const client = server.client({ clock: manualClock() });
    await expect(client.call("CreateAigcImageTask", submit, { beforeSend })).rejects.toThrow("the engine is gone");
    expect(server.received).toHaveLength(1);
  });

  test("does not run without credentials", async () => {
    await using server = await vodServer(accepts);
    let runs = 0;
    const client = server.client({ credentials: () => Promise.reject(new Error("no credentials")) });
    await expect(client.call("CreateAigcImageTask", submit, { beforeSend: () => void runs++ })).rejects.toThrow(
      "no cred",
    );
    expect(runs).toBe(0);
    expect(server.received).toEqual([]);
  });
});

describe("aborting", () => {
  test("before anything is sent sends nothing and gives the signal's reason", async () => {
    await using server = await vodServer(accepts);
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(server.client().call("CreateAigcImageTask", submit, { signal })).rejects.toThrow("enough");
    const late = new AbortController();
    const beforeSend = () => late.abort(new Error("enough"));
    const options = { signal: late.signal, beforeSend };
    await expect(server.client().call("CreateAigcImageTask", submit, options)).rejects.toThrow("enough");
    expect(server.received).toEqual([]);
  });

  test("a submit that was sent leaves it unknown; a read gives the signal's reason", async () => {
    const aborting = new AbortController();
    await using server = await vodServer(() => aborting.abort(new Error("enough")));
    const { signal } = aborting;
    const error = await rejection(server.client().call("CreateAigcImageTask", submit, { signal }));
    expect(error).toMatchObject({ name: "AnswerLostError", reason: "aborted", billed: "unknown" });

    const reading = new AbortController();
    await using reads = await vodServer(() => reading.abort(new Error("enough")));
    const read = reads.client().call("DescribeTasks", {}, { signal: reading.signal });
    await expect(read).rejects.toThrow("enough");
  });
});

describe("the service's clock", () => {
  const date = (time: number) => ({ date: new Date(time).toUTCString() });
  const local = Date.UTC(2026, 10, 22, 12);
  const hour = 3_600_000;

  test("is unknown before the first answer, and then follows the latest", async () => {
    await using server = await vodServer(answers({}, date(local + hour)), answers({}, date(local - hour)));
    const clock = manualClock(local);
    const client = server.client({ clock });
    expect(client.serviceNow()).toBeUndefined();
    await client.call("DescribeTasks", {});
    expect(client.serviceNow()).toBe(local + hour);
    clock.time += 5_000;
    expect(client.serviceNow()).toBe(local + hour + 5_000);
    clock.time = local;
    await client.call("DescribeTasks", {});
    expect(client.serviceNow()).toBe(local - hour);
  });

  test.each([
    ["a gateway", replies(502, "", date(local + hour))],
    ["a guest network", replies(200, "<html>", date(local + hour))],
    ["an answer with a date that is none", answers({ TaskId: "t" }, { date: "yesterday" })],
  ])("is not learnt from %s", async (_, reply) => {
    await using server = await vodServer(reply);
    const client = server.client({ clock: manualClock(local) });
    await client.call("CreateAigcImageTask", submit).catch(() => {});
    expect(client.serviceNow()).toBeUndefined();
  });

  test("signs once more when this machine's was refused, and from then on", async () => {
    const expired = refuses("AuthFailure.SignatureExpire", "expired", date(local + hour));
    await using server = await vodServer(expired, accepts);
    const clock = manualClock(local);
    const client = server.client({ clock });
    await client.call("CreateAigcImageTask", submit);
    await client.call("DescribeTasks", {});
    const stamp = (time: number) => String(time / 1000);
    expect(server.received.map(({ headers }) => headers["x-tc-timestamp"])).toEqual([
      stamp(local),
      stamp(local + hour),
      stamp(local + hour),
    ]);
    // No backoff: all that is waited for is the next turn.
    expect(clock.slept).toEqual([1]);
  });

  test("is that of the real world, however fast this process waits", async () => {
    await using server = await vodServer(answers({}, date(local + hour)));
    const client = server.client({ clock: manualClock(0), realNow: () => local, monotonicNow: () => 0 });
    await client.call("DescribeTasks", {});
    expect(server.received[0]?.headers["x-tc-timestamp"]).toBe(String(local / 1000));
    expect(client.serviceNow()).toBe(local + hour);
  });

  test("signs once more only: there is no loop", async () => {
    await using server = await vodServer(refuses("AuthFailure.SignatureExpire", "expired", date(local + hour)));
    const error = await rejection(server.client({ clock: manualClock(local) }).call("CreateAigcImageTask", submit));
    expect(error).toMatchObject({ name: "ApiError", code: "AuthFailure.SignatureExpire", billed: "no" });
    expect(server.received).toHaveLength(2);
  });

  test.each([
    ["does not differ", date(local + 2_000)],
    ["is not told", { date: "none" }],
  ])("does not sign again when the service's time %s", async (_, headers) => {
    await using server = await vodServer(refuses("AuthFailure.SignatureExpire", "expired", headers));
    const error = await rejection(server.client({ clock: manualClock(local) }).call("CreateAigcImageTask", submit));
    expect(error).toMatchObject({ code: "AuthFailure.SignatureExpire" });
    expect(server.received).toHaveLength(1);
  });
});

describe("the pace of calls", () => {
  test("spaces submits out, and slows down when throttled", async () => {
    await using server = await vodServer(accepts, accepts, refuses("RequestLimitExceeded"), accepts);
    const clock = manualClock();
    const client = server.client({ clock, requestsPerSecond: 10, random: () => 0 });
    await client.call("CreateAigcImageTask", submit);
    await client.call("CreateAigcImageTask", submit);
    expect(clock.slept).toEqual([100]);
    await client.call("CreateAigcImageTask", submit);
    await client.call("CreateAigcImageTask", submit);
    // A turn, the backoff after the refusal, and a turn at the slower rate.
    expect(clock.slept.slice(0, 3)).toEqual([100, 100, 500]);
    expect(clock.slept[3]).toBeGreaterThan(120);
  });

  test("does not hold reads back for submits", async () => {
    await using server = await vodServer(accepts);
    const clock = manualClock();
    const client = server.client({ clock, requestsPerSecond: 0.1 });
    await client.call("CreateAigcImageTask", submit);
    await client.call("DescribeTasks", {});
    expect(clock.slept).toEqual([]);
  });
});
