# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What IoTDA refuses apart from a task's state (vendors/iotda.md, section 3.7 and 1.1 to 1.9 of what was found later)."""

from __future__ import annotations

import json

import pytest

from tests.emulator.vendors._iotda_rules import ERRORS, ORDERABLE
from tests.unit.emulator.iotda.api import Api, T

LIST = "?task_type=moduleUpgrade"


@pytest.mark.parametrize("code", ORDERABLE)
def test_each_code_of_the_table_can_be_ordered(api: Api, code: str) -> None:
    api.put()
    api.model.set_switches({"refuse_with": {"stop": code}})

    reply = api.ask("POST", f"/{T}/stop", {})

    assert (reply.status, json.loads(reply.body)) == (ORDERABLE[code][0], {"error_code": code, "error_msg": ORDERABLE[code][1]})
    assert api.status() == "Processing"


def test_an_order_may_be_for_some_times_only(api: Api) -> None:
    api.put()
    api.model.set_switches({"refuse_with": {"stop": ["IOTDA.000020", 1]}})

    assert [api.ask("POST", f"/{T}/stop", {}).status for _time in range(2)] == [500, 200]


@pytest.mark.parametrize("code", ["IOTDA.000002", "IOTDA.000004", "IOTDA.000020"])
def test_a_bad_token_has_several_codes(api: Api, code: str) -> None:
    api.model.set_switches({"bad_token_code": code})
    api.token = "bad"

    assert api.error("GET", f"/{T}") == (ERRORS[code][0], code)


@pytest.mark.parametrize("code", ["IOTDA.000021", "IOTDA.000022", "IOTDA.000034"])
def test_missing_rights_have_several_codes(api: Api, code: str) -> None:
    api.put()
    api.model.set_switches({"no_rights_code": code, "denied": ["stop"]})

    assert api.refused("stop") == (403, code)


@pytest.mark.parametrize(("status", "code"), [(400, "IOTDA.000006"), (403, "IOTDA.000033")])
def test_an_older_instance_refuses_to_list_a_type_that_it_does_not_know(api: Api, status: int, code: str) -> None:
    api.model.set_switches({"unknown_types": ["moduleUpgrade"], "unknown_type_as": status})

    assert api.error("GET", LIST) == (status, code)
    assert api.ask("GET", "?task_type=softwareUpgrade").status == 200
