#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Airflow's bulk pause without a pattern pauses the Dags that have "none" in their id, and its limit bounds the answer only.
#
# Seen with apache-airflow 3.3.2, whose own app is asked in one process: PATCH /api/v2/dags?tags=team pauses the Dag nonesuch and leaves the Dag
# other of the same tag, since the pattern that is missing is taken for the text None. With dag_id_pattern=n_&limit=1 all Dags are paused, and
# the answer shows one. Release 2.11.2 refuses a missing pattern, and limit bounds the change there.
# For us: airflow_dag never sends the bulk call; it compares ids by itself and changes one Dag a request.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" --quiet --disable-pip-version-check install --require-hashes --requirement "$here/tools/requirements/airflow-3.txt"
mkdir "$folder/dags"
cat >"$folder/dags/dags.py" <<'DAGS'
from airflow.sdk import DAG

for name in ("nonesuch", "other", "n1", "n2", "n3"):
    with DAG(name, schedule=None, tags=[] if name[1:].isdigit() else ["team"]) as dag:
        globals()[name] = dag
DAGS
cat >"$folder/ask.py" <<'ASK'
import sys

import airflow
from airflow.api_fastapi.app import create_app
from fastapi.testclient import TestClient

with TestClient(create_app(apps="core"), base_url="http://localhost") as client:
    client.headers["Authorization"] = f"Bearer {client.get('/auth/token').json()['access_token']}"

    def patch(query):
        shown = client.patch(f"/api/v2/dags?{query}", json={"is_paused": True}).json()["dags"]
        dags = client.get("/api/v2/dags").json()["dags"]
        return [dag["dag_id"] for dag in shown], sorted(dag["dag_id"] for dag in dags if dag["is_paused"])

    shown, paused = patch("tags=team")
    seen = [paused]
    print(f"apache-airflow {airflow.__version__}: PATCH /dags?tags=team answers with {shown}; paused is {paused}")
    shown, paused = patch("dag_id_pattern=n_&limit=1")
    print(f"apache-airflow {airflow.__version__}: PATCH /dags?dag_id_pattern=n_&limit=1 answers with {shown}; paused are {paused}")
    seen += [len(shown), paused]
sys.exit(seen != [["nonesuch"], 1, ["n1", "n2", "n3", "nonesuch"]])
ASK
export HOME="$folder" AIRFLOW_HOME="$folder/home" AIRFLOW__CORE__DAGS_FOLDER="$folder/dags" AIRFLOW__CORE__LOAD_EXAMPLES=False \
  AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION=False AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS=True
"$folder/env/bin/airflow" db migrate >"$folder/log" 2>&1
"$folder/env/bin/airflow" dags reserialize >>"$folder/log" 2>&1
"$folder/env/bin/python" "$folder/ask.py" 2>>"$folder/log" | grep "^apache-airflow"
