// Answers the Pulumi CLI as Node's language host does, with the program in index.js of a folder; prints its address.
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder] = process.argv.slice(2);
const file = join(folder, "index.js");
// The SDK of the program: loaded twice, each would wait for resources that only the other one knows.
const require = createRequire(file);
const ofSdk = createRequire(require.resolve("@pulumi/pulumi/package.json"));
const grpc = ofSdk("@grpc/grpc-js");
const { LanguageServer } = require("@pulumi/pulumi/automation/server");
const { LanguageRuntimeService } = require("@pulumi/pulumi/proto/language_grpc_pb");

const program = async () => {
  delete require.cache[require.resolve(file)];
  return { ...require(file) };
};
// A program that fails is told to the CLI, and the next one is to be served.
process.on("unhandledRejection", () => {});
const server = new grpc.Server();
server.addService(LanguageRuntimeService, new LanguageServer(program));
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`127.0.0.1:${port}`);
});
