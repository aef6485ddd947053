import { type Configuration, readConfiguration } from "../configuration";
import { callFunction } from "../functions/functions";
import type { FunctionName } from "../functions/schema";
import type { Foresight } from "../generation/generate";
import { type CountsKeeper, MemoryCounts } from "../generation/operationCounts";
import { SharedCounts } from "../generation/sharedCounts";
import { SpendGuard } from "../generation/spendGuard";
import { LocalFiles } from "../localFiles";
import type { Cost } from "../money/cost";
import { type CheckedInputs, checkedInputs } from "../schema/checkedInputs";
import type { Failure } from "../schema/inputs";
import { isEmpty, type JsonObject } from "../schema/json";
import { buildContext, missingKeys } from "../services";
import { ConfigurationError, TencentAigcError } from "../vod/errors";
import { Bills } from "./bill";
import { check } from "./check";
import type { CheckOptions, Context, ProviderOptions, VerbOptions } from "./context";
import { type Created, create } from "./create";
import { remove } from "./delete";
import { type Difference, diff } from "./diff";
import { type Imported, importPicture } from "./import";
import { intentionOf } from "./intention";
import { LeftFile, leftFileVariable } from "./leftFile";
import { LookTime } from "./lookTime";
import type { Outputs } from "./outputs";
import { type ReadResult, read } from "./read";
import { Replaces } from "./replaces";
import { SaidOnce } from "./saidOnce";
import { SessionIds } from "./sessionIds";
import { update } from "./update";

/** Names the file into which an update's bill is written as JSON, for a comment on a pull request. */
const billFileVariable = "TENCENT_AIGC_BILL_FILE";

/** One configured provider: the verbs of a resource, whichever way Pulumi reaches it. */
export class Provider {
  private readonly configuration: Configuration | ConfigurationError;
  private readonly spendGuard: SpendGuard;
  private readonly bills: Bills;
  private readonly leftFile: LeftFile;
  private readonly sessionIds = new SessionIds();
  private readonly replaces = new Replaces();
  private readonly saidOnce = new SaidOnce();
  private readonly lookTime = new LookTime();
  private readonly localFiles = new LocalFiles();
  /** What an update is to compare next. A refresh compares as well, without a check, and nothing follows from that. */
  private readonly checkedWithOlds = new Set<string>();
  private missingKeysTold: Promise<void> | undefined;
  private context: Context | undefined;

  constructor(private readonly options: ProviderOptions) {
    const { setting, env, engine, hearsEnd, cancellation, words = (text) => text } = options;
    this.configuration = readSettings(setting, env);
    const { configuration } = this;
    const most = ConfigurationError.isInstance(configuration) ? 0 : configuration.maxImagesPerUpdate;
    const counts = countsFor(options);
    this.spendGuard = new SpendGuard(most, counts, mostCostOf(configuration));
    this.bills = new Bills({
      spendGuard: this.spendGuard,
      counts,
      progress: engine,
      file: env[billFileVariable],
      leftFile: env[leftFileVariable],
      hearsEnd,
      cancelled: cancellation.cancelled,
      words,
    });
    this.leftFile = new LeftFile(env[leftFileVariable], engine);
  }

  check(
    olds: JsonObject,
    news: JsonObject,
    options: CheckOptions,
  ): Promise<{ inputs: JsonObject; failures: Failure[] }> {
    const { configuration, bills, replaces, sessionIds, saidOnce, localFiles } = this;
    const tellMissingKeys = () => {
      this.missingKeysTold ??= this.tellMissingKeys();
      return this.missingKeysTold;
    };
    if (options.urn !== undefined && !isEmpty(olds)) this.checkedWithOlds.add(options.urn);
    const looks = !ConfigurationError.isInstance(configuration) && configuration.lookInPreview;
    const foresee = looks ? this.foresee.bind(this) : undefined;
    const context = { configuration, bills, replaces, sessionIds, saidOnce, localFiles, tellMissingKeys, foresee };
    return check(olds, news, options, context);
  }

  async diff(outputs: JsonObject, news: JsonObject, options: VerbOptions): Promise<Difference> {
    const { urn } = options;
    const announces = urn === undefined || this.checkedWithOlds.delete(urn);
    return diff(outputs, checkedInputs(news), { ...options, announces }, this.services());
  }

  async create(inputs: JsonObject, options: VerbOptions): Promise<Created> {
    return this.saidOnce.in(options.urn, () => create(checkedInputs(inputs), options, this.services()));
  }

  async read(id: string, outputs: JsonObject): Promise<ReadResult> {
    const { resourceName = id } = outputs;
    return this.saidOnce.in(String(resourceName), () => read(id, outputs, this.services()));
  }

  /** @returns undefined where there is no such picture */
  async importPicture(id: string, given: JsonObject, options: VerbOptions): Promise<Imported | undefined> {
    return importPicture(id, given, options, this.services());
  }

  /** A function of the package: it asks, and sends nothing that bills. */
  async invoke(name: FunctionName, args: JsonObject): ReturnType<typeof callFunction> {
    return callFunction(name, args, this.services());
  }

  async update(id: string, outputs: JsonObject, news: JsonObject, options: VerbOptions): Promise<{ outs: Outputs }> {
    return this.saidOnce.in(options.urn, () => update(id, outputs, checkedInputs(news), options, this.services()));
  }

  /** Sends nothing, so that a stack can be destroyed whatever its settings are. */
  async delete(outputs: JsonObject): Promise<void> {
    const generation = ConfigurationError.isInstance(this.configuration) ? undefined : this.services().generation;
    await remove(outputs, { progress: this.options.engine, generation, leftFile: this.leftFile });
  }

  /** Something was refused before it came to a check: the bill tells why. */
  refuse(urn: string, failures: readonly Failure[]): Promise<void> {
    return this.bills.refuse(urn, failures);
  }

  /** Which operation it is, where no input of the program says it. */
  async operates(operation: "preview" | "update", urn: string | undefined): Promise<void> {
    await this.bills.seen({ urn, operation });
  }

  /** The engine has said that the operation ends, or is cancelled. */
  end(isOver: boolean): Promise<void> {
    this.lookTime.reset();
    return this.bills.end(isOver);
  }

  /** A check is not held up by a service that is slow to answer. */
  private async foresee(inputs: CheckedInputs, options: VerbOptions): Promise<Foresight> {
    // Other keys that may be found here need not be of the same account.
    if (this.options.keysAreUnknown) return "unknown";
    const context = this.services();
    const look = () => context.generation.foresee(intentionOf(inputs, context, options));
    try {
      return (await this.lookTime.within(look)) ?? "unknown";
    } catch (error) {
      if (!TencentAigcError.isInstance(error)) throw error;
      return "unknown";
    }
  }

  /** A preview goes on without keys, and is the place to miss them. */
  private async tellMissingKeys(): Promise<void> {
    const { configuration, options } = this;
    if (ConfigurationError.isInstance(configuration) || options.keysAreUnknown) return;
    const problem = await missingKeys(configuration, options.env);
    if (problem !== undefined) await options.engine.warn(problem);
  }

  private services(): Context {
    const { configuration, bills, replaces, spendGuard, localFiles } = this;
    if (ConfigurationError.isInstance(configuration)) throw configuration;
    this.context ??= buildContext({ ...this.options, configuration, bills, replaces, spendGuard, localFiles });
    return this.context;
  }
}

function readSettings(
  setting: (key: string) => string | undefined,
  env: NodeJS.ProcessEnv,
): Configuration | ConfigurationError {
  try {
    return readConfiguration(setting, env);
  } catch (error) {
    if (ConfigurationError.isInstance(error)) return error;
    throw error;
  }
}

function mostCostOf(configuration: Configuration | ConfigurationError): Cost | undefined {
  if (ConfigurationError.isInstance(configuration)) return undefined;
  const { maxCostPerUpdate: amount, prices } = configuration;
  return amount && { currency: prices?.currency ?? "", amount };
}

/** All provider processes of an operation have the address of one engine. */
function countsFor({ engine }: ProviderOptions): CountsKeeper {
  if (engine.address === undefined) return new MemoryCounts();
  const counts = new SharedCounts(engine.address, (text) => void engine.warn(text));
  process.once("exit", () => counts.leave());
  return counts;
}
