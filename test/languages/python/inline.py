"""Deploys a program twice by the Automation API, which needs no language host, and prints what was done as JSON."""

import json
import runpy
import sys

from pulumi import automation

folder, program, sub_app_id = sys.argv[1:]
stack = automation.create_or_select_stack(
    stack_name="dev",
    project_name="catalogue",
    program=lambda: runpy.run_path(program),
    opts=automation.LocalWorkspaceOptions(work_dir=folder),
)
stack.set_config("tencent-aigc:subAppId", automation.ConfigValue(sub_app_id))
updates = [stack.up(), stack.up()]
print(
    json.dumps(
        {
            "changes": [update.summary.resource_changes for update in updates],
            "urls": updates[-1].outputs["urls"].value,
        }
    )
)
