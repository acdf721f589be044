#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ansible-lint --fix rewrites the texts y and n to true and false, as values and as names, in a playbook in which ansible-lint finds no fault.
#
# Seen with ansible-lint 26.10.1 (ruamel.yaml 0.19.1) and ansible-core 2.19.14: for Ansible, y and n without quotes are texts. The linter without
# --fix passes the playbook for its strictest profile. --fix passes it too and says that it modified the file. The command then reads True from
# its standard input instead of y; a variable n has become one named false, which ends the play before its first task.
# For us: no playbook and no example has such a text without quotes, and our own run doesn't use --fix.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install ansible-lint==26.10.1 ansible-core==2.19.14 ruamel.yaml==0.19.1
export HOME="$folder/home" PATH="$folder/venv/bin:$PATH" ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_INVENTORY_UNPARSED_WARNING=false
mkdir "$folder/home" "$folder/project"
cd "$folder/project"
head='---
- name: Answer
  hosts: localhost
  gather_facts: false'
cat >value.yml <<PLAY
$head
  tasks:
    - name: Answer yes
      ansible.builtin.command:
        cmd: cat
        stdin: y
      changed_when: false
      register: said
    - name: Show what it read
      ansible.builtin.debug:
        msg: It read {{ said.stdout }} and {{ item }}
      loop: [x, y, "y"]
PLAY
cat >name.yml <<PLAY
$head
  vars:
    n: 3
  tasks:
    - name: Show it
      ansible.builtin.debug:
        msg: It is {{ n }}
PLAY
lint() {
  ansible-lint --offline --nocolor --strict --profile production "$@" >lint 2>&1 || true
  grep -q "Passed: 0 failure(s), 0 warning(s)" lint || { cat lint; exit 1; }
}
played() {
  shown=$(ansible-playbook "$1" 2>&1 | grep -Eo '(It (read|is)[^"]*|Invalid variable name.*)' | paste -sd, - || true)
  echo "$1, $2: $shown"
  [ "$shown" = "$3" ] || { echo "The behaviour has changed."; cat "$1"; exit 1; }
}
ansible-lint --version --nocolor
lint value.yml name.yml
played value.yml "as written" "It read y and x,It read y and y,It read y and y"
played name.yml "as written" "It is 3"
lint --fix value.yml name.yml
grep "^Modified" lint
played value.yml "after --fix" "It read True and x,It read True and True,It read True and y"
played name.yml "after --fix" "Invalid variable name 'False' of type 'bool'."
