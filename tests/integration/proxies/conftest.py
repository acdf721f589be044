# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The systems and the proxies, each started once in a session, and the fixture to call a module through them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web
from ansible_collections.taskops.quiesce.plugins.module_utils import _systems

from tests.emulator import server
from tests.ports import ReservedPort
from tests.unit.run_module import run_main

from .origins import Options, Origin, Origins, own_certificate, running_origins
from .processes import working_folder
from .servers import PROXIES, Proxy


@dataclass(frozen=True)
class ProxyOutcome:
    """The result of a module, and the system behind the proxy."""

    result: dict[str, Any]
    origin: Origin

    @property
    def row(self) -> dict[str, Any]:
        (row,) = self.result["tasks"]
        assert isinstance(row, dict)
        return row

    @property
    def failed(self) -> bool:
        return bool(self.result.get("failed"))

    @property
    def code(self) -> str:
        return str(self.result["failure"]["code"])

    @property
    def message(self) -> str:
        return str(self.result["msg"])

    @property
    def warning(self) -> str:
        # Since ansible-core 2.19, a module returns them as objects.
        texts = (text if isinstance(text, str) else text["event"]["msg"] for text in self.result.get("warnings", []))
        return "; ".join(texts)

    def check_truth(self) -> None:
        """Check that the module's result agrees with the system: it reports each of its changes, and only true states."""
        took_hold = any(write.endswith("!") for write in self.origin.writes)
        assert self.result["changed"] is took_hold, (self.origin.writes, self.result)
        if "tasks" in self.result:
            assert self.row["reached"] is self.origin.has_arrived, (self.origin.writes, self.result)


@pytest.fixture
def closing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The systems close connections in the ordinary way instead of resetting them: proxies handle the two differently."""

    def close(request: web.BaseRequest) -> None:
        if request.transport is not None:
            request.transport.close()

    monkeypatch.setattr(server, "_reset", close)


@pytest.fixture(scope="session")
def origins() -> Iterator[Origins]:
    with running_origins() as origins:
        yield origins


@pytest.fixture(scope="session")
def find_proxy(origins: Origins) -> Iterator[Callable[[str], Proxy]]:
    """A proxy by its name, started at the first use."""
    found: dict[str, Proxy] = {}
    with ExitStack() as stack:

        def find(name: str) -> Proxy:
            if name not in found:
                folder = stack.enter_context(working_folder())
                ports = stack.enter_context(ReservedPort()), stack.enter_context(ReservedPort())
                found[name] = stack.enter_context(PROXIES[name](folder, ports, origins, own_certificate(folder)))
            return found[name]

        yield find


Through = Callable[..., ProxyOutcome]


@pytest.fixture
def through(
    find_proxy: Callable[[str], Proxy], origins: Origins, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Through:
    """Call a vendor's module through a proxy. The fault affects its action. The settle times of the systems are short here."""
    for system in _systems.SYSTEMS.values():
        monkeypatch.setattr(system, "settle", 0.3)
        monkeypatch.setattr(system, "lag", 0.1)

    def call(
        name: str,
        vendor: str,
        kind: str = "plain",
        *,
        tls: bool = False,
        fault: str = "",
        details: Options | None = None,
        tasks: Sequence[Options] = (),
        **options: Any,
    ) -> ProxyOutcome:
        proxy, origin = find_proxy(name), origins.find(vendor, tls=tls)
        origin.reset()
        if tasks:
            origin.emulator.vendor.load([dict(task) for task in tasks], keep=False)
        if fault:
            origin.order(fault, **(details or {}))
        module = importlib.import_module(f"ansible_collections.taskops.quiesce.plugins.modules.{origin.call.module}")
        given = {**proxy.way(kind, vendor, tls), "poll_interval": 0.05, "wait_timeout": 20, "retries": 0, **options}
        return ProxyOutcome(run_main(module.main, capsys, origin.call.module, check=False, diff=False, **given), origin)

    return call
