/** What a parameter of a fault may be: the type, the check and the words for it in one place. */

/** A parameter of a kind. `T` includes undefined where the meaning of the kind says what holds without it. */
export interface Parameter<T> {
  readonly allowed: string;
  readonly default: T;
  readonly holds: (value: unknown) => boolean;
}

/** Long enough for anything, short enough for every date. */
const longestSeconds = 1_000_000_000;

export const seconds = <T extends number | undefined>(byDefault: T, most = longestSeconds): Parameter<T | number> => ({
  allowed: `a number of seconds, 0 to ${most}`,
  default: byDefault,
  holds: (value) => typeof value === "number" && value >= 0 && value <= most,
});
export const httpStatus = (byDefault: number): Parameter<number> => ({
  allowed: "an HTTP status, 200 to 599",
  default: byDefault,
  holds: (value) => Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599,
});
export const text = <T extends string | undefined>(byDefault: T): Parameter<T | string> => ({
  allowed: "a text",
  default: byDefault,
  holds: (value) => typeof value === "string",
});
/** A header takes no other characters. */
export const location = (byDefault: string): Parameter<string> => ({
  allowed: "a URL",
  default: byDefault,
  holds: (value) => typeof value === "string" && /^[\x21-\x7e]+$/.test(value),
});
export const wholeNumber = <T extends number | undefined>(byDefault: T, least: number): Parameter<T | number> => ({
  allowed: `an integer from ${least}`,
  default: byDefault,
  holds: (value) => Number.isSafeInteger(value) && Number(value) >= least,
});
