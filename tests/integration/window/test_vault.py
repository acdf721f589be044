# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets of targets from Ansible Vault: encrypted within the targets, or in variables of their own."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

from tests.integration.processes import Run
from tests.integration.windows import Window, actions, ended

VAULT_PASSWORD = "only-for-this-test"


def encrypted(window: Window, secret: str, key: Path) -> str:
    """The secret as `ansible-vault` writes it for a YAML file."""
    made = window.ansible.run("ansible-vault", "encrypt_string", "--vault-password-file", str(key), secret)
    assert made.status == 0, made.printed
    return made.stdout.strip()


def opened_with(window: Window, *, inline: bool) -> Run:
    """Open and close the window in one play, with its variables in a file in the same folder."""
    key = window.folder / "vault-password"
    key.write_text(VAULT_PASSWORD)
    environment = window.fleet.environment()
    password = encrypted(window, environment.pop("TOTALCONTROL_PASSWORD"), key)
    target = {**window.targets[0], "options": {**window.targets[0]["options"], "username": environment.pop("TOTALCONTROL_USERNAME")}}
    text = json.dumps({"maintenance_id": window.id, "maintenance_ledger_dir": str(window.ledger.parent)})
    lines = [f"{name}: {json.dumps(value)}" for name, value in json.loads(text).items()]
    options = [f"      {name}: {json.dumps(value)}" for name, value in target.pop("options").items()]
    lines += ["maintenance_targets:", f"  - {json.dumps(target)[1:-1].replace(', ', chr(10) + '    ')}".replace('": ', '": ')]
    lines += ["    options:", *options]
    lines += [f"      password: {textwrap.indent(password, '        ').strip()}" if inline else '      password: "{{ scripts_password }}"']
    lines += [] if inline else [f"scripts_password: {password}"]
    (window.folder / "change.yml").write_text("\n".join(["---", *lines, ""]))
    roles = [{"ansible.builtin.include_role": {"name": f"taskops.quiesce.maintenance_{name}"}} for name in ("open", "close")]
    play = {"hosts": "localhost", "gather_facts": False, "vars_files": ["change.yml"], "tasks": roles}
    (window.folder / "play.yml").write_text(json.dumps([play]))
    run = window.ansible.run(
        "ansible-playbook",
        str(window.folder / "play.yml"),
        "--vault-password-file",
        str(key),
        "-vvvv",
        variables=environment,
        patience=300,
    )
    window.runs.append(run)
    return run


@pytest.mark.parametrize("inline", [True, False], ids=["inline", "as a variable"])
def test_a_password_from_a_vault_opens_and_closes_a_window_and_is_shown_nowhere(window: Window, inline: bool) -> None:
    run = opened_with(window, inline=inline)

    assert ended(run) == ""
    assert actions(window.fleet) == {"totalcontrol": ["pause", "pause", "resume", "resume"]}
    assert window.leaks() == []
