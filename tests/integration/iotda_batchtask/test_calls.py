# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real ansible processes against an emulated IoTDA on sockets: the module as users call it. The unit tests cover the single cells of the
table.
"""

from __future__ import annotations

from typing import Any

import pytest

from ..cases import Outcome, case, fault
from ..iotda import CN_NORTH_4, KEY, PROJECT, T, firmware
from ..processes import Result

pytestmark = pytest.mark.wire

MODULE = "iotda_batchtask"
RUNS = [firmware()]
HELD = [firmware(status="Waitting", need_confirm=True)]
STOP: dict[str, Any] = {"task_id": T, "state": "stopped"}
USER: dict[str, Any] = {"username": "iam-user", "password": "secret", "domain_name": "account-name"}


@pytest.mark.quick
@case({"check_mode": True}, {}, {}, module=MODULE, tasks=RUNS, **STOP)
def test_check_mode_foretells_the_run_and_a_second_run_changes_nothing(outcome: Outcome) -> None:
    foretold, real, again = outcome.results

    assert (foretold["tasks"], foretold["summary"]) == (real["tasks"], real["summary"])
    assert (foretold["changed"], real["changed"], again["changed"]) == (True, True, False)
    assert outcome.requests == [f"show {T}", f"show {T}", f"stop {T}", f"show {T}", f"show {T}", f"show {T}"]
    assert outcome.tasks[0]["status"] == "Stopped"


@case({"check_mode": True}, module=MODULE, tasks=RUNS, switches={"require_read_only": True}, **STOP)
def test_check_mode_writes_nothing(outcome: Outcome) -> None:
    assert outcome.result["changed"] and outcome.writes == []


@case(module=MODULE, tasks=HELD, task_id=T, state="started")
def test_a_held_task_is_confirmed(outcome: Outcome) -> None:
    assert (outcome.row["before"], outcome.row["action"], outcome.row["after"]) == ("paused", "confirm", "started")
    assert [entry["body"] for entry in outcome.journal if entry["write"]] == ["{}"]


@case(module=MODULE, tasks=[firmware(target_count=250)], task_id=T, state="stopped", targets=[f"device_{n:05}" for n in range(1, 251)])
def test_250_devices_take_three_calls(outcome: Outcome) -> None:
    assert outcome.result["summary"] == {"wanted": "stopped", "total": 250, "reached": 250, "changed": 250, "failed": 0, "skipped": 0}
    assert sorted(len(entry["json"]["targets"]) for entry in outcome.journal if entry["write"]) == [50, 100, 100]


@case(module=MODULE, tasks=[firmware(status="Stopped")], task_id=T, state="started", retry_failed=True)
def test_a_stopped_task_can_t_be_started_and_nothing_is_sent(outcome: Outcome) -> None:
    message = outcome.failure("unreachable_state")

    assert message == f"task {T} was stopped, and IoTDA can't start a stopped task again; create a new one; nothing was changed."
    assert outcome.requests == [f"show {T}"]


@case(module=MODULE, tasks=RUNS, connect=False, url="{url}", iam_url="{url}", region="cn-north-4", project_id=PROJECT, **USER, **STOP)
def test_a_user_logs_in_for_the_project(outcome: Outcome) -> None:
    assert outcome.row["reached"] and outcome.requests[0].startswith("token")


@case(
    module=MODULE, tasks=[firmware(project_id=CN_NORTH_4)], connect=False, url="{url}", iam_url="{url}", region="cn-north-4", **KEY, **STOP
)
def test_the_project_is_found_by_the_region(outcome: Outcome) -> None:
    assert outcome.row["reached"] and outcome.requests[0].startswith("projects")


@pytest.mark.core
@case(module=MODULE, tasks=RUNS, connect=False, **STOP,
      variables={"IOTDA_URL": "{url}", "HUAWEICLOUD_REGION": "cn-north-4", "HUAWEICLOUD_SDK_PROJECT_ID": PROJECT,
                 "HUAWEICLOUD_SDK_AK": KEY["access_key"], "HUAWEICLOUD_SDK_SK": KEY["secret_key"], "HUAWEICLOUD_TOKEN": ""})  # fmt: skip
def test_everything_may_come_from_the_environment(outcome: Outcome) -> None:
    assert outcome.row["reached"]


@case(module=MODULE, tasks=RUNS, tls=True, ca_path="{ca}", **STOP)
def test_over_tls(outcome: Outcome) -> None:
    assert outcome.row["reached"]


@case(module=MODULE, tasks=RUNS, faults=[fault("reset_after", "stop")], **STOP)
def test_a_lost_answer_is_looked_into_and_the_action_not_repeated(outcome: Outcome) -> None:
    assert outcome.row["reached"] and outcome.row["changed"]
    assert outcome.writes == outcome.effects == [f"stop {T}"]


@case(module=MODULE, tasks=RUNS, meanwhile={"stop": (T, "finish")}, **STOP)
def test_an_upgrade_that_ends_just_before_its_stop_counts_as_stopped(outcome: Outcome) -> None:
    assert (outcome.row["after"], outcome.row["reached"], outcome.row["changed"]) == ("completed", True, False)


@case(module=MODULE, tasks=RUNS, faults=[fault("rate_limit", "stop", retry_after=1)], **STOP)
def test_a_throttled_action_is_sent_again(outcome: Outcome) -> None:
    assert outcome.row["reached"] and outcome.effects == [f"stop {T}"]


@case({"signature": "standard"}, {"secret_key": "wr0ng"}, {"region": "cn-south-1"}, module=MODULE, tasks=RUNS, **STOP)
def test_who_isn_t_let_in_learns_the_three_suspects(outcome: Outcome) -> None:
    assert outcome.requests == [f"show {T}"] * 3
    for result in outcome.results:
        assert suspects(result)


def suspects(result: Result) -> bool:
    told = ("the key or token", "the signature (standard or derived)", "the address with its region")
    return result["failure"]["code"] == "authentication" and all(suspect in result["msg"] for suspect in told)


BAD: dict[str, dict[str, Any]] = {
    "can't stand in an address": {"task_id": "a/b"},
    "targets are devices of one task": {"task_ids": [T, "0a"], "targets": ["dev_a"]},
    "targets names dev_a twice": {"task_id": T, "targets": ["dev_a", "dev_a"]},
}


@case(*BAD.values(), module=MODULE, tasks=RUNS, state="stopped")
def test_bad_input_is_told_before_anything_is_sent(outcome: Outcome) -> None:
    for told, result in zip(BAD, outcome.results, strict=True):
        assert told in result["msg"] and result["failure"]["code"] == "usage"
    assert outcome.requests == []


HOST = "9bc34a1b2c.st1.iotda-app.cn-north-4.myhuaweicloud.com"
BEHIND: dict[str, Any] = {**KEY, "url": "{url}/iot", "region": "cn-north-4", "project_id": PROJECT}


@case(module=MODULE, tasks=RUNS, connect=False, switches={"path_prefix": "/iot", "seen_host": HOST}, signed_host=HOST, **BEHIND, **STOP)
def test_behind_a_proxy_what_the_vendor_receives_is_signed(outcome: Outcome) -> None:
    assert outcome.row["reached"] and {entry["status"] for entry in outcome.journal} == {200}


@case(module=MODULE, tasks=RUNS, connect=False, switches={"path_prefix": "/iot", "seen_host": HOST}, **BEHIND, **STOP)
def test_a_changed_host_costs_one_request_and_is_named(outcome: Outcome) -> None:
    message = outcome.failure("authentication")

    assert [entry["status"] for entry in outcome.journal] == [401] and message.endswith("give that in signed_host.")


@case(module=MODULE, tasks=RUNS, connect=False, switches={"bad_token_code": "IOTDA.000020"}, faults=[fault("expire_token", "stop")],
      url="{url}", iam_url="{url}", region="cn-north-4", project_id=PROJECT, **USER, **STOP)  # fmt: skip
def test_a_token_that_a_500_calls_bad_is_renewed_and_the_stop_sent_again(outcome: Outcome) -> None:
    assert outcome.row["reached"] and outcome.requests.count("token") == 2


@case(module=MODULE, tasks=RUNS, switches={"refuse_with": {"show": "IOTDA.000029"}}, **STOP)
def test_an_address_that_isn_t_known_is_no_missing_task(outcome: Outcome) -> None:
    assert "which says nothing about the task: check url" in outcome.failure("not_found") and outcome.writes == []
