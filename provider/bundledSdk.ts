import * as grpc from "@grpc/grpc-js";
import * as engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engineMessages from "@pulumi/pulumi/proto/engine_pb";
import * as pluginMessages from "@pulumi/pulumi/proto/plugin_pb";
import * as providerRpc from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as providerMessages from "@pulumi/pulumi/proto/provider_pb";
import * as statusMessages from "@pulumi/pulumi/proto/status_pb";
import * as anyMessages from "google-protobuf/google/protobuf/any_pb";
import * as emptyMessages from "google-protobuf/google/protobuf/empty_pb";
import * as structMessages from "google-protobuf/google/protobuf/struct_pb";
import type { PulumiSdk } from "./pulumiSdk";

/** The SDK as the bundle of the plugin carries it, in place of `pulumiSdk.ts`. Nothing else imports this file. */
export function loadPulumiSdk(): PulumiSdk {
  return {
    grpc,
    engineRpc,
    engineMessages,
    providerRpc,
    providerMessages,
    pluginMessages,
    statusMessages,
    anyMessages,
    emptyMessages,
    structMessages,
  };
}
