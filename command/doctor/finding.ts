/** `notChecked` is no fault: the text says why. */
export type FindingStatus = "ok" | "warning" | "failed" | "notChecked";

/** One line of what `doctor` tells. It holds no key and no text of a request. */
export interface Finding {
  /** What was looked at, such as `clock` or `permission vod:SearchMedia`. */
  readonly check: string;
  readonly status: FindingStatus;
  readonly text: string;
  /** What to do, at no cost; for all but `ok`. */
  readonly nextStep?: string;
}

export const ok = (check: string, text: string): Finding => ({ check, status: "ok", text });

export const warning = (check: string, text: string, nextStep: string): Finding => ({
  check,
  status: "warning",
  text,
  nextStep,
});

export const failed = (check: string, text: string, nextStep: string): Finding => ({
  check,
  status: "failed",
  text,
  nextStep,
});

export const notChecked = (check: string, why: string, nextStep?: string): Finding => ({
  check,
  status: "notChecked",
  text: `not checked, because ${why}`,
  ...(nextStep === undefined ? {} : { nextStep }),
});

/** 1 where anything failed. A warning, or what was not checked, is no failure. */
export function exitStatus(findings: readonly Finding[]): 0 | 1 {
  return findings.some(({ status }) => status === "failed") ? 1 : 0;
}

const labels: Readonly<Record<FindingStatus, string>> = {
  ok: "ok",
  warning: "warning",
  failed: "failed",
  notChecked: "–",
};

export function findingLines(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ check, status, text, nextStep }) => [
    `${labels[status].padEnd(8)} ${check}: ${text}`,
    ...(nextStep === undefined ? [] : [`${" ".repeat(9)}${nextStep}`]),
  ]);
}
