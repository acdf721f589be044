# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What VIAS refuses apart from a task's state, and a proxy in front (vendors/huawei_vias.md, section 3.7 and what was found later)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.emulator.messages import BadOrder
from tests.emulator.vendors._huawei_vias import ERRORS
from tests.unit.emulator.huawei.world import PROJECT, TASK, Api, date_of, sdk_signed

HERE = f"/v2/{PROJECT}/tasks/{TASK}"
VIAS = "vias.cn-north-4.myhuaweicloud.com"


@pytest.mark.parametrize("code", ERRORS)
def test_each_code_of_the_table_can_be_ordered(api: Api, code: str) -> None:
    api.put("RUNNING")
    api.model.set_switches({"refuse_with": {"stop": code}})

    got = api.act("stop")

    assert (got.status, got.code, got.json["error_msg"]) == (ERRORS[code][0], code, ERRORS[code][1])
    assert api.state() == "RUNNING"


def test_an_order_may_be_for_some_times_only(api: Api) -> None:
    api.put("RUNNING")
    api.model.set_switches({"refuse_with": {"stop": ["VIAS.00010024", 2]}})

    assert [api.act("stop").status for _time in range(3)] == [500, 500, 200]


def test_an_order_may_be_for_any_call(api: Api) -> None:
    api.put("RUNNING")
    api.model.set_switches({"refuse_with": {"*": "VIAS.00010021"}})

    assert {api.ask("GET", "/tasks").code, api.act("stop").code, api.ask("GET", "/tasks/T").code} == {"VIAS.00010021"}


@pytest.mark.parametrize("wrong", ["VIAS.00010021", {"stop": "X.1"}, {"stop": ["VIAS.00010021", 0]}, {"stop": ["VIAS.00010021", True]}])
def test_an_order_that_makes_no_sense_is_told(api: Api, wrong: object) -> None:
    with pytest.raises(BadOrder):
        api.model.set_switches({"refuse_with": wrong})


@pytest.mark.parametrize("code", ["VIAS.00010005", "VIAS.00010021", "VIAS.00010023", "VIAS.00010024"])
def test_missing_rights_have_several_codes(api: Api, code: str) -> None:
    api.model.set_switches({"refused_code": code})
    token = api.login(user="guest").headers_of("X-Subject-Token")

    assert api.ask("GET", f"/tasks/{TASK}", token=token).code == code


def test_nobody_has_rights_before_the_main_account_has_agreed(api: Api) -> None:
    api.model.set_switches({"agreed": False})

    got = api.ask("GET", f"/tasks/{TASK}")

    assert (got.status, got.code) == (401, "VIAS.00010005")


def test_the_gateway_has_a_second_number_for_a_token(api: Api) -> None:
    api.model.set_switches({"bad_token_number": "0307"})

    got = api.ask("GET", f"/tasks/{TASK}", token="bad")

    assert (got.status, got.code, got.json["error_msg"]) == (401, "APIGW.0307", "The token must be updated.")


# --- a proxy that puts another Host in place of the client's; the official SDK is the client ------------------------------


def test_the_signature_is_verified_with_the_host_that_arrives(api: Api) -> None:
    date = date_of(api.model.clock.wall())
    signed = sdk_signed("GET", HERE, date=date, host=VIAS)
    through = replace(signed, headers={**signed.headers, "Host": "proxy.example.com"})

    assert api.replay(through).status == 401
    api.model.set_switches({"seen_host": VIAS})
    assert api.replay(through).status == 200


def test_the_proxy_s_own_host_is_no_longer_good_then(api: Api) -> None:
    api.model.set_switches({"seen_host": VIAS})

    assert api.signed("GET", HERE, host="proxy.example.com").status == 401
