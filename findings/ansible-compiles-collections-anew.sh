#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Python code of a collection is compiled anew by each ansible process, while Ansible's own code is compiled once and kept.
#
# Seen with ansible-core 2.19.14 and 2.21.5: the loader of collections compiles the source and keeps no bytecode. A helper of 20,000
# short functions makes the second play as slow as the first; the same file on the Python path takes a small part of that in the second process.
# For us: what an action plugin imports is paid once a play, about 0.1 s for our engine. It counts in the time of a single task (page on scale).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" --quiet --disable-pip-version-check install ansible-core==2.19.14
plugins="$folder/ansible_collections/some/where/plugins"
mkdir -p "$plugins/action" "$plugins/module_utils"
for number in $(seq 20000); do printf 'def f%d(a, b=1):\n    return a + b * %d\n\n' "$number" "$number"; done >"$plugins/module_utils/big.py"
cp "$plugins/module_utils/big.py" "$folder/big_on_the_path.py"
cat >"$plugins/action/timed.py" <<'ACTION'
import time

from ansible.plugins.action import ActionBase

begun = time.perf_counter()
from ..module_utils import big

took = time.perf_counter() - begun
begun = time.perf_counter()
import big_on_the_path

beside = time.perf_counter() - begun


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        return {**super().run(tmp, task_vars), "collection": took, "path": beside, "last": [big.f20000(1), big_on_the_path.f20000(1)]}
ACTION
cat >"$folder/play.yml" <<'PLAY'
- hosts: localhost
  gather_facts: false
  tasks:
    - some.where.timed:
      register: timed
    - ansible.builtin.copy:
        content: "{{ timed.collection }} {{ timed.path }}\n"
        dest: "{{ out }}"
PLAY
for run in first second; do
  env -u PYTHONDONTWRITEBYTECODE -u PYTHONPYCACHEPREFIX HOME="$folder" ANSIBLE_COLLECTIONS_PATH="$folder" PYTHONPATH="$folder" \
    "$folder/env/bin/ansible-playbook" "$folder/play.yml" -e "out=$folder/$run" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
  read -r collection path <"$folder/$run"
  echo "ansible-core 2.19.14, $run play: the helper took $collection s from the collection, $path s from the Python path"
done
echo "bytecode kept: $(find "$plugins/module_utils" -name '*.pyc' | wc -l) files in the collection, $(find "$folder/__pycache__" -name 'big*.pyc' | wc -l) on the path"
[ "$(find "$plugins/module_utils" -name '*.pyc' | wc -l)" = 0 ]
python3 - "$folder" <<'CHECK'
import sys

first, second = ([float(word) for word in open(f"{sys.argv[1]}/{run}").read().split()] for run in ("first", "second"))
if not (second[0] > first[0] / 3 and second[1] < first[1] / 3):
    sys.exit("it's different now")
CHECK
