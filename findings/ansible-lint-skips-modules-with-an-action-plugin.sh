#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ansible-lint's rule args[module] checks no option of a module that has an action plugin.
#
# Seen with ansible-lint 26.10.1 and ansible-core 2.19.14: a wrong value is reported for ansible.builtin.file, which is a module alone. Options
# that don't exist pass without a word for ansible.builtin.copy, template, package and uri, each of which has an action plugin of the same
# name: the rule loads that plugin in place of the module, finds no main() in it, and returns.
# For us: a module that gets an action plugin isn't checked by ansible-lint any more, so that our own sentence has to name a misspelt option.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install ansible-lint==26.10.1 ansible-core==2.19.14
mkdir "$folder/home" "$folder/project"
cd "$folder/project"
cat >play.yml <<'PLAY'
---
- name: Misspell options
  hosts: localhost
  gather_facts: false
  tasks:
    - name: A module alone
      ansible.builtin.file:
        path: /tmp/x
        state: misspelt
        mode: "0644"
    - name: A module with an action plugin
      ansible.builtin.copy:
        src: x
        dest: /tmp/y
        mode: "0644"
        misspelt: 1
    - name: Another one
      ansible.builtin.template:
        src: x
        destination: /tmp/y
        mode: "0644"
    - name: A third one
      ansible.builtin.package:
        naem: x
        state: present
    - name: A fourth one
      ansible.builtin.uri:
        url: http://localhost
        misspelt: 1
PLAY
lint() { HOME="$folder/home" NO_COLOR=1 PATH="$folder/venv/bin:$PATH" ansible-lint --offline --nocolor --format pep8 play.yml 2>/dev/null || true; }
found=$(lint)
echo "$found"
# One complaint for five tasks with wrong options, and it's about the first.
[ "$(grep -c 'args\[module\]' <<<"$found")" = 1 ]
grep -q '^play.yml:6:.*args\[module\].*misspelt' <<<"$found"
