#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ansible-runner reports a job as ended by its timeout, and the job's task goes on and acts later. The same job was really ended by it with an
# older ansible-core.
#
# Seen with ansible-runner 2.4.3, without process isolation: with ansible-core 2.18.19 the task ends with the job; with 2.19.14 the job's status
# is timeout, and the task writes its file some seconds later. The runner kills a process group, and a worker of ansible-core has a session of
# its own now (see ansible-worker-outlives-its-group).
# For us: the engine asks before each request whether its worker and the main process are still there.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/project"
cat >"$folder/project/play.yml" <<'PLAY'
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.shell: touch "{{ playbook_dir }}/begun"; sleep 30; touch "{{ playbook_dir }}/acted"
PLAY
cat >"$folder/job.py" <<'PYTHON'
import sys
import time
from pathlib import Path

import ansible_runner

folder = Path(sys.argv[1])
job = ansible_runner.run(private_data_dir=str(folder), playbook="play.yml", timeout=20, quiet=True)
assert (folder / "project/begun").exists(), "the job took too long to begin"
assert not (folder / "project/acted").exists()
time.sleep(30)
acted = (folder / "project/acted").exists()
print(f"ansible-core {sys.argv[2]}: the status of the job is {job.status}, and the task {'acted after that' if acted else 'ended with it'}")
sys.exit(job.status != "timeout" or acted != (sys.argv[2] != "2.18.19"))
PYTHON
for version in 2.18.19 2.19.14; do
  python3 -m venv "$folder/$version"
  "$folder/$version/bin/pip" --quiet --disable-pip-version-check install "ansible-core==$version" ansible-runner==2.4.3
  rm -f "$folder/project/begun" "$folder/project/acted"
  HOME="$folder" PATH="$folder/$version/bin:$PATH" "$folder/$version/bin/python" "$folder/job.py" "$folder" "$version"
done
