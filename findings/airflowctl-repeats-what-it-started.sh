#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# airflowctl, the new command line of Airflow, sends a request again whose answer takes more than five seconds: one command starts three runs.
#
# Seen with apache-airflow-ctl 0.1.5 (httpx 0.28.1) and the app of apache-airflow 3.3.2, whose answers to a POST leave eight seconds late:
# "airflowctl assets materialize" starts three runs of the Dag, and "airflowctl dags trigger" one, as its second and third request name a logical
# date that is taken. Each ends with 1 and "Read timeout error", and says to check whether the server is running. Nothing tells that a run was
# started. With AIRFLOW_CLI_API_RETRIES=1, airflowctl asks once.
# For us: an action whose answer was lost isn't sent again before the Dag was read. The guide tells what to set where airflowctl is used too.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" --quiet --disable-pip-version-check install --require-hashes --requirement "$here/tools/requirements/airflow-3.txt"
python3 -m venv "$folder/ctl"
"$folder/ctl/bin/pip" --quiet --disable-pip-version-check install apache-airflow-ctl==0.1.5 httpx==0.28.1
mkdir "$folder/dags"
cat >"$folder/dags/dags.py" <<'DAGS'
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Asset

with DAG("nightly", schedule=None):
    EmptyOperator(task_id="copy")
with DAG("load", schedule=None):
    EmptyOperator(task_id="load", outlets=[Asset("warehouse")])
DAGS
cat >"$folder/ask.py" <<'ASK'
import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import urllib.request

import airflow
import uvicorn
from airflow.api_fastapi.app import create_app

ctl, home = sys.argv[1:]
app = create_app(apps="core")
posts = []
ONCE = {"AIRFLOW_CLI_API_RETRIES": "1"}


async def late(scope, receive, send):
    async def send_late(message):
        if message["type"] == "http.response.start":
            posts.append(message["status"])
            await asyncio.sleep(8)
        await send(message)

    await app(scope, receive, send_late if scope.get("method") == "POST" else send)


listener = socket.create_server(("127.0.0.1", 0))
url = f"http://127.0.0.1:{listener.getsockname()[1]}"
server = uvicorn.Server(uvicorn.Config(late, log_level="error"))
threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()


def get(path, **headers):
    with urllib.request.urlopen(urllib.request.Request(url + path, headers=headers), timeout=60) as answer:
        return json.load(answer)


token = get("/auth/token")["access_token"]
seen = []
for command, dag, attempts in (("assets materialize 1", "load", {}), ("dags trigger nightly", "nightly", {}), ("assets materialize 1", "load", ONCE)):
    posts.clear()
    environment = {**os.environ, "AIRFLOW_HOME": home, "AIRFLOW_CLI_TOKEN": token, **attempts}
    subprocess.run([ctl, "auth", "login", "--api-url", url, "--skip-keyring"], env=environment, check=True, capture_output=True, timeout=60)
    ended = subprocess.run([ctl, *command.split()], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=120)
    runs = get(f"/api/v2/dags/{dag}/dagRuns", Authorization=f"Bearer {token}")["total_entries"]
    said = next((line for line in ended.stdout.splitlines() if line.startswith("Read timeout")), "")
    seen.append((said, ended.returncode, list(posts), runs))
    print(f"airflowctl {command} {attempts or ''} says: {said} (status {ended.returncode})")
    print(f"apache-airflow {airflow.__version__} was asked {len(posts)} times, answered {posts}, and has {runs} run(s) of {dag}")
server.should_exit = True
error = ("Read timeout error: timed out", 1)
sys.exit(seen != [(*error, [200, 200, 200], 3), (*error, [200, 409, 409], 1), (*error, [200], 4)])
ASK
export HOME="$folder" AIRFLOW_HOME="$folder/home" AIRFLOW__CORE__DAGS_FOLDER="$folder/dags" AIRFLOW__CORE__LOAD_EXAMPLES=False \
  AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION=False AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS=True
"$folder/env/bin/airflow" db migrate >"$folder/log" 2>&1
"$folder/env/bin/airflow" dags reserialize >>"$folder/log" 2>&1
"$folder/ctl/bin/pip" --disable-pip-version-check list 2>/dev/null | grep -E "^(apache-airflow-ctl|httpx) "
"$folder/env/bin/python" "$folder/ask.py" "$folder/ctl/bin/airflowctl" "$folder/cli" 2>>"$folder/log" | grep -E "^(apache-airflow|airflowctl) "
