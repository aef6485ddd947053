import { z } from "zod";
import type { GetImageTaskArgs, GetQuotaArgs, GetUsageArgs, ListImageTasksArgs } from "./types";

const text = (error: string) => z.string({ error }).refine((value) => value !== "", { error });
const whole = (error: string, least: number, greatest: number) =>
  z.int({ error }).min(least, { error }).max(greatest, { error });
const time = () =>
  z.iso.datetime({
    offset: true,
    error: "must be a time in ISO 8601 with its zone, such as 2030-01-31T00:00:00Z",
  });
const subAppId = () => whole("must be a positive integer, the ID of a VOD application", 1, Number.MAX_SAFE_INTEGER);

/** What each function takes, checked before anything is asked. Their types say what each field means. */
export const functionArguments = {
  getImageTask: z.strictObject({
    taskId: text("must be the TaskId of a task of the last 3 days"),
    subAppId: subAppId().optional(),
  }),
  listImageTasks: z.strictObject({
    subAppId: subAppId().optional(),
    createdAfter: time().optional(),
    status: text("must be a status, such as FINISH").optional(),
    limit: whole("must be an integer from 1 to 10000", 1, 10_000).optional(),
  }),
  getUsage: z.strictObject({
    subAppId: subAppId().optional(),
    startTime: time(),
    endTime: time().optional(),
  }),
  getQuota: z.strictObject({ subAppId: subAppId().optional() }),
} satisfies {
  readonly getImageTask: z.ZodType<GetImageTaskArgs>;
  readonly listImageTasks: z.ZodType<ListImageTasksArgs>;
  readonly getUsage: z.ZodType<GetUsageArgs>;
  readonly getQuota: z.ZodType<GetQuotaArgs>;
};

/** Bare names of the functions; `tencent-aigc:index:<name>` is their token. */
export type FunctionName = keyof typeof functionArguments;
