#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# After ansible_runner.run() has returned, the Python program that called it ignores SIGTERM and Ctrl-C until its end.
#
# Seen with ansible-runner 2.4.3 (ansible-core 2.21.5): run() installs handlers for SIGTERM and SIGINT, which only note that the job is to be
# cancelled, and never puts back those that it found. A program that opens a window, works, and closes the window with three calls can't be
# ended by these signals in between.
# For us: the guide tells programs that start jobs this way to put the handlers back themselves.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" --quiet --disable-pip-version-check install ansible-runner==2.4.3 ansible-core==2.21.5
cat >"$folder/program.py" <<'PYTHON'
import importlib.metadata
import os
import signal
import sys
import time

import ansible_runner

found = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
job = ansible_runner.run(private_data_dir=sys.argv[1], module="ansible.builtin.ping", host_pattern="localhost", quiet=True)
left = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
os.kill(os.getpid(), signal.SIGTERM)
os.kill(os.getpid(), signal.SIGINT)
time.sleep(1)
print(f"ansible-runner {importlib.metadata.version('ansible-runner')}: the job is {job.status}; handlers before it: {found}")
print("SIGTERM and SIGINT came after run() had returned, and the program runs on")
sys.exit(job.status != "successful" or any(handler in found for handler in left))
PYTHON
HOME="$folder" PATH="$folder/env/bin:$PATH" python "$folder/program.py" "$folder"
