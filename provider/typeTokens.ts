/** The resource's type where Pulumi's host of dynamic providers serves it: in every stack's state, and so for ever. */
export const dynamicType = "pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask";

/** The resource's type where the plugin serves it. */
export const pluginType = "tencent-aigc:index:AigcImageTask";

/**
 * The URN that a resource of the plugin would have as a dynamic one: both derive one name for what they mean, so that a
 * picture made by either is found by the other. Types of parents are in it too.
 *
 * @returns any other text as it is
 */
export function dynamicUrn(urn: string): string {
  const [prefix = "", project, qualifiedType, ...name] = urn.split("::");
  if (!prefix.startsWith("urn:pulumi:") || qualifiedType === undefined) return urn;
  const types = qualifiedType.split("$").map((type) => (type === pluginType ? dynamicType : type));
  return [prefix, project, types.join("$"), ...name].join("::");
}
