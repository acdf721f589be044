#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Seen with ansible-rulebook 1.3.2 (ansible-core 2.19.14, ansible-runner 2.4.3, drools-jpy 0.4.1, Java 17, Python 3.11), without our code.
#
# An action that fails doesn't keep the next actions of its rule from running. A shutdown after a playbook that failed ends the process with
# status 0. So does an undefined variable in an action of a rule with several: no playbook runs at all.
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
    - ansible.builtin.fail: {msg: this playbook fails}
END
rulebook() {
  cat << END
- name: a playbook and what follows it
  hosts: localhost
  sources:
    - eda.builtin.generic: {payload: [{number: 1}], shutdown_after: 300}
  rules:
    - name: each
      condition: event.number is defined
      actions:
        - run_playbook: {name: playbook.yml, extra_vars: {given: $1}}
        - debug: {msg: the next action runs}
        - shutdown: {}
END
}

rulebook 1 > rulebook.yml
ansible-rulebook --rulebook rulebook.yml --inventory inventory.yml > output 2>&1 || changed "after a failed playbook the status is $?"
grep -q 'this playbook fails' output || changed "the playbook didn't run"
grep -q 'the next action runs' output || changed "the next action didn't run"

rulebook '"{{ nowhere_defined }}"' > rulebook.yml
ansible-rulebook --rulebook rulebook.yml --inventory inventory.yml > output 2>&1 || changed "with an undefined variable the status is $?"
! grep -q 'this playbook fails' output || changed "the playbook ran though its variable is undefined"
echo "Seen: status 0 after a playbook that failed, and after one that never ran for want of a variable."
