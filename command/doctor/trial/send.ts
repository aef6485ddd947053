import { insideWindow } from "../../../provider/service/window";
import type { VodClient } from "../../../provider/vod/client";
import { AnswerLostError, isDuplicateSession, TencentAigcError } from "../../../provider/vod/errors";
import type { Trial } from "./record";

export type Sent =
  | { readonly kind: "accepted"; readonly taskId: string }
  | { readonly kind: "duplicate" }
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  /** It may have been accepted. */
  | { readonly kind: "lost"; readonly message: string };

/** Sends the request of a trial: always the same under one SessionId. */
export async function send(client: VodClient, subAppId: number, { sessionId, intent }: Trial): Promise<Sent> {
  const request = {
    SubAppId: subAppId,
    ModelName: intent.modelName,
    ModelVersion: intent.modelVersion,
    Prompt: "a plain grey stone on white paper",
    OutputConfig: { StorageMode: "Permanent", MediaName: sessionId },
    SessionId: sessionId,
  };
  // Judged last of all: somebody may take hours to type the amount.
  const beforeSigning = (signedAt: number) => {
    if (!insideWindow(intent.at, signedAt)) throw tooLate();
  };
  try {
    const { TaskId } = await client.call("CreateAigcImageTask", request, { beforeSigning });
    return { kind: "accepted", taskId: TaskId ?? "" };
  } catch (error) {
    if (!TencentAigcError.isInstance(error)) throw error;
    if (isDuplicateSession(error)) return { kind: "duplicate" };
    if (AnswerLostError.isInstance(error) || error.billed !== "no") return { kind: "lost", message: error.message };
    return { kind: "refused", code: error.code ?? error.name, message: error.message };
  }
}

function tooLate(): TencentAigcError {
  return new TencentAigcError(
    "The 3 days of this SessionId are over, so the same request would be billed again. Nothing was sent.",
    { billed: "no", nextStep: "Run it again for a new trial, which bills 1 image." },
  );
}
