# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A result that is searched for secrets as a whole, in place of value by value, shows none that Ansible's own search would hide."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.taskops.quiesce.plugins.module_utils._options import Checked
from ansible_collections.taskops.quiesce.plugins.plugin_utils._worker import WorkerFront

SECRETS = [
    "plain",
    'a "quoted" one',
    "back\\slash",
    "line\nbreak",
    "tab\tstop",
    "schlüssel",
    "鍵",
    "12345",
    "1.5",
    "/slash",
    "\x7f",
    "a\u2028b",
]


def front(*secrets: str) -> WorkerFront:
    options = Checked(params={}, secrets=set(secrets), warnings=[], deprecations=[], error="")
    return WorkerFront(options, check_mode=False, wants_diff=False, is_awaited=lambda: True)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("shape", ["alone", "within", "in a list", "in a mapping"])
def test_a_secret_is_hidden_wherever_it_stands_and_however_json_spells_it(secret: str, shape: str) -> None:
    value: Any = {"alone": secret, "within": f"so {secret}!", "in a list": [[secret]], "in a mapping": {"deep": {"er": f"-{secret}"}}}[
        shape
    ]
    result = {"changed": False, "value": value, "other": 1}

    shown = json.loads(front(secret).document(result))

    assert shown == {**remove_values(result, {secret}), "changed": False}
    assert secret not in json.dumps(shown, ensure_ascii=False) and json.dumps(secret, ensure_ascii=False)[1:-1] not in json.dumps(shown)


def test_a_number_that_is_a_secret_is_hidden() -> None:
    assert "12345" not in front("12345").document({"port": 12345, "rows": [1.5]})
    assert "1.5" not in front("1.5").document({"port": 12345, "rows": [1.5]})


def test_what_holds_no_secret_is_left_as_it_is() -> None:
    result = {"changed": True, "tasks": [{"id": "a", "note": None, "name": "ü"}]}

    assert json.loads(front("secret").document(result)) == result
