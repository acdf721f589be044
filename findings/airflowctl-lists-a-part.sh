#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# "airflowctl dags list" leaves Dags out of the middle of its list where the server's pages are short, without a word and with status 0.
#
# Seen with apache-airflow-ctl 0.1.5 and the app of apache-airflow 3.3.2, whose [api] maximum_page_limit is 20: of 62 Dags, the list shows 32.
# airflowctl asks for 50, gets 20, and asks for the next page from the 50th on, so that the Dags 20 to 49 are in no page. It has read the server's
# total_entries, and doesn't compare it. With the limit at 100, its default, the list shows all 62.
# For us: the modules go on where a short page ended, and warn of a list that holds fewer rows than total_entries (_pages.py).
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
from airflow.sdk import DAG

for number in range(62):
    with DAG(f"night_{number:02}", schedule=None) as dag:
        globals()[dag.dag_id] = dag
DAGS
cat >"$folder/ask.py" <<'ASK'
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
from airflow.configuration import conf

ctl, home = sys.argv[1:]
app = create_app(apps="core")
asked = []


async def note(scope, receive, send):
    if scope.get("path") == "/api/v2/dags":
        asked.append(scope["query_string"].decode())
    await app(scope, receive, send)


listener = socket.create_server(("127.0.0.1", 0))
url = f"http://127.0.0.1:{listener.getsockname()[1]}"
server = uvicorn.Server(uvicorn.Config(note, log_level="error"))
threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()


def get(path, **headers):
    with urllib.request.urlopen(urllib.request.Request(url + path, headers=headers), timeout=60) as answer:
        return json.load(answer)


token = get("/auth/token")["access_token"]
first = get("/api/v2/dags?limit=50", Authorization=f"Bearer {token}")
asked.clear()
environment = {**os.environ, "AIRFLOW_HOME": home, "AIRFLOW_CLI_TOKEN": token}
subprocess.run([ctl, "auth", "login", "--api-url", url, "--skip-keyring"], env=environment, check=True, capture_output=True, timeout=60)
ended = subprocess.run([ctl, "dags", "list", "--output", "json"], env=environment, capture_output=True, text=True, timeout=120)
listed = {dag["dag_id"] for dag in json.loads(ended.stdout)}
missing = sorted({f"night_{number:02}" for number in range(first["total_entries"])} - listed)
limit = conf.getint("api", "maximum_page_limit")
print(f"apache-airflow {airflow.__version__}, maximum_page_limit {limit}: limit=50 gets {len(first['dags'])} of {first['total_entries']} Dags")
print(f"airflowctl asks {asked} and lists {len(listed)} Dags with status {ended.returncode}, and says {ended.stderr!r}")
print(f"airflowctl leaves out {len(missing)}: {', '.join(missing[:1] + missing[-1:])}")
server.should_exit = True
expected = {20: ["night_%02d" % number for number in range(20, 50)], 100: []}[limit]
sys.exit((ended.returncode, ended.stderr, first["total_entries"], missing) != (0, "", 62, expected))
ASK
export HOME="$folder" AIRFLOW_HOME="$folder/home" AIRFLOW__CORE__DAGS_FOLDER="$folder/dags" AIRFLOW__CORE__LOAD_EXAMPLES=False \
  AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS=True
"$folder/env/bin/airflow" db migrate >"$folder/log" 2>&1
"$folder/env/bin/airflow" dags reserialize >>"$folder/log" 2>&1
"$folder/ctl/bin/pip" --disable-pip-version-check list 2>/dev/null | grep -E "^(apache-airflow-ctl|httpx) "
for limit in 20 100; do
  AIRFLOW__API__MAXIMUM_PAGE_LIMIT=$limit "$folder/env/bin/python" "$folder/ask.py" "$folder/ctl/bin/airflowctl" "$folder/cli" 2>>"$folder/log" |
    grep -E "^(apache-airflow|airflowctl) "
done
