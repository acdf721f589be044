# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module in ansible-playbook: its requests, faults on a real socket, and each kind of authentication."""

from __future__ import annotations

from typing import Any

import pytest

from ..cases import Outcome, case, fault
from ..huawei import BATCH, KEY, PLACE, PROJECT, TEMPORARY, USER, analyses, analysis

pytestmark = pytest.mark.wire

HUAWEI = "huawei_task"
TWO = analyses(a="RUNNING", b="STOPPED")
BOTH: dict[str, Any] = {"task_ids": ["a", "b"], "state": "paused"}


@pytest.mark.quick
@case({}, {}, module=HUAWEI, tasks=TWO, **BOTH)
def test_a_pause_stops_what_runs_and_a_second_run_changes_nothing(outcome: Outcome) -> None:
    first, second = outcome.results

    assert [row["action"] for row in first["tasks"]] == ["stop", "none"]
    assert (first["changed"], second["changed"]) == (True, False)
    assert outcome.requests == ["list", "stop a", "show a", "show a", "list"]


@pytest.mark.core
@case(module=HUAWEI, tasks=TWO, check=True, diff=True, switches={"require_read_only": True}, **BOTH)
def test_check_mode_sends_no_write_and_shows_the_difference(outcome: Outcome) -> None:
    assert outcome.writes == [] and outcome.result["changed"]
    assert outcome.result["diff"] == {"before": "a: started\nb: stopped\n", "after": "a: stopped\nb: stopped\n"}


@case({"state": "paused"}, {"state": "started"}, module=HUAWEI, tasks=[analysis("a", "RUNNING")], name="name of a")
def test_a_task_is_stopped_and_started_again_by_its_name(outcome: Outcome) -> None:
    assert [result.row["after"] for result in outcome.results] == ["stopped", "started"]
    assert outcome.effects == ["stop a", "start a"]


@case(module=HUAWEI, tasks=[analysis(id_, "RUNNING", batch_id=BATCH) for id_ in "abc"], batch_id=BATCH, state="stopped")
def test_a_batch_is_stopped_by_one_call(outcome: Outcome) -> None:
    assert outcome.result["summary"]["reached"] == 3
    assert outcome.writes == [f"batch_stop {BATCH}"]


@case(module=HUAWEI, tasks=analyses(a="STOPPED"), switches={"start_ends": "START_FAILED"}, task_id="a", state="started")
def test_a_start_that_fails_tells_why(outcome: Outcome) -> None:
    message = outcome.failure("unreachable_state")

    assert "accepted the start and then failed: it is in state START_FAILED (service start failed VIAS.00010009" in message
    assert outcome.writes == ["start a"]


@case(module=HUAWEI, tasks=TWO, faults=[fault("reset_after", "stop")], **BOTH)
def test_a_lost_answer_is_looked_into_and_the_stop_not_repeated(outcome: Outcome) -> None:
    assert outcome.result["summary"]["reached"] == 2 and outcome.writes == ["stop a"]


@case(module=HUAWEI, tasks=TWO, faults=[fault("rate_limit", "list", retry_after=0.2)], **BOTH)
def test_a_throttled_read_is_repeated(outcome: Outcome) -> None:
    assert outcome.requests[:3] == ["list", "list", "stop a"]


@case(module=HUAWEI, tasks=TWO, connect=False, **PLACE, **TEMPORARY, **BOTH)
def test_a_temporary_key_without_a_project_looks_the_project_up(outcome: Outcome) -> None:
    assert outcome.requests[:3] == ["projects", "list", "stop a"] and outcome.result["changed"]


@case(module=HUAWEI, tasks=TWO, connect=False, faults=[fault("expire_token", "stop")], **PLACE, **USER, **BOTH)
def test_a_token_that_expires_is_renewed_and_the_stop_sent_again(outcome: Outcome) -> None:
    assert outcome.requests[:5] == ["token", "list", "stop a", "token", "stop a"] and outcome.result["changed"]


@case(module=HUAWEI, tasks=TWO, connect=False, tls=True, ca_path="{ca}", project_id=PROJECT, **PLACE, **TEMPORARY, **BOTH)
def test_a_signature_holds_over_tls_too(outcome: Outcome) -> None:
    assert outcome.result["changed"]


BEHIND: dict[str, Any] = {**PLACE, **KEY, "project_id": PROJECT, "url": "{url}/vias"}
VIAS_HOST = "vias.cn-north-4.myhuaweicloud.com"


@case(module=HUAWEI, tasks=TWO, connect=False, switches={"path_prefix": "/vias"}, **BEHIND, **BOTH)
def test_a_proxy_s_prefix_is_sent_and_not_signed(outcome: Outcome) -> None:
    assert outcome.result["changed"] and {entry["status"] for entry in outcome.journal} == {200}


@case(module=HUAWEI, tasks=TWO, connect=False, switches={"path_prefix": "/vias", "seen_host": VIAS_HOST}, signed_host=VIAS_HOST,
      **BEHIND, **BOTH)  # fmt: skip
def test_the_host_that_the_vendor_receives_is_signed(outcome: Outcome) -> None:
    assert outcome.result["changed"] and {entry["status"] for entry in outcome.journal} == {200}


@case(module=HUAWEI, tasks=TWO, connect=False, switches={"path_prefix": "/vias", "seen_host": VIAS_HOST}, **BEHIND, **BOTH)
def test_a_changed_host_costs_one_request_and_is_named(outcome: Outcome) -> None:
    message = outcome.failure("authentication")

    assert [entry["status"] for entry in outcome.journal] == [401]
    assert "without the prefix /vias, and the Host 127.0.0.1:" in message and message.endswith("give that in signed_host.")


@case(module=HUAWEI, tasks=TWO, connect=False, switches={"refuse_with": {"stop": "VIAS.00010021"}}, **PLACE, **USER, **BOTH)
def test_a_frozen_account_gets_no_second_login(outcome: Outcome) -> None:
    assert "restricted, frozen" in outcome.failure("permission") and outcome.requests.count("token") == 1


@case(module=HUAWEI, tasks=analyses(**{f"t{number}": "RUNNING" for number in range(20)}), secret_key="wrong", state="stopped",
      task_ids=[f"t{number}" for number in range(20)], concurrency=8)  # fmt: skip
def test_a_wrong_key_costs_one_request(outcome: Outcome) -> None:
    message = outcome.failure("authentication")

    assert [entry["status"] for entry in outcome.journal] == [401]
    assert "check the credentials, the address (url, region, project_id) and the clock" in message


@case(module=HUAWEI, tasks=TWO, task_ids=["a", "nosuch"], state="paused")
def test_an_unknown_task_keeps_all_untouched(outcome: Outcome) -> None:
    assert "VIAS knows no task nosuch" in outcome.failure("not_found") and outcome.writes == []


@case(module=HUAWEI, tasks=[], connect=False, url="{url}", region="cn-north-4", access_key="A", task_id="a", state="paused")
def test_half_a_key_is_told_as_such(outcome: Outcome) -> None:
    assert "secret_key is missing, which access_key requires" in outcome.failure("usage") and outcome.requests == []
