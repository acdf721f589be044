#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Killing the whole process group of an ansible-playbook no longer ends its task: since ansible-core 2.19 each worker has a session of its own.
#
# Seen with ansible-core 2.18.19 and 2.19.14: SIGKILL to the group, three seconds into a task that waits and then writes a file. With 2.18 the
# file is never written; with 2.19 it is, some seconds after everything that the user started is gone.
# For us: job runners end a job by its group. The engine asks before each request whether its worker and the main process are still there.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/play.yml" <<'PLAY'
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.shell: sleep 8; touch "{{ playbook_dir }}/acted-{{ ansible_version.minor }}"
PLAY
for version in 2.18.19 2.19.14; do
  minor=${version#2.}; minor=${minor%.*}
  python3 -m venv "$folder/$version"
  "$folder/$version/bin/pip" --quiet --disable-pip-version-check install "ansible-core==$version"
  HOME="$folder" setsid "$folder/$version/bin/ansible-playbook" "$folder/play.yml" >/dev/null 2>&1 &
  job=$!
  while ! pgrep -f "sleep 8; touch .$folder/acted-$minor" >/dev/null; do sleep 0.2; done
  kill -KILL -- "-$job"
  sleep 12
  acted=$([ -e "$folder/acted-$minor" ] && echo "went on and wrote its file" || echo "ended with it")
  echo "ansible-core $version: the group was killed, and the task $acted"
  case $minor in 18) [ "$acted" = "ended with it" ] ;; *) [ "$acted" = "went on and wrote its file" ] ;; esac
done
