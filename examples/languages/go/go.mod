module catalogue

go 1.25

require (
	github.com/pulumi/pulumi/sdk/v3 v3.274.1
	example.com/pulumi-tencent-aigc/sdk/go v0.1.0
)

replace example.com/pulumi-tencent-aigc/sdk/go => ./sdks/tencent-aigc
