# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei's official SDK as an independent judge: it signs, sends and understands what the emulator answers.

Where it isn't installed (huaweicloudsdkcore, huaweicloudsdkiotda) these tests are skipped.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from tests.emulator.client import Control
from tests.unit.emulator.iotda.api import PROJECT, T

# The SDK must be there: the project's lock files bring it. On newer Pythons its clock is deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

AK, SK = "HPUATESTACCESSKEY001", "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ0123"
INSTANCE = "1d5ad0f6-2f9c-4a6e-8a29-6a8f4a1b7c3d"
# Section 2.5: the SDK's own rule counts this host as shared. It's reached through a proxy, which is the emulator.
SHARED = "http://iotda.cn-north-4.myhuaweicloud.com"
HELD, PARTIAL, STOPPED = (f"6576f1a030344005c023170{number}" for number in (2, 4, 5))


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """Its modules. It writes into the home directory as soon as it's imported (section 2.6)."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            patch.delenv(name, raising=False)
        warnings.simplefilter("ignore", DeprecationWarning)  # of the SDK's modules while they are imported
        yield SimpleNamespace(
            credentials=importlib.import_module("huaweicloudsdkcore.auth.credentials"),
            region=importlib.import_module("huaweicloudsdkcore.region.region"),
            exceptions=importlib.import_module("huaweicloudsdkcore.exceptions.exceptions"),
            client=importlib.import_module("huaweicloudsdkiotda.v5").IoTDAClient,
            v5=importlib.import_module("huaweicloudsdkiotda.v5"),
        )


Connect = Callable[..., Any]


@pytest.fixture
def connect(sdk: SimpleNamespace, iotda: Control) -> Iterator[Connect]:
    """Clients of the emulator; ``derived`` switches the SDK's own choice of the signature on."""
    clients = []

    def make(*, derived: bool = True, shared: bool = False, key: str = AK, secret: str = SK) -> Any:
        credentials = sdk.credentials.BasicCredentials(key, secret, PROJECT)
        if derived:
            credentials = credentials.with_derived_predicate(sdk.credentials.DerivedCredentials.get_default_derived_predicate())
        builder = sdk.client.new_builder().with_credentials(credentials)
        client = builder.with_region(sdk.region.Region("cn-north-4", SHARED if shared else iotda.url)).build()
        # Not by the SDK's own options, which know proxies for https only.
        client._http_client._session.proxies = {"http": iotda.url}
        clients.append(client)
        return client

    yield make
    for client in clients:
        client._http_client._session.close()
        client._http_client.executor.shutdown()


@pytest.fixture
def client(connect: Connect) -> Any:
    return connect()


@contextmanager
def refused(sdk: SimpleNamespace, status: int, code: str) -> Iterator[None]:
    with pytest.raises(sdk.exceptions.ClientRequestException) as caught:
        yield
    error: Any = caught.value
    assert (error.status_code, error.error_code, len(error.request_id)) == (status, code, 32)


def stop(sdk: SimpleNamespace, task: str = T, targets: list[str] | None = None) -> Any:
    return sdk.v5.StopBatchTaskRequest(task_id=task, body=sdk.v5.BatchTargets(targets=targets))


def show(sdk: SimpleNamespace, client: Any, task: str = T, **more: Any) -> Any:
    return client.show_batch_task(sdk.v5.ShowBatchTaskRequest(task_id=task, limit=1, **more))


def signatures(emulator: Control) -> set[str]:
    """The algorithms of the requests that came."""
    return {dict(entry["headers"])["Authorization"].partition(" ")[0] for entry in emulator.journal()}


def test_list(sdk: SimpleNamespace, client: Any, iotda: Control) -> None:
    answer = client.list_batch_tasks(sdk.v5.ListBatchTasksRequest(task_type="softwareUpgrade", limit=2))
    assert [task.task_name for task in answer.batchtasks] == ["sw_stopped", "sw_partial"]
    assert (answer.page.count, answer.page.marker) == (5, PARTIAL)
    assert signatures(iotda) == {"V11-HMAC-SHA256"}


def test_list_with_every_parameter(sdk: SimpleNamespace, client: Any) -> None:
    request = sdk.v5.ListBatchTasksRequest(
        instance_id=INSTANCE, app_id="emulator_app", task_type="softwareUpgrade", status="Waitting", limit=50, marker="f" * 24, offset=1
    )
    assert [task.task_id for task in client.list_batch_tasks(request).batchtasks] == [HELD]


def test_show(sdk: SimpleNamespace, client: Any) -> None:
    answer = show(sdk, client)
    assert (answer.batchtask.status, answer.batchtask.task_progress.waitting, answer.batchtask.need_confirm) == ("Processing", 1, False)
    assert [(detail.target, detail.status) for detail in answer.task_details] == [("dev_c", "Processing")]


def test_show_with_filters(sdk: SimpleNamespace, client: Any) -> None:
    answer = show(sdk, client, instance_id=INSTANCE, task_detail_status="Success", target="dev_a")
    assert [detail.target for detail in answer.task_details] == ["dev_a"]


def test_stop(sdk: SimpleNamespace, client: Any, iotda: Control) -> None:
    answer = client.stop_batch_task(stop(sdk))
    assert [row.status for row in answer.targets] == ["success", "success"]
    assert [show(sdk, client).batchtask.status for _read in range(2)] == ["Stopping", "Stopped"]
    assert [entry["body"] for entry in iotda.writes()] == ["{}"]


def test_stop_of_targets(sdk: SimpleNamespace, client: Any) -> None:
    answer = client.stop_batch_task(stop(sdk, targets=["nosuch", "dev_c"]))
    assert [(row.target, row.status, row.error_code) for row in answer.targets] == [
        ("nosuch", "failure", "IOTDA.014219"),
        ("dev_c", "success", None),
    ]


def test_retry(sdk: SimpleNamespace, client: Any) -> None:
    answer = client.retry_batch_task(sdk.v5.RetryBatchTaskRequest(task_id=PARTIAL, body=sdk.v5.BatchTargets()))
    assert [row.target for row in answer.targets] == ["dev_i", "dev_j"]
    assert show(sdk, client, PARTIAL).batchtask.status == "Processing"


def test_confirm(sdk: SimpleNamespace, client: Any) -> None:
    client.confirm_batch_task(sdk.v5.ConfirmBatchTaskRequest(task_id=HELD, body=sdk.v5.BatchTargets()))
    assert show(sdk, client, HELD).batchtask.status == "Processing"


def test_delete(sdk: SimpleNamespace, client: Any) -> None:
    client.delete_batch_task(sdk.v5.DeleteBatchTaskRequest(task_id=STOPPED))
    with refused(sdk, 404, "IOTDA.0142YY"):
        show(sdk, client, STOPPED)


def test_create(sdk: SimpleNamespace, client: Any) -> None:
    body = sdk.v5.CreateBatchTask(
        app_id="emulator_app",
        task_name="from_sdk",
        task_type="firmwareUpgrade",
        need_confirm=True,
        targets=["a", "b"],
        document={"package_ids": ["p"]},
        task_policy=sdk.v5.TaskPolicy(retry_count=1, retry_interval=5),
    )
    created = client.create_batch_task(sdk.v5.CreateBatchTaskRequest(body=body))
    shown = show(sdk, client, created.task_id).batchtask
    assert (created.status, shown.targets, shown.task_policy.retry_interval) == ("Initializing", ["a", "b"], 5)


def test_the_sdk_understands_null_members(sdk: SimpleNamespace, client: Any, iotda: Control) -> None:
    iotda.set_switches(optional_fields="null", task_progress="null", answer_targets="null")
    assert show(sdk, client).batchtask.task_progress is None
    assert client.stop_batch_task(stop(sdk)).targets is None


def test_the_sdk_understands_a_refusal(sdk: SimpleNamespace, client: Any) -> None:
    with refused(sdk, 403, "IOTDA.0142XX"):
        client.stop_batch_task(stop(sdk, STOPPED))


def test_the_standard_signature_on_a_host_that_counts_as_shared(sdk: SimpleNamespace, connect: Connect, iotda: Control) -> None:
    iotda.set_switches(iotda_edition="basic")
    assert show(sdk, connect(shared=True)).batchtask.task_id == T
    assert signatures(iotda) == {"SDK-HMAC-SHA256"}


def test_the_sdk_left_to_itself_signs_standard_and_fails_on_an_instance_host(sdk: SimpleNamespace, connect: Connect) -> None:
    """Section 2.5: the trap that three projects fell into."""
    with refused(sdk, 401, "IOTDA.000002"):
        show(sdk, connect(derived=False))


def test_the_derived_signature_fails_on_the_shared_edition(sdk: SimpleNamespace, client: Any, iotda: Control) -> None:
    iotda.set_switches(iotda_edition="basic")
    with refused(sdk, 401, "IOTDA.000002"):
        show(sdk, client)


def test_a_wrong_secret_key(sdk: SimpleNamespace, connect: Connect) -> None:
    with refused(sdk, 401, "IOTDA.000002"):
        show(sdk, connect(secret="wrong"))


def test_a_user_without_rights(sdk: SimpleNamespace, connect: Connect) -> None:
    with refused(sdk, 403, "IOTDA.000022"):
        show(sdk, connect(key="GUESTSACCESSKEY00001", secret="gu3stS3cretKeyOfTheEmulator0000000000001"))


def test_the_rate_limit(sdk: SimpleNamespace, client: Any, iotda: Control) -> None:
    iotda.set_switches(calls_per_second=0)
    with refused(sdk, 403, "IOTDA.021102"):
        show(sdk, client)
