#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Seen with ansible-rulebook 1.3.2 (ansible-core 2.19.14, ansible-runner 2.4.3, drools-jpy 0.4.1, Java 17, Python 3.11), without our code.
#
# Actions of a ruleset run one after another. When a source ends, those that still wait are dropped --shutdown-delay seconds later (60
# unless given), without a word, and the status is 0.
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
    - ansible.builtin.file: {path: "{{ folder }}/begun-{{ number }}", state: touch, mode: "0600"}
    - ansible.builtin.wait_for: {timeout: 90}
END
cat > rulebook.yml << 'END'
- name: three events, a playbook for each
  hosts: localhost
  sources:
    - eda.builtin.generic: {payload: [{number: 1}, {number: 2}, {number: 3}]}
  rules:
    - name: each
      condition: event.number is defined
      action:
        run_playbook: {name: playbook.yml, extra_vars: {folder: "{{ FOLDER }}", number: "{{ event.number }}"}}
END
export FOLDER=$work
ansible-rulebook --rulebook rulebook.yml --inventory inventory.yml --env-vars FOLDER --shutdown-delay 60 > output 2>&1 ||
  changed "the status is $?"
[[ -e begun-1 ]] || changed "the first playbook didn't begin within 60 s"
[[ ! -e begun-3 ]] || changed "the third playbook began too"
echo "Seen: of three playbooks of 90 s, $(ls begun-* | wc -l) began within a --shutdown-delay of 60 s; the others were dropped, with status 0."
