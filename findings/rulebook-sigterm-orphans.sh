#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Seen with ansible-rulebook 1.3.2 (ansible-core 2.19.14, ansible-runner 2.4.3, drools-jpy 0.4.1, Java 17, Python 3.11), without our code.
#
# SIGTERM ends ansible-rulebook at once, with status 143, whatever --shutdown-delay is. The task under way isn't ended with it: the
# playbook goes on as an orphan, in a session of its own.
#
# It needs Python 3.11 to 3.13 and Java 17, makes an environment in a temporary folder and removes it. Status 0: it's still so.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" --quiet --disable-pip-version-check install \
  ansible-rulebook==1.3.2 ansible-core==2.19.14 ansible-runner==2.4.3 drools-jpy==0.4.1
export PATH="$work/venv/bin:$PATH" HOME="$work" LANG=C.UTF-8 ANSIBLE_NOCOLOR=true PYTHONUNBUFFERED=1
cd "$work"
cat > inventory.yml << 'END'
all: {hosts: {localhost: {ansible_connection: local, ansible_python_interpreter: "{{ ansible_playbook_python }}"}}}
END

changed() {
  echo "The behaviour has changed: $1"
  cat "$work/output"
  exit 1
}

cat > playbook.yml << 'END'
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.file: {path: "{{ folder }}/begun", state: touch, mode: "0600"}
    - ansible.builtin.shell: {cmd: "sleep 20; touch {{ folder }}/done"}
    - ansible.builtin.file: {path: "{{ folder }}/next", state: touch, mode: "0600"}
END
cat > rulebook.yml << 'END'
- name: one event, one playbook
  hosts: localhost
  sources:
    - eda.builtin.generic: {payload: [{number: 1}], shutdown_after: 300}
  rules:
    - name: each
      condition: event.number is defined
      action:
        run_playbook: {name: playbook.yml, extra_vars: {folder: "{{ FOLDER }}"}}
END
export FOLDER=$work
ansible-rulebook --rulebook rulebook.yml --inventory inventory.yml --env-vars FOLDER > output 2>&1 &
rulebook=$!
for _ in $(seq 180); do [[ -e begun ]] && break; sleep 1; done
[[ -e begun ]] || changed "no playbook began"
kill -TERM "$rulebook"
status=0
wait "$rulebook" || status=$?
[[ ! -e done ]] || changed "it waited for the playbook"
[[ $status == 143 ]] || changed "the status is $status"
for _ in $(seq 120); do [[ -e done ]] && break; sleep 1; done
[[ -e done ]] || changed "the task under way was ended with it"
echo "Seen: SIGTERM ended ansible-rulebook with status 143 while a task of its playbook ran, and that task went on to its end alone."
