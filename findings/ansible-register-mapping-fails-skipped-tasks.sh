#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ansible-core 2.21 takes a mapping under register, of expressions over the result. A task that is skipped then fails.
#
# Seen with ansible-core 2.21.5: "register: {out: _task.result.stdout}" is evaluated even if "when" is false. The result of a skipped task has
# no such key, so that the task and the play fail, where the plain "register: out" skips it. failed_when: false doesn't help, as the
# expressions come later.
# For us: roles and playbooks register under one name.
#
# It needs Python 3.12 or later, see PYTHON.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install ansible-core==2.21.5
export HOME="$folder" ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_INVENTORY_UNPARSED_WARNING=false
play() {
  cat >"$folder/$1.yml" <<PLAY
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.command: echo hello
      when: $3
      failed_when: false
      register: $2
PLAY
  status=0
  "$folder/venv/bin/ansible-playbook" "$folder/$1.yml" >"$folder/output" 2>&1 || status=$?
  echo "register: $2, when: $3: $(grep -Eo 'failed=[0-9]+ +skipped=[0-9]+' "$folder/output"), status $status"
}
plain=out mapping='{out: _task.result.stdout}'
play plain "$plain" false
[ "$status" = 0 ]
play mapping-runs "$mapping" true
[ "$status" = 0 ]
play mapping-skipped "$mapping" false
[ "$status" = 2 ] && grep -q "Register projection 'out' failed" "$folder/output"
