# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The source that Ansible quotes of a failed task from ansible-core 2.19 on, as the security page describes it, and the ways that show no
secret.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.release import __version__

from .processes import Ansible

QUOTES = tuple(map(int, __version__.split(".")[:2])) >= (2, 19)
SECRET = "3D391497-written-out"
NOBODY = "url=http://127.0.0.1:1 username=sigma names=a state=paused retries=0"
TASK = "taskops.quiesce.totalcontrol_task: {{{password}url: 'http://127.0.0.1:1', username: sigma, names: [a], state: paused, retries: 0}}"
FAILED = "Total Control at 127.0.0.1:1 can't be reached"


def playbook(password: str) -> str:
    """A play with one task in one line, as far as its password allows."""
    return f"- hosts: localhost\n  gather_facts: false\n  tasks:\n    - {{name: Pause, {TASK.format(password=password)}}}\n"


def test_a_secret_that_is_written_out_ad_hoc_is_quoted_since_2_19(ansible: Ansible) -> None:
    run = ansible.ad_hoc("totalcontrol_task", f"password={SECRET} {NOBODY}")

    assert FAILED in run.printed and (SECRET in run.printed) == QUOTES


# The task above ends with the secret, and the task below fails.
ABOVE = f"""
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Do nothing
      ansible.builtin.debug:
        msg: done
      vars:
        password: {SECRET}
    - name: Pause
      taskops.quiesce.totalcontrol_task:
        url: http://127.0.0.1:1
        username: sigma
        names: [a]
        state: paused
        retries: 0
"""


@pytest.mark.parametrize("text", [playbook(f"password: {SECRET}, "), ABOVE], ids=["in the line", "in the line above"])
def test_a_secret_that_is_written_out_beside_the_beginning_of_a_task_is_quoted_since_2_19(ansible: Ansible, text: str) -> None:
    run = ansible.playbook(text, variables={"TOTALCONTROL_PASSWORD": SECRET})

    assert FAILED in run.printed and (SECRET in run.printed) == QUOTES


def test_one_from_the_environment_is_not(ansible: Ansible) -> None:
    environment = {"TOTALCONTROL_PASSWORD": SECRET}
    ad_hoc = ansible.ad_hoc("totalcontrol_task", NOBODY, "-vvv", variables=environment)
    played = ansible.playbook(playbook(""), "-vvv", variables=environment)

    assert all(FAILED in run.printed and SECRET not in run.printed for run in (ad_hoc, played))


@pytest.mark.parametrize("way", ["plain", "an encrypted file", "an encrypted value"])
def test_one_in_a_variable_is_not_whether_its_file_is_encrypted_or_not(ansible: Ansible, tmp_path: Path, way: str) -> None:
    key, secrets = tmp_path / "vault-password", tmp_path / "secrets.yml"
    key.write_text("only-for-this-test")
    vault = ["--vault-password-file", str(key)]
    secrets.write_text(f"---\nscripts_password: {SECRET}\n")
    if way == "an encrypted file":
        assert ansible.run("ansible-vault", "encrypt", *vault, str(secrets)).status == 0
    if way == "an encrypted value":
        secrets.write_text(f"---\n{ansible.run('ansible-vault', 'encrypt_string', *vault, '--name', 'scripts_password', SECRET).stdout}\n")
    arguments = ["-e", f"@{secrets}", *vault, "-vvv"]

    ad_hoc = ansible.ad_hoc("totalcontrol_task", f"password='{{{{ scripts_password }}}}' {NOBODY}", *arguments)
    played = ansible.playbook(playbook("password: '{{ scripts_password }}', "), *arguments)

    assert all(FAILED in run.printed and SECRET not in run.printed for run in (ad_hoc, played))
