# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each Python with this folder on its path imports this file. It writes messages to syslog into the file QUIESCE_SYSLOG. With QUIESCE_CRASH
in the environment of an Ansible task, each answer raises an unexpected error.
"""

from __future__ import annotations

import os
import syslog
from http.client import HTTPConnection
from typing import Any

if "QUIESCE_SYSLOG" in os.environ:

    def write(*words: Any) -> None:
        with open(os.environ["QUIESCE_SYSLOG"], "a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(f"{words[-1]}\n")

    syslog.syslog = write  # type: ignore[assignment]

if "QUIESCE_SYSLOG" in os.environ:
    answer = HTTPConnection.getresponse

    def crash(self: HTTPConnection) -> Any:
        if "QUIESCE_CRASH" in os.environ:
            raise RuntimeError("broken on purpose")
        return answer(self)

    HTTPConnection.getresponse = crash  # type: ignore[method-assign]
