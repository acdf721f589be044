# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""iotda_batchtask: what each state of the vendor's page asks for under each wish, written out once more; against the emulated system."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.modules import iotda_batchtask

from tests.unit.plugins.modules.iotda_world import T, World, upgrade
from tests.unit.plugins.modules.results import is_one_sentence, one

NO_PAUSE = "can't pause batch tasks"
ENDED = "has ended"
FAILED = "set retry_failed: true"
NO_STOP = "stops firmware and software upgrades only"
EARLY = "can be confirmed only after that"
FINAL = "can't start a stopped task again"


@dataclass(frozen=True)
class Situation:
    """A task as it is found, and for each wish: `ok` (nothing is sent), the word of what is sent, or a part of the message."""

    paused: str
    started: str
    stopped: str
    word: str
    task: dict[str, Any] = field(default_factory=dict)
    switches: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


HELD = {"need_confirm": True, "status": "Waitting"}
SOON = {"initializing": "2 reads"}
FREEZE = {"task_type": "freezeDevices"}
RETRY = {"retry_failed": True}
MIXED = {"devices": {"dev_a": "Fail", "dev_b": "Stopped", "dev_c": "Success"}}

SITUATIONS = {
    # Page `iotda`, sections 4.1 and 5.
    "Processing": Situation(NO_PAUSE, "ok", "stop", "started", {"status": "Processing"}),
    "Processing, of devices that were confirmed": Situation(
        NO_PAUSE, "ok", "stop", "started",
        {"status": "Processing", "need_confirm": True, "devices": {"a": "Processing", "b": "Waitting"}},
    ),
    "Processing, with devices that wait for another try": Situation(
        NO_PAUSE, "ok", "stop", "started",
        {"status": "Processing", "need_confirm": True, "devices": {"a": "FailWaitRetry", "b": "Waitting"}},
    ),
    "Waitting for its turn": Situation(NO_PAUSE, "ok", "stop", "waiting", {"status": "Waitting"}),
    "Waitting for its time": Situation(NO_PAUSE, "ok", "stop", "waiting", {"status": "Waitting", "starts_in": 86400}),
    "held, and Waitting": Situation("ok", "confirm", "stop", "paused", HELD),
    "held, and Processing": Situation(
        "ok", "confirm", "stop", "paused", {**HELD, "status": "Processing", "devices": {"a": "Waitting", "b": "Waitting"}}
    ),
    "held, and nothing is counted": Situation("ok", "confirm", "stop", "paused", HELD, {"task_progress": "absent"}),
    "held, and the counters are null": Situation(
        "ok", "confirm", "stop", "paused", HELD, {"task_progress": "null", "optional_fields": "null"}
    ),
    "Initializing": Situation(NO_PAUSE, "ok", "stop", "starting", {"status": "Initializing"}, SOON),
    "Initializing, with a time to begin": Situation(
        NO_PAUSE, "ok", "stop", "starting", {"status": "Initializing", "starts_in": 86400}, SOON
    ),
    "Initializing, to be held": Situation("ok", "confirm", "stop", "starting", {"status": "Initializing", "need_confirm": True}, SOON),
    "Initializing, with a time to begin, and to be held": Situation(
        "ok", EARLY, "stop", "starting", {"status": "Initializing", "need_confirm": True, "starts_in": 86400}, SOON
    ),
    "Waitting for its time, and to be held": Situation("ok", EARLY, "stop", "paused", {**HELD, "starts_in": 86400}),
    "held, since its time has come": Situation(
        "ok", "confirm", "stop", "paused", {**HELD, "task_policy": {"schedule_time": "20250102T030405Z"}}
    ),
    "Stopping": Situation("which is final", FINAL, "ok", "stopping", {"status": "Stopping"}, {"stopping": "2 reads"}),
    "Stopping, and its last device succeeds": Situation(
        "which is final", FINAL, "ok", "stopping", {"status": "Stopping"}, {"stopping": "2 reads", "stop_ends": "PartialSuccess"}
    ),
    "Success": Situation(ENDED, "ok", "ok", "completed", {"status": "Success"}),
    "Fail": Situation(ENDED, FAILED, "ok", "failed", {"status": "Fail"}),
    "Fail, to be retried": Situation(ENDED, "retry", "ok", "failed", {"status": "Fail"}, options=RETRY),
    "Fail without any device": Situation(
        ENDED, "(reason: no such group) and can't be retried", "ok", "failed",
        {"status": "Fail", "devices": {}, "status_desc": "no such group"}, options=RETRY,
    ),
    "Fail without any device, and nothing is counted": Situation(
        ENDED, "can't be retried", "ok", "failed", {"status": "Fail", "devices": {}}, {"task_progress": "absent"}, RETRY
    ),
    "Fail, and nothing is counted": Situation(ENDED, "retry", "ok", "failed", {"status": "Fail"}, {"task_progress": "null"}, RETRY),
    "PartialSuccess": Situation(ENDED, FAILED, "ok", "failed", {"status": "PartialSuccess", **MIXED}),
    "PartialSuccess, to be retried": Situation(
        ENDED, "retry", "ok", "failed", {"status": "PartialSuccess", **MIXED}, options=RETRY
    ),
    "Stopped": Situation(ENDED, FINAL, "ok", "stopped", {"status": "Stopped"}, options=RETRY),
    # Types, section 4.3.
    "software Processing": Situation(NO_PAUSE, "ok", "stop", "started", {"task_type": "softwareUpgrade"}),
    "freezeDevices Processing": Situation(NO_PAUSE, "ok", NO_STOP, "started", FREEZE),
    "freezeDevices Initializing": Situation(NO_PAUSE, "ok", NO_STOP, "starting", {**FREEZE, "status": "Initializing"}, SOON),
    "freezeDevices PartialSuccess": Situation(
        ENDED, "can't be retried", "ok", "failed", {**FREEZE, "status": "PartialSuccess"}, options=RETRY
    ),
    "moduleUpgrade Processing": Situation(
        NO_PAUSE, "ok", "stop", "started", {"task_type": "moduleUpgrade"}, {"module_upgrade": "accepted"}
    ),
    # What old builds and other answers look like, sections 3.3 and 4.4.
    "Processing, of a build without Stopping": Situation(
        NO_PAUSE, "ok", "stop", "started", {"status": "Processing"}, {"show_stopping": False, "stopping": 3}
    ),
    "Processing, with answers that tell nothing": Situation(
        NO_PAUSE, "ok", "stop", "started", {"status": "Processing"}, {"answer_targets": "absent", "optional_fields": "null"}
    ),
    "Processing, with answers of null": Situation(NO_PAUSE, "ok", "stop", "started", {"status": "Processing"}, {"answer_targets": "null"}),
}  # fmt: skip
CELLS = [(name, wish) for name in SITUATIONS for wish in ("paused", "started", "stopped")]
SENT = ("stop", "confirm", "retry")
# Where it leads when nothing goes wrong.
ARRIVES = {"stop": "stopped", "confirm": "started", "retry": "started"}


@pytest.fixture
def world(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> World:
    return World(iotda_batchtask.main, "iotda_batchtask", capsys, monkeypatch)


def meet(world: World, situation: Situation) -> None:
    world.begin(upgrade(**situation.task), **situation.switches)


@pytest.mark.parametrize(("name", "wish"), CELLS)
def test_each_cell_of_the_table(world: World, name: str, wish: str) -> None:
    situation = SITUATIONS[name]
    expected = getattr(situation, wish)
    meet(world, situation)

    result = world.run(task_id=T, state=wish, **situation.options)

    row = one(result)
    assert row["before"] == situation.word
    assert row["vendor_before"] == upgrade(**situation.task)["status"]
    if expected in SENT:
        assert world.writes == world.effects == [expected] and world.sent(expected) == [{}]
        assert (row["action"], row["changed"], row["reached"], row["after"]) == (expected, True, True, ARRIVES[expected])
    elif expected == "ok":
        assert world.writes == []
        assert (row["action"], row["changed"], row["reached"]) == ("none", False, True)
    else:
        assert expected in result["msg"] and is_one_sentence(result["msg"])
        assert result["msg"].endswith("; nothing was changed.")
        assert (result["failure"]["code"], world.requests) == ("unreachable_state", ["show"])


# What nobody could foretell: the vendor stops, and the last device has succeeded meanwhile.
FORETOLD = [(name, wish) for name, wish in CELLS if "last device" not in name]


@pytest.mark.parametrize(("name", "wish"), FORETOLD)
def test_check_mode_writes_nothing_and_foretells_each_cell(world: World, name: str, wish: str) -> None:
    situation = SITUATIONS[name]
    call = {"task_id": T, "state": wish, **situation.options}
    meet(world, situation)
    predicted = world.run(check=True, **call)
    assert world.requests == ["show"]
    meet(world, situation)
    real = world.run(**call)

    assert (predicted["changed"], predicted["tasks"], predicted["summary"]) == (real["changed"], real["tasks"], real["summary"])


@pytest.mark.parametrize(
    ("name", "wish"), [(name, wish) for name, wish in CELLS if getattr(SITUATIONS[name], wish) in SENT and "retried" not in name]
)
def test_the_second_run_changes_nothing(world: World, name: str, wish: str) -> None:
    situation = SITUATIONS[name]
    meet(world, situation)
    world.run(task_id=T, state=wish, **situation.options)
    before = len(world.journal)

    again = world.run(task_id=T, state=wish, **situation.options)

    assert (again["changed"], one(again)["reached"]) == (False, True)
    assert world.requests[before:] == ["show"]


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_can_t_pause_is_stopped_only_where_that_was_asked_for(world: World, name: str) -> None:
    situation = SITUATIONS[name]
    expected = situation.stopped if situation.paused != "ok" else "ok"
    meet(world, situation)

    result = world.run(task_id=T, state="paused", if_unpausable="stop")

    if expected in ("ok", "stop"):
        assert one(result)["reached"] and world.writes == ([] if expected == "ok" else ["stop"])
    else:
        assert expected in result["msg"] and world.writes == []


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_can_t_pause_is_skipped_where_that_was_asked_for(world: World, name: str) -> None:
    situation = SITUATIONS[name]
    can_pause = situation.paused == "ok"
    meet(world, situation)

    result = world.run(task_id=T, state="paused", if_unpausable="skip")

    assert world.writes == [] and "msg" not in result
    assert (result["summary"]["skipped"], one(result)["reached"]) == (0 if can_pause else 1, can_pause)
    assert len(result.get("warnings", [])) == (0 if can_pause else 1)


@pytest.mark.parametrize("name", [name for name, situation in SITUATIONS.items() if situation.paused == "ok"])
def test_paused_is_true_only_for_what_is_held(world: World, name: str) -> None:
    meet(world, SITUATIONS[name])

    row = one(world.run(task_id=T, state="paused"))

    assert row["after"] == "paused" and set(world.devices().values()) == {"Waitting"}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Waitting for its turn", "waits for its turn and begins by itself"),
        ("Waitting for its time", "begins by itself at its time (20"),
        ("Success", "has run to its end"),
    ],
)
def test_a_task_that_counts_as_started_and_doesn_t_run_is_told_by_a_warning(world: World, name: str, told: str) -> None:
    meet(world, SITUATIONS[name])

    (warning,) = world.run(task_id=T, state="started")["warnings"]

    assert told in str(warning) and T in str(warning)


@pytest.mark.parametrize("kind", ["moduleUpgrade", "aTypeOfTomorrow"])
@pytest.mark.parametrize("status", [403, 400, 200])
def test_what_may_or_may_not_be_stopped_goes_to_the_vendor_whose_refusal_is_told(world: World, kind: str, status: int) -> None:
    world.begin(upgrade(task_type=kind), refused_status=status)

    result = world.run(task_id=T, state="stopped")

    assert world.requests == ["show", "stop", "show"] and world.effects == []
    assert "was refused (HTTP " in result["msg"] and ", IOTDA.0142XX" in result["msg"]
    failure = result["failure"]
    assert (failure["code"], failure["vendor_code"], failure["http_status"]) == ("refused", "IOTDA.0142XX", status)
    assert len(failure["request_id"]) == 32


@pytest.mark.parametrize("status", [403, 400])
@pytest.mark.parametrize(("meanwhile", "after"), [("stop", "stopped"), ("finish", "completed"), ("fail", "failed")])
def test_a_stop_that_is_refused_since_the_task_has_just_ended_is_a_success(world: World, status: int, meanwhile: str, after: str) -> None:
    world.begin(upgrade(), refused_status=status)
    act = world.system.respond

    def after_somebody_else(request: Any, call: Any) -> Any:
        if call.action == "stop":
            world.system.act(T, meanwhile, {})
        return act(request, call)

    world.system.respond = after_somebody_else  # type: ignore[method-assign]

    row = one(world.run(task_id=T, state="stopped"))

    assert (row["after"], row["reached"], row["changed"], row["action"]) == (after, True, False, "none")
    assert world.writes == ["stop"]


@pytest.mark.parametrize("ends", ["PartialSuccess", "Success", "Fail", "Stopped"])
def test_a_stop_may_end_in_any_final_state_which_is_told(world: World, ends: str) -> None:
    world.begin(upgrade(), stop_ends=ends)

    row = one(world.run(task_id=T, state="stopped"))

    assert (row["vendor_after"], row["reached"], row["changed"]) == (ends, True, True)


def test_a_retried_task_that_fails_again_at_once_isn_t_called_started(world: World) -> None:
    world.begin(upgrade("Fail"), retry_fails_again=True)

    result = world.run(task_id=T, state="started", retry_failed=True, wait_timeout=30)

    assert result["failure"]["code"] == "timeout" and world.writes == ["retry"]
    assert "last seen Fail and not started" in result["msg"]
    assert "(device dev_c: emulator: the device failed again)" in result["msg"]


def test_a_retried_task_that_goes_from_one_failure_to_another_is_told_at_once(world: World) -> None:
    world.begin(upgrade("PartialSuccess", devices={"a": "Success", "b": "Fail"}), retry_fails_again=True)
    world.system.act(T, "set", {"status": "Fail"})
    act = world.system.respond

    def then_partial(request: Any, call: Any) -> Any:
        reply = act(request, call)
        if call.action == "retry":
            world.system.act(T, "set", {"status": "PartialSuccess"})
        return reply

    world.system.respond = then_partial  # type: ignore[method-assign]

    result = world.run(task_id=T, state="started", retry_failed=True)

    assert result["failure"]["code"] == "unreachable_state"
    assert f"task {T} accepted the retry and then failed: it is in state PartialSuccess" in result["msg"]
    assert "device b: emulator: the device failed again" in result["msg"]


@pytest.mark.parametrize("state", ["Paused", "stopped", ""])
def test_an_unknown_state_keeps_everything_untouched(world: World, state: str) -> None:
    world.begin(upgrade(state))

    result = world.run(task_id=T, state="stopped")

    assert result["failure"]["code"] == "unknown_state" and world.requests == ["show"]
    assert one(result)["before"] == "unknown"


def test_a_mapped_state_is_known(world: World) -> None:
    world.begin(upgrade("Running"))

    row = one(world.run(task_id=T, state="started", state_map={"Running": "Processing"}))

    assert (row["before"], row["vendor_before"], row["reached"]) == ("started", "Running", True)


def test_initializing_is_waited_for_and_nothing_is_sent_without_waiting(world: World) -> None:
    world.begin(upgrade("Initializing"), initializing=60)

    result = world.run(task_id=T, state="stopped", wait=False)

    assert (one(result)["reached"], result["changed"], world.requests) == (False, False, ["show"])


def test_a_task_that_stays_initializing_ends_in_a_timeout_that_says_that_nothing_was_sent(world: World) -> None:
    world.begin(upgrade("Initializing"), initializing=600)

    result = world.run(task_id=T, state="stopped", wait_timeout=20)

    assert result["failure"]["code"] == "timeout" and world.writes == []
    assert "last seen Initializing and not stopped" in result["msg"] and "nothing was sent" in result["msg"]


def test_devices_that_don_t_follow_inside_a_200_are_told_by_one_warning(world: World) -> None:
    devices = {f"dev_{number}": "Processing" for number in range(9)}
    world.begin(upgrade(devices=devices), failing_targets=[f"dev_{number}" for number in range(2, 9)])

    result = world.run(task_id=T, state="stopped", wait_timeout=20)

    (warning,) = result["warnings"]
    assert f"task {T} accepted the stop, but not for 7 of its devices (device dev_2 was refused (IOTDA.0142XX" in str(warning)
    assert "; and 2 more)" in str(warning)
    assert result["failure"]["code"] == "refused" and f"task {T} is in state Processing after 3 actions" in result["msg"]
