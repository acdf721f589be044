# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What IoTDA refuses for a reason that isn't the state of a task (page iotda, section 3.7 and 1.1 to 1.10 of what was found later)."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.modules import iotda_batchtask, iotda_batchtask_info

from tests.unit.plugins.modules.iotda_world import ACCESS, HOST, KEY, PLACE, PROJECT, SHARED, USER, T, World, upgrade
from tests.unit.plugins.modules.results import is_one_sentence

LOGIN = {**PLACE, **USER, "iam_url": f"https://{HOST}"}


@pytest.fixture
def world(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> World:
    return World(iotda_batchtask.main, "iotda_batchtask", capsys, monkeypatch)


@pytest.fixture
def lists(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> World:
    return World(iotda_batchtask_info.main, "iotda_batchtask_info", capsys, monkeypatch)


# What each code is told as

TOLD: list[tuple[str, str, str]] = [
    ("IOTDA.000004", "authentication", "the token isn't a valid one"),
    ("IOTDA.000020", "authentication", "the token isn't a valid one"),
    ("IOTDA.000021", "permission", "check the address with its region, project_id and instance_id"),
    ("IOTDA.000022", "permission", "a right that was granted just now takes some minutes to work"),
    ("IOTDA.000034", "permission", "a right that was granted just now takes some minutes to work"),
    ("IOTDA.000033", "refused", "this code isn't documented"),
    ("IOTDA.001000", "not_found", "the user has no such resource space: check app_id"),
    ("IOTDA.001002", "permission", "the user may not use it: check app_id"),
    ("IOTDA.001005", "usage", "name the one that is meant in app_id"),
    ("IOTDA.001006", "not_found", "the user has no such resource space: check app_id"),
    ("IOTDA.001007", "permission", "the user may not use it: check app_id"),
    *((f"IOTDA.0000{number}", "refused", "doesn't accept the page size or the marker") for number in (11, 12, 13, 14, 18)),
    ("IOTDA.000029", "not_found", "IoTDA doesn't know this address, which says nothing about the task: check url"),
    ("IOTDA.0142XX", "refused", "IOTDA.0142XX Operation not allowed"),
]


@pytest.mark.parametrize(("code", "ours", "advice"), TOLD, ids=[code for code, *_told in TOLD])
def test_a_code_is_told_with_our_word_and_what_to_do(lists: World, code: str, ours: str, advice: str) -> None:
    lists.begin(upgrade(), refuse_with={"list": code})

    result = lists.run(task_type="firmwareUpgrade")

    assert (result["failure"]["code"], result["failure"]["vendor_code"]) == (ours, code)
    assert advice in result["msg"] and is_one_sentence(result["msg"]) and lists.requests == ["list"]


def test_a_path_that_isn_t_known_is_no_missing_task(world: World) -> None:
    """The whole task would count as gone, and a window as quiet."""
    world.begin(upgrade(), refuse_with={"show": "IOTDA.000029"})

    result = world.run(task_id=T, state="stopped")

    assert result["failure"]["code"] == "not_found" and "knows no task" not in result["msg"] and "check url" in result["msg"]


# An action: refused, or lost


@pytest.mark.parametrize("code", ["IOTDA.000022", "IOTDA.000034", "IOTDA.000021", "IOTDA.000033", "IOTDA.0142XX", "IOTDA.000029"])
def test_a_refused_action_is_sent_once_and_told_as_it_came(world: World, code: str) -> None:
    world.begin(upgrade(), refuse_with={"stop": code})

    result = world.run(task_id=T, state="stopped")

    assert (result["changed"], result["tasks"][0]["action"], world.writes) == (False, "none", ["stop"])
    assert result["tasks"][0]["error"]["vendor_code"] == code and world.requests == ["show", "stop", "show"]


def test_a_token_failure_told_by_500_is_no_lost_answer(world: World) -> None:
    """Requests are signed, so that no other token can be got for them; nothing took hold, and nothing is waited for."""
    world.begin(upgrade(), refuse_with={"stop": "IOTDA.000020"})

    result = world.run(task_id=T, state="stopped")

    assert (result["failure"]["code"], result["changed"], world.requests) == ("authentication", False, ["show", "stop"])
    assert "what was signed" not in result["msg"]


# Tokens: renewed where that may help, and nowhere else


@pytest.mark.parametrize("code", ["IOTDA.000002", "IOTDA.000004", "IOTDA.000020"])
def test_an_expired_token_is_renewed_however_it_is_told(world: World, code: str) -> None:
    world.begin(upgrade(), bad_token_code=code)
    world.fault("expire_token", "stop")

    result = world.run(**LOGIN, task_id=T, state="stopped")

    assert result["tasks"][0]["reached"] and world.requests.count("token") == 2


@pytest.mark.parametrize("code", ["IOTDA.000021", "IOTDA.000022", "IOTDA.000034"])
def test_missing_rights_get_no_second_login(world: World, code: str) -> None:
    world.begin(upgrade(), denied=["stop"], no_rights_code=code)

    result = world.run(**LOGIN, task_id=T, state="stopped")

    assert (result["failure"]["code"], result["failure"]["vendor_code"], world.requests.count("token")) == ("permission", code, 1)


# Task types that came later


@pytest.mark.parametrize("status", [400, 403])
def test_a_type_that_came_later_may_be_refused_by_an_older_instance(lists: World, status: int) -> None:
    lists.begin(upgrade(), unknown_types=["moduleUpgrade", "changeGateway"], unknown_type_as=status)

    result = lists.run()

    assert [row["id"] for row in result["tasks"]] == [T]
    told = [str(warning) for warning in result.get("warnings", ())]
    assert len(told) == (2 if status == 403 else 0)
    assert all("doesn't list tasks of the type" in warning and "IOTDA.000033" in warning for warning in told)


@pytest.mark.parametrize("code", ["IOTDA.000022", "IOTDA.000034", "IOTDA.000021", "IOTDA.000004", "IOTDA.001005"])
def test_a_right_that_is_missing_is_no_type_that_came_later(lists: World, code: str) -> None:
    """A list without those would look whole."""
    lists.begin(upgrade(), refuse_with={"list": code})

    assert lists.run()["failure"]["vendor_code"] == code and len(lists.requests) == 1


def test_a_type_that_is_asked_for_by_name_is_never_passed_over(lists: World) -> None:
    lists.begin(upgrade(), unknown_types=["moduleUpgrade"], unknown_type_as=403)

    assert lists.run(task_type="moduleUpgrade")["failure"]["vendor_code"] == "IOTDA.000033"


# Signatures behind a proxy


PROXIED: dict[str, Any] = {**KEY, "region": "cn-north-4", "project_id": PROJECT, "url": "https://proxy.example.com/iot"}


@pytest.mark.parametrize(
    ("edition", "host"),
    [("instance", HOST), ("basic", SHARED)],
)
def test_the_signature_is_that_of_the_host_that_is_signed(world: World, edition: str, host: str) -> None:
    """By the official rule, a proxy's own name would always take the derived one."""
    world.begin(upgrade(), path_prefix="/iot", seen_host=host, iotda_edition=edition)

    result = world.run(**PROXIED, signed_host=host, task_id=T, state="stopped")

    assert result["tasks"][0]["reached"] and world.writes == ["stop"]


def test_a_refused_signature_behind_a_proxy_names_what_was_signed(world: World) -> None:
    world.begin(upgrade(), path_prefix="/iot", seen_host=HOST)

    result = world.run(**PROXIED, task_id=T, state="stopped")

    assert result["failure"]["vendor_code"] == "IOTDA.000002" and len(world.requests) == 1
    assert (
        "what was signed is the path from /v5 on, without the prefix /iot, and the Host proxy.example.com; where a proxy" in result["msg"]
    )
    assert "signed_host" in result["msg"] and is_one_sentence(result["msg"])


def test_a_host_that_isn_t_one_is_told_before_anything_is_sent(world: World) -> None:
    result = world.run(**ACCESS, signed_host="a/b", task_id=T, state="stopped")

    assert result["failure"]["code"] == "usage" and world.requests == []
