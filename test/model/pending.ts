/**
 * Whether the provider still breaks the rules that the model looks at: then the tests of the model are expected to fail,
 * and those that depend on chance are left out.
 */
export const pending: boolean = false;
