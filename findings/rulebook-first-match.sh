#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Seen with ansible-rulebook 1.3.2 (ansible-core 2.19.14, ansible-runner 2.4.3, drools-jpy 0.4.1, Java 17, Python 3.11), without our code.
#
# Of the rules of a ruleset that match an event, only the first one fires, in the order of the file, and nothing tells of the others.
# The attribute match_multiple_rules: true of the ruleset makes all of them fire.
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

rulebook() {
  cat << END
- name: two rules for one event
  hosts: localhost
  match_multiple_rules: $1
  sources:
    - eda.builtin.generic: {payload: [{number: 1}], shutdown_after: 3}
  rules:
    - {name: general, condition: event.number is defined, action: {debug: {msg: the general rule fired}}}
    - {name: special, condition: event.number == 1, action: {debug: {msg: the special rule fired}}}
END
}

rulebook false > rulebook.yml
ansible-rulebook --rulebook rulebook.yml --inventory inventory.yml > output 2>&1
grep -q 'the general rule fired' output || changed "the first rule that matches didn't fire"
! grep -q 'the special rule fired' output || changed "the second rule that matches fired too"

rulebook true > rulebook.yml
ansible-rulebook --rulebook rulebook.yml --inventory inventory.yml > output 2>&1
grep -q 'the general rule fired' output || changed "with match_multiple_rules, the first rule didn't fire"
grep -q 'the special rule fired' output || changed "with match_multiple_rules, the second rule didn't fire"
echo "Seen: the first matching rule alone fired; with match_multiple_rules: true both did."
