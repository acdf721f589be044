# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The line that each module writes to the system's log, for work that runs in Ansible's worker in a module's place."""

from __future__ import annotations

import syslog
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import heuristic_log_sanitize

from ..module_utils._arguments import Arguments


def log_invocation(module: str, arguments: Arguments, params: Mapping[str, Any], secrets: set[str], facility: str) -> None:
    """Log the options of the call, as AnsibleModule does."""
    hidden = set(arguments.secrets)
    words = [
        f"{name}={'NOT_LOGGING_PARAMETER' if name in hidden else heuristic_log_sanitize(str(value), secrets)}"
        for name, value in params.items()
    ]
    syslog.openlog(f"ansible-{module}", 0, getattr(syslog, facility, syslog.LOG_USER))
    syslog.syslog(syslog.LOG_INFO, " ".join(["Invoked with", *words]).replace("\0", " "))
    syslog.closelog()
