import type { ServiceError } from "@grpc/grpc-js";
import { NotReady } from "../lifecycle/outputs";
import { loadPulumiSdk } from "../pulumiSdk";
import type { Words } from "./providerWords";
import { structOf } from "./values";

const { anyMessages, grpc, providerMessages, statusMessages } = loadPulumiSdk();

/** A failed call as gRPC tells it. */
export type Failed = Pick<ServiceError, "code" | "details" | "metadata">;

/** What a verb has thrown. Of a resource that is in state without being ready, the engine reads id and outputs from it. */
export function failedWith(error: unknown, words: Words): Failed {
  const code = grpc.status.UNKNOWN;
  const details = words(error instanceof Error ? error.message : String(error));
  const metadata = new grpc.Metadata();
  if (error instanceof NotReady) metadata.add("grpc-status-details-bin", detailsOf(error, code, details, words));
  return { code, details, metadata };
}

function detailsOf({ id, outputs, reasons }: NotReady, code: number, message: string, words: Words): Buffer {
  const failed = new providerMessages.ErrorResourceInitFailed();
  failed.setId(id);
  failed.setProperties(structOf(outputs));
  failed.setReasonsList(reasons.map(words));
  const any = new anyMessages.Any();
  any.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new statusMessages.Status();
  status.setCode(code);
  status.setMessage(message);
  status.addDetails(any);
  return Buffer.from(status.serializeBinary());
}
