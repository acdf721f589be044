#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# awx, the command line of AWX, ends with 0 for a job that was canceled, for one that still runs, and for one that should have been a check.
#
# Seen with awxkit 24.6.1, which asks a stand-in for AWX's API. With --wait, the status is 1 for a job that failed, and 0 for one that was canceled;
# when --action-timeout is over, it's 0 while the job runs. With --monitor, it's 0 for a canceled job, too. An option that awx doesn't know is dropped, without a word
# unless -v is given: it knows --action-timeout, --job_type and --extra_vars, so that --job-type check, --check and --extra-vars launch a real job.
# For us: the page on AWX tells scripts that launch our templates to read the status in the answer, and to launch the template "Plan a maintenance
# window", which is a check by itself, instead of asking for one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" --quiet --disable-pip-version-check install awxkit==24.6.1 requests==2.34.2 setuptools==80.9.0
cat >"$folder/ask.py" <<'ASK'
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

awx, home = sys.argv[1:]
API = "/api/v2/"
TEMPLATE = f"{API}job_templates/7/"
OPTIONS = {
    "extra_vars": {"type": "json", "required": False},
    "job_type": {"type": "choice", "required": False, "choices": [["run", "Run"], ["check", "Check"]]},
    "limit": {"type": "string", "required": False},
}
job = {"id": 21, "type": "job", "url": f"{API}jobs/21/", "name": "night", "related": {"job_events": f"{API}jobs/21/job_events/"}}
PAGES = {
    "/api/": {"current_version": API, "available_versions": {"v2": API}},
    API: {"job_templates": f"{API}job_templates/", "jobs": f"{API}jobs/"},
    TEMPLATE: {"id": 7, "type": "job_template", "name": "night", "related": {"launch": f"{TEMPLATE}launch/"}},
    f"{TEMPLATE}launch/": job,
    f"{API}jobs/21/": job,
    f"{API}jobs/21/job_events/": {"count": 0, "next": None, "previous": None, "results": []},
}
posted = []


class Server(BaseHTTPRequestHandler):
    """What AWX's API answers, in the parts that the command line asks for."""

    def answer(self):
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.command == "POST":
            posted.append(json.loads(sent))
        content = {"actions": {"GET": {}, "POST": OPTIONS}} if self.command == "OPTIONS" else PAGES[self.path.partition("?")[0]]
        body = json.dumps(content).encode()
        self.send_response(201 if self.command == "POST" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Allow", "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_OPTIONS = answer

    def log_message(self, *words):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
environment = {
    **os.environ, "HOME": home, "PYTHONWARNINGS": "ignore",
    "CONTROLLER_HOST": f"http://127.0.0.1:{server.server_port}", "CONTROLLER_OAUTH_TOKEN": "token",
}
right = True
for options, status, sent, expected in (
    ("--wait", "successful", {}, 0),
    ("--wait", "failed", {}, 1),
    ("--wait", "canceled", {}, 0),
    ("--monitor", "canceled", {}, 0),
    ("--wait --action-timeout 1", "running", {}, 0),
    ("--job_type check", "pending", {"job_type": "check"}, 0),
    ("--job_type dry", "pending", None, 2),
    ("--job-type check", "pending", {}, 0),
    ("--check", "pending", {}, 0),
    ('--extra-vars {"mode":"dry"}', "pending", {}, 0),
):
    running = status in ("pending", "running")
    job.update(status=status, failed=status in ("failed", "canceled"), event_processing_finished=not running)
    posted.clear()
    ended = subprocess.run([awx, "job_templates", "launch", "7", *options.split()], env=environment, capture_output=True, text=True, timeout=60)
    said = [line for line in (ended.stdout + ended.stderr).splitlines() if "unrecognized" in line or "invalid" in line]
    print(f"awx job_templates launch 7 {options}: sends {posted}, the job is {status}, awx ends with {ended.returncode}", *said, sep="; ")
    right &= (posted, ended.returncode, len(said)) == ([] if sent is None else [sent], expected, int(sent is None))
server.shutdown()
sys.exit(not right)
ASK
"$folder/env/bin/pip" --disable-pip-version-check list 2>/dev/null | grep -E "^(awxkit|requests) "
"$folder/env/bin/python" "$folder/ask.py" "$folder/env/bin/awx" "$folder"
