# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""by_sdk.py URL TASK: stop one batch task by Huawei Cloud's official SDK, and poll until it's stopped."""

from __future__ import annotations

import importlib
import sys
import time

from .apis import PROJECT

ACCESS_KEY = "HPUATESTACCESSKEY001"
SECRET_KEY = "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ0123"


def main() -> None:
    url, task = sys.argv[1:]
    credentials = importlib.import_module("huaweicloudsdkcore.auth.credentials")
    region = importlib.import_module("huaweicloudsdkcore.region.region")
    v5 = importlib.import_module("huaweicloudsdkiotda.v5")
    proof = credentials.BasicCredentials(ACCESS_KEY, SECRET_KEY, PROJECT).with_derived_predicate(lambda request: True)
    client = v5.IoTDAClient.new_builder().with_credentials(proof).with_region(region.Region("cn-north-4", url)).build()
    client.stop_batch_task(v5.StopBatchTaskRequest(task_id=task, body=v5.BatchTargets()))
    while client.show_batch_task(v5.ShowBatchTaskRequest(task_id=task)).batchtask.status != "Stopped":
        time.sleep(0.1)


if __name__ == "__main__":
    main()
