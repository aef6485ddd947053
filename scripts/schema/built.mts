import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

// From the build, for no script can load the sources. They are what the provider itself checks by.
type Effects = typeof import("../../provider/schema/effects.ts");
type Functions = typeof import("../../provider/functions/schema.ts");
type Inputs = typeof import("../../provider/schema/inputs.ts");
type Models = typeof import("../../provider/schema/models.ts");
type Settings = typeof import("../../provider/pluginServer/settings.ts");
type Tokens = typeof import("../../provider/typeTokens.ts");
type Values = typeof import("../../provider/schema/values.ts");

export const { inputEffects }: Effects = require("../../dist/provider/schema/effects.js");
export const { functionArguments }: Functions = require("../../dist/provider/functions/schema.js");
export const { inputsSchema }: Inputs = require("../../dist/provider/schema/inputs.js");
export const { models }: Models = require("../../dist/provider/schema/models.js");
export const { settings }: Settings = require("../../dist/provider/pluginServer/settings.js");
export const { dynamicType, pluginType }: Tokens = require("../../dist/provider/typeTokens.js");
export const values: Values = require("../../dist/provider/schema/values.js");
