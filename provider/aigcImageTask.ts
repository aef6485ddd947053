import * as pulumi from "@pulumi/pulumi";
import type { AigcImageTaskArgs } from "./aigcImageTaskArgs";
import { carriedInputs } from "./carriedInputs";
import { providerText } from "./dynamic/providerText";
import { formerUrns } from "./formerUrns";
import { ignoringInputs } from "./ignoredChanges";
import { isPicture } from "./missingPictures";
import { outputNames } from "./outputNames";
import { checkProgram, durationSeconds } from "./programChecks";
import { nameIn } from "./resourceName";
import { missingPictureUrl } from "./schema/missingPicture";
import { secureUrl } from "./schema/pictureUrl";
import { dynamicType } from "./typeTokens";

/** A picture that a task has made. */
export interface ImageFile {
  /** Address of the picture. Of a Temporary file it is valid for 7 days. */
  readonly url: string;
  /** FileId in VOD; Permanent files only. */
  readonly fileId?: string;
  /** File type, such as `png`. */
  readonly fileType?: string;
  /** `Permanent` or `Temporary`. */
  readonly storageMode?: string;
  /** Bytes, where the service says so. */
  readonly size?: number;
  /** Pixels, where the service says so. */
  readonly width?: number;
  /** Pixels, where the service says so. */
  readonly height?: number;
  /** MD5 of the file, where the service says so. */
  readonly md5?: string;
}

/**
 * An AI image, generated once by Tencent Cloud VOD (CreateAigcImageTask) and kept in state: the program holds its URL.
 *
 * One intention is billed at most once: whatever crashes, times out, is retried, refreshed or run twice, the same
 * description finds the picture that was paid for. `keepers` asks for another one.
 *
 * A task that failed, or whose outcome is not known, stays in state and is reported by `pulumi up` with the ways out.
 * Destroying the resource forgets the task and deletes no file.
 *
 * @throws RunError at preview, where the package cannot be loaded from the program's directory, where
 * `tencent-aigc:secretKey` or `tencent-aigc:token` is not set as a secret, for a resource option that a dynamic resource
 * cannot have (`import`, `id`, `version`, `pluginDownloadURL`), and for an input that JSON cannot carry.
 * @see CreateAigcImageTask, https://www.tencentcloud.com/document/product/266
 */
export class AigcImageTask extends pulumi.CustomResource {
  /** TaskId of the service. Absent for files taken over by `adoptFileIds`. */
  declare readonly taskId: pulumi.Output<string>;
  /** Which attempt made the picture, from 1. At most 5 are made, and a failed one is repeated only for a passing cause. */
  declare readonly attempt: pulumi.Output<number>;
  /** SessionId as sent: the one given, or the derived one. */
  declare readonly sessionId: pulumi.Output<string>;
  /** Names what is meant: the files of a picture are made under it. The same for the same scope, request and keepers. */
  declare readonly generationId: pulumi.Output<string>;
  /** Status of the task: `FINISH` once it has ended with a usable picture. */
  declare readonly status: pulumi.Output<string>;
  /** RequestId of the accepted submit, which the service's support asks for. */
  declare readonly requestId: pulumi.Output<string>;
  /** When the service accepted the task, ISO 8601. */
  declare readonly createTime: pulumi.Output<string>;
  /** When the task ended, ISO 8601. */
  declare readonly finishTime: pulumi.Output<string>;
  /** Host of the service that has the task. */
  declare readonly endpoint: pulumi.Output<string>;
  /** The service's error code of a failed task. */
  declare readonly errCode: pulumi.Output<number | undefined>;
  /** The service's extended error code of a failed task, such as `InvalidParameter.VoilationContent`. */
  declare readonly errCodeExt: pulumi.Output<string | undefined>;
  /** Why the picture failed, of one that was kept (`onFailure: "keep"`). */
  declare readonly message: pulumi.Output<string | undefined>;
  /**
   * The pictures, in the service's order. Absent while the task has none (`waitForCompletion: false`), empty where it
   * failed and was kept (`onFailure: "keep"`). Make other things from `url`, or ask for `files.length` first:
   * `pulumi.concat` would take the URL of a file that is not there for an empty text. A list of `fileInfos` that is empty
   * for want of the picture is refused; `undefined` in its place is taken.
   */
  declare readonly files: pulumi.Output<readonly ImageFile[]>;

  /** Whether a value is an `AigcImageTask`, also one of another copy of this package. */
  static override isInstance(value: unknown): value is AigcImageTask {
    return isPicture(value);
  }

  // Extends CustomResource under the dynamic provider's own type token, not pulumi.dynamic.Resource: that one serialises
  // the provider's code into every resource, which zod's bound functions do not survive, and which makes state several
  // times larger and `up` slower. A constant text does the same; a contract test pins what it relies on in the host.
  constructor(name: string, args: AigcImageTaskArgs, options?: pulumi.CustomResourceOptions) {
    checkProgram(options);
    const properties = {
      ...Object.fromEntries(outputNames.map((output) => [output, undefined])),
      ...carriedInputs(args),
      timeoutSeconds: args.timeoutSeconds ?? durationSeconds(options?.customTimeouts?.create),
      resourceUrn: bareUrn(name, options?.parent),
      formerUrns: formerUrns(dynamicType, name, options),
      isPreview: pulumi.runtime.isDryRun(),
      __provider: providerText,
    };
    // The SDK formats a stack trace for each of its four promises a property, to name one that is never settled. That is
    // nine tenths of what declaring a picture takes, so here it gets none.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      super(dynamicType, name, properties, withAllUrlsSecret(ignoringInputs(options)));
    } catch (error) {
      Error.stackTraceLimit = stackTraceLimit;
      if (error instanceof Error) Error.captureStackTrace(error);
      throw error;
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }

  /**
   * URL of the first picture. Of a Permanent file it stays the same for as long as the file exists. Undefined while the
   * task has no picture, which can be so only with `waitForCompletion: false`.
   *
   * Of a picture that failed and was kept (`onFailure: "keep"`) it is an address under `.invalid` that nothing answers
   * to, never `undefined` within another text. A task that is made from it, in any stack, is refused at that property,
   * unbilled. Ask for `status` or `files` before it is given to anything else.
   */
  get url(): pulumi.Output<string> {
    // The type is that of every task that is waited for, so that a URL can be an input elsewhere without a check.
    return pulumi
      .all([this.files, this.urn])
      .apply(([files, urn]) =>
        files?.length === 0 ? missingPictureUrl(nameIn(urn), "failed") : (files?.[0]?.url as string),
      );
  }

  /** URLs of all pictures, in the service's order. */
  get fileUrls(): pulumi.Output<string[]> {
    return this.files.apply((files) => (files ?? []).map(({ url }) => url));
  }

  /**
   * A picture as an asset, for another resource to upload. Pulumi downloads it at every preview and update, and stores
   * whatever the URL answers, so only a Permanent file is taken: the URL of a Temporary one ends after 7 days.
   *
   * @param index which picture, from 0
   * @param options.allowTemporary take a Temporary file all the same
   * @throws ResourceError if there is no such picture, or if it is Temporary
   */
  asset(index = 0, options: { readonly allowTemporary?: boolean } = {}): pulumi.Output<pulumi.asset.RemoteAsset> {
    return this.files.apply((files) => {
      const file = files?.[index];
      if (files?.length === 0) {
        const failed = "The picture failed and was kept (`onFailure`), so there is none to make an asset of.";
        throw new pulumi.ResourceError(`${failed} Ask for \`status\` or \`files\` first.`, this, true);
      }
      if (file === undefined) {
        const held = `it has ${files?.length ?? 0}, counted from 0`;
        throw new pulumi.ResourceError(`There is no picture ${index} to make an asset of: ${held}.`, this, true);
      }
      if (file.storageMode !== "Permanent" && options.allowTemporary !== true) {
        throw new pulumi.ResourceError(
          `Picture ${index} is a Temporary file, whose URL ends after 7 days; Pulumi would then store an error page in ` +
            "its place. Permanent storage (outputConfig.storageMode) makes it last, and bills a new image; " +
            "asset(index, { allowTemporary: true }) takes it as it is, unbilled.",
          this,
          true,
        );
      }
      return new pulumi.asset.RemoteAsset(secureUrl(file.url));
    });
  }
}

/** State has each URL under all of these names, and the program reads it from `files`: one secret makes all secret. */
const urlOutputs = ["url", "fileUrls", "files"];

function withAllUrlsSecret(options: pulumi.CustomResourceOptions | undefined) {
  const { additionalSecretOutputs: named } = options ?? {};
  if (!named?.some((output) => urlOutputs.includes(output))) return options;
  return { ...options, additionalSecretOutputs: [...new Set([...named, ...urlOutputs])] };
}

/**
 * The URN of a resource to be, as a plain promise at most: as an Output it would depend on the parent, and two tasks in one
 * component would wait for each other for ever.
 */
function bareUrn(name: string, parent: pulumi.Resource | undefined): string | Promise<string> {
  // What most programs declare is known at once: Outputs of it would take a third of a millisecond more a picture.
  if (parent === undefined) return `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${dynamicType}::${name}`;
  return new Promise((resolve) => {
    pulumi.createUrn(name, dynamicType, parent).apply(resolve);
  });
}
