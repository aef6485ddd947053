/**
 * What Pulumi's dynamic-provider host evaluates to reach this package: the hidden input `__provider` of every task.
 *
 * It is stored twice per resource in state, and a changed text is a change to every resource ever deployed, so it is
 * frozen for ever: no version, no path of a machine, no hash. `createRequire` on the working directory finds the
 * package from the program, whether it is installed, linked or referenced from its own repository.
 */
export const providerText =
  'exports.handler=()=>require("node:module").createRequire(process.cwd()+"/")("pulumi-tencent-aigc/handler")';
