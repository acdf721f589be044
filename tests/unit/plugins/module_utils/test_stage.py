# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Targets side by side: what a survey tells, and how a stretch of the way goes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils import _memories, _targets
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import AnswerLost, Failure, Refused, TryLater
from ansible_collections.taskops.quiesce.plugins.module_utils._lifecycle import Observation
from ansible_collections.taskops.quiesce.plugins.module_utils._pages import Listing, warn_of_doubt
from ansible_collections.taskops.quiesce.plugins.module_utils._task_run import Memory, Pending

from tests.unit import presses
from tests.unit.presses import Press, PressVendor, WallClock, target
from tests.unit.support import FakeClock

Plain = dict[str, Any]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(autouse=True)
def press(monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> Iterator[Press]:
    """The press `here`; `system_of` knows no other system."""
    here = Press({"1": "running", "2": "queued", "3": "held", "4": "done"}, clock)
    monkeypatch.setattr(PressVendor, "presses", {"here": here})
    monkeypatch.setattr(_targets, "system_of", lambda vendor, whose: PressVendor)
    monkeypatch.setattr(_memories, "time", WallClock(clock))
    yield here


def survey(clock: FakeClock, *targets: Plain) -> list[Plain]:
    return _targets.survey([_targets.resolve(given, lambda secret: None) for given in targets], clock, lambda secret: None)


def bring(clock: FakeClock, *targets: Plain, patience: float = 1000.0, wanted: bool = True) -> list[Plain]:
    return presses.bring(clock, [_targets.resolve(given, lambda secret: None) for given in targets], patience, lambda: wanted)


def refusal(given: Plain) -> str:
    with pytest.raises(Failure) as refused:
        _targets.resolve(given, lambda secret: None)
    assert refused.value.code == "usage"
    return refused.value.message


# Survey


def test_a_selection_leaves_out_what_has_ended_and_tells_how_many(clock: FakeClock) -> None:
    (surveyed,) = survey(clock, target())

    assert [(row["id"], row["state"], row["actions"], row["arrives"]) for row in surveyed["found"]] == [
        ("1", "started", ["hold"], "paused"),
        ("2", "waiting", ["hold"], "paused"),
        ("3", "paused", [], "paused"),
    ]
    assert surveyed["left_out"] == 1 and surveyed["tasks"] == ["1", "2", "3"]


def test_a_selection_holds_each_of_the_tasks_of_one_id(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever the list shows first."""
    rows = [Observation("1", "held"), Observation("1", "running"), Observation("3", "stopped"), Observation("3", "held")]
    monkeypatch.setattr(PressVendor, "list_all", lambda self, filters: rows)

    (surveyed,) = survey(clock, target())
    rows.reverse()
    (backwards,) = survey(clock, target())

    for found in (surveyed, backwards):
        told = {row["id"]: row["error"]["message"] for row in found["found"]}
        assert "2 jobs are named 1 (" in told["1"] and found["left_out"] == 0
        assert "job 3 is stopped" in told["3"], "one that has ended hides none that hasn't"


def test_a_selection_of_a_list_that_may_lack_tasks_says_so(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    def list_all(self: PressVendor, filters: Mapping[str, Any]) -> Listing[Observation]:
        found = Listing([Observation("1", "running")], "kept changing")
        self.warnings = []
        warn_of_doubt(found, "the press", self.warnings)
        return found

    monkeypatch.setattr(PressVendor, "list_all", list_all)

    (surveyed,) = survey(clock, target())

    assert [row["id"] for row in surveyed["found"]] == ["1"] and "may lack tasks, since it kept changing" in surveyed["warnings"][0]


def test_a_selection_for_starting_leaves_nothing_out(clock: FakeClock) -> None:
    (surveyed,) = survey(clock, target(state="started"))

    assert [row["id"] for row in surveyed["found"]] == ["1", "2", "3", "4"] and surveyed["left_out"] == 0


def test_the_filters_of_the_information_module_select(clock: FakeClock, press: Press) -> None:
    press.states["10"] = "running"

    (surveyed,) = survey(clock, target(select={"beginning": "1"}))

    assert [row["id"] for row in surveyed["found"]] == ["1", "10"]


def test_an_empty_selection_is_no_failure(clock: FakeClock, press: Press) -> None:
    press.states.clear()

    (surveyed,) = survey(clock, target())

    assert (surveyed["found"], surveyed.get("error")) == ([], None)


def test_an_empty_list_among_the_options_is_refused_and_never_all(clock: FakeClock, press: Press) -> None:
    (surveyed,) = survey(clock, target(select=None, options={"url": "here", "task_ids": []}))

    assert surveyed["error"]["message"] == "target jobs has no tasks; name some, or give select." and press.journal == []


def test_what_a_survey_cannot_do_is_told_task_by_task(clock: FakeClock, press: Press) -> None:
    (surveyed,) = survey(clock, target(tasks=["1", "4", "9"]))

    assert [row.get("error", {}).get("code") for row in surveyed["found"]] == [None, "unreachable_state", "not_found"]
    assert press.journal == []


def test_a_survey_tells_what_could_not_be_put_back(clock: FakeClock) -> None:
    (surveyed,) = survey(clock, target(state="stopped"))

    finals = {row["id"]: row.get("final") for row in surveyed["found"]}
    assert finals == {"1": "", "2": "", "3": "job 3 is stopped"}


def test_a_survey_tells_what_is_armed_to_begin(clock: FakeClock) -> None:
    (surveyed,) = survey(clock, target())

    assert [row["id"] for row in surveyed["found"] if row["armed"]] == ["2"]


def test_one_target_that_cannot_be_read_does_not_keep_the_others(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    def down() -> None:
        raise Failure("connection", "nobody answers")

    monkeypatch.setitem(PressVendor.presses, "there", Press({"1": "running"}, clock, on_read=down))

    here, there = survey(clock, target(), target("others", "there"))

    assert here.get("error") is None and len(here["found"]) == 3
    assert there["error"] == {"code": "connection", "message": "nobody answers."} and there["found"] == []


# What a target may not say


def test_a_target_decides_neither_on_the_state_nor_on_waiting_by_options() -> None:
    for option, value in (("state", "paused"), ("wait", True)):
        assert refusal(target(options={"url": "here", option: value})) == (
            f"target jobs gives {option} among its options; a window decides on it by itself, so remove it there"
        )


def test_a_near_miss_is_named() -> None:
    assert (
        refusal(target(options={"url": "here", "pasword": "x"}))
        == "target jobs: the vendor's module has no option pasword (did you mean password?)"
    )


def test_what_is_like_no_option_gets_the_list_of_them() -> None:
    message = refusal(target(options={"url": "here", "zzz": 1}))

    assert message.startswith("target jobs: the vendor's module has no option zzz; it knows ca_path, client_cert, ")


@pytest.mark.parametrize("given", [{"tasks": []}, {"tasks": None}])
def test_a_target_without_tasks_is_refused(given: Mapping[str, Any]) -> None:
    assert refusal(target(**given)) == "target jobs has no tasks; name some, or give select"


def test_a_target_names_its_tasks_in_one_way() -> None:
    assert refusal(target(tasks=["1"], select={})) == "target jobs has both tasks and select; give one of them"


def test_the_tasks_may_stand_among_the_options_too(clock: FakeClock) -> None:
    (surveyed,) = survey(clock, target(tasks=None, options={"url": "here", "task_id": ["1"]}))

    assert [row["id"] for row in surveyed["found"]] == ["1"]


# Secrets


def test_secrets_are_hidden_and_not_kept(clock: FakeClock) -> None:
    hidden: list[str] = []
    given = target(options={"url": "here", "password": "top-secret", "proxy": "http://user:other-secret@proxy.example.com", "timeout": 5})

    surveyed = _targets.survey([_targets.resolve(given, hidden.append)], clock, hidden.append)

    assert "top-secret" in hidden
    assert surveyed[0]["options"] == {"url": "here", "timeout": 5}
    assert "secret" not in json.dumps(surveyed)


def test_a_secret_of_the_environment_is_used_and_not_kept(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESS_PASSWORD", "top-secret")

    resolved = _targets.resolve(target(), lambda secret: None)

    assert resolved.params["password"] == "top-secret"
    assert "top-secret" not in json.dumps(_targets.survey([resolved], clock, lambda secret: None))


def test_secrets_as_written_are_known_before_anything_is_checked() -> None:
    targets = [
        {"name": "a", "vendor": "hitachi", "options": {"password": "one", "proxy": "http://me:two@proxy.example.com"}},
        {"name": "b", "vendor": "nobody", "options": {"password": "three"}},
        {"name": "c", "options": {"token": "four"}},
        "not even a target",
    ]

    assert _targets.written_secrets({"targets": targets}) == {"one", "two", "three", "four"}


# A stretch of the way


def going(given: Plain, *ids: str, **more: Any) -> Plain:
    """A target as the ledger hands it on."""
    handed = {key: value for key, value in given.items() if key != "select"}
    return {**handed, "tasks": list(ids), "ids": list(ids), **more}


def test_a_stretch_brings_all_there_if_it_is_long_enough(clock: FakeClock, press: Press) -> None:
    press.late = 3.0

    (brought,) = bring(clock, going(target(), "1", "2"))

    assert [(row["id"], row["action"], row["reached"], row["over"]) for row in brought["tasks"]] == [
        ("1", "hold", True, True),
        ("2", "hold", True, True),
    ]


def test_a_short_stretch_ends_with_a_memory_and_the_next_one_goes_on_from_it(clock: FakeClock, press: Press) -> None:
    press.late = 6.0
    given = going(target(), "1")

    (first,) = bring(clock, given, patience=4.0)
    memories = json.loads(json.dumps({row["id"]: row["memory"] for row in first["tasks"]}))
    (second,) = bring(clock, {**given, "memories": memories, "spent": first["spent"]}, patience=4.0)

    assert (first["tasks"][0]["over"], second["tasks"][0]["reached"]) == (False, True)
    assert second["spent"] > first["spent"] >= 4.0
    assert second["tasks"][0]["action"] == "hold" and second["tasks"][0]["changed"]
    assert press.journal == [("hold", "1")]


def test_what_is_armed_is_held_before_what_runs_is_acted_on(clock: FakeClock, press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    there = Press({"7": "running"}, clock, journal=press.journal)
    monkeypatch.setitem(PressVendor.presses, "there", there)
    tries = iter([{"2": TryLater("rate_limited", "not now")}, None])
    press.on_act = lambda action, id_: next(tries) if id_ == "2" else None

    bring(clock, going(target(state="stopped"), "1", "2", armed=["2"]), going(target("others", "there"), "7"))

    assert press.journal[0] == ("stop", "2")
    assert sorted(press.journal) == [("hold", "7"), ("stop", "1"), ("stop", "2")]


def test_what_is_armed_and_cannot_be_held_does_not_keep_the_rest_for_ever(clock: FakeClock, press: Press) -> None:
    press.on_act = lambda action, id_: {"2": Refused("refused", "no")} if id_ == "2" else None

    (brought,) = bring(clock, going(target(), "1", "2", armed=["2"]))

    assert [(row["id"], row["reached"]) for row in brought["tasks"]] == [("1", True), ("2", False)]


def test_nothing_is_sent_once_nobody_wants_it_any_more(clock: FakeClock, press: Press) -> None:
    bring(clock, going(target(), "1"), wanted=False)

    assert press.journal == []


@pytest.mark.parametrize(("patience", "over"), [(10.0, False), (1000.0, True)])
def test_a_system_that_is_lost_is_tried_again_until_the_time_is_up(clock: FakeClock, press: Press, patience: float, over: bool) -> None:
    def down() -> None:
        clock.time += 1
        raise TryLater("connection", "nobody answers")

    press.on_read = down

    (brought,) = bring(clock, going(target(), "1"), patience=patience)

    assert (brought["error"]["code"], brought["over"], brought["tasks"]) == ("connection", over, [])


def test_a_system_that_says_no_is_not_asked_again(clock: FakeClock, press: Press) -> None:
    def no() -> None:
        raise Failure("permission", "you may not")

    press.on_read = no

    assert bring(clock, going(target(), "1"))[0]["over"] is True


def test_the_options_by_which_tasks_come_to_rest_are_not_used_to_put_them_back() -> None:
    options = {"url": "here", "drain": 60, "if_unpausable": "stop"}

    resolved = _targets.resolve(target(tasks=["1"], state="started", options=options, closing=True), lambda secret: None)

    assert (resolved.params["drain"], resolved.params["if_unpausable"]) == (0, "fail")


def test_a_stretch_tells_why_a_refused_action_counts_as_ours_and_so_does_the_next_one(clock: FakeClock, press: Press) -> None:
    def twice(action: str, id_: str) -> Mapping[str, Failure]:
        press.take(action, id_)
        refused = Refused("refused", "not in this state", http_status=409)
        refused.is_conclusive = False
        return {id_: refused}

    press.on_act, press.late = twice, 6.0
    given = target(tasks=["1"], ids=["1"])
    (first,) = bring(clock, given, patience=4.0)
    (second,) = bring(clock, {**given, "memories": {row["id"]: row["memory"] for row in first["tasks"]}}, patience=4.0)

    assert (first["tasks"][0]["over"], first["tasks"][0]["changed"]) == (False, False)
    (row,) = second["tasks"]
    assert (row["reached"], row["changed"], row["action"]) == (True, True, "hold")
    assert "may have sent it twice" in row["note"] and row["memory"]["remark"] == row["note"]
    assert press.journal == [("hold", "1")]


# Memories


SEEN = Observation("1", "running", name="a name", stamp="12:00", row="row")
FATES = [
    None,
    AnswerLost("timeout", "no answer"),
    TryLater("rate_limited", "later"),
    Refused("refused", "no"),
    Failure("protocol", "what is that"),
]


@pytest.mark.parametrize("failure", FATES)
def test_a_memory_survives_being_written_down(clock: FakeClock, failure: Failure | None) -> None:
    memory = Memory(SEEN, ("hold", "stop"), True, 2, frozenset({"hold"}), Pending("stop", "stopped", SEEN, 4.0, failure))

    plain = json.loads(json.dumps(_memories.as_plain(memory)))
    clock.time += 3
    again = _memories.from_plain("1", plain)

    assert (again.before, again.actions, again.changed, again.sends, again.answered) == (
        SEEN,
        ("hold", "stop"),
        True,
        2,
        frozenset({"hold"}),
    )
    assert again.sent is not None
    assert (again.sent.action, again.sent.arrives, again.sent.seen) == ("stop", "stopped", SEEN)
    assert again.sent.age == pytest.approx(7.0)
    assert type(again.sent.failure) is type(failure)
    assert getattr(again.sent.failure, "message", None) == getattr(failure, "message", None)


@pytest.mark.parametrize("is_conclusive", [True, False])
def test_a_memory_keeps_what_the_vendor_told_and_whether_that_is_conclusive(is_conclusive: bool) -> None:
    failure = Refused("refused", "no", vendor_code="V.1", http_status=409, request_id="r-1")
    failure.is_conclusive = is_conclusive
    memory = Memory(SEEN, sent=Pending("stop", "stopped", SEEN, 4.0, failure), remark="it was sent twice")

    again = _memories.from_plain("1", json.loads(json.dumps(_memories.as_plain(memory))))

    assert again.sent is not None and again.sent.failure is not None and again.remark == "it was sent twice"
    assert again.sent.failure.details() == failure.details() and again.sent.failure.is_conclusive is is_conclusive


def test_a_memory_of_nothing_sent_stays_one() -> None:
    memory = Memory(SEEN)

    assert _memories.from_plain("1", json.loads(json.dumps(_memories.as_plain(memory)))) == memory


def test_what_nobody_knows_when_it_was_sent_counts_as_sent_just_now() -> None:
    plain = {
        "before": {"vendor_state": "running"},
        "sent": {"action": "hold", "failure": {"kind": "lost", "code": "timeout", "message": "?"}},
    }

    sent = _memories.from_plain("1", plain).sent

    assert sent is not None and (sent.age, sent.seen) == (0.0, None)


LOST = {"kind": "lost", "code": "timeout", "message": "killed"}
DOUBT = {"before": {"vendor_state": "running"}, "sent": {"action": "hold", "arrives": "paused", "failure": LOST}}


def test_a_doubt_is_waited_out_before_anything_is_sent(clock: FakeClock, press: Press) -> None:
    bring(clock, going(target(), "1", memories={"1": DOUBT}), patience=9.0)
    early = list(press.journal)
    bring(clock, going(target(), "1", memories={"1": DOUBT}), patience=30.0)

    assert (early, press.journal) == ([], [("hold", "1")])


def test_a_doubt_is_waited_out_also_where_the_task_looks_as_wanted(clock: FakeClock, press: Press) -> None:
    # Closing: the pause of a killed opening takes hold only now.
    press.late = 6.0
    press.take("hold", "1")

    (brought,) = bring(clock, going(target(state="started"), "1", memories={"1": DOUBT}), patience=30.0)

    assert brought["tasks"][0]["reached"] and press.see()["1"] == "running"
    assert press.journal == [("hold", "1"), ("release", "1")]


def test_a_doubt_that_has_proved_true_is_not_waited_out(clock: FakeClock, press: Press) -> None:
    press.states["1"] = "held"

    (brought,) = bring(clock, going(target(), "1", memories={"1": DOUBT}))

    assert press.journal == [] and brought["tasks"][0]["reached"]
    assert clock.time < 1001


def test_what_is_armed_on_a_slow_system_is_waited_for(clock: FakeClock, press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_again, held = threading.Event(), threading.Event()
    looks = iter(range(1000))

    def look_there() -> None:
        # By its second look, the fast system has had its chance to act.
        if next(looks) == 1:
            looked_again.set()
            assert held.wait(10)

    press.on_read = lambda: None if looked_again.wait(10) else pytest.fail("the fast system didn't wait")
    press.on_act = lambda action, id_: held.set()
    monkeypatch.setitem(PressVendor.presses, "there", Press({"7": "running"}, clock, journal=press.journal, on_read=look_there))

    bring(clock, going(target("others", "there"), "7"), going(target(), "2", armed=["2"]))

    assert press.journal == [("hold", "2"), ("hold", "7")]


def test_what_is_armed_on_a_system_that_fails_is_not_waited_for(clock: FakeClock, press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    def down() -> None:
        raise Failure("permission", "you may not")

    press.on_read = down
    there = Press({"7": "running"}, clock)
    monkeypatch.setitem(PressVendor.presses, "there", there)

    bring(clock, going(target(), "2", armed=["2"]), going(target("others", "there"), "7"))

    assert there.journal == [("hold", "7")]
