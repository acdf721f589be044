#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Airflow 2.11 by basic authentication: each read is a login, which hashes the password and writes the user's row.
#
# Seen with apache-airflow 2.11.2 and apache-airflow-providers-fab 1.5.4: each GET with an Authorization header raises login_count of the user in
# the database and sets last_login. The password is checked each time, against a hash that is meant to be slow (scrypt).
# For us: a Dag is never read by itself. A poll has two reads for any number of Dags, and the guide says what a read costs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" --quiet --disable-pip-version-check install --require-hashes --requirement "$here/tools/requirements/airflow-2.txt"
mkdir "$folder/home"
export PATH="$folder/env/bin:$PATH" HOME="$folder" AIRFLOW_HOME="$folder/home" AIRFLOW__CORE__LOAD_EXAMPLES=False \
  AIRFLOW__API__AUTH_BACKENDS=airflow.providers.fab.auth_manager.api.auth.backend.basic_auth
airflow db migrate >"$folder/log" 2>&1
cat >"$folder/read.py" <<'READ'
import os
import sqlite3
import sys
import time
from importlib.metadata import version

from airflow.www.app import create_app

READS = 20
app = create_app()
with app.app_context():
    users = app.appbuilder.sm
    users.add_user("reader", "Reader", "Example", "reader@example.com", users.find_role("Viewer"), password="of-the-reader")


def logins():
    with sqlite3.connect(os.environ["AIRFLOW_HOME"] + "/airflow.db") as database:
        return database.execute("select login_count from ab_user where username = 'reader'").fetchone()[0] or 0


client = app.test_client()
statuses, before, begun = [], logins(), time.perf_counter()
for _number in range(READS):
    statuses.append(client.get("/api/v1/dags?limit=1", auth=("reader", "of-the-reader")).status_code)
seconds = (time.perf_counter() - begun) / READS
counted = logins() - before
names = ", ".join(f"{name} {version(name)}" for name in ("apache-airflow", "apache-airflow-providers-fab"))
print(f"{names}: {READS} reads with status {set(statuses)} counted as {counted} logins, {seconds * 1000:.0f} ms each", file=sys.stderr)
sys.exit((set(statuses), counted) != ({200}, READS))
READ
python "$folder/read.py" 2>"$folder/said" >"$folder/log" || { tail -n 5 "$folder/said"; exit 1; }
tail -n 1 "$folder/said"
