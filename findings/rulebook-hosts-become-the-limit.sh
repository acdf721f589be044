#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ansible-rulebook sends the hosts of its ruleset as the limit of a job template: one that is limited to a group is launched for all hosts.
#
# Seen with ansible-rulebook 1.3.2 (ansible-core 2.19.14, drools-jpy 0.4.1, Java 17), which launches at a stand-in for AWX's API: with "hosts: all",
# run_job_template sends the limit "all", and with "hosts: localhost" the limit "localhost"; run_workflow_template does the same. The manual says
# that hosts isn't used for these two actions. AWX takes a limit that is sent in place of the template's own one, where the template prompts for it
# on launch, as the manual advises for limits from events. The hosts of an event replace those of the ruleset, and a limit in job_args both.
# For us: our templates don't prompt for a limit, so that AWX ignores one. Where another template does, write its limit into job_args.
#
# It needs Python 3.11 to 3.13 and Java 17, makes an environment in a temporary folder and removes it. Status 0: it's still so.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" --quiet --disable-pip-version-check install \
  ansible-rulebook==1.3.2 ansible-core==2.19.14 ansible-runner==2.4.3 drools-jpy==0.4.1
export PATH="$work/venv/bin:$PATH" HOME="$work" LANG=C.UTF-8 ANSIBLE_NOCOLOR=true PYTHONUNBUFFERED=1 EDA_JOB_TEMPLATE_REFRESH_DELAY=1
cd "$work"
cat > controller.py << 'END'
"""What AWX's API answers, in the parts that ansible-rulebook asks for."""
import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PROMPTS = {f"ask_{what}_on_launch": what in ("limit", "variables") for what in ("inventory", "labels", "limit", "variables")}
PAGES = {"/api/v2/config/": {"version": "24.6.1"}, "/api/v2/unified_job_templates/": {"count": 2, "next": None, "results": []}}
for number, kind in enumerate(("job", "workflow_job"), start=7):
    template, jobs = f"/api/v2/{kind}_templates/{number}/", f"/api/v2/{kind}s/"
    job = {"id": number, "type": kind, "url": f"{jobs}{number}/", "status": "successful", "created": "2026-03-01T00:00:00Z", "artifacts": {}}
    PAGES["/api/v2/unified_job_templates/"]["results"].append({
        "id": number, "type": f"{kind}_template", "name": "Restart", "limit": "web", "related": {"launch": f"{template}launch/"},
        "summary_fields": {"organization": {"name": "Default"}}, **PROMPTS,
    })
    PAGES[f"{template}launch/"] = job
    PAGES[jobs] = {"count": 1, "next": None, "results": [job]}
RULEBOOK = """
- name: launch
  hosts: %s
  sources:
    - eda.builtin.generic: {payload: [%s], shutdown_after: 5}
  rules:
    - name: each
      condition: event.number == 1
      action:
        %s: {name: Restart, organization: Default, job_args: %s}
"""
posted = []


class Controller(BaseHTTPRequestHandler):
    def answer(self):
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.command == "POST":
            posted.append(json.loads(sent))
        body = json.dumps(PAGES[self.path.partition("?")[0]]).encode()
        self.send_response(201 if self.command == "POST" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *words):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Controller)
threading.Thread(target=server.serve_forever, daemon=True).start()
seen = []
for action, hosts, event, arguments in (
    ("run_job_template", "all", "{number: 1}", "{}"),
    ("run_job_template", "localhost", "{number: 1}", "{}"),
    ("run_workflow_template", "all", "{number: 1}", "{}"),
    ("run_job_template", "all", "{number: 1, meta: {hosts: web01}}", "{}"),
    ("run_job_template", "all", "{number: 1, meta: {hosts: web01}}", "{limit: web}"),
):
    posted.clear()
    with open("rulebook.yml", "w") as file:
        file.write(RULEBOOK % (hosts, event, action, arguments))
    address = f"http://127.0.0.1:{server.server_port}"
    command = ["ansible-rulebook", "--rulebook", "rulebook.yml", "--controller-url", address, "--controller-token", "token"]
    status = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120).returncode
    limits = [job.get("limit") for job in posted]
    seen.append((*limits, status))
    print(f"Seen: {action}, hosts: {hosts}, event {event}, job_args {arguments}: it sends the limit {limits}. Status {status}")
server.shutdown()
if seen != [("all", 0), ("localhost", 0), ("all", 0), ("web01", 0), ("web", 0)]:
    sys.exit("The behaviour has changed.")
END
pip --disable-pip-version-check list 2>/dev/null | grep -E "^(ansible|drools)[_-]"
python controller.py
