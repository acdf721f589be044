# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The systems behind the proxies: each vendor's emulator with plain http and with TLS, and the call of its module."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme

from tests.emulator import registry
from tests.emulator.threaded import ThreadedEmulator

from ..ctrlapi import LIVE, stream
from ..hitachi import USER as OPERATOR
from ..hitachi import T as RUN
from ..hitachi import service_run
from ..huawei import PROJECT, USER, analysis
from ..iotda import PROJECT as IOT_PROJECT
from ..iotda import T as UPGRADE
from ..iotda import firmware
from ..totalcontrol import RUNNING, script

Options = dict[str, Any]
CLOUD: Options = {**USER, "iam_url": "{url}", "region": "cn-north-4"}


@dataclass(frozen=True)
class Call:
    """One call of a module that brings a running task to rest. `states` are the vendor states of a task that has got there."""

    vendor: str
    module: str
    task: Mapping[str, Any]
    options: Mapping[str, Any]
    states: Sequence[Any]
    key: str = "status"


CALLS = {
    call.vendor: call
    for call in (
        Call(
            "totalcontrol",
            "totalcontrol_task",
            script("nightly-test", RUNNING),
            {"username": "sigma", "password": "3D391497", "names": ["nightly-test"], "state": "paused"},
            [-4],
        ),
        Call(
            "huawei",
            "huawei_task",
            analysis("a", "RUNNING"),
            {**CLOUD, "project_id": PROJECT, "task_ids": ["a"], "state": "stopped"},
            ["STOPPED"],
            key="state",
        ),
        Call("ctrlapi", "ctrlapi_task", stream(1), {**LIVE, "project_id": [23], "task_ids": [1], "state": "stopped"}, ["Stopped"]),
        Call(
            "hitachi",
            "hitachi_task",
            service_run(),
            {**OPERATOR, "task_ids": [RUN], "state": "stopped"},
            ["canceled", "failed", "completed"],
        ),
        Call(
            "iotda",
            "iotda_batchtask",
            firmware(project_id=IOT_PROJECT),
            {**CLOUD, "project_id": IOT_PROJECT, "task_ids": [UPGRADE], "state": "stopped"},
            ["Stopped"],
        ),
        Call(
            "airflow",
            "airflow_dag",
            {"dag_id": "orders"},
            {"username": "admin", "password": "admin-password", "dag_ids": ["orders"], "state": "paused"},
            [True],
            key="is_paused",
        ),
    )
}
VENDORS = tuple(CALLS)


@dataclass(frozen=True)
class Origin:
    """An emulated system with sockets. `ca` is the authority of its certificate."""

    call: Call
    emulator: ThreadedEmulator

    @property
    def port(self) -> int:
        return self.emulator.control.port

    @property
    def url(self) -> str:
        return self.emulator.control.url

    @property
    def ca(self) -> str | None:
        return self.emulator.control.ca

    def reset(self) -> None:
        self.emulator.vendor.reset()

    def order(self, kind: str, **options: Any) -> None:
        """Order a fault for the first request that would change something."""
        self.emulator.vendor.faults.order([{"kind": kind, "match": {"write": True}, **options}])

    @property
    def writes(self) -> list[str]:
        """The received actions, in order. An exclamation mark marks those that had an effect."""
        entries = [entry for entry in self.emulator.vendor.journal.since() if entry.call.write]
        return [f"{entry.call.action}{'!' if entry.took_effect else ''}" for entry in entries]

    @property
    def requests(self) -> int:
        return len(self.emulator.vendor.journal)

    @property
    def has_arrived(self) -> bool:
        """Whether the task's true state is the desired one."""
        (task,) = self.emulator.vendor.tasks()
        return task[self.call.key] in self.call.states


@dataclass(frozen=True)
class Origins:
    plain: Mapping[str, Origin]
    secure: Mapping[str, Origin]

    def find(self, vendor: str, *, tls: bool) -> Origin:
        return (self.secure if tls else self.plain)[vendor]


@contextmanager
def running_origins() -> Iterator[Origins]:
    with ExitStack() as stack:

        def origin(call: Call, *, tls: bool) -> Origin:
            vendor = registry.find(call.vendor)(tasks=[dict(call.task)])
            return Origin(call, stack.enter_context(ThreadedEmulator(vendor, tls=tls)))

        yield Origins(*({call.vendor: origin(call, tls=tls) for call in CALLS.values()} for tls in (False, True)))


@dataclass(frozen=True)
class Certificate:
    """The certificate and key of a proxy that terminates TLS, in one file. `ca` is for the caller."""

    file: str
    ca: str


def own_certificate(folder: Path) -> Certificate:
    authority, file, ca = trustme.CA(), folder / "front.pem", folder / "front-ca.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(file))
    authority.cert_pem.write_to_path(str(ca))
    return Certificate(str(file), str(ca))
