import { hashAssets } from "./assets";
import { type RegistrationPort, ShutDownError } from "./deployment";
import { needsProvider, needsPulumi } from "./needsPulumi";
import type { CheckFailure } from "./providerPort";
import { empty, fromStruct, grpc, listen, providerProto, resourceProto, resourceRpc, toStruct } from "./pulumiSdk";
import {
  goalOf,
  inheritFromParent,
  type RegisterResourceRequest,
  readRequestOf,
  unsupportedOption,
} from "./registration";
import type { Goal, ResourceState } from "./resourceState";
import { isProviderType, packageOf } from "./urn";
import { containsUnknowns, downgradeOutputs, isSecret, mapProperties, type PropertyMap } from "./values";

export interface MonitorOptions {
  project: string;
  stack: string;
  organization: string;
  config: Record<string, string>;
  configSecretKeys: string[];
  preview: boolean;
  parallel: number;
  programDirectory: string;
  /** What answers for a function of a package that has no provider; without it there are no resources of one either. */
  mocked?: (token: string, inputs: PropertyMap) => Promise<PropertyMap>;
  /** Whether a package has a provider. */
  hasProvider(packageName: string): boolean;
  /** Every value that passes, so that its secrets can be masked. */
  observe(properties: PropertyMap): void;
}

type Callback<Response> = (error: { code: number; details: string } | null, response?: Response) => void;
type Message<T extends abstract new (...args: never[]) => unknown> = InstanceType<T>;

/** Features of the protocol that this monitor has; a program that uses another one is told so by its own SDK. */
const features = ["secrets", "resourceReferences", "outputValues", "aliasSpecs", "deletedWith", "replaceWith"] as const;
const featureNumbers = {
  secrets: "SECRETS",
  resourceReferences: "RESOURCE_REFERENCES",
  outputValues: "OUTPUT_VALUES",
  aliasSpecs: "ALIAS_SPECS",
  deletedWith: "DELETED_WITH",
  replaceWith: "REPLACE_WITH",
} as const;

/** The resource monitor: what a program's constructors talk to. */
export class Monitor {
  private readonly server = new grpc.Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  private readonly goals = new Map<string, Goal>();
  private readonly componentProviders = new Map<string, Record<string, string>>();
  private signalled: () => void = () => {};
  /** The program has registered everything, and waits for the shut down. */
  readonly programDone: Promise<void>;

  private constructor(
    private readonly port: RegistrationPort,
    private readonly options: MonitorOptions,
    private readonly shutDown: Promise<void>,
  ) {
    this.programDone = new Promise((resolve) => {
      this.signalled = resolve;
    });
  }

  static async start(
    port: RegistrationPort,
    options: MonitorOptions,
    signal: AbortSignal,
  ): Promise<{ address: string; programDone: Promise<void>; stop(): void }> {
    const shutDown = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    const monitor = new Monitor(port, options, shutDown);
    monitor.server.addService(resourceRpc.ResourceMonitorService, monitor.handlers() as never);
    const address = await listen(monitor.server);
    return { address, programDone: monitor.programDone, stop: () => monitor.server.forceShutdown() };
  }

  private handlers(): Record<string, unknown> {
    const answer =
      <Request, Response>(handle: (request: Request) => Promise<Response>) =>
      (call: { request: Request }, done: Callback<Response>): void => {
        handle(call.request).then(
          (response) => done(null, response),
          (error: unknown) => done(statusOf(error)),
        );
      };
    return {
      supportsFeature: answer((request: Message<typeof resourceProto.SupportsFeatureRequest>) =>
        this.supportsFeature(request),
      ),
      ...("DeploymentInfo" in resourceProto ? { getDeploymentInfo: answer(() => this.deploymentInfo()) } : {}),
      registerResource: answer((request: RegisterResourceRequest) => this.registerResource(request)),
      readResource: answer((request: Message<typeof resourceProto.ReadResourceRequest>) => this.readResource(request)),
      registerResourceOutputs: answer((request: Message<typeof resourceProto.RegisterResourceOutputsRequest>) =>
        this.registerOutputs(request),
      ),
      invoke: answer((request: Message<typeof resourceProto.ResourceInvokeRequest>) => this.invoke(request)),
      signalAndWaitForShutdown: answer(async () => {
        this.signalled();
        await this.shutDown;
        return empty();
      }),
    };
  }

  private async supportsFeature(
    request: Message<typeof resourceProto.SupportsFeatureRequest>,
  ): Promise<Message<typeof resourceProto.SupportsFeatureResponse>> {
    const response = new resourceProto.SupportsFeatureResponse();
    response.setHassupport((features as readonly string[]).includes(request.getId()));
    return response;
  }

  private async deploymentInfo(): Promise<Message<typeof resourceProto.DeploymentInfo>> {
    const { project, stack, organization, config, configSecretKeys, preview, parallel } = this.options;
    const info = new resourceProto.DeploymentInfo();
    info.setProject(project).setStack(stack).setOrganization(organization);
    for (const [key, value] of Object.entries(config)) info.getConfigMap().set(key, value);
    info.setConfigsecretkeysList(configSecretKeys).setDryrun(preview).setParallel(parallel);
    const numbers = resourceProto.ResourceMonitorFeature as unknown as Record<string, number>;
    const supported = features.map((feature) => numbers[`RESOURCE_MONITOR_FEATURE_${featureNumbers[feature]}`]);
    info.setSupportedfeaturesList(supported.filter((number) => number !== undefined));
    return info;
  }

  private async registerResource(
    request: RegisterResourceRequest,
  ): Promise<Message<typeof resourceProto.RegisterResourceResponse>> {
    const type = request.getType();
    if (request.getRemote()) throw needsPulumi(`the component ${type}`);
    const unsupported = unsupportedOption(request);
    if (unsupported !== undefined) throw needsPulumi(`the option ${unsupported} of ${type}`);
    if (request.getCustom()) this.requirePackage(type);
    const goal = goalOf(request, await this.values(fromStruct(request.getObject())));
    const parent = this.goals.get(goal.parent);
    if (parent) inheritFromParent(goal, parent);
    if (goal.custom && !isProviderType(type)) goal.provider ||= this.componentProvider(request, goal);

    const state = await this.port.register(goal);
    this.options.observe(state.outputs ?? {});
    this.goals.set(state.urn, { ...goal, provider: state.provider || goal.provider });
    if (!goal.custom) this.componentProviders.set(state.urn, this.inheritedProviders(request, goal));

    const response = new resourceProto.RegisterResourceResponse();
    response.setUrn(state.urn);
    response.setId(state.id);
    // A component's outputs may refer to what is not registered yet; they come with its own registration of them.
    const outputs = goal.custom ? (state.outputs ?? {}) : {};
    response.setObject(toStruct(forProgram(outputs, request.getAcceptsecrets(), request.getSupportspartialvalues())));
    return response;
  }

  private async readResource(
    request: Message<typeof resourceProto.ReadResourceRequest>,
  ): Promise<Message<typeof resourceProto.ReadResourceResponse>> {
    this.requirePackage(request.getType());
    const inputs = await this.values(fromStruct(request.getProperties()));
    const state = await this.port.read(readRequestOf(request, inputs));
    this.options.observe(state.outputs ?? {});
    const response = new resourceProto.ReadResourceResponse();
    response.setUrn(state.urn);
    response.setProperties(toStruct(forProgram(state.outputs ?? {}, request.getAcceptsecrets(), true)));
    return response;
  }

  private async registerOutputs(
    request: Message<typeof resourceProto.RegisterResourceOutputsRequest>,
  ): Promise<ReturnType<typeof empty>> {
    const outputs = await this.values(fromStruct(request.getOutputs()));
    try {
      await this.port.registerOutputs(request.getUrn(), outputs);
    } catch (error) {
      // Nobody waits for this answer. Where it is a failure, the SDK prints its calls, and the cause is lost among them.
      if (!(error instanceof ShutDownError)) throw error;
    }
    return empty();
  }

  private async invoke(
    request: Message<typeof resourceProto.ResourceInvokeRequest>,
  ): Promise<Message<typeof resourceProto.ResourceInvokeResponse>> {
    const token = request.getTok();
    const inputs = await this.values(fromStruct(request.getArgs()));
    const response = new resourceProto.ResourceInvokeResponse();
    if (token === "pulumi:pulumi:getResource") {
      response.setReturn(toStruct(this.getResource(inputs)));
      return response;
    }
    if (this.options.hasProvider(packageOf(token))) {
      const { result, failures } = await this.port.invoke({ token, args: inputs, provider: request.getProvider() });
      this.options.observe(result);
      response.setReturn(toStruct(result));
      return response.setFailuresList(failures.map(checkFailure));
    }
    if (!this.options.mocked) throw needsProvider(`the function ${token}`);
    try {
      response.setReturn(toStruct(await this.options.mocked(token, inputs)));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      response.setFailuresList([checkFailure({ property: "", reason })]);
    }
    return response;
  }

  private getResource({ urn }: PropertyMap): PropertyMap {
    const state: ResourceState | undefined = this.port.lookUp(String(urn));
    if (!state) throw new Error(`unknown resource ${String(urn)}`);
    return { urn: state.urn, id: state.id, provider: state.provider, state: state.outputs ?? {} };
  }

  private requirePackage(type: string): void {
    const name = packageOf(type);
    const { hasProvider, mocked } = this.options;
    if (!mocked && !hasProvider(name)) throw needsProvider(`the resource type ${type}`);
  }

  private async values(properties: PropertyMap): Promise<PropertyMap> {
    const hashed = await hashAssets(downgradeOutputs(properties), this.options.programDirectory);
    this.options.observe(hashed);
    return hashed;
  }

  private componentProvider(request: RegisterResourceRequest, goal: Goal): string {
    const name = packageOf(goal.type);
    const own = request.getProvidersMap().get(name);
    return own ?? this.componentProviders.get(goal.parent)?.[name] ?? "";
  }

  private inheritedProviders(request: RegisterResourceRequest, goal: Goal): Record<string, string> {
    const own = Object.fromEntries(request.getProvidersMap().getEntryList());
    return { ...this.componentProviders.get(goal.parent), ...own };
  }
}

function checkFailure({ property, reason }: CheckFailure): Message<typeof providerProto.CheckFailure> {
  return new providerProto.CheckFailure().setProperty(property).setReason(reason);
}

function forProgram(properties: PropertyMap, acceptSecrets: boolean, partial: boolean): PropertyMap {
  const plain = acceptSecrets
    ? properties
    : mapProperties(properties, (node) => (isSecret(node) ? node.value : undefined));
  return partial ? plain : Object.fromEntries(Object.entries(plain).filter(([, value]) => !containsUnknowns(value)));
}

/** "Unavailable" makes the SDK end the program without a message. */
function statusOf(error: unknown): { code: number; details: string } {
  if (error instanceof ShutDownError) return { code: grpc.status.UNAVAILABLE, details: "resource monitor shut down" };
  return { code: grpc.status.UNKNOWN, details: error instanceof Error ? error.message : String(error) };
}
