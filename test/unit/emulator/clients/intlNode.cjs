// Works with the emulator through the vendor's Node SDK for international accounts, in a process of its own: what it trusts
// is set before it starts. Told by one argument of JSON; says what it saw as one line of JSON.
const { v20180717 } = require("tencentcloud-sdk-nodejs-intl-en/tencentcloud/vod");
const Credential = require("tencentcloud-sdk-nodejs-intl-en/tencentcloud/common/credential");
const ClientProfile = require("tencentcloud-sdk-nodejs-intl-en/tencentcloud/common/profile/client_profile");

const { endpoint, secretId, secretKey, token, profile: wanted = {}, calls } = JSON.parse(process.argv[2]);

// All but the address is the SDK's own default where nothing else is told.
const profile = new ClientProfile();
profile.httpProfile.endpoint = endpoint;
Object.assign(profile, wanted.signMethod === undefined ? {} : { signMethod: wanted.signMethod });
Object.assign(profile.httpProfile, wanted.http);
const client = new v20180717.Client(new Credential(secretId, secretKey, token), "", profile);

async function main() {
  const seen = [];
  for (const [action, parameters] of calls) {
    const request = new v20180717.Models[`${action}Request`]();
    request.deserialize(JSON.parse(JSON.stringify(parameters).replaceAll("$TaskId", seen[0]?.TaskId ?? "")));
    seen.push(
      await new Promise((resolve) => {
        client[action](request, (error, response) =>
          resolve(error ? { code: error.code, message: error.message } : response),
        );
      }),
    );
  }
  console.log(JSON.stringify(seen));
}

void main();
