# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One clock for a module and the emulated system that it calls in this process, so that hours pass in milliseconds."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone, tzinfo
from typing import Any
from unittest import mock

import requests
from ansible_collections.taskops.quiesce.plugins.module_utils import _http, _transport
from ansible_collections.taskops.quiesce.plugins.module_utils._clock import Clock, SystemClock

from tests.emulator.adapter import InProcessAdapter
from tests.emulator.vendor import Vendor

CODE = "ansible_collections.taskops.quiesce.plugins.module_utils."


class WatchedAdapter(InProcessAdapter):
    """An adapter that reports how far a request got, as the connections of a socket do."""

    def send(self, *args: Any, **settings: Any) -> requests.Response:
        _transport._mark_progress("connecting")
        try:
            response = super().send(*args, **settings)
        except requests.exceptions.ProxyError as error:
            if "Tunnel connection failed" not in str(error):
                _transport._mark_progress("request")
            raise
        except Exception:
            _transport._mark_progress("request")
            raise
        _transport._mark_progress("request")
        return response


@contextmanager
def one_clock(system: Vendor, clock: Clock) -> Iterator[None]:
    """A context in which every module uses `clock` and the system's date, and all its sessions reach the system without sockets."""

    class SystemTime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return cls.fromtimestamp(system.clock.wall(), tz or timezone.utc)

    with ExitStack() as stack:
        patch = stack.enter_context
        patch(mock.patch.object(_http, "HTTPAdapter", lambda **_pool: WatchedAdapter(system)))
        for module in [module for name, module in sys.modules.items() if name.startswith(CODE)]:
            if getattr(module, "SystemClock", None) is SystemClock:
                patch(mock.patch.object(module, "SystemClock", lambda: clock))
            if getattr(module, "datetime", None) is datetime:
                patch(mock.patch.object(module, "datetime", SystemTime))
        yield
