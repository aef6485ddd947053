import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { AigcImageTask } from "pulumi-tencent-aigc";
import { parse } from "yaml";

interface Product {
  slug: string;
  prompt: string;
  variants?: number;
  pick?: number;
  renamedFrom?: string;
}

/** A product's pictures, of which one is picked. */
class ProductPictures extends pulumi.ComponentResource {
  readonly url: pulumi.Output<string>;

  constructor({ slug, prompt, variants = 1, pick = 1, renamedFrom = slug }: Product) {
    super("catalogue:index:ProductPictures", slug, {}, { aliases: [{ name: renamedFrom }] });
    const tasks = Array.from({ length: variants }, (_, index) => {
      const args = {
        modelName: "GG",
        modelVersion: "3.0",
        prompt,
        keepers: { variant: index + 1 }, // the same prompt again: each variant is a picture of its own
        // The line that keeps your money: whose picture this is says the slug, not the stack. In whichever stack the
        // product is declared, the picture that was paid for is found.
        sessionScope: `catalogue/${renamedFrom}`,
      };
      return new AigcImageTask(`${slug}-${index + 1}`, args, { parent: this });
    });
    const picked = tasks[pick - 1];
    if (!picked) throw new Error(`${slug}: pick ${pick} is not one of its ${variants} variants`);
    this.url = picked.url;
    this.registerOutputs({ url: this.url });
  }
}

/** Declares the products of this stack's shard; of all, where the stack has none. @returns their URLs by slug */
export function declareCatalogue(): Record<string, pulumi.Output<string>> {
  const catalogue: Product[] = parse(readFileSync(join(__dirname, "catalogue.yaml"), "utf8"));
  const config = new pulumi.Config();
  const shards = config.getNumber("shards") ?? 1;
  const shardOf = (slug: string) => createHash("sha256").update(slug).digest().readUInt32BE() % shards;
  const mine = catalogue.filter(({ slug }) => shardOf(slug) === (config.getNumber("shard") ?? 0));
  return Object.fromEntries(mine.map((product) => [product.slug, new ProductPictures(product).url]));
}
