#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Seen with ansible-rulebook 1.3.2 (ansible-core 2.19.14, ansible-runner 2.4.3, drools-jpy 0.4.1, Java 17, Python 3.11), without our code.
#
# A text that comes from "{{ variable }}" is read as a Python literal, since templates are rendered by Jinja's native environment: the text
# 2026.10 becomes the number 2026.1, 2026_03_01 the number 20260301, and 1,2 a tuple. Quotes within the text keep it, and so does a list.
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

cat > variables.yml << 'END'
release: "2026.10"
change: "2026_03_01"
several: "1,2"
END
cat > rulebook.yml << 'END'
- name: what becomes of texts
  hosts: localhost
  sources:
    - eda.builtin.generic: {payload: [{number: 1}], shutdown_after: 3}
  rules:
    - name: each
      condition: event.number is defined
      actions:
        - set_fact:
            fact:
              bare: {release: "{{ release }}", change: "{{ change }}", several: "{{ several }}"}
              kept: {quoted: "'{{ release }}'", listed: "{{ [release] }}"}
    - {name: show, condition: fact.bare is defined, action: {debug: {msg: "{{ event }}"}}}
END
ansible-rulebook --rulebook rulebook.yml --inventory inventory.yml --vars variables.yml > output 2>&1
grep -q "'release': 2026.1[^0-9]" output || changed "2026.10 isn't 2026.1"
grep -q "'change': 20260301[^0-9]" output || changed "2026_03_01 isn't 20260301"
grep -Eq "'several': [[(]1, 2[])]" output || changed "1,2 isn't two numbers"
grep -q "'quoted': '2026.10'" output || changed "quotes don't keep the text"
grep -q "'listed': \['2026.10'\]" output || changed "a list doesn't keep the text"
echo "Seen: '2026.10' became 2026.1, '2026_03_01' became 20260301, '1,2' became two numbers; quotes and a list kept the text."
