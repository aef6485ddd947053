import { createRequire } from "node:module";
import * as engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engineProto from "@pulumi/pulumi/proto/engine_pb";
import * as providerRpc from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as providerProto from "@pulumi/pulumi/proto/provider_pb";
import * as resourceRpc from "@pulumi/pulumi/proto/resource_grpc_pb";
import * as resourceProto from "@pulumi/pulumi/proto/resource_pb";
import * as statusProto from "@pulumi/pulumi/proto/status_pb";
import type { PropertyMap } from "./values";

// gRPC and protobuf are the SDK's dependencies, not ours. They are looked up from the SDK, so that the copy in use is
// the one its generated stubs were loaded with, also where a package manager hides what a package does not declare.
const sdkRequire = createRequire(createRequire(__filename).resolve("@pulumi/pulumi/package.json"));

export const grpc = sdkRequire("@grpc/grpc-js") as typeof import("@grpc/grpc-js");
const { Empty } = sdkRequire(
  "google-protobuf/google/protobuf/empty_pb",
) as typeof import("google-protobuf/google/protobuf/empty_pb");
const { Struct } = sdkRequire(
  "google-protobuf/google/protobuf/struct_pb",
) as typeof import("google-protobuf/google/protobuf/struct_pb");
const yaml = sdkRequire("js-yaml") as { load(text: string): unknown };
const sdkPackage = sdkRequire("./package.json") as { version: string };

export { engineProto, engineRpc, providerProto, providerRpc, resourceProto, resourceRpc, Struct, statusProto };

/** Version of the `@pulumi/pulumi` package whose protocol this engine speaks. */
export const sdkVersion: string = sdkPackage.version;

export function parseYaml(text: string): unknown {
  return yaml.load(text);
}

const maxMessageSize = 400 * 1024 * 1024;

/** The SDK's own limits, so that a message that one side accepts is not refused by the other. */
export const channelOptions = {
  "grpc.max_receive_message_length": maxMessageSize,
  "grpc.max_send_message_length": maxMessageSize,
  "grpc.server_max_unrequested_time_in_server": 30 * 60,
};

type StructMessage = ReturnType<typeof Struct.fromJavaScript>;

export function toStruct(properties: PropertyMap): StructMessage {
  return Struct.fromJavaScript(properties as Parameters<typeof Struct.fromJavaScript>[0]);
}

export function fromStruct(struct: { toJavaScript(): unknown } | undefined): PropertyMap {
  return (struct?.toJavaScript() ?? {}) as PropertyMap;
}

/** The answer of a method that returns nothing. */
export const empty = (): InstanceType<typeof Empty> => new Empty();

/** Binds a server to a free loopback port and gives its address. */
export function listen(server: InstanceType<typeof grpc.Server>): Promise<string> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(`127.0.0.1:${port}`),
    );
  });
}
