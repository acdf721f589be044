# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""hitachi_task: what each status of the vendor's page asks for under each wish, written out once more; against the emulated system."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._lifecycle import Cannot, Policy, decide
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors._hitachi_states import TABLE, normalised, task_seen
from ansible_collections.taskops.quiesce.plugins.modules import hitachi_task

from tests.unit.plugins.modules.hitachi_world import RECURRING, T, World, run
from tests.unit.plugins.modules.results import is_one_sentence, one

RUNS = "can't pause a running task"
ENDED = "there is nothing to pause"
FINAL = "which is final"
AGAIN = "set retry_failed: true"
RECURS = "cancel_recurring: true"
AT_ONCE = "to be executed immediately"
NO_SCHEDULE = "names no schedule"
GONE = "JP1/AO documents no call to run it again"


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


FORCE = {"force": True}
RETRY = {"retry_failed": True}
CANCEL = {"cancel_recurring": True}

SITUATIONS = {
    # Page `hitachi`, sections 4.1 and 5.
    "Waiting": Situation("suspend", "ok", "cancel", "waiting", run("waiting")),
    "Waiting, recurring": Situation("suspend", "ok", RECURS, "waiting", run("waiting", **RECURRING)),
    "Waiting, recurring, to be canceled": Situation("suspend", "ok", "cancel", "waiting", run("waiting", **RECURRING), options=CANCEL),
    "Waiting, at once": Situation(AT_ONCE, "ok", "cancel", "waiting", run("waiting", scheduleType="immediate")),
    "Waiting, without a schedule": Situation(
        NO_SCHEDULE, "ok", NO_SCHEDULE, "waiting", run("waiting", scheduleType="immediate"), {"immediate_schedule": "absent"}
    ),
    "Waiting, with a schedule 0": Situation(
        NO_SCHEDULE, "ok", NO_SCHEDULE, "waiting", run("waiting", scheduleType="immediate"), {"immediate_schedule": 0}
    ),
    "Suspended": Situation("ok", "resume", "cancel", "paused", run("suspended")),
    "Suspended, recurring": Situation("ok", "resume", RECURS, "paused", run("suspended", **RECURRING)),
    "Suspended, recurring, to be canceled": Situation("ok", "resume", "cancel", "paused", run("suspended", **RECURRING), options=CANCEL),
    "Suspended, and its time has passed": Situation(
        "ok", "resume", "cancel", "paused",
        run("suspended", starts_in=None, scheduledStartTime="2014-07-14T13:44:30.500+0900"),
    ),
    "In Progress": Situation(RUNS, "ok", "stop", "started", run()),
    "In Progress, recurring": Situation(RUNS, "ok", "stop", "started", run(**RECURRING)),
    "In Progress, by force": Situation(RUNS, "ok", "forceStop", "started", run(), options=FORCE),
    "In Progress, in its last step": Situation(RUNS, "ok", "stop", "started", run(), {"stop_ends": "completed"}),
    "Waiting for Input": Situation(RUNS, "ok", "stop", "started", run("waitingForInput")),
    "Waiting for Input, by force": Situation(RUNS, "ok", "forceStop", "started", run("waitingForInput"), options=FORCE),
    "with Error": Situation(RUNS, "ok", "stop", "troubled", run("abnormalityDetected")),
    "with Error, by force": Situation(RUNS, "ok", "forceStop", "troubled", run("abnormalityDetected"), options=FORCE),
    "Long Running": Situation(RUNS, "ok", "stop", "started", run("longRunning")),
    "Long Running, by force": Situation(RUNS, "ok", "forceStop", "started", run("longRunning"), options=FORCE),
    "Terminating": Situation(FINAL, FINAL, "ok", "stopping", run("terminating")),
    "Completed": Situation(ENDED, "ok", "ok", "completed", run("completed")),
    "Failed": Situation(ENDED, AGAIN, "ok", "failed", run("failed")),
    "Failed, to be run again": Situation(ENDED, "rerunStart", "ok", "failed", run("failed"), options=RETRY),
    "Canceled": Situation(ENDED, "JP1/AO documents no call to bring it back", "ok", "stopped", run("canceled")),
    "Completed, archived": Situation(ENDED, "ok", "ok", "completed", run("completed", archived=4006)),
    "Failed, archived": Situation(ENDED, GONE, "ok", "failed", run("failed", archived=4006), options=RETRY),
    "Canceled, archived": Situation(ENDED, GONE, "ok", "stopped", run("canceled", archived=4006)),
    "archived, in a word of no document": Situation(ENDED, GONE, "ok", "stopped", run("shelved", archived=4006)),
    # The word that means two things, section 4.3.
    "Stopped, and not ended": Situation(FINAL, FINAL, "ok", "stopping", run("terminating"), {"stopped_word": "stopped"}),
    "Terminated, and not ended": Situation(FINAL, FINAL, "ok", "stopping", run("terminating"), {"stopped_word": "terminated"}),
    "Stopped, and ended": Situation(ENDED, AGAIN, "ok", "stopped", run("failed", by_stop=True), {"stopped_word": "stopped"}),
    "Stopped, ended and archived": Situation(
        ENDED, GONE, "ok", "stopped", run("failed", by_stop=True, archived=4006), {"stopped_word": "stopped"}
    ),
    "In Progress, and then Stopped": Situation(RUNS, "ok", "stop", "started", run(), {"stopped_word": "stopped"}),
    # What answers may look like, sections 3.2 and 7.
    "In Progress, and times are absent": Situation(RUNS, "ok", "stop", "started", run(), {"unset_times": "absent"}),
    "In Progress, and jobs by the schema": Situation(
        RUNS, "ok", "stop", "started", run(), {"job_members": "schema", "affected_as": "text", "job_state": "queued"}
    ),
    "In Progress, and printed addresses are wrong": Situation(RUNS, "ok", "stop", "started", run(), {"hrefs": "as_printed"}),
}  # fmt: skip
CELLS = [(name, wish) for name in SITUATIONS for wish in ("paused", "started", "stopped")]
SENT = ("stop", "forceStop", "suspend", "resume", "cancel", "rerunStart")
ARRIVES = {
    "stop": {"failed", "completed", "stopped"}, "forceStop": {"failed"}, "suspend": {"paused"}, "resume": {"waiting", "started"},
    "cancel": {"stopped"}, "rerunStart": {"started"},
}  # fmt: skip
# Each spelling of the page with the edition, and the lag of the samples.
PROFILES: dict[str, dict[str, Any]] = {
    "v12": {},
    "v10": {"spelling": "v10", "hitachi_edition": "v10"},
    "names": {"spelling": "names"},
    "sampled": {"sampling_interval": 30},
}


@pytest.fixture
def world(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> World:
    return World(hitachi_task.main, "hitachi_task", capsys, monkeypatch)


def meet(world: World, situation: Situation, profile: str = "v12") -> None:
    world.begin(situation.task, **{**situation.switches, **PROFILES[profile]})


def options_of(situation: Situation, wish: str) -> dict[str, Any]:
    """Without those that the wish doesn't take."""
    return {name: value for name, value in situation.options.items() if name != "force" or wish == "stopped"}


def reads(situation: Situation) -> list[str]:
    return ["read", "list_histories"] if "archived" in situation.task else ["read"]


# V10 has no forced stop.
KNOWN = [
    (name, wish, profile)
    for name, wish in CELLS
    for profile in PROFILES
    if profile != "v10" or getattr(SITUATIONS[name], wish) != "forceStop"
]


@pytest.mark.parametrize(("name", "wish", "profile"), KNOWN)
def test_each_cell_of_the_table(world: World, name: str, wish: str, profile: str) -> None:
    situation = SITUATIONS[name]
    expected = getattr(situation, wish)
    meet(world, situation, profile)

    result = world.run(task_id=T, state=wish, **options_of(situation, wish))

    row = one(result)
    assert row["before"] == situation.word
    if expected in SENT:
        assert world.writes == world.effects == [expected]
        assert (row["action"], row["changed"], row["reached"]) == (expected, True, True) and row["after"] in ARRIVES[expected]
    elif expected == "ok":
        assert world.writes == []
        assert (row["action"], row["changed"], row["reached"]) == ("none", False, True)
    else:
        assert expected in result["msg"] and is_one_sentence(result["msg"])
        assert result["msg"].endswith("; nothing was changed.")
        assert (result["failure"]["code"], world.requests) == ("unreachable_state", reads(situation))


# What nobody could foretell: where a stop leads in the last step, whether a resumed task begins at once, what one word of two means.
FORETOLD = [
    (name, wish) for name, wish in CELLS if not any(odd in name for odd in ("last step", "time has passed", "Stopped", "Terminated"))
]


@pytest.mark.parametrize(("name", "wish"), FORETOLD)
def test_check_mode_writes_nothing_and_foretells_each_cell(world: World, name: str, wish: str) -> None:
    situation = SITUATIONS[name]
    call = {"task_id": T, "state": wish, **options_of(situation, wish)}
    meet(world, situation)
    predicted = world.run(check=True, **call)
    assert world.requests == reads(situation)
    meet(world, situation)
    real = world.run(**call)

    assert (predicted["changed"], predicted["tasks"], predicted["summary"]) == (real["changed"], real["tasks"], real["summary"])


@pytest.mark.parametrize(("name", "wish"), [(name, wish) for name, wish in CELLS if getattr(SITUATIONS[name], wish) in SENT])
def test_the_second_run_changes_nothing(world: World, name: str, wish: str) -> None:
    situation = SITUATIONS[name]
    meet(world, situation)
    world.run(task_id=T, state=wish, **options_of(situation, wish))
    before = len(world.journal)

    again = world.run(task_id=T, state=wish, **options_of(situation, wish))

    assert (again["changed"], one(again)["reached"]) == (False, True)
    assert world.requests[before:] == ["read"]


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_can_t_pause_is_stopped_only_where_that_was_asked_for(world: World, name: str) -> None:
    situation = SITUATIONS[name]
    expected = situation.stopped if situation.paused not in ("ok", "suspend") else situation.paused
    meet(world, situation)

    result = world.run(task_id=T, state="paused", if_unpausable="stop", **situation.options)

    if expected == "ok" or expected in SENT:
        assert one(result)["reached"] and world.writes == ([] if expected == "ok" else [expected])
    else:
        assert expected in result["msg"] and world.writes == []


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_can_t_pause_is_left_alone_where_that_was_asked_for(world: World, name: str) -> None:
    situation = SITUATIONS[name]
    meet(world, situation)

    result = world.run(task_id=T, state="paused", if_unpausable="skip")

    if situation.paused in ("ok", "suspend"):
        assert one(result)["reached"]
    else:
        assert (world.writes, result["summary"]["skipped"], len(result["warnings"])) == ([], 1, 1)


# Every spelling that page section 4.3 lists, by what it means.
SPELLINGS = {
    "waiting": ["waiting", "Waiting", "WAITING"],
    "paused": ["suspended", "holding", "Holding"],
    "started": [
        "inProgress", "In Progress", "running", "nowRunning", "Now running", "waitingForInput", "Waiting for Response",
        "WAITING_RESPONSE", "longRunning", "Long Running",
    ],
    "troubled": [
        "In Progress (with Error)", "abnormalDetection", "Abnormal Detection", "abnormalityDetected", "Abnormality detected",
        "abnormalDetected",
    ],
    "stopping": ["In Progress (Terminating)", "terminating", "stopping", "stopped", "Stopped", "terminated"],
    "completed": ["completed", "Completed"],
    "failed": ["failed", "Failed"],
    "stopped": ["canceled", "cancelled", "Cancelled"],
}  # fmt: skip


@pytest.mark.parametrize(("word", "spelling"), [(word, spelling) for word, spellings in SPELLINGS.items() for spelling in spellings])
def test_each_known_spelling_is_understood(world: World, word: str, spelling: str) -> None:
    world.begin(run(), spellings={"inProgress": spelling}, unset_times="absent")

    assert one(world.run(task_id=T, state="stopped", check=True))["before"] == word


@pytest.mark.parametrize("word", ["stopped", "terminated"])
def test_a_word_of_two_meanings_means_the_end_once_that_has_a_time(world: World, word: str) -> None:
    world.begin(run("completed"), spellings={"completed": word})

    assert one(world.run(task_id=T, state="stopped"))["before"] == "stopped"


@pytest.mark.parametrize("wish", ["paused", "started", "stopped"])
def test_an_unknown_spelling_is_named_with_the_way_to_map_it_and_nothing_is_sent(world: World, wish: str) -> None:
    world.begin(run("zurückgestellt"))

    result = world.run(task_id=T, state=wish)

    assert (result["failure"]["code"], world.writes) == ("unknown_state", [])
    assert result["msg"] == (
        f"task {T} is in state zurückgestellt, which the documents of JP1/AO don't list; find out there what it means and give state_map "
        "the key zurückgestellt with one of Waiting, Suspended, In Progress, Waiting for Input, In Progress (with Error), Long Running, "
        "In Progress (Terminating), Completed, Failed, Canceled, stopped; nothing was changed."
    )


@pytest.mark.parametrize("meant", ["Suspended", "suspended", "holding"])
def test_a_mapped_spelling_is_acted_on_like_the_known_one(world: World, meant: str) -> None:
    world.begin(run("suspended"), spellings={"suspended": "zurückgestellt"})

    row = one(world.run(task_id=T, state="started", state_map={"zurückgestellt": meant}))

    assert (row["before"], row["vendor_before"], row["action"], row["after"]) == ("paused", "zurückgestellt", "resume", "waiting")


def test_a_mapped_spelling_has_its_doubts_too(world: World) -> None:
    world.begin(run("waiting", scheduleType="immediate"), spellings={"waiting": "bereit"}, immediate_schedule="absent")

    assert NO_SCHEDULE in world.run(task_id=T, state="paused", state_map={"bereit": "waiting"})["msg"]


def test_the_user_may_say_what_an_ambiguous_word_means(world: World) -> None:
    world.begin(run("terminating"), stopped_word="stopped")

    assert one(world.run(task_id=T, state="stopped", state_map={"stopped": "canceled"}))["before"] == "stopped"


# The word of the collection for each status, and what is sent, as the vendor's page has it in sections 4.4 and 5.
PAGE = {
    # status: (paused, started, stopped); None: nothing is sent
    "waiting": ("suspend", None, "cancel"),
    "suspended": (None, "resume", "cancel"),
    "inProgress": (None, None, "stop"),
    "waitingForInput": (None, None, "stop"),
    "abnormalityDetected": (None, None, "stop"),
    "longRunning": (None, None, "stop"),
    "terminating": (None, None, None),
    "completed": (None, None, None),
    "failed": (None, "rerunStart", None),
    "canceled": (None, None, None),
}


def test_the_table_holds_every_status_of_the_page() -> None:
    assert [state.spelling for state in TABLE.spelled] == [
        "waiting", "suspended", "inProgress", "waitingForInput", "abnormalityDetected", "longRunning", "terminating", "completed",
        "failed", "canceled", "stopped",
    ]  # fmt: skip


@pytest.mark.parametrize(("status", "wish"), [(status, wish) for status in PAGE for wish in ("paused", "started", "stopped")])
def test_what_is_sent_is_what_the_page_allows(world: World, status: str, wish: str) -> None:
    world.begin(run(status))
    expected = dict(zip(("paused", "started", "stopped"), PAGE[status], strict=True))[wish]

    world.run(task_id=T, state=wish, retry_failed=True, wait_timeout=100)

    assert world.writes == ([expected] if expected else [])


@pytest.mark.parametrize("kind", [None, "fortnightly", "Recurrence", 7])
def test_a_schedule_of_a_type_that_isn_t_known_may_recur(kind: Any) -> None:
    seen = task_seen(TABLE, {"instanceID": 1, "status": "waiting", "scheduleType": kind, "scheduleID": 2})

    step = decide(TABLE, seen, Policy("stopped")).step

    assert isinstance(step, Cannot) and RECURS in step.reason
    assert decide(TABLE, seen, Policy("paused")).actions == ("suspend",)


@pytest.mark.parametrize("kind", ["schedule", "Schedule", "immediate", "IMMEDIATE"])
def test_a_schedule_of_one_run_is_canceled_without_more_ado(kind: str) -> None:
    seen = task_seen(TABLE, {"instanceID": 1, "status": "suspended", "scheduleType": kind, "scheduleID": 2})

    assert decide(TABLE, seen, Policy("stopped")).actions == ("cancel",)


def test_no_two_states_fold_to_one_spelling() -> None:
    spellings = [normalised(str(spelling)) for state in TABLE.states for spelling in (state.spelling, *state.aliases)]

    assert len(spellings) == len(set(spellings))
