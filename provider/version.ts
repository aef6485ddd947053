/** This package's version, as in `package.json`. A constant, so that a bundled build has it too. */
export const version = "0.1.0";
