import pulumi
from pulumi_tencent_aigc import AigcImageTask, ModelName, ModelVersion

prompts = {
    "lamp": "A brass desk lamp on a walnut table, soft studio light",
    "chair": "An oak chair with a woven seat, soft studio light",
    "teapot": "A blue enamel teapot on a linen cloth, soft studio light",
}

pictures = {
    name: AigcImageTask(
        name,
        model_name=ModelName.GG,
        model_version=ModelVersion.V3_0,
        prompt=prompt,
        output_config={"aspect_ratio": "1:1"},
    )
    for name, prompt in prompts.items()
}

pulumi.export("urls", {name: picture.url for name, picture in pictures.items()})
