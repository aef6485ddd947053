import { setTimeout as sleep } from "node:timers/promises";
import type { handleUnaryCall, Server } from "@grpc/grpc-js";
import type * as messages from "@pulumi/pulumi/proto/provider_pb";
import type { EngineLink } from "../engineLink";
import { type FunctionName, functionArguments } from "../functions/schema";
import type { VerbOptions } from "../lifecycle/context";
import { createPreview, updatePreview } from "../lifecycle/preview";
import { Provider } from "../lifecycle/provider";
import { OpenCalls } from "../openCalls";
import { loadPulumiSdk } from "../pulumiSdk";
import { checkedInputs } from "../schema/checkedInputs";
import { type Failure, inputsThat } from "../schema/inputs";
import { isGiven, type JsonObject } from "../schema/json";
import { UNKNOWN } from "../schema/unknown";
import { dynamicUrn } from "../typeTokens";
import { version } from "../version";
import { changedSettings, checkConfig, credentialSettings, settingIn } from "./config";
import { detailedDiff, type PropertyChange } from "./detailedDiff";
import { failedWith } from "./failure";
import { areDynamic, withUrl } from "./outputs";
import { packageSchema } from "./packageSchema";
import { toldIn, type Words, wordsFor } from "./providerWords";
import { propertiesIn, structOf, withoutSecretMarks } from "./values";

const { emptyMessages, pluginMessages, providerMessages, providerRpc } = loadPulumiSdk();

/** How long the answer to a Cancel waits for what is to be told before it: the engine ends this process right after. */
const cancelMs = 1_000;

/** The provider as the engine calls it over gRPC: one process serves one configured provider. */
export class PluginServer {
  readonly calls = new OpenCalls((isOver) => this.provider.end(isOver));
  private provider: Provider;
  /** Settings that a preview goes on without: it asks the service nothing then, for it might ask another account. */
  private unknownSettings: ReadonlySet<string> = new Set();
  private words: Words = (text) => text;

  constructor(private readonly engine: EngineLink) {
    this.provider = this.providerWith({});
  }

  /** What is not served here, the server itself answers as not implemented. */
  addTo(server: Server): void {
    server.addService(providerRpc.ResourceProviderService, {
      handshake: this.unary(() => this.handshake()),
      getPluginInfo: this.unary(() => new pluginMessages.PluginInfo().setVersion(version)),
      getSchema: this.unary(() => new providerMessages.GetSchemaResponse().setSchema(packageSchema())),
      checkConfig: this.unary((request: messages.CheckRequest) => this.checkConfig(request)),
      diffConfig: this.unary((request: messages.DiffRequest) => this.diffConfig(request)),
      configure: this.unary((request: messages.ConfigureRequest) => this.configure(request)),
      check: this.unary((request: messages.CheckRequest) => this.check(request)),
      diff: this.unary((request: messages.DiffRequest) => this.diff(request)),
      create: this.unary((request: messages.CreateRequest) => this.calls.cancellable(() => this.create(request))),
      read: this.unary((request: messages.ReadRequest) => this.calls.cancellable(() => this.read(request))),
      update: this.unary((request: messages.UpdateRequest) => this.calls.cancellable(() => this.update(request))),
      delete: this.unary((request: messages.DeleteRequest) => this.delete(request)),
      invoke: this.unary((request: messages.InvokeRequest) => this.calls.cancellable(() => this.invoke(request))),
      cancel: this.unary(() => this.cancel()),
    });
  }

  /** The engine takes the marks off secrets, and puts them on again by name, as it does for dynamic resources. */
  private handshake(): messages.ProviderHandshakeResponse {
    const response = new providerMessages.ProviderHandshakeResponse();
    return response.setAcceptSecrets(false).setAcceptResources(false).setAcceptOutputs(false);
  }

  private async checkConfig(request: messages.CheckRequest): Promise<messages.CheckResponse> {
    this.words = wordsFor(request.getUrn());
    const { inputs, failures, unknown } = checkConfig(propertiesIn(request.getNews()), process.env);
    this.unknownSettings = unknown;
    if (failures.length > 0) await this.provider.refuse(request.getUrn(), failures);
    return this.checkResponse(inputs, failures);
  }

  /**
   * Settings make no picture another one, so nothing is ever replaced for them. What differs is always said: the engine
   * would go on with the old settings otherwise.
   */
  private diffConfig(request: messages.DiffRequest): messages.DiffResponse {
    const olds = propertiesIn(request.getOldInputs() ?? request.getOlds());
    const changed = changedSettings(olds, propertiesIn(request.getNews()));
    const { DIFF_NONE, DIFF_SOME } = providerMessages.DiffResponse.DiffChanges;
    const response = new providerMessages.DiffResponse();
    return response.setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE).setDiffsList(changed);
  }

  private configure(request: messages.ConfigureRequest): messages.ConfigureResponse {
    // Not every CLI tells it here.
    const urn = request.getUrn();
    if (urn) this.words = wordsFor(urn);
    this.provider = this.providerWith(withoutSecretMarks(propertiesIn(request.getArgs())) as JsonObject);
    const response = new providerMessages.ConfigureResponse();
    return response.setAcceptsecrets(false).setAcceptresources(false).setAcceptoutputs(false).setSupportspreview(true);
  }

  private async check(request: messages.CheckRequest): Promise<messages.CheckResponse> {
    const olds = propertiesIn(request.getOlds());
    const news = propertiesIn(request.getNews());
    const { resourceUrn } = olds;
    const failures = reserved.filter((name) => name in news).map((property) => ({ property, reason: isReserved }));
    if (failures.length > 0) {
      await this.provider.refuse(request.getUrn(), failures);
      return this.checkResponse(news, failures);
    }
    const given = this.unknownSettings.has("subAppId") && !isGiven(news["subAppId"]);
    const { generationId: _, ...inputs } = given ? { ...news, subAppId: UNKNOWN } : news;
    const checked = await this.provider.check(olds, inputs, {
      ...optionsFor(request),
      // As a dynamic resource it had its scope among its inputs.
      ...(typeof resourceUrn === "string" ? { oldScope: resourceUrn } : {}),
    });
    return this.checkResponse(checked.inputs, checked.failures);
  }

  private async diff(request: messages.DiffRequest): Promise<messages.DiffResponse> {
    const outputs = propertiesIn(request.getOlds());
    const news = propertiesIn(request.getNews());
    const { changes, replaces = [] } = await this.provider.diff(outputs, news, optionsFor(request));
    const { DIFF_NONE, DIFF_SOME } = providerMessages.DiffResponse.DiffChanges;
    const response = new providerMessages.DiffResponse().setHasdetaileddiff(true).setReplacesList(replaces);
    if (!changes && !areDynamic(outputs)) return response.setChanges(DIFF_NONE);
    const shown = detailedDiff(propertiesIn(request.getOldInputs()), news, replaces);
    for (const change of shown) response.getDetaileddiffMap().set(change.path, propertyDiff(change));
    return response.setChanges(DIFF_SOME).setDiffsList([...new Set(shown.map(({ name }) => name))]);
  }

  private async create(request: messages.CreateRequest): Promise<messages.CreateResponse> {
    const inputs = propertiesIn(request.getProperties());
    const response = new providerMessages.CreateResponse();
    await this.provider.operates(operationOf(request), request.getUrn());
    if (request.getPreview()) return response.setProperties(structOf(createPreview(checkedInputs(inputs))));
    const { id, outs } = await this.provider.create(inputs, optionsFor(request, request.getTimeout()));
    return response.setId(id).setProperties(structOf(withUrl(outs, request.getUrn())));
  }

  private async update(request: messages.UpdateRequest): Promise<messages.UpdateResponse> {
    const outputs = propertiesIn(request.getOlds());
    const inputs = propertiesIn(request.getNews());
    const response = new providerMessages.UpdateResponse();
    await this.provider.operates(operationOf(request), request.getUrn());
    if (request.getPreview()) return response.setProperties(structOf(updatePreview(outputs, checkedInputs(inputs))));
    const options = optionsFor(request, request.getTimeout());
    const { outs } = await this.provider.update(request.getId(), outputs, inputs, options);
    return response.setProperties(structOf(withUrl(outs, request.getUrn())));
  }

  private async read(request: messages.ReadRequest): Promise<messages.ReadResponse> {
    const outputs = propertiesIn(request.getProperties());
    const response = new providerMessages.ReadResponse();
    if (!("status" in outputs)) {
      if (this.unknownSettings.size > 0) return response.setId(request.getId()).setProperties(structOf({}));
      const imported = await this.provider.importPicture(request.getId(), outputs, optionsFor(request));
      if (imported === undefined) return response;
      const { id, inputs, outputs: found } = imported;
      return response
        .setId(id)
        .setInputs(structOf(inputs))
        .setProperties(structOf(withUrl(found, request.getUrn())));
    }
    const { id, props } = await this.provider.read(request.getId(), outputs);
    if (id === "") return response;
    // Reading changes nothing that the service does not contradict.
    const read = "url" in outputs ? withUrl(props, request.getUrn()) : props;
    // Without inputs: the engine keeps those that it has, of which it has not sent where a local file lies.
    return response.setId(id).setProperties(structOf(read));
  }

  private async delete(request: messages.DeleteRequest) {
    await this.provider.delete(propertiesIn(request.getProperties()));
    return new emptyMessages.Empty();
  }

  private async invoke(request: messages.InvokeRequest): Promise<messages.InvokeResponse> {
    const name = request.getTok().split(":").at(-1) ?? "";
    if (!isFunction(name)) throw new Error(`There is no function ${request.getTok()}.`);
    const response = new providerMessages.InvokeResponse();
    if (this.unknownSettings.size > 0) return response.setReturn(structOf({}));
    const answer = await this.provider.invoke(name, propertiesIn(request.getArgs()));
    return "failures" in answer
      ? response.setFailuresList(this.checkFailures(answer.failures))
      : response.setReturn(structOf({ ...answer.result }));
  }

  /** Also the end of every operation: then there is nothing to cancel. */
  private async cancel() {
    await Promise.race([this.calls.hearCancel(), sleep(cancelMs, undefined, { ref: false })]);
    return new emptyMessages.Empty();
  }

  private providerWith(args: JsonObject): Provider {
    const { cancellation } = this.calls;
    // Which ones is told after this, where a CLI tells it at its CheckConfig alone.
    const words: Words = (text) => this.words(text);
    return new Provider({
      setting: settingIn(args),
      env: process.env,
      engine: toldIn(words, this.engine),
      cancellation,
      hearsEnd: Promise.resolve(true),
      keysAreUnknown: [...this.unknownSettings].some((key) => credentialSettings.has(key)),
      words,
    });
  }

  private checkResponse(inputs: JsonObject, failures: readonly Failure[]): messages.CheckResponse {
    const response = new providerMessages.CheckResponse().setInputs(structOf(inputs));
    return response.setFailuresList(this.checkFailures(failures));
  }

  private checkFailures(failures: readonly Failure[]): messages.CheckFailure[] {
    return failures.map(({ property, reason }) =>
      new providerMessages.CheckFailure().setProperty(property).setReason(this.words(reason)),
    );
  }

  /** A verb as gRPC's server calls it. */
  private unary<Request, Response>(
    verb: (request: Request) => Promise<Response> | Response,
  ): handleUnaryCall<Request, Response> {
    return async ({ request }, done) => {
      try {
        done(null, await verb(request));
      } catch (error) {
        done(failedWith(error, this.words));
      }
    };
  }
}

/** Inputs of dynamic resources that this package writes itself. `generationId` comes back from an import. */
const reserved = [...inputsThat("hidden").filter((name) => name !== "generationId"), "isPreview"];
const isReserved = "is written by this package. Remove it.";

/** What tells the resource of a request. */
interface OfResource {
  getUrn(): string;
}

function optionsFor(request: OfResource, timeoutSeconds = 0): VerbOptions {
  const urn = request.getUrn();
  return { urn, scope: dynamicUrn(urn), ...(timeoutSeconds > 0 ? { timeoutSeconds } : {}) };
}

function operationOf(request: { getPreview(): boolean }): "preview" | "update" {
  return request.getPreview() ? "preview" : "update";
}

function isFunction(name: string): name is FunctionName {
  return Object.hasOwn(functionArguments, name);
}

function propertyDiff({ kind, replaces, ofInputs }: PropertyChange): messages.PropertyDiff {
  const { Kind } = providerMessages.PropertyDiff;
  const kinds = {
    add: replaces ? Kind.ADD_REPLACE : Kind.ADD,
    delete: replaces ? Kind.DELETE_REPLACE : Kind.DELETE,
    update: replaces ? Kind.UPDATE_REPLACE : Kind.UPDATE,
  };
  return new providerMessages.PropertyDiff().setKind(kinds[kind]).setInputdiff(ofInputs);
}
