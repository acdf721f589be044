#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# With --profile, ansible-lint drops what its rule args[module] found, though its summary names a profile for that rule.
#
# Seen with ansible-lint 26.10.1 and ansible-core 2.19.14: --strict alone ends with 2 over an option that doesn't exist; --strict --profile
# production, the strictest profile, ends with 0 over the same playbook, since the rule belongs to no profile. One needs enable_list: [args].
# For us: our own run over all playbooks enables the rule by its name.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install ansible-lint==26.10.1 ansible-core==2.19.14
cd "$folder"
mkdir home project
cd project
cat >play.yml <<'PLAY'
---
- name: Misspell an option
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Make a file
      ansible.builtin.file:
        path: /tmp/x
        state: touch
        mode: "0644"
        misspelt: 1
PLAY
lint() { HOME="$folder/home" PATH="$folder/venv/bin:$PATH" ansible-lint --offline --nocolor --format pep8 "$@" play.yml; }
status=0
lint --strict || status=$?
echo "--strict ends with $status"
[ "$status" = 2 ]
status=0
lint --strict --profile production || status=$?
echo "--strict --profile production ends with $status"
[ "$status" = 0 ]
