import type { ImageFile } from "../aigcImageTask";

/** What is asked of one task. */
export interface GetImageTaskArgs {
  /** TaskId of a task of the last 3 days; the service forgets older ones. */
  readonly taskId: string;
  /**
   * ID of the VOD application that has the task.
   * @default the application that the TaskId names, else the setting `subAppId`
   */
  readonly subAppId?: number | undefined;
}

/** A task as the service tells it at one moment. */
export interface GetImageTaskResult {
  /** TaskId, as asked. */
  readonly taskId: string;
  /** Status of the task: `WAITING`, `PROCESSING`, `FINISH` or `ABORTED`. A failed task is `FINISH` too, with `errCode`. */
  readonly status: string;
  /** How much of it is done, in percent; of a task that is under way. */
  readonly progress?: number;
  /** When the service accepted the task, ISO 8601. */
  readonly createTime?: string;
  /** When the task ended, ISO 8601. */
  readonly finishTime?: string;
  /** SessionId that the task was sent with. */
  readonly sessionId?: string;
  /** SessionContext that the task was sent with. */
  readonly sessionContext?: string;
  /** Name of the model, as the service tells it: it may be another name of the model that was sent. */
  readonly modelName?: string;
  /** Version of the model. */
  readonly modelVersion?: string;
  /** What the picture shows, as sent. */
  readonly prompt?: string;
  /** The service's error code, of a task that failed. */
  readonly errCode?: number;
  /** The service's extended error code, of a task that failed. */
  readonly errCodeExt?: string;
  /** Why it failed, in the service's words. */
  readonly message?: string;
  /** The pictures, in the service's order; empty while there is none. */
  readonly files: readonly ImageFile[];
}

/** Which tasks of the last 3 days are listed. */
export interface ListImageTasksArgs {
  /**
   * ID of the VOD application.
   * @default the setting `subAppId`
   */
  readonly subAppId?: number | undefined;
  /**
   * Only tasks that were created at this time or later, ISO 8601 with its zone.
   * @default 3 days ago, beyond which the service lists none
   */
  readonly createdAfter?: string | undefined;
  /** Only tasks with this status: `WAITING`, `PROCESSING`, `FINISH` or `ABORTED`. */
  readonly status?: string | undefined;
  /**
   * The most tasks to list, newest first: 1 to 10000.
   * @default 100
   */
  readonly limit?: number | undefined;
}

/** The tasks that were asked for. */
export interface ListImageTasksResult {
  /** The image tasks, newest first. */
  readonly tasks: readonly ListedImageTask[];
}

/** A task as the service's list has it. */
export interface ListedImageTask {
  /** TaskId of the service. */
  readonly taskId: string;
  /** Status of the task. */
  readonly status: string;
  /** When the service accepted the task, ISO 8601. */
  readonly createTime?: string;
  /** When the task ended, ISO 8601. */
  readonly finishTime?: string;
  /** SessionId that the task was sent with. */
  readonly sessionId?: string;
  /** SessionContext that the task was sent with. */
  readonly sessionContext?: string;
}

/** Which time's usage is asked for: 90 days at most, within the last year. */
export interface GetUsageArgs {
  /**
   * ID of the VOD application.
   * @default the setting `subAppId`
   */
  readonly subAppId?: number | undefined;
  /** From when on, ISO 8601 with its zone. */
  readonly startTime: string;
  /**
   * Until when, ISO 8601 with its zone.
   * @default now
   */
  readonly endTime?: string | undefined;
}

/** Images that the service has counted, of all programs. It counts late: what has just ended may not be in it yet. */
export interface GetUsageResult {
  /** All images of that time. */
  readonly images: number;
  /** The same by specification, such as `Hunyuan3.0_1K`. */
  readonly specifications: readonly SpecificationUsage[];
}

/** What was used of one specification. */
export interface SpecificationUsage {
  /** Model, version and resolution as the service bills them, such as `Hunyuan3.0_1K`. */
  readonly specification: string;
  /** Images. */
  readonly images: number;
  /** Tasks. */
  readonly tasks: number;
}

/** Whose limit is asked for. */
export interface GetQuotaArgs {
  /**
   * ID of the VOD application.
   * @default the setting `subAppId`
   */
  readonly subAppId?: number | undefined;
}

/** The limit of images that was set for a VOD application. A hint and no guard: the service counts late. */
export interface GetQuotaResult {
  /** Most images; absent where no limit was set. */
  readonly limit?: number;
  /** Images that count against it; absent where no limit was set. */
  readonly usage?: number;
}
