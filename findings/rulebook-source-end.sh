#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Seen with ansible-rulebook 1.3.2 (ansible-core 2.19.14, ansible-runner 2.4.3, drools-jpy 0.4.1, Java 17, Python 3.11), without our code.
#
# A source that ends, well or not, ends the whole process and so all other sources. Where it ended well the status is 0, where it raised, 1.
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

mkdir sources
cat > sources/fails.py << 'END'
import asyncio


async def main(queue, args):
    await asyncio.sleep(1)
    raise RuntimeError("this source fails")
END
rulebook() {
  cat << END
- name: one source ends soon, the other one has a late event
  hosts: localhost
  sources:
    - {name: ends, $1}
    - {name: goes on, eda.builtin.generic: {payload: [{number: 2}], startup_delay: 120}}
  rules:
    - {name: late, condition: event.number == 2, action: {debug: {msg: the late event came}}}
END
}

for way in 'eda.builtin.generic: {payload: [{number: 1}]}' 'fails: {}'; do
  rulebook "$way" > rulebook.yml
  status=0
  ansible-rulebook --rulebook rulebook.yml --inventory inventory.yml --source-dir sources --shutdown-delay 1 > output 2>&1 || status=$?
  ! grep -q 'the late event came' output || changed "the other source went on"
  [[ $way == fails* ]] && wanted=1 || wanted=0
  [[ $status == "$wanted" ]] || changed "with the source $way the status is $status"
done
echo "Seen: the process ended with its first source, with status 0 where that ended and 1 where it raised; the other source's event never came."
