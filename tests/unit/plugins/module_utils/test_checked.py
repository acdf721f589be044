# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that are checked in Ansible's worker are what AnsibleModule makes of them in a module's own process, and so is what's wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from ansible.module_utils.common import warnings
from ansible_collections.taskops.quiesce.plugins.module_utils._module import QuiesceModule
from ansible_collections.taskops.quiesce.plugins.module_utils._options import checked
from ansible_collections.taskops.quiesce.plugins.module_utils._run import state_arguments
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors.totalcontrol import TotalControl

from tests.unit.run_module import module_args

NAME = "taskops.quiesce.totalcontrol_task"
ACCESS = {"url": "http://tc.example.com:8090", "username": "sigma", "password": "3D391497"}
OPTIONS: dict[str, dict[str, Any]] = {
    "all in order": {**ACCESS, "names": ["a", "b"], "state": "paused"},
    "an alias": {**ACCESS, "task_name": "a", "state": "paused"},
    "an option and its alias": {**ACCESS, "names": ["a"], "name": ["b"], "state": "paused"},
    "a list as text": {**ACCESS, "names": "a, b,c", "state": "paused"},
    "other types": {**ACCESS, "names": [1, 2], "state": "paused", "timeout": "2.5", "wait": "no", "concurrency": "4"},
    "empty texts": {**ACCESS, "names": ["a"], "state": "paused", "token": "", "proxy": ""},
    "a home folder": {**ACCESS, "names": ["a"], "state": "paused", "ca_path": "~/ca.pem"},
    "a password in a proxy": {**ACCESS, "names": ["a"], "state": "paused", "proxy": "http://me:p4ss@proxy.example.com:3128"},
    "a misspelled option": {**ACCESS, "nmaes": ["a"], "state": "paused"},
    "an unknown option": {**ACCESS, "names": ["a"], "state": "paused", "colour": "red"},
    "no state": {**ACCESS, "names": ["a"]},
    "a wrong state": {**ACCESS, "names": ["a"], "state": "asleep"},
    "two ways to log in": {**ACCESS, "names": ["a"], "state": "paused", "token": "T"},
    "no number": {**ACCESS, "names": ["a"], "state": "paused", "concurrency": "many"},
    "nothing": {},
}
ENVIRONMENT = {"TOTALCONTROL_URL": "http://other.example.com", "TOTALCONTROL_TOKEN": "secret token", "TOTALCONTROL_TIMEOUT": "7"}


def by_module(options: Mapping[str, Any], capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, Any] | None, str, set[str], list[str]]:
    """The options in a module's process, its complaint, its secrets and its warnings."""
    vars(warnings)["_global_warnings"].clear()
    with module_args({**options, "_ansible_module_name": NAME}):
        try:
            module = QuiesceModule(state_arguments(TotalControl))
        except SystemExit:
            return None, str(json.loads(capsys.readouterr().out)["msg"]), set(), []
    return dict(module.params), "", set(module.no_log_values), [str(getattr(told, "msg", told)) for told in _warned()]


def _warned() -> list[Any]:
    return [getattr(warning, "event", warning) for warning in vars(warnings)["_global_warnings"]]


@pytest.mark.parametrize("variables", [{}, ENVIRONMENT], ids=["bare", "environment"])
@pytest.mark.parametrize("title", OPTIONS)
def test_both_ways_make_the_same_of_options(
    title: str, variables: Mapping[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    params, error, secrets, told = by_module(OPTIONS[title], capsys)
    mine = checked(state_arguments(TotalControl), OPTIONS[title], NAME)

    assert mine.error == error
    if params is not None:
        assert (mine.params, mine.secrets, mine.warnings) == (params, secrets, told)
