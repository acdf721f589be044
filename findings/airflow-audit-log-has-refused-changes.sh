#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Airflow's audit log records a pause that Airflow refused as it records one that it carried out, and its API hides the entries of batch reads.
#
# Seen with apache-airflow 3.3.2, whose own app is asked in one process: a PATCH of a Dag that is answered with 400 (a mask that names no known
# field), and one of a run that doesn't exist (404), leave entries patch_dag and patch_dag_run with the state that was asked for, the
# same as those of a change. Nothing in an entry tells the answer. POST /dags/~/dagRuns/~/taskInstances/list, which only reads, writes an
# entry for the Dag "~", which GET /eventLogs doesn't show, so that the table grows unseen.
# For us: airflow_dag_info reads the Dag itself and never the audit log; the guide tells operators that an entry proves no change.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" --quiet --disable-pip-version-check install --require-hashes --requirement "$here/tools/requirements/airflow-3.txt"
mkdir "$folder/dags"
cat >"$folder/dags/dags.py" <<'DAGS'
from airflow.sdk import DAG

with DAG("nightly", schedule=None):
    pass
DAGS
cat >"$folder/ask.py" <<'ASK'
import sys

import airflow
from airflow import settings
from airflow.api_fastapi.app import create_app
from airflow.models.log import Log
from fastapi.testclient import TestClient
from sqlalchemy import func, select

with TestClient(create_app(apps="core"), base_url="http://localhost") as client:
    client.headers["Authorization"] = f"Bearer {client.get('/auth/token').json()['access_token']}"

    def patch(path, body):
        return client.patch(f"/api/v2/dags/nightly{path}", json=body).status_code

    answers = [
        patch("", {"is_paused": True}),
        patch("?update_mask=owner", {"is_paused": False}),
        patch("/dagRuns/none", {"state": "failed"}),
        client.post("/api/v2/dags/~/dagRuns/~/taskInstances/list", json={}).status_code,
    ]
    is_paused = client.get("/api/v2/dags/nightly").json()["is_paused"]
    shown = [entry["event"] for entry in client.get("/api/v2/eventLogs?order_by=id").json()["event_logs"] if entry["dag_id"]]
    with settings.Session() as session:
        kept = session.scalar(select(func.count()).select_from(Log).where(Log.event == "get_task_instances_batch"))
    print(f"apache-airflow {airflow.__version__}: answers {answers}, paused is {is_paused}")
    print(f"apache-airflow {airflow.__version__}: the API shows the entries {shown}, the table has {kept} more of a batch read")
sys.exit([answers, is_paused, shown, kept] != [[200, 400, 404, 200], True, ["patch_dag", "patch_dag", "patch_dag_run"], 1])
ASK
export HOME="$folder" AIRFLOW_HOME="$folder/home" AIRFLOW__CORE__DAGS_FOLDER="$folder/dags" AIRFLOW__CORE__LOAD_EXAMPLES=False \
  AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION=False AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS=True
"$folder/env/bin/airflow" db migrate >"$folder/log" 2>&1
"$folder/env/bin/airflow" dags reserialize >>"$folder/log" 2>&1
"$folder/env/bin/python" "$folder/ask.py" 2>>"$folder/log" | grep "^apache-airflow"
