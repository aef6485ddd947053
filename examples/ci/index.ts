import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AigcImageTask } from "pulumi-tencent-aigc";

interface Product {
  readonly slug: string;
  readonly picture: string;
  readonly price: string;
}

const products: Product[] = JSON.parse(readFileSync(join(__dirname, "catalogue.json"), "utf8"));

// A picture is billed anew when what it is made from changes. The price is no part of that.
export const shop = products.map(({ slug, picture, price }) => {
  const { url } = new AigcImageTask(slug, {
    modelName: "GG",
    modelVersion: "3.0",
    prompt: `Product photograph of ${picture}, on a white background, soft light`,
    outputConfig: { aspectRatio: "1:1" },
  });
  return { slug, price, url };
});
