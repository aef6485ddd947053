const install = "install Pulumi (https://www.pulumi.com/docs/install/)";

/** The error for something that this engine does not have. */
export function needsPulumi(what: string): Error {
  return new Error(`${what} needs the Pulumi CLI: ${install}`);
}

/** The error for something of a package that has no provider here. */
export function needsProvider(what: string): Error {
  return new Error(
    `${what} needs the Pulumi CLI: this engine starts the providers of dynamic resources and of tencent-aigc only. Give \`mocks\` or \`providers\` ` +
      `that answer for it, or ${install}`,
  );
}
