@node "%~dp0pulumi-resource-tencent-aigc" %*
