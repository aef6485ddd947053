import type { CreateAigcImageTaskRequest } from "../../provider/vod/wire";

/** What an emulator's store is given for each task that is accepted. */
interface StoreOfTasks {
  submit(submission: { readonly request: CreateAigcImageTaskRequest }): { readonly taskId: string };
}

const requests = new Map<string, CreateAigcImageTaskRequest>();

/** The request that each task was made from, as the emulator of this process took it. */
export function keepRequests({ prototype }: { readonly prototype: StoreOfTasks }): void {
  const { submit } = prototype;
  prototype.submit = function (submission) {
    const task = submit.call(this, submission);
    requests.set(task.taskId, submission.request);
    return task;
  };
}

export function requestOf(taskId: string): CreateAigcImageTaskRequest {
  const request = requests.get(taskId);
  if (request === undefined) throw new Error(`the request of ${taskId} was not seen`);
  return request;
}
