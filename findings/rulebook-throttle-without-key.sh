#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Seen with ansible-rulebook 1.3.2 (ansible-core 2.19.14, ansible-runner 2.4.3, drools-jpy 0.4.1, Java 17, Python 3.11), without our code.
#
# throttle with once_within holds back the events that are alike in the attributes of group_by_attributes. Events that lack such an
# attribute aren't held back at all.
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
- name: three events with a host, three without
  hosts: localhost
  sources:
    - eda.builtin.generic:
        payload: [{kind: with, host: a}, {kind: with, host: a}, {kind: with, host: a}, {kind: without}, {kind: without}, {kind: without}]
        event_delay: 0.5
        shutdown_after: 3
  rules:
    - name: each
      condition: event.kind is defined
      throttle: {once_within: 5 minutes, group_by_attributes: [event.host]}
      action: {debug: {msg: "fired {{ event.kind }}."}}
END
ansible-rulebook --rulebook rulebook.yml --inventory inventory.yml > output 2>&1
with=$(grep -c 'fired with\.' output || true)
without=$(grep -c 'fired without\.' output || true)
[[ $with == 1 ]] || changed "the rule fired $with times for three events of one host"
[[ $without == 3 ]] || changed "the rule fired $without times for three events without a host"
echo "Seen: once for three events of one host, three times for three events without a host."
