# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may call IoTDA and what others are told (vendors/iotda.md, sections 2.2 to 2.7 and 3.7)."""

from __future__ import annotations

import json
import re

import pytest

from tests.emulator.vendors.iotda import Iotda
from tests.unit.emulator.iotda.api import BASE, PROJECT, Api, T, error_of, issue

INSTANCE = "1d5ad0f6-2f9c-4a6e-8a29-6a8f4a1b7c3d"
LIST = "?task_type=softwareUpgrade"
CALLS = {
    "list": ("GET", LIST, None),
    "show": ("GET", f"/{T}", None),
    "stop": ("POST", f"/{T}/stop", {}),
    "retry": ("POST", f"/{T}/retry", {}),
    "confirm": ("POST", f"/{T}/confirm", {}),
    "delete": ("DELETE", f"/{T}", None),
    "create": ("POST", "", {"task_name": "t", "task_type": "softwareUpgrade", "targets": ["a"]}),
}


@pytest.mark.parametrize("call", CALLS)
def test_nothing_without_credentials(iotda_model: Iotda, call: str) -> None:
    method, path, body = CALLS[call]
    before = iotda_model.tasks()
    reply = iotda_model.answer(method, BASE + path, {"Content-Type": "application/json"}, json.dumps(body).encode())
    assert error_of(reply) == (401, "IOTDA.000002")
    assert iotda_model.tasks() == before


def test_a_token_that_is_no_longer_good(api: Api) -> None:
    api.model.expire_tokens()
    assert api.error("GET", LIST) == (401, "IOTDA.000002")


@pytest.mark.parametrize("edition", ["basic", "instance"])
def test_a_token_is_good_for_both_editions(api: Api, edition: str) -> None:
    api.model.set_switches({"iotda_edition": edition})
    assert api.ask("GET", LIST).status == 200


def test_a_token_for_another_project(api: Api) -> None:
    api.token = issue(api.model, project="0605767e8b80d5ac2f70c00d8ddd8ba2")
    assert api.error("GET", LIST) == (403, "IOTDA.000021")


def test_the_tasks_of_another_project_are_not_there(api: Api) -> None:
    other = "0605767e8b80d5ac2f70c00d8ddd8ba2"
    api.token = issue(api.model, project=other)
    reply = api.ask("GET", f"/{T}", base=BASE.replace(PROJECT, other))
    assert reply.status == 404


@pytest.mark.parametrize("call", CALLS)
def test_switch_denied(api: Api, call: str) -> None:
    api.model.set_switches({"denied": [call]})
    before = api.model.tasks()
    assert api.error(*CALLS[call]) == (403, "IOTDA.000022")
    assert api.model.tasks() == before


def test_what_is_not_denied_is_allowed(api: Api) -> None:
    api.model.set_switches({"denied": ["stop"]})
    assert api.ask("GET", LIST).status == 200


def test_switch_subscribed(api: Api) -> None:
    api.model.set_switches({"subscribed": False})
    assert api.error("GET", LIST) == (403, "IOTDA.000021")


# --- Instance-Id ----------------------------------------------------------------------------------------------------------


def test_one_host_serves_several_instances(api: Api) -> None:
    api.model.set_switches({"instances": ["one", "two"]})
    api.model.load([{"task_id": "a1"}, {"task_id": "a2", "instance_id": "two"}], keep=False)
    seen = [
        [task["task_id"] for task in json.loads(api.ask("GET", LIST, headers=headers).body)["batchtasks"]]
        for headers in ({}, {"Instance-Id": "one"}, {"Instance-Id": "two"})
    ]
    assert seen == [["a1"], ["a1"], ["a2"]]
    assert api.ask("GET", "/a2").status == 404
    assert api.ask("GET", "/a2", headers={"Instance-Id": "two"}).status == 200


@pytest.mark.parametrize(
    ("header", "expected"), [("nosuch", (403, "IOTDA.000021")), ("a" * 37, (400, "IOTDA.000006")), ("", (400, "IOTDA.000006"))]
)
def test_an_instance_that_is_wrong(api: Api, header: str, expected: tuple[int, str]) -> None:
    assert api.error("GET", LIST, headers={"Instance-Id": header}) == expected


def test_switch_instance_id(api: Api) -> None:
    api.model.set_switches({"instance_id": "required"})
    assert api.error("GET", LIST) == (400, "IOTDA.000006")
    assert api.ask("GET", LIST, headers={"Instance-Id": INSTANCE}).status == 200


# --- paths, limits, request ids -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/v5/{PROJECT}/batchtasks"),
        ("POST", f"/v5/{PROJECT}/batchtasks/{T}/stop"),
        ("POST", f"{BASE}/{T}/pause"),
        ("POST", f"{BASE}/{T}/resume"),
        ("PUT", f"{BASE}/{T}/stop"),
        ("GET", f"{BASE}/{T}/stop"),
        ("GET", "/"),
    ],
)
def test_a_path_that_does_not_exist(api: Api, method: str, path: str) -> None:
    assert error_of(api.ask(method, "", {}, base=path)) == (404, "IOTDA.000029")


@pytest.mark.parametrize(("position", "expected"), [("IOTDA.021102", 403), ("IOTDA.021101", 403), ("APIG.0308", 429)])
def test_switch_calls_per_second(api: Api, position: str, expected: int) -> None:
    api.model.set_switches({"calls_per_second": 2, "rate_limited_as": position})
    assert [api.ask("GET", LIST).status for _call in range(2)] == [200, 200]
    assert api.error("POST", f"/{T}/stop", {}) == (expected, position)
    assert api.truth()["status"] == "Processing"
    api.model.advance(1)
    assert api.ask("GET", LIST).status == 200


def test_a_rate_limit_can_be_ordered_as_a_fault(api: Api) -> None:
    body = {"error_code": "IOTDA.021102", "error_msg": "Operation not allowed."}
    api.model.faults.order([{"kind": "status", "status": 403, "body": body, "match": {"action": "stop"}}])
    assert api.error("POST", f"/{T}/stop", {}) == (403, "IOTDA.021102")
    assert api.ask("POST", f"/{T}/stop", {}).status == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [*CALLS.values(), ("GET", "", None), ("POST", f"/{T}/pause", {}), ("GET", "/000", None), ("DELETE", "/6576f1a030344005c0231705", None)],
)
def test_every_answer_has_a_request_id_of_its_own(api: Api, method: str, path: str, body: object) -> None:
    ids = [dict(api.ask(method, path, body).headers)["X-Request-Id"] for _time in range(2)]
    assert all(re.fullmatch("[0-9a-f]{32}", value) for value in ids)
    assert ids[0] != ids[1]


@pytest.mark.parametrize(
    ("method", "path", "action", "write"),
    [
        ("GET", LIST, "list", False),
        ("GET", f"/{T}", "show", False),
        ("POST", f"/{T}/stop", "stop", True),
        ("POST", f"/{T}/retry", "retry", True),
        ("POST", f"/{T}/confirm", "confirm", True),
        ("DELETE", f"/{T}", "delete", True),
        ("POST", "", "create", True),
        ("POST", f"/{T}/pause", "post", True),
        ("GET", f"/{T}/stop", "unknown", False),
    ],
)
def test_the_journal_knows_what_was_asked(api: Api, method: str, path: str, action: str, write: bool) -> None:
    api.ask(method, path, {})
    entry = api.model.journal.since()[-1].view()
    assert (entry["action"], entry["write"]) == (action, write)


@pytest.mark.parametrize("delay", [0, 5])
@pytest.mark.parametrize(
    ("body", "effect"), [({}, True), ({"targets": ["dev_c"]}, True), ({"targets": ["dev_a"]}, False), ({"targets": ["nosuch"]}, False)]
)
def test_the_journal_knows_whether_an_action_took_effect(api: Api, body: object, effect: bool, delay: float) -> None:
    api.model.set_switches({"action_delay": delay})
    api.act("stop", body)
    assert api.model.journal.since()[-1].took_effect is effect


def test_require_read_only_proves_check_mode(api: Api) -> None:
    api.model.set_switches({"require_read_only": True})
    assert api.ask("POST", f"/{T}/stop", {}).status == 500
    assert api.status() == "Processing"
