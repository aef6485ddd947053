import { createHash, createHmac } from "node:crypto";
import autocannon from "autocannon";
import { type Figure, figure, type Measure } from "../figures.mts";
import { type Service, withService } from "../service.mts";

/** The emulator alone, so that it is known not to be what is measured. */
export const emulator: Measure = {
  name: "emulator",
  async run() {
    return withService({}, async (service) => {
      const rates: Figure[] = [];
      for (const [action, request] of Object.entries(loads)) {
        const rate = await requestsPerSecond(service, action, JSON.stringify(request));
        rates.push(figure(`emulator, ${action}`, rate, "requests/s"));
      }
      return rates;
    });
  },
};

const loads: Record<string, object> = {
  CreateAigcImageTask: { SubAppId: 1, ModelName: "GG", ModelVersion: "3.0", Prompt: "a picture" },
  DescribeTasks: { SubAppId: 1, Limit: 100 },
};

/** Under a load tool, which sends the same signed request again and again: signatures hold for 5 minutes. */
async function requestsPerSecond(service: Service, action: string, body: string): Promise<number> {
  const load = { url: service.url, method: "POST" as const, headers: signed(service, action, body), body };
  // The service answers errors as HTTP 200.
  const verifyBody = (answer: unknown) => !String(answer).includes('"Error"');
  const { requests, errors, non2xx, mismatches } = await autocannon({
    ...load,
    connections: 32,
    duration: 5,
    verifyBody,
  });
  const failed = errors + non2xx + mismatches;
  if (failed > 0) throw new Error(`${failed} of the requests of ${action} failed`);
  return requests.average;
}

function signed({ url, secretId, secretKey }: Service, action: string, body: string): Record<string, string> {
  const timestamp = Math.floor(Date.now() / 1000);
  const date = new Date(timestamp * 1000).toISOString().slice(0, 10);
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const canonical = `POST\n/\n\ncontent-type:application/json\nhost:${new URL(url).hostname}\n\ncontent-type;host\n${hash(body)}`;
  const scope = `${date}/vod/tc3_request`;
  const key = hmac(hmac(hmac(`TC3${secretKey}`, date), "vod"), "tc3_request");
  const signature = hmac(key, `TC3-HMAC-SHA256\n${timestamp}\n${scope}\n${hash(canonical)}`).toString("hex");
  return {
    "content-type": "application/json",
    "x-tc-action": action,
    "x-tc-version": "2018-07-17",
    "x-tc-timestamp": String(timestamp),
    authorization: `TC3-HMAC-SHA256 Credential=${secretId}/${scope}, SignedHeaders=content-type;host, Signature=${signature}`,
  };
}
