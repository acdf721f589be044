#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Seen with ansible-rulebook 1.3.2 (ansible-core 2.19.14, ansible-runner 2.4.3, drools-jpy 0.4.1, Java 17, Python 3.11), without our code.
#
# What "event.n == 1" matches depends on how many other rules compare the same key. With up to two such rules, numbers are compared as doubles:
# 1.0 matches, and 9007199254740993 matches event.n == 9007199254740992. A third rule, about another value, changes all of them: 1.0 no longer
# matches, and the large number matches nothing any more, not even itself. "in" and "contains" always compare as doubles, so that a rule for
# one number of 64 bits acts for its neighbour.
# For us: ids in events are texts.
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
cat > rulebook.yml << 'END'
- name: which number is it
  hosts: localhost
  match_multiple_rules: true
  sources:
    - eda.builtin.generic:
        payload:
          - {name: one, n: 1}
          - {name: one-as-float, n: 1.0}
          - {name: large, n: 9007199254740992}
          - {name: neighbour, n: 9007199254740993, list: [9007199254740993]}
        shutdown_after: 3
  rules:
    - {name: one, condition: event.n == 1, action: {debug: {msg: "1 = {{ event.name }}"}}}
    - {name: large, condition: event.n == 9007199254740992, action: {debug: {msg: "large = {{ event.name }}"}}}
    - {name: in, condition: "event.n in [9007199254740992, 5]", action: {debug: {msg: "large in {{ event.name }}"}}}
    - {name: contains, condition: event.list contains 9007199254740992, action: {debug: {msg: "large within {{ event.name }}"}}}
END
{ cat rulebook.yml; echo '    - {name: other, condition: event.n == 3, action: {debug: {msg: "3 = {{ event.name }}"}}}'; } > three.yml
matched() {
  ansible-rulebook --rulebook "$1" --inventory inventory.yml > output 2>&1
  found=$(grep -E '^(1|3|large) (=|in|within) ' output | LC_ALL=C sort | paste -sd, -)
  echo "$1: $found"
  if [ "$found" != "$2" ]; then
    echo "The behaviour has changed."
    cat output
    exit 1
  fi
}
lists="large in large,large in neighbour,large within neighbour"
matched rulebook.yml "1 = one,1 = one-as-float,large = large,large = neighbour,$lists"
matched three.yml "1 = one,$lists"
