import { type Configuration, homeDirectory } from "./configuration";
import { DailyLimit } from "./generation/dailyLimit";
import { Generation } from "./generation/generate";
import { Slots } from "./generation/slots";
import type { SpendGuard } from "./generation/spendGuard";
import { FileJournal } from "./journal/journal";
import { SentImages } from "./journal/sentImages";
import type { Bills } from "./lifecycle/bill";
import type { Context, ProviderOptions } from "./lifecycle/context";
import { TagSearch } from "./lifecycle/metadata";
import type { Replaces } from "./lifecycle/replaces";
import type { LocalFiles } from "./localFiles";
import { TaskFollower } from "./service/follow";
import { Library } from "./service/library";
import { openServiceClient } from "./serviceClient";
import { describeCredentials } from "./vod/credentials";
import { serviceOf } from "./vod/endpoint";
import { ConfigurationError, problemsText } from "./vod/errors";

export interface ContextOptions extends Pick<ProviderOptions, "env" | "engine" | "cancellation"> {
  readonly configuration: Configuration;
  readonly spendGuard: SpendGuard;
  readonly bills: Bills;
  readonly replaces: Replaces;
  readonly localFiles: LocalFiles;
}

/** Builds what the verbs work with. */
export function buildContext(options: ContextOptions): Context {
  const { configuration, spendGuard, bills, replaces, localFiles, engine, env, cancellation } = options;
  const { endpoint } = configuration;
  const { cancelled } = cancellation;
  const { client, clock, now } = openServiceClient({ configuration, env, cancelled });
  const journalEndpoint = serviceOf(endpoint);
  const libraryOf = perSubApp((subAppId) => new Library(client, clock, subAppId));
  const followerOf = perSubApp((subAppId) => new TaskFollower({ client, clock, now, cancelled }, subAppId));
  const { maxImagesPerDay, journalDir } = configuration;
  const sentImagesOf = perSubApp((subAppId) => new SentImages(journalDir, { endpoint: journalEndpoint, subAppId }));
  const dailyLimit =
    maxImagesPerDay === undefined ? undefined : new DailyLimit(maxImagesPerDay, { client, now, sentImagesOf });
  const generation = new Generation({
    ...cancellation,
    client,
    clock,
    libraryOf,
    followerOf,
    journal: new FileJournal(journalDir, (text) => void engine.warn(text)),
    slots: new Slots(configuration.maxConcurrentTasks, clock, cancelled),
    endpoint: journalEndpoint,
    now,
    beforeSend: () => engine.requireAlive(cancelled),
    spendGuard,
    dailyLimit,
  });
  const tagSearch = new TagSearch(clock);
  const progress = engine;
  return {
    configuration,
    bills,
    replaces,
    localFiles,
    progress,
    client,
    clock,
    generation,
    now,
    cancelled,
    libraryOf,
    tagSearch,
  };
}

/** One for each SubAppId, made when first asked for. */
function perSubApp<T>(make: (subAppId: number) => T): (subAppId: number) => T {
  const made = new Map<number, T>();
  return (subAppId) => {
    const one = made.get(subAppId) ?? make(subAppId);
    made.set(subAppId, one);
    return one;
  };
}

/** What is wrong with the keys, where none can be had: asked in a preview, which needs none. Sends nothing. */
export async function missingKeys({ configured }: Configuration, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    await describeCredentials({ configured, env, home: homeDirectory(env) });
    return undefined;
  } catch (error) {
    if (!ConfigurationError.isInstance(error)) throw error;
    return `${problemsText(error.problems)} A preview needs no keys; \`pulumi up\` fails without them, unbilled.`;
  }
}
