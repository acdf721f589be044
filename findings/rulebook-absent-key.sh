#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Seen with ansible-rulebook 1.3.2 (ansible-core 2.19.14, ansible-runner 2.4.3, drools-jpy 0.4.1, Java 17, Python 3.11), without our code.
#
# A condition on a key that the event doesn't have never matches: neither event.b == 2 nor event.b != 2 nor not (event.b == 2).
# Only "is not defined" does.
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

cat > rulebook.yml << 'END'
- name: an event without the key b
  hosts: localhost
  match_multiple_rules: true
  sources:
    - eda.builtin.generic: {payload: [{a: 1}], shutdown_after: 3}
  rules:
    - {name: equal, condition: event.b == 2, action: {debug: {msg: matched equal}}}
    - {name: unequal, condition: event.b != 2, action: {debug: {msg: matched unequal}}}
    - {name: negated, condition: not (event.b == 2), action: {debug: {msg: matched negated}}}
    - {name: absent, condition: event.b is not defined, action: {debug: {msg: matched absent}}}
END
ansible-rulebook --rulebook rulebook.yml --inventory inventory.yml > output 2>&1
grep -q 'matched absent' output || changed "'is not defined' didn't match"
for word in equal unequal negated; do
  ! grep -q "matched $word" output || changed "the condition '$word' matched"
done
echo "Seen: of ==, !=, not (==) and 'is not defined', only the last one matched an event without the key."
