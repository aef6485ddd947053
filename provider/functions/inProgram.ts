import * as pulumi from "@pulumi/pulumi";
import { checkSecretConfig, isMocked } from "../programChecks";
import type { JsonObject } from "../schema/json";
import type { FunctionName } from "./schema";
import type {
  GetImageTaskArgs,
  GetImageTaskResult,
  GetQuotaArgs,
  GetQuotaResult,
  GetUsageArgs,
  GetUsageResult,
  ListImageTasksArgs,
  ListImageTasksResult,
} from "./types";

/** Arguments that may be Outputs. */
type Inputs<Args> = { readonly [Name in keyof Args]: pulumi.Input<Args[Name]> };

/** What is asked of one task, where it may be an Output. */
export type GetImageTaskOutputArgs = Inputs<GetImageTaskArgs>;
/** Which tasks are listed, where it may be an Output. */
export type ListImageTasksOutputArgs = Inputs<ListImageTasksArgs>;
/** Which time's usage is asked for, where it may be an Output. */
export type GetUsageOutputArgs = Inputs<GetUsageArgs>;
/** Whose limit is asked for, where it may be an Output. */
export type GetQuotaOutputArgs = Inputs<GetQuotaArgs>;

/**
 * A task of the last 3 days as the service tells it now, by whatever program it was sent. Asks at every preview and update,
 * with the stack's settings and keys, and bills nothing.
 *
 * @throws RunError where there is no such task, where the arguments or settings are wrong, or where the service refuses
 * @see DescribeTaskDetail
 */
export function getImageTask(args: GetImageTaskArgs): Promise<GetImageTaskResult> {
  return resultOf("getImageTask", args);
}

/** The same as {@link getImageTask}, of arguments that may be Outputs: once they are known, at preview or update. */
export function getImageTaskOutput(args: GetImageTaskOutputArgs): pulumi.Output<GetImageTaskResult> {
  return pulumi.output(args).apply(getImageTask);
}

/**
 * The image tasks of a VOD application in the last 3 days, newest first, of all programs. Asks at every preview and update,
 * with the stack's settings and keys, and bills nothing.
 *
 * @throws RunError where the arguments or settings are wrong, or where the service refuses
 * @see DescribeTasks
 */
export function listImageTasks(args: ListImageTasksArgs = {}): Promise<ListImageTasksResult> {
  return resultOf("listImageTasks", args);
}

/** The same as {@link listImageTasks}, of arguments that may be Outputs: once they are known, at preview or update. */
export function listImageTasksOutput(args: ListImageTasksOutputArgs = {}): pulumi.Output<ListImageTasksResult> {
  return pulumi.output(args).apply(listImageTasks);
}

/**
 * How many images the service has counted, of all programs. Asks at every preview and update, with the stack's settings and
 * keys, and bills nothing.
 *
 * @throws RunError where the arguments or settings are wrong, or where the service refuses
 * @see DescribeAigcUsageData
 */
export function getUsage(args: GetUsageArgs): Promise<GetUsageResult> {
  return resultOf("getUsage", args);
}

/** The same as {@link getUsage}, of arguments that may be Outputs: once they are known, at preview or update. */
export function getUsageOutput(args: GetUsageOutputArgs): pulumi.Output<GetUsageResult> {
  return pulumi.output(args).apply(getUsage);
}

/**
 * The limit of images that was set for a VOD application, and what counts against it. Asks at every preview and update, with
 * the stack's settings and keys, and bills nothing.
 *
 * @throws RunError where the arguments or settings are wrong, or where the service refuses
 * @see DescribeAigcQuotas
 */
export function getQuota(args: GetQuotaArgs = {}): Promise<GetQuotaResult> {
  return resultOf("getQuota", args);
}

/** The same as {@link getQuota}, of arguments that may be Outputs: once they are known, at preview or update. */
export function getQuotaOutput(args: GetQuotaOutputArgs = {}): pulumi.Output<GetQuotaResult> {
  return pulumi.output(args).apply(getQuota);
}

/** What a function of each name gives. */
interface Results {
  readonly getImageTask: GetImageTaskResult;
  readonly listImageTasks: ListImageTasksResult;
  readonly getUsage: GetUsageResult;
  readonly getQuota: GetQuotaResult;
}

async function resultOf<Name extends FunctionName>(name: Name, args: object): Promise<Results[Name]> {
  // A unit test's mocks answer for it, as they do for the functions of every package.
  if (isMocked()) return pulumi.runtime.invoke(`tencent-aigc:index:${name}`, args);
  checkSecretConfig();
  // Only now: a program that asks nothing loads neither the schema nor the client.
  const { ask } = await import("./ask.js");
  const answer = await ask(name, { ...args } as JsonObject, pulumi.runtime.getConfig);
  if ("refused" in answer) throw new pulumi.RunError(answer.refused);
  return answer.result as Results[Name];
}
