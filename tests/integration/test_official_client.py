# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei's own client and this collection against the same emulated IoTDA: they read, send and sign the same."""

from __future__ import annotations

import importlib
import json
import warnings
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.emulator.client import Control, running

from .iotda import ACCESS, KEY, PROJECT, T, firmware
from .processes import Ansible, Result

# By the official rule, this host gets the standard signature. The emulator acts as a proxy in front of it.
SHARED = "http://iotda.cn-north-4.myhuaweicloud.com"
HELD, FAILED = "5c8ba99030344005c02316ae", "5c8ba99030344005c02316af"
TASKS = [
    firmware(),
    firmware(HELD, "Waitting", need_confirm=True),
    firmware(FAILED, subtasks=[{"target": "dev_a", "status": "Fail"}, {"target": "dev_b", "status": "Success"}], status="PartialSuccess"),
]
WISHES = {"stop": (T, "stopped"), "confirm": (HELD, "started"), "retry": (FAILED, "started")}


# The official SDK's clock is deprecated on newer Pythons.
pytestmark = [pytest.mark.wire, pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")]


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """The official client's modules, which write into the home directory when they are imported."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"huaweicloudsdk.*")
        yield SimpleNamespace(
            credentials=importlib.import_module("huaweicloudsdkcore.auth.credentials"),
            region=importlib.import_module("huaweicloudsdkcore.region.region"),
            v5=importlib.import_module("huaweicloudsdkiotda.v5"),
        )


@pytest.fixture(scope="module")
def process() -> Iterator[Control]:
    with running("iotda") as emulator:
        yield emulator


@pytest.fixture(params=["derived", "standard"])
def signature(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def emulator(process: Control, signature: str) -> Control:
    process.reset()
    process.set_switches(iotda_edition="instance" if signature == "derived" else "basic")
    process.put_tasks(TASKS)
    return process


@pytest.fixture
def client(sdk: SimpleNamespace, emulator: Control, signature: str) -> Iterator[Any]:
    """The official client, which selects the signature by its own rule."""
    rule = sdk.credentials.DerivedCredentials.get_default_derived_predicate()
    credentials = sdk.credentials.BasicCredentials(KEY["access_key"], KEY["secret_key"], PROJECT).with_derived_predicate(rule)
    region = sdk.region.Region("cn-north-4", emulator.url if signature == "derived" else SHARED)
    client = sdk.v5.IoTDAClient.new_builder().with_credentials(credentials).with_region(region).build()
    # Not through its own options, which support proxies for https only.
    client._http_client._session.proxies = {"http": emulator.url}
    yield client
    client._http_client._session.close()
    client._http_client.executor.shutdown()


def ours(ansible: Ansible, emulator: Control, signature: str, module: str, **options: Any) -> Result:
    """The collection's module for the same address, which has to select the same signature by itself."""
    place = {"url": emulator.url} if signature == "derived" else {"url": SHARED, "proxy": emulator.url}
    (result,) = ansible.tasks({"name": "ours", f"taskops.quiesce.{module}": {**ACCESS, **place, **options}}).results
    assert result.outcome == "ok", result.returned
    return result


def theirs(sdk: SimpleNamespace, client: Any, action: str, task: str) -> Any:
    requests = {"stop": sdk.v5.StopBatchTaskRequest, "retry": sdk.v5.RetryBatchTaskRequest, "confirm": sdk.v5.ConfirmBatchTaskRequest}
    return getattr(client, f"{action}_batch_task")(requests[action](task_id=task, body=sdk.v5.BatchTargets()))


def test_both_see_the_same_tasks(sdk: SimpleNamespace, client: Any, ansible: Ansible, emulator: Control, signature: str) -> None:
    listed = client.list_batch_tasks(sdk.v5.ListBatchTasksRequest(task_type="firmwareUpgrade", limit=50)).batchtasks

    rows = ours(ansible, emulator, signature, "iotda_batchtask_info", task_type="firmwareUpgrade")["tasks"]

    assert [(task.task_id, task.task_name, task.status) for task in listed] == [
        (row["id"], row["name"], row["vendor_state"]) for row in rows
    ]
    assert len(rows) == len(TASKS)


@pytest.mark.parametrize("action", WISHES)
def test_both_send_the_same_and_it_leads_to_the_same(
    sdk: SimpleNamespace, client: Any, ansible: Ansible, emulator: Control, signature: str, action: str
) -> None:
    task, state = WISHES[action]
    theirs(sdk, client, action, task)
    (their_write,) = emulator.writes()
    emulator.clear_journal()
    emulator.put_tasks(TASKS)

    result = ours(ansible, emulator, signature, "iotda_batchtask", task_id=task, state=state, retry_failed=True)

    (our_write,) = emulator.writes()
    for key in ("action", "ids", "path", "json", "status", "took_effect"):
        assert our_write[key] == their_write[key], key
    assert algorithm(our_write) == algorithm(their_write) == {"derived": "V11-HMAC-SHA256", "standard": "SDK-HMAC-SHA256"}[signature]
    shown = client.show_batch_task(sdk.v5.ShowBatchTaskRequest(task_id=task, limit=1)).batchtask
    assert shown.status == result.row["vendor_after"]


def algorithm(entry: dict[str, Any]) -> str:
    headers = {name.lower(): value for name, value in entry["headers"]}
    assert json.loads(entry["body"]) == {} and headers["content-type"] == "application/json"
    return str(headers["authorization"].partition(" ")[0])
