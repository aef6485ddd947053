import { type Configuration, namespace, readConfiguration } from "../configuration";
import { linkEngine } from "../engineLink";
import { Budget } from "../generation/budget";
import { Bills } from "../lifecycle/bill";
import { check as checkInputs } from "../lifecycle/check";
import type { Context } from "../lifecycle/context";
import { type Created, create as createPicture } from "../lifecycle/create";
import { remove } from "../lifecycle/delete";
import { type Difference, diff as diffOutputs } from "../lifecycle/diff";
import type { Outputs } from "../lifecycle/outputs";
import { type ReadResult, read as readPicture } from "../lifecycle/read";
import { update as updatePicture } from "../lifecycle/update";
import type { Failure, TaskInputs } from "../schema/inputs";
import type { JsonObject } from "../schema/json";
import { buildContext } from "../services";
import { ConfigurationError } from "../vod/errors";

/**
 * What Pulumi's dynamic-provider host loads: one process, one provider, all verbs at once. The path of this module is
 * in every stack's state and can never change.
 */

interface ConfigureRequest {
  readonly config: { get(key: string): string | undefined };
}

/** Names the file into which an update's bill is written as JSON, for a comment on a pull request. */
const billFileVariable = "TENCENT_AIGC_BILL_FILE";

const engine = linkEngine(process.argv[2]);
let configuration: Configuration | ConfigurationError = settings(() => undefined);
let { budget, bills } = spendingOf(configuration);
let context: Context | undefined;
let pending = 0;

/** The host uses the provider before this settles, so all its work is done before it returns. */
export function configure({ config }: ConfigureRequest): void {
  configuration = settings((key) => config.get(`${namespace}:${key}`));
  ({ budget, bills } = spendingOf(configuration));
  context = undefined;
}

export async function check(olds: JsonObject, news: JsonObject): Promise<{ inputs: JsonObject; failures: Failure[] }> {
  return checkInputs(olds, news, { configuration, bills });
}

export function diff(_id: string, olds: JsonObject, news: JsonObject): Promise<Difference> {
  return during(() => diffOutputs(olds, news, services()));
}

export function create(inputs: JsonObject): Promise<Created> {
  return during(() => createPicture(inputs as unknown as TaskInputs, services()));
}

export function read(id: string, props: JsonObject): Promise<ReadResult> {
  return during(() => readPicture(id, props, services()));
}

export function update(id: string, olds: JsonObject, news: JsonObject): Promise<{ outs: Outputs }> {
  return during(() => updatePicture(id, olds, news as unknown as TaskInputs, services()));
}

// The host calls the verb by its name, which is a word of the language.
export { forget as delete };

function forget(_id: string, props: JsonObject): Promise<void> {
  // Nothing is sent, so that a stack can be destroyed whatever its settings are.
  const generation = ConfigurationError.isInstance(configuration) ? undefined : services().generation;
  return during(() => remove(props, { progress: engine, generation }));
}

function services(): Context {
  if (ConfigurationError.isInstance(configuration)) throw configuration;
  context ??= buildContext(configuration, budget, bills, engine, process.env);
  return context;
}

function settings(get: (key: string) => string | undefined): Configuration | ConfigurationError {
  try {
    return readConfiguration(get, process.env);
  } catch (error) {
    if (ConfigurationError.isInstance(error)) return error;
    throw error;
  }
}

function spendingOf(settings: Configuration | ConfigurationError): { budget: Budget; bills: Bills } {
  const budget = new Budget(ConfigurationError.isInstance(settings) ? 0 : settings.maxImagesPerUpdate);
  return { budget, bills: new Bills(budget, engine, process.env[billFileVariable]) };
}

/** A killed CLI leaves this process behind: it ends once nothing it began is pending. */
async function during<T>(verb: () => Promise<T>): Promise<T> {
  pending++;
  try {
    return await verb();
  } finally {
    pending--;
  }
}

const orphanWatchMs = 5_000;
setInterval(() => {
  if (pending > 0) return;
  void engine.alive().then((alive) => {
    if (!alive && pending === 0) process.exit(0);
  });
}, orphanWatchMs).unref();
