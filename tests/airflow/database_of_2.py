# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""users_of_2.py USERS: give Airflow 2.11 its users, as JSON {name: [password, role]}; one start instead of one for each."""

from __future__ import annotations

import json
import sys

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

with get_application_builder() as builder:
    builder.sm.sync_roles()
    for name, (password, role) in json.loads(sys.argv[1]).items():
        manager = builder.sm
        if not manager.add_user(name, name, "of the tests", f"{name}@example.com", manager.find_role(role), password):
            raise SystemExit(f"the user {name} could not be made")
