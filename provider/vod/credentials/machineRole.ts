import { type CredentialSources, given, type Lookup } from "./credentials";
import { problem } from "./problems";

const roleVariable = "TENCENTCLOUD_CAM_ROLE_NAME";

/** The role of this machine: only where it is asked for. */
export function machineRole({ configured, env }: CredentialSources): Lookup {
  const roleName = given(configured.camRoleName) ?? given(env[roleVariable]);
  if (!configured.useCvmRole && !roleName) {
    return {};
  }
  if (roleName && !/^[\w+=,.@-]{1,128}$/.test(roleName)) {
    const setting = given(configured.camRoleName) ? "tencent-aigc:camRoleName" : roleVariable;
    throw problem(setting, "must be the name of a CAM role", `Correct or unset ${setting}.`);
  }
  return { base: { kind: "machineRole", roleName }, source: "machineRole", where: "the role of this machine" };
}
