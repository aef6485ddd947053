import type { AdditionalParametersRule, ModelRow, SizeRule } from "../../provider/schema/models";

/**
 * The rows of the README's table of models: what a reader needs to choose, from the rows that the code checks by. Versions
 * that differ in nothing shown share a row.
 */
export function modelTable(models: readonly ModelRow[]): string[][] {
  const rows = new Map<string, string[]>();
  for (const model of models) {
    const shown = JSON.stringify([model.name, ...cells(model)]);
    rows.set(shown, [...(rows.get(shown) ?? []), model.version]);
  }
  return [...rows].map(([shown, versions]) => {
    const [name = "", ...rest] = JSON.parse(shown).map(String);
    return [name, versions.join(", "), ...rest];
  });
}

const notStated = "not stated";

function cells(row: ModelRow): (string | number)[] {
  const { maxReferenceImages = notStated, resolutions, maxOutputImages } = row;
  const images = maxOutputImages === 1 ? 1 : `1 to ${maxOutputImages}`;
  return [maxReferenceImages, listed(resolutions), images, ownOf(row).join("; ") || "–"];
}

function listed(values: readonly string[] | undefined): string {
  if (values === undefined) return notStated;
  return values.map(code).join(" ") || "–";
}

function ownOf({ sceneTypes, referenceTexts, referenceTypes, additionalParameters: own }: ModelRow): string[] {
  return [
    ...(sceneTypes.length > 0 ? [`sceneType ${listed(sceneTypes)}`] : []),
    ...(referenceTexts ? ["reference texts"] : []),
    ...(referenceTypes.length > 0 ? [`referenceType ${listed(referenceTypes)}`] : []),
    ...(own ? parameters(own) : []),
  ];
}

function parameters({ size, expansion, values = {} }: AdditionalParametersRule): string[] {
  return [
    ...(size ? [sizeText(size)] : []),
    ...(expansion ? [`expansion ratios ${expansion.ratio.join(" to ")}, ${expansion.area} times the area`] : []),
    ...Object.entries(values).map(([key, allowed]) => `${code(key)}: ${listed(allowed)}`),
  ];
}

function sizeText({ separators, side, area: [least, most], areaMultiple }: SizeRule): string {
  const pixels = least > 0 ? `${number(least)} to ${number(most)} pixels` : `at most ${number(most)} pixels`;
  return [
    `size with ${separators.map(code).join(" or ")}`,
    ...(side ? [`sides ${side.join(" to ")}`] : []),
    areaMultiple ? `${pixels}, a multiple of ${areaMultiple}` : pixels,
  ].join(", ");
}

function code(text: string): string {
  return `\`${text}\``;
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
