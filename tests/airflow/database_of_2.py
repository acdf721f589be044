# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""database_of_2.py USERS DAGS: what Airflow 2.11 itself would put into its database at each start, or by one start for each.

USERS is JSON {name: [password, role]}, DAGS a list of ids: where the permissions of a new Dag are missing, Airflow commits each by itself.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from sqlalchemy import event
from sqlalchemy.engine import Engine
from werkzeug.security import generate_password_hash


@event.listens_for(Engine, "connect")
def _write_without_waiting_for_the_disk(connection: Any, _record: Any) -> None:
    connection.execute("pragma synchronous=off").close()


with get_application_builder() as builder:
    builder.sm.sync_roles()
    for name, (password, role) in json.loads(sys.argv[1]).items():
        manager = builder.sm
        # Airflow checks the password in each request, and by its usual hash that takes longer than all else.
        cheap = generate_password_hash(password, method="pbkdf2:sha256:1")
        if not manager.add_user(name, name, "of the tests", f"{name}@example.com", manager.find_role(role), hashed_password=cheap):
            raise SystemExit(f"the user {name} could not be made")
    for dag_id in json.loads(sys.argv[2]):
        builder.sm.sync_perm_for_dag(dag_id)
