/**
 * What Pulumi's dynamic-provider host loads: one process, one provider, all verbs at once. The path of this module is
 * in every stack's state and can never change.
 */
import "../compileCache";
import { namespace } from "../configuration";
import { linkEngine } from "../engineLink";
import type { VerbOptions } from "../lifecycle/context";
import type { Created } from "../lifecycle/create";
import type { Difference } from "../lifecycle/diff";
import { NotReady, type Outputs } from "../lifecycle/outputs";
import { Provider } from "../lifecycle/provider";
import { OpenCalls } from "../openCalls";
import { watchForOrphan } from "../orphanWatch";
import type { JsonObject } from "../schema/json";
import { hearCalls } from "./hearCalls";
import { hearsStreams } from "./hearsStreams";

interface ConfigureRequest {
  readonly config: { get(key: string): unknown };
}

const engine = linkEngine(process.argv[2]);
const calls = new OpenCalls((isOver) => provider.end(isOver));
watchForOrphan(
  engine,
  hearCalls(() => calls.hearCancel()),
);
/** Whether Node tells of calls, and so of a Cancel. */
const hearsEnd = hearsStreams();
let provider = providerWith(() => undefined);

function providerWith(setting: (key: string) => string | undefined): Provider {
  return new Provider({ setting, env: process.env, engine, cancellation: calls.cancellation, hearsEnd });
}

/** The host uses the provider before this settles, so all its work is done before it returns. */
export function configure({ config }: ConfigureRequest): void {
  provider = providerWith((key) => textOf(config.get(`${namespace}:${key}`)));
}

/** A structured setting arrives as JSON text; as it is, where an explicit provider is given it. */
function textOf(value: unknown): string | undefined {
  return typeof value === "string" || value === undefined ? value : JSON.stringify(value);
}

export const check = (olds: JsonObject, news: JsonObject) =>
  provider.check(olds, news, { ...optionsIn(news), oldScope: optionsIn(olds).scope });

/** State that comes from the plugin has no code by which it could be read: an update, unbilled, stores it. */
export async function diff(_id: string, olds: JsonObject, news: JsonObject): Promise<Difference> {
  const difference = await provider.diff(olds, news, optionsIn(news));
  return difference.changes || "__provider" in olds ? difference : { changes: true };
}

export const create = (inputs: JsonObject): Promise<Created> =>
  calls.cancellable(() => withProvider(inputs, () => provider.create(inputs, optionsIn(inputs))));

export const read = (id: string, props: JsonObject) => calls.cancellable(() => provider.read(id, props));

export const update = (id: string, olds: JsonObject, news: JsonObject): Promise<{ outs: Outputs }> =>
  calls.cancellable(() => withProvider(news, () => provider.update(id, olds, news, optionsIn(news))));

const forget = (_id: string, props: JsonObject) => provider.delete(props);

// `delete` is a reserved word, so it is exported under an alias.
export { forget as delete };

/** The dynamic host tells no URN: the resource's class passes it as a hidden input. */
function optionsIn({ resourceUrn }: JsonObject): VerbOptions {
  const urn = typeof resourceUrn === "string" ? resourceUrn : undefined;
  return { urn, scope: urn };
}

/** The host adds `__provider` to what is returned, not to what is thrown: without it no later verb finds its code. */
async function withProvider<T>({ __provider }: JsonObject, verb: () => Promise<T>): Promise<T> {
  try {
    return await verb();
  } catch (error) {
    if (!(error instanceof NotReady)) throw error;
    const { id, outputs, reasons } = error;
    throw Object.assign(error, { id, properties: { ...outputs, __provider }, reasons });
  }
}
