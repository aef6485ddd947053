import { codeOf } from "../journal/files";
import type { SentBefore, SentImages } from "../journal/sentImages";
import { asked, found, type Look } from "../service/look";
import { imagesUsed } from "../service/usage";
import type { VodClient } from "../vod/client";
import { TencentAigcError } from "../vod/errors";

const dayMs = 24 * 3_600_000;
/** The service's time is known to the second, and its machines may differ a little. */
const clockToleranceMs = 60_000;
/** Learnt anew from each answer, it may go back by so much. */
const learntAnewMs = 2_000;

export interface DailyLimitDependencies {
  readonly client: VodClient;
  /** The service's time (ms). */
  readonly now: () => number;
  readonly sentImagesOf: (subAppId: number) => SentImages;
}

/** What the service had counted when it was asked. */
interface Used {
  readonly images: number;
  /** What was sent from here on is not in it (the service's time, ms). */
  readonly until: number;
}

/** One send, as it is counted. */
export interface DailySend {
  readonly subAppId: number;
  /** Names the send: a repeat of it has the same. */
  readonly id: string;
  readonly images: number;
}

/**
 * The ceiling of `maxImagesPerDay`: how many images may be sent for in 24 hours, whichever updates they are of. Counted by
 * this machine's own record and by the service's usage with what was recorded since, of which the larger counts: a machine of
 * a CI begins with no record, and the usage does not have what is still running.
 */
export class DailyLimit {
  /** By SubAppId: what the service had counted when it was asked, once in this process. */
  private readonly usage = new Map<number, Promise<Look<Used>>>();

  /** @param most images that may be sent for in 24 hours */
  constructor(
    private readonly most: number,
    private readonly dependencies: DailyLimitDependencies,
  ) {}

  /**
   * Counts a send before it is made.
   *
   * @returns whether it was not counted before: a repeat that is refused leaves the count of what it repeats
   * @throws where it would be more than allowed, or cannot be counted: nothing is sent
   */
  async spend(send: DailySend): Promise<boolean> {
    const { subAppId, id, images } = send;
    const used = await this.used(subAppId);
    if (used.kind !== "found") {
      throw notCounted(
        used.kind === "unknown" ? used.why : "The service tells no usage.",
        "Grant `vod:DescribeAigcUsageData` to the key, or remove tencent-aigc:maxImagesPerDay.",
      );
    }
    const { now, sentImagesOf } = this.dependencies;
    const sentImages = sentImagesOf(subAppId);
    let sent: SentBefore;
    try {
      sent = await sentImages.add(id, images, now(), used.value.until);
    } catch (error) {
      throw notCounted(
        `The journal's directory cannot be used (${codeOf(error)}).`,
        "Make it writable, or set tencent-aigc:journalDir.",
      );
    }
    const total = Math.max(sent.ofDay, used.value.images + sent.later);
    // What is repeated was counted, and allowed, before.
    if (total <= this.most || !sent.isNew) return sent.isNew;
    await this.giveBack(send);
    throw new TencentAigcError(
      `This picture would be image ${total} of the last 24 hours, and tencent-aigc:maxImagesPerDay allows ${this.most}. Nothing was sent for it.`,
      {
        billed: "no",
        nextStep:
          "Run `pulumi up` again later, or raise the limit with `pulumi config set tencent-aigc:maxImagesPerDay <images>` if that many are meant.",
      },
    );
  }

  /** What was refused, or never ran, has billed nothing. */
  async giveBack(send: DailySend): Promise<void> {
    const { now, sentImagesOf } = this.dependencies;
    try {
      await sentImagesOf(send.subAppId).takeBack(send.id, now());
    } catch (error) {
      // It stays counted, which errs on the side of fewer images.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }

  /** Images of the last 24 hours by the service's count. Asked again where it could not be asked before. */
  private async used(subAppId: number): Promise<Look<Used>> {
    const asking = this.usage.get(subAppId) ?? this.ask(subAppId);
    this.usage.set(subAppId, asking);
    const look = await asking;
    if (look.kind !== "found") this.usage.delete(subAppId);
    return look;
  }

  private ask(subAppId: number): Promise<Look<Used>> {
    const { client, now } = this.dependencies;
    return asked("The usage of the last 24 hours", async () => {
      // Any answer tells the service's time, by which the 24 hours are counted.
      await client.learnServiceTime(subAppId);
      const at = now();
      const end = at + clockToleranceMs;
      const images = await imagesUsed(client, subAppId, end - dayMs, end);
      return found({ images, until: at - learntAnewMs });
    });
  }
}

function notCounted(why: string, nextStep: string): TencentAigcError {
  return new TencentAigcError(
    `${why} So the images of the last 24 hours cannot be counted, and tencent-aigc:maxImagesPerDay is set: nothing was sent for this picture.`,
    { billed: "no", nextStep },
  );
}
