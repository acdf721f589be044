#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ansible-core 2.16 refuses an inline !vault value that a role's argument specification marks as no_log.
#
# Seen with ansible-core 2.16.19: a role whose specification has a suboption with no_log: true fails before its first task, "Unknown parameter
# type: AnsibleVaultEncryptedUnicode", when the value is encrypted inline, and runs when the same value is written in clear. So the option that
# keeps secrets out of the log is what keeps them from being encrypted. ansible-core 2.19.14 takes both.
# For us: the roles' argument specifications only document, and maintenance_stage checks the variables.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install ansible-core==2.16.19
cd "$folder"
mkdir -p roles/demo/meta roles/demo/tasks home
cat >roles/demo/meta/argument_specs.yml <<'SPECS'
argument_specs:
  main:
    options:
      login: {type: dict, options: {user: {type: str}, password: {type: str, no_log: true}}}
SPECS
cat >roles/demo/tasks/main.yml <<'TASKS'
- ansible.builtin.debug: {msg: "logged in as {{ login.user }}"}
TASKS
export PATH="$folder/venv/bin:$PATH" HOME="$folder/home" ANSIBLE_NOCOLOR=1
echo phrase >phrase.txt
play() {
  printf -- '- hosts: localhost\n  gather_facts: false\n  vars:\n    login:\n      user: somebody\n      password: %s\n  roles: [demo]\n' "$1" >play.yml
  ansible-playbook --vault-password-file phrase.txt -i localhost, -c local play.yml || true
}
play "in clear" | tee clear.txt
grep -q 'logged in as somebody' clear.txt
play "$(ansible-vault encrypt_string --vault-password-file phrase.txt 'in secret' 2>/dev/null | sed '2,$s/^ */        /')" | tee secret.txt
grep -q 'Unknown parameter type: .*AnsibleVaultEncryptedUnicode' secret.txt
