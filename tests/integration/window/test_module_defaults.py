# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The `module_defaults` of a play for a vendor's action group also apply to the targets of a window and to a probe."""

from __future__ import annotations

import json
from typing import Any

from tests.integration.windows import Window, actions, ended

from .conftest import Make


def play(window: Window, *tasks: dict[str, Any], defaults: dict[str, Any]) -> str:
    """A playbook with these defaults. Returns its name."""
    whole = {"hosts": "localhost", "gather_facts": False, "module_defaults": defaults, "tasks": list(tasks)}
    (window.folder / "play.yml").write_text(json.dumps([whole]))
    return "play.yml"


def role(name: str) -> dict[str, Any]:
    return {"name": f"The role {name}", "ansible.builtin.include_role": {"name": f"taskops.quiesce.maintenance_{name}"}}


def access(window: Window) -> dict[str, Any]:
    """Address and credentials of Total Control, with the password in a variable."""
    given = {name.removeprefix("TOTALCONTROL_").lower(): value for name, value in window.fleet.environment().items()}
    return {**{name: given[name] for name in ("username", "password")}, "url": window.fleet.systems["totalcontrol"].url}


def test_a_window_takes_address_and_credentials_from_the_group_s_defaults(window: Window) -> None:
    window.targets[0]["options"].pop("url", None)
    its = access(window)
    defaults = {
        "group/taskops.quiesce.totalcontrol": {**its, "password": "{{ secret }}", "wait": False, "proxy": "{{ nothing | default(omit) }}"}
    }
    name = play(window, role("open"), role("close"), defaults=defaults)

    run = window.run(name, environment={}, patience=300, secret=its["password"])

    assert ended(run) == "" and actions(window.fleet) == {"totalcontrol": ["pause", "pause", "resume", "resume"]}, run.printed
    assert window.document()["targets"][0]["options"]["url"] == its["url"]
    assert its["password"] not in window.ledger.read_text() and window.leaks() == []


def test_a_target_s_own_options_go_before_the_group_s_and_the_group_s_before_all(window: Window) -> None:
    window.targets[0]["options"]["url"] = window.fleet.systems["totalcontrol"].url
    its = access(window)
    nowhere = {"url": "http://127.0.0.1:9"}
    defaults = {"group/taskops.quiesce.all": {"timeout": 7}, "group/taskops.quiesce.totalcontrol": {**its, **nowhere}}

    assert ended(window.run(play(window, role("open"), defaults=defaults), environment={}, patience=300)) == ""
    assert window.document()["targets"][0]["options"]["timeout"] == 7


def test_what_is_missing_is_told_with_the_group_that_may_give_it(window: Window) -> None:
    window.targets[0]["options"].pop("url", None)

    sentence = ended(window.run(play(window, role("open"), defaults={}), environment={}))

    assert sentence == (
        "target scripts: url is missing, and neither username with password nor token is given; "
        "give them in its options, by module_defaults of group/taskops.quiesce.totalcontrol or "
        "in the environment as TOTALCONTROL_URL, TOTALCONTROL_USERNAME, TOTALCONTROL_PASSWORD or TOTALCONTROL_TOKEN."
    )


def test_a_probe_takes_the_group_s_defaults(make_window: Make) -> None:
    window = make_window("totalcontrol")
    probe = {"name": "Look", "taskops.quiesce.system_probe": {"vendor": "totalcontrol"}, "register": "probe"}
    defaults = {"group/taskops.quiesce.totalcontrol": {**access(window), "wait_timeout": 9}}

    run = window.run(play(window, probe, defaults=defaults), environment={})

    assert ended(run) == "" and run.results[0]["finding"]["vendor"] == "totalcontrol", run.printed
