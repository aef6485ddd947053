import { createRequire } from "node:module";

/** Pulumi's SDK as it runs in this process, and the gRPC and Protobuf that it brings. */
export interface PulumiSdk {
  readonly grpc: typeof import("@grpc/grpc-js");
  readonly engineRpc: typeof import("@pulumi/pulumi/proto/engine_grpc_pb");
  readonly engineMessages: typeof import("@pulumi/pulumi/proto/engine_pb");
  readonly providerRpc: typeof import("@pulumi/pulumi/proto/provider_grpc_pb");
  readonly providerMessages: typeof import("@pulumi/pulumi/proto/provider_pb");
  readonly pluginMessages: typeof import("@pulumi/pulumi/proto/plugin_pb");
  readonly statusMessages: typeof import("@pulumi/pulumi/proto/status_pb");
  readonly anyMessages: typeof import("google-protobuf/google/protobuf/any_pb");
  readonly emptyMessages: typeof import("google-protobuf/google/protobuf/empty_pb");
  readonly structMessages: typeof import("google-protobuf/google/protobuf/struct_pb");
}

/**
 * gRPC is no dependency of ours: it is looked up from the SDK, so that the copy in use is the one that the SDK's messages
 * were loaded with, also where a package manager hides what a package does not declare. In the bundle of the plugin, in
 * which nothing can be looked up, bundledSdk.ts is in this file's place.
 *
 * @throws where there is no SDK
 */
export function loadPulumiSdk(): PulumiSdk {
  // Pulumi's host of dynamic providers has loaded a copy: a second one would not know the messages of the first.
  const main = createRequire(process.argv[1] ?? __filename);
  const sdk = createRequire(main.resolve("@pulumi/pulumi/package.json"));
  return {
    grpc: sdk("@grpc/grpc-js"),
    engineRpc: sdk("./proto/engine_grpc_pb.js"),
    engineMessages: sdk("./proto/engine_pb.js"),
    providerRpc: sdk("./proto/provider_grpc_pb.js"),
    providerMessages: sdk("./proto/provider_pb.js"),
    pluginMessages: sdk("./proto/plugin_pb.js"),
    statusMessages: sdk("./proto/status_pb.js"),
    anyMessages: sdk("google-protobuf/google/protobuf/any_pb.js"),
    emptyMessages: sdk("google-protobuf/google/protobuf/empty_pb.js"),
    structMessages: sdk("google-protobuf/google/protobuf/struct_pb.js"),
  };
}
