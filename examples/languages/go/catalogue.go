package main

import (
	"example.com/pulumi-tencent-aigc/sdk/go/tencentaigc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

var prompts = map[string]string{
	"lamp":   "A brass desk lamp on a walnut table, soft studio light",
	"chair":  "An oak chair with a woven seat, soft studio light",
	"teapot": "A blue enamel teapot on a linen cloth, soft studio light",
}

func catalogue(ctx *pulumi.Context) error {
	urls := pulumi.StringMap{}
	for name, prompt := range prompts {
		picture, err := tencentaigc.NewAigcImageTask(ctx, name, &tencentaigc.AigcImageTaskArgs{
			ModelName:    tencentaigc.ModelNameGG,
			ModelVersion: tencentaigc.ModelVersion_V3_0,
			Prompt:       pulumi.String(prompt),
			OutputConfig: tencentaigc.OutputConfigArgs{AspectRatio: pulumi.String("1:1")},
		})
		if err != nil {
			return err
		}
		urls[name] = picture.Url
	}
	ctx.Export("urls", urls)
	return nil
}
