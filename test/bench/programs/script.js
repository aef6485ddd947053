// COUNT pictures by a plain script: RATE submits a second, at most CONCURRENCY under way, each polled once a second.
const { client, generate } = require("./vendor.js");
const { COUNT, RATE, CONCURRENCY } = process.env;
const vod = client();
let next = 0;
let lastSubmit = 0;
async function worker() {
  while (next < Number(COUNT)) {
    const index = next++;
    const at = Math.max(Date.now(), lastSubmit + 1000 / Number(RATE));
    lastSubmit = at;
    await new Promise((resolve) => setTimeout(resolve, at - Date.now()));
    await generate(vod, `picture ${index}`);
  }
}
Promise.all(Array.from({ length: Number(CONCURRENCY) }, worker)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
