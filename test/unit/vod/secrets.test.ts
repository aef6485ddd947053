import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { manualClock } from "./manualClock";
import { type Reply, refuses, rejection, replies, resets, stalls, submit, vodServer } from "./vodServer";

const credentials = {
  secretId: "AKIDz8krbsJ5yKBZQpn74WFkmLPx3",
  secretKey: "Gu5t9xGARNpq86cd98joQYCN3Zqr7",
  token: "ZpT4kQ9sVw2LrX7nB1cH6mY8dJ3f",
};
const request = {
  ...submit,
  Prompt: "the unreleased crimson falcon",
  NegativePrompt: "marmalade",
  FileInfos: [{ Type: "Url", Url: "https://files.example.com/secret-sketch.png" }],
  ExtInfo: JSON.stringify({ AdditionalParameters: JSON.stringify({ note: "hush-hush" }) }),
};

/** Whatever it is told, the service tells back. */
const echo: (text: string) => Reply = (text) => (response, incoming) => {
  const { authorization, "x-tc-token": token } = incoming.headers;
  const message = `${text} ${JSON.stringify(request)} ${authorization} ${token} ${credentials.secretKey}`;
  refuses("InvalidParameter", message)(response, incoming);
};

const endings: [string, Reply][] = [
  ["an error that repeats all it was sent", echo("You sent")],
  ["an error that repeats it at length", echo("word ".repeat(20))],
  ["a reset", resets],
  ["a stall", stalls],
  [
    "an HTML page that repeats it",
    (response, incoming) => replies(502, String(incoming.headers.authorization))(response, incoming),
  ],
  [
    "something that is not HTTP and repeats it",
    (_, incoming) => void incoming.socket.end(`${incoming.headers.authorization}\r\n\r\n`),
  ],
  [
    "identifiers that are none",
    replies(
      200,
      JSON.stringify({
        Response: { RequestId: credentials.token + request.Prompt, Error: { Code: request.Prompt, Message: "" } },
      }),
    ),
  ],
];

describe("no error holds a credential, a signature or text of the request", () => {
  test.each(endings)("after %s", async (_, reply) => {
    await using server = await vodServer(reply);
    const client = server.client({
      credentials: async () => credentials,
      clock: manualClock(),
      timeouts: { headersMs: 100 },
    });
    const error = await rejection(client.call("CreateAigcImageTask", request));
    const signature = /Signature=(\w+)/.exec(String(server.received[0]?.headers.authorization))?.[1];
    expect(signature).toHaveLength(64);
    const shown = [
      error.message,
      String(error.stack),
      JSON.stringify(error),
      JSON.stringify({ ...error }),
      inspect(error, { depth: 10, showHidden: true, getters: true }),
    ].join("\n");
    for (const secret of [
      ...Object.values(credentials),
      signature,
      "TC3-HMAC",
      "falcon",
      "marmalade",
      "secret-sketch",
      "hush-hush",
    ]) {
      expect(shown).not.toContain(secret);
    }
  });
});
