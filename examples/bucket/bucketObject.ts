import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

/** As for `aws.s3.BucketObjectv2`. */
export interface BucketObjectArgs {
  bucket: pulumi.Input<string>;
  key: pulumi.Input<string>;
  source: pulumi.Input<pulumi.asset.Asset>;
  contentType?: pulumi.Input<string>;
}

/** What Pulumi makes of these inputs for a provider. */
interface Inputs {
  bucket: string;
  key: string;
  source: { uri: string };
}

/** Buckets are folders of the folder `buckets` beside the program. */
async function put({ bucket, key, source }: Inputs) {
  const response = await fetch(source.uri);
  if (!response.ok) throw new Error(`${source.uri} answers HTTP ${response.status}`);
  const content = Buffer.from(await response.arrayBuffer());
  const path = join("buckets", bucket, key);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return { path, etag: createHash("md5").update(content).digest("hex") };
}

const provider: pulumi.dynamic.ResourceProvider = {
  async create(inputs: Inputs) {
    return { id: `${inputs.bucket}/${inputs.key}`, outs: { ...inputs, ...(await put(inputs)) } };
  },
  async update(_id, _olds: Inputs, inputs: Inputs) {
    return { outs: { ...inputs, ...(await put(inputs)) } };
  },
  async delete(_id, { path }: { path: string }) {
    rmSync(path, { force: true });
  },
};

/** Stands in for an object of a real bucket, so that the example runs without another cloud. */
export class BucketObject extends pulumi.dynamic.Resource {
  declare readonly etag: pulumi.Output<string>;

  constructor(name: string, args: BucketObjectArgs, options?: pulumi.CustomResourceOptions) {
    super(provider, name, { ...args, etag: undefined, path: undefined }, options);
  }
}
