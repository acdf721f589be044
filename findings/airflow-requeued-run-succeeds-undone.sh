#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A run of Airflow that was set to failed and is then set to queued ends as a success, with none of its tasks run.
#
# Seen with apache-airflow 3.3.2 (2.11.2 does the same), whose own app is asked in one process and whose scheduler makes some rounds: a run that
# waits is set to failed, which skips its tasks. Set to queued, which is one of the three states that the API takes, it keeps them skipped,
# and the scheduler's next look makes it a success. A run whose tasks are cleared instead begins them anew.
# For us: state=stopped sets runs to failed. The guide tells how to have their work done after all, and the tests compare both generations and
# the emulator.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" --quiet --disable-pip-version-check install --require-hashes --requirement "$here/tools/requirements/airflow-3.txt"
mkdir "$folder/dags"
cat >"$folder/dags/dags.py" <<'DAGS'
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG("nightly", schedule=None):
    BashOperator(task_id="copy", bash_command="true") >> BashOperator(task_id="load", bash_command="true")
DAGS
cat >"$folder/ask.py" <<'ASK'
import subprocess
import sys
from pathlib import Path

import airflow
from airflow.api_fastapi.app import create_app
from fastapi.testclient import TestClient

DAG = "/api/v2/dags/nightly"
with TestClient(create_app(apps="core"), base_url="http://localhost") as client:
    client.headers["Authorization"] = f"Bearer {client.get('/auth/token').json()['access_token']}"

    def shown(run):
        instances = client.get(f"{DAG}/dagRuns/{run}/taskInstances").json()["task_instances"]
        return client.get(f"{DAG}/dagRuns/{run}").json()["state"], [instance["state"] for instance in instances]

    client.patch(DAG, json={"is_paused": True})
    for run in ("queued-again", "cleared"):
        client.post(f"{DAG}/dagRuns", json={"dag_run_id": run, "logical_date": None}).raise_for_status()
        client.patch(f"{DAG}/dagRuns/{run}", json={"state": "failed"}).raise_for_status()
        stopped = shown(run)
    client.patch(f"{DAG}/dagRuns/queued-again", json={"state": "queued"}).raise_for_status()
    client.post(f"{DAG}/dagRuns/cleared/clear", json={"dry_run": False}).raise_for_status()
    client.patch(DAG, json={"is_paused": False}).raise_for_status()
    scheduler = [str(Path(sys.executable).with_name("airflow")), "scheduler", "--num-runs", "12"]
    subprocess.run(scheduler, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=180)
    again, cleared = shown("queued-again"), shown("cleared")
    print(f"apache-airflow {airflow.__version__}: set to failed {stopped}, then set to queued {again}, or cleared {cleared}")
sys.exit([stopped, again, cleared[0]] != [("failed", ["skipped"] * 2), ("success", ["skipped"] * 2), "running"])
ASK
export HOME="$folder" AIRFLOW_HOME="$folder/home" AIRFLOW__CORE__DAGS_FOLDER="$folder/dags" AIRFLOW__CORE__LOAD_EXAMPLES=False \
  AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION=False AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS=True
"$folder/env/bin/airflow" db migrate >"$folder/log" 2>&1
"$folder/env/bin/airflow" dags reserialize >>"$folder/log" 2>&1
"$folder/env/bin/python" "$folder/ask.py" 2>>"$folder/log" | grep "^apache-airflow"
