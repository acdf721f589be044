#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The web server of Airflow 2.11.2 may end two minutes after its start, while it serves: a program that croniter runs was taken for a worker.
#
# Seen with apache-airflow 2.11.2, gunicorn 27.0.1 and croniter 7.0.0 on a busy machine. When croniter is imported, it asks the platform for its
# architecture, which runs the program `file`. `airflow webserver` waits until gunicorn has as many child processes as workers are wanted,
# and takes `file` for the first. It then finds none, waits 10 seconds, and asks gunicorn for one more by a signal, which gunicorn loses
# while it loads the application. Gunicorn starts its one worker and serves. The command waits for two, until web_server_master_timeout is
# over (120 seconds by default, 60 here), says that gunicorn doesn't respond, and ends it. Here, a `file` that takes a second and a
# plugin that takes 15 to load stand for the busy machine.
# For us: the modules report that such an Airflow can't be reached, and a window goes on when it's run again. The guide names the setting, and
# the tests' own server of 2.11 has it raised.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d)
server=
end() {
  if [ -n "$server" ]; then kill -TERM -- "-$server" 2>/dev/null || true; fi
  rm -rf "$folder"
}
trap end EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" --quiet --disable-pip-version-check install --require-hashes --requirement "$here/tools/requirements/airflow-2.txt"
mkdir -p "$folder/bin" "$folder/home/plugins"
printf '#!/bin/sh\nsleep 1\necho ELF 64-bit LSB executable\n' >"$folder/bin/file"
chmod +x "$folder/bin/file"
printf 'import time\n\ntime.sleep(15)\n' >"$folder/home/plugins/slow.py"
export PATH="$folder/env/bin:$PATH" HOME="$folder" AIRFLOW_HOME="$folder/home" AIRFLOW__CORE__LOAD_EXAMPLES=False \
  AIRFLOW__WEBSERVER__WORKERS=1 AIRFLOW__WEBSERVER__WEB_SERVER_MASTER_TIMEOUT=60
"$folder/env/bin/airflow" db migrate >"$folder/log" 2>&1
port=$("$folder/env/bin/python" -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')

PATH="$folder/bin:$PATH" setsid timeout 150 airflow webserver --hostname 127.0.0.1 --port "$port" >"$folder/webserver.log" 2>&1 &
server=$!
served=0
while kill -0 "$server" 2>/dev/null; do
  if "$folder/env/bin/python" -c "import urllib.request as u; u.urlopen('http://127.0.0.1:$port/health', timeout=5)" 2>/dev/null; then
    served=$((served + 1))
  fi
  sleep 1
done
server=
said=$(grep -c "No response from gunicorn master" "$folder/webserver.log" || true)
versions=$("$folder/env/bin/python" -c 'from importlib.metadata import version as v
print(", ".join(f"{name} {v(name)}" for name in ("apache-airflow", "gunicorn", "croniter")))')
echo "$versions: answered $served times, said $said times that gunicorn didn't respond, and ended"
[ "$said" = 1 ] && [ "$served" -ge 5 ]
