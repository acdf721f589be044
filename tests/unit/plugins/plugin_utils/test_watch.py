# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a watch tells of its looks, when it keeps what it has told, and when it gives up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import AnswerLost, Failure, Refused, TryLater
from ansible_collections.taskops.quiesce.plugins.module_utils._pages import Listing
from ansible_collections.taskops.quiesce.plugins.module_utils._text import harmless
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors.totalcontrol import TotalControl
from ansible_collections.taskops.quiesce.plugins.plugin_utils._background import EndableClock
from ansible_collections.taskops.quiesce.plugins.plugin_utils._changes import Tasks
from ansible_collections.taskops.quiesce.plugins.plugin_utils._state_file import Memory
from ansible_collections.taskops.quiesce.plugins.plugin_utils._watch import (
    Sight,
    SystemReader,
    Watch,
    WatchArguments,
    WatchError,
    check_arguments,
    watch,
)
from jinja2 import StrictUndefined

from tests.emulator import registry
from tests.emulator.threaded import ThreadedEmulator
from tests.integration.ctrlapi import LIVE, stream
from tests.integration.totalcontrol import ENDED, PAUSED, RUNNING, STOPPED, script, scripts

ACCESS = {"username": "sigma", "password": "3D391497"}
LOST = AnswerLost("connection", "the connection broke")

Event = dict[str, Any]


class Enough(Exception):
    """The story is told to its end."""


@pytest.fixture(autouse=True)
def _nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("URL", "USERNAME", "PASSWORD", "TOKEN"):
        monkeypatch.delenv(f"TOTALCONTROL_{variable}", raising=False)


@pytest.fixture
def totalcontrol() -> Iterator[ThreadedEmulator]:
    with ThreadedEmulator(registry.find("totalcontrol")(tasks=scripts(a=RUNNING, b=RUNNING))) as system:
        yield system


def source(system: ThreadedEmulator, **args: Any) -> dict[str, Any]:
    options = {"url": system.control.url, "retries": 0, **ACCESS, **args.pop("options", {})}
    chosen = {} if "select" in args else {"tasks": ["a", "b"]}
    return {"vendor": "totalcontrol", "options": options, **chosen, **args}


class Story:
    """A watch that looks once after each of `happenings` (what happens, as calls without arguments), and what it told."""

    def __init__(self, args: Mapping[str, Any], *happenings: Any) -> None:
        self.events: list[Event] = []
        self.pauses: list[float] = []
        left = iter(happenings)

        async def tell(event: Event) -> None:
            self.events.append(event)

        async def pause(seconds: float) -> None:
            self.pauses.append(seconds)
            happening = next(left, None)
            if happening is None:
                raise Enough
            happening()

        with suppress(Enough):
            asyncio.run(watch(tell, args, pause))

    @property
    def told(self) -> list[str]:
        return [
            " ".join([event["kind"], *([f"{event['task']['id']} {event['task']['state']}"] if "task" in event else [])])
            for event in self.events
        ]


# What is told


def test_the_first_look_tells_nothing_unless_asked_to(totalcontrol: ThreadedEmulator) -> None:
    assert Story(source(totalcontrol)).told == []
    assert Story(source(totalcontrol, initial=True)).told == ["found a started", "found b started"]


def test_a_change_is_told_whole(totalcontrol: ThreadedEmulator) -> None:
    story = Story(source(totalcontrol, target="scripts"), lambda: totalcontrol.vendor.act("a", "pause", {}))

    (event,) = story.events
    assert event.pop("at").endswith("+00:00")
    assert event == {
        "kind": "changed",
        "target": "scripts",
        "vendor": "totalcontrol",
        "while_away": False,
        "task": {
            "id": "a",
            "id_encoded": "a",
            "name": "a",
            "state": "paused",
            "vendor_state": PAUSED,
            "before": {"state": "started", "vendor_state": RUNNING},
        },
        "quiet": {"total": 2, "running": 1, "vanished": 0, "all_quiet": False},
    }


def test_all_quiet_comes_after_the_changes_that_made_it_so_and_once(totalcontrol: ThreadedEmulator) -> None:
    control = totalcontrol.control
    story = Story(
        source(totalcontrol),
        lambda: control.put_tasks(scripts(a=STOPPED, b=PAUSED)),
        lambda: control.put_tasks(scripts(a=STOPPED, b=STOPPED)),
        lambda: control.put_tasks(scripts(a=STOPPED, b=RUNNING)),
        lambda: control.put_tasks(scripts(a=STOPPED, b=ENDED)),
    )

    assert story.told == [
        *("changed a stopped", "changed b paused", "all_quiet", "changed b stopped"),
        *("changed b started", "changed b completed", "all_quiet"),
    ]


@pytest.mark.parametrize(("initial", "told"), [(True, ["found a stopped", "found b paused", "all_quiet"]), (False, [])])
def test_tasks_that_are_quiet_from_the_start_are_all_quiet_only_if_the_start_is_told(
    totalcontrol: ThreadedEmulator, initial: bool, told: list[str]
) -> None:
    totalcontrol.control.put_tasks(scripts(a=STOPPED, b=PAUSED))

    assert Story(source(totalcontrol, initial=initial)).told == told


def test_a_selection_that_finds_nothing_from_the_start_is_not_all_quiet(totalcontrol: ThreadedEmulator) -> None:
    totalcontrol.control.delete_tasks()

    assert Story(source(totalcontrol, select={}, initial=True)).told == []


def test_a_running_task_that_vanishes_is_not_all_quiet_until_it_was_seen_at_rest(totalcontrol: ThreadedEmulator) -> None:
    control = totalcontrol.control
    story = Story(
        source(totalcontrol, select={}),
        lambda: control.put_tasks(scripts(b=STOPPED)),
        lambda: control.put_tasks(scripts(b=STOPPED)),
        lambda: control.put_tasks(scripts(a=ENDED, b=STOPPED)),
    )

    assert story.told == ["changed b stopped", "vanished a absent", "appeared a completed", "all_quiet"]
    assert story.events[0]["quiet"] == {"total": 1, "running": 0, "vanished": 1, "all_quiet": False}


def test_after_a_task_has_vanished_new_work_can_be_quiet_again(totalcontrol: ThreadedEmulator) -> None:
    control = totalcontrol.control
    story = Story(
        source(totalcontrol, select={}),
        lambda: control.put_tasks(scripts(b=STOPPED)),
        lambda: control.put_tasks(scripts(b=RUNNING)),
        lambda: control.put_tasks(scripts(b=STOPPED)),
    )

    assert story.told == ["changed b stopped", "vanished a absent", "changed b started", "changed b stopped", "all_quiet"]


def test_tasks_that_have_vanished_are_not_asked_for_again(totalcontrol: ThreadedEmulator) -> None:
    control = totalcontrol.control
    weeks = [
        step
        for number in range(10)
        for step in (
            lambda number=number: control.put_tasks([script(f"task{number}", RUNNING)]),
            lambda: control.put_tasks([]),
            control.clear_journal,
        )
    ]
    Story(source(totalcontrol, select={}), *weeks, lambda: None)

    # The first look after the journal was cleared, and the last one.
    assert [entry["action"] for entry in control.journal()] == ["list", "list"]


def test_no_text_of_an_event_is_a_template_or_moves_the_cursor(totalcontrol: ThreadedEmulator) -> None:
    hostile = "sum {{ 1 + 1 }}{% if 1 %}{# c #}\x1b[31m\nnext {"
    control = totalcontrol.control
    story = Story(
        source(totalcontrol, select={}, initial=True),
        lambda: control.put_tasks([script(hostile, RUNNING)]),
        lambda: control.put_tasks([script(hostile, STOPPED)]),
    )

    texts = [text for event in story.events for text in all_texts(event)]
    assert harmless(hostile) in texts
    assert not [text for text in texts if "{" in text or not text.isprintable()]
    assert {unquote(event["task"]["id_encoded"]) for event in story.events if event["kind"] != "all_quiet"} == {"a", "b", hostile}


def all_texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from (key, *all_texts(part))
    elif isinstance(value, str):
        yield value


def test_tasks_of_one_name_are_quiet_only_if_all_are(totalcontrol: ThreadedEmulator) -> None:
    control = totalcontrol.control
    twins = [{"task_id": 1, "task_name": "a", "status": PAUSED}, {"task_id": 2, "task_name": "a", "status": RUNNING}]
    story = Story(
        source(totalcontrol, select={}),
        lambda: control.put_tasks(twins),
        lambda: control.put_tasks(twins[::-1]),
        lambda: control.put_tasks([{**twin, "status": PAUSED} for twin in twins]),
    )

    assert [told for told in story.told if "b " not in told] == ["changed a paused"], "b has vanished while it ran"
    assert story.events[-1]["quiet"]["running"] == 0


def test_all_is_quiet_only_by_a_list_that_can_t_lack_a_task(totalcontrol: ThreadedEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    list_all = TotalControl.list_all
    doubts = iter(["", "kept changing", "kept changing", "", ""])
    monkeypatch.setattr(TotalControl, "list_all", lambda self, filters: Listing(list_all(self, filters), next(doubts)))

    def rest() -> None:
        totalcontrol.control.put_tasks(scripts(a=STOPPED, b=PAUSED))

    story = Story(source(totalcontrol, select={}), rest, rest, rest, rest)

    assert story.told == ["changed a stopped", "changed b paused", "all_quiet"]
    assert [event["quiet"]["all_quiet"] for event in story.events] == [False, False, True]


def test_a_new_task_of_a_selection_appears(totalcontrol: ThreadedEmulator) -> None:
    story = Story(source(totalcontrol, select={}), lambda: totalcontrol.control.add_tasks(script("c", RUNNING)))

    assert story.told == ["appeared c started"]
    assert story.events[0]["task"]["before"] == {"state": "absent", "vendor_state": None}


def test_a_task_that_leaves_a_list_of_active_ones_is_read_by_its_id() -> None:
    with ThreadedEmulator(registry.find("ctrlapi")(tasks=[stream(1), stream(2)])) as boro:
        args = {"vendor": "ctrlapi", "select": {}, "options": {"url": boro.control.url, "retries": 0, **LIVE}}
        story = Story(args, lambda: boro.control.add_tasks(stream(1, "Stopped")), lambda: None)

    assert story.told == ["changed 1 stopped"]
    assert story.events[0]["quiet"] == {"total": 1, "running": 1, "vanished": 0, "all_quiet": False}


def test_a_look_costs_one_read_and_the_login_is_kept(totalcontrol: ThreadedEmulator) -> None:
    Story(source(totalcontrol), lambda: None, lambda: None)

    assert [entry["action"] for entry in totalcontrol.control.journal()] == ["login", "list", "list", "list"]


# What is lost and found again


class Scripted(SystemReader):
    """A look at task `a` that shows the given sights: a number (Total Control's state of it), None (no such task) or a failure."""

    def __init__(self, wish: WatchArguments, system: ThreadedEmulator, sights: Iterator[Any]) -> None:
        super().__init__(wish, EndableClock())
        self._system, self._sights = system, sights

    def __call__(self, before: Tasks | None) -> Sight:
        sight = next(self._sights)
        if isinstance(sight, Exception):
            raise sight
        self._system.control.put_tasks([] if sight is None else scripts(a=sight))
        return super().__call__(before)


class Followed:
    """A watch with an interval of 10 s, and what came of it. `saved` is what was kept, each with how many events were told by then."""

    def __init__(self, system: ThreadedEmulator, *sights: Any, memory: Memory | None = None, **args: Any) -> None:
        self.events: list[Event] = []
        self.pauses: list[float] = []
        self.saved: list[tuple[int, Memory]] = []
        self.ended: Failure | None = None
        wish = check_arguments(source(system, tasks=["a"], interval=10, **args))

        async def tell(event: Event) -> None:
            self.events.append(event)

        def save(memory: Memory) -> None:
            if not self.saved or self.saved[-1][1] != memory:
                self.saved.append((len(self.events), memory))

        async def pause(seconds: float) -> None:
            self.pauses.append(seconds)
            if len(self.pauses) == len(sights):
                raise Enough

        follow = Watch(wish, Scripted(wish, system, iter(sights)), tell, memory or Memory(), save, pause)
        try:
            asyncio.run(follow.run())
        except Enough:
            pass
        except Failure as failure:
            self.ended = failure

    @property
    def kinds(self) -> list[str]:
        return [event["kind"] for event in self.events]

    @property
    def away(self) -> list[str]:
        return [event["kind"] for event in self.events if event["while_away"]]


def test_a_lost_connection_is_told_once_and_so_is_its_end(totalcontrol: ThreadedEmulator) -> None:
    story = Followed(totalcontrol, RUNNING, LOST, LOST, LOST, RUNNING, RUNNING)

    assert story.kinds == ["connection_lost", "connection_restored"]
    lost, restored = story.events
    assert lost["connection"] == {"code": "connection", "message": "the connection broke.", "attempt": 1, "next_in": 10}
    assert lost["quiet"] == {"total": 1, "running": 1, "vanished": 0, "all_quiet": False}
    assert restored["connection"] == {"lost_at": lost["at"]}


def test_what_changed_meanwhile_is_told_after_the_end_of_the_loss(totalcontrol: ThreadedEmulator) -> None:
    story = Followed(totalcontrol, RUNNING, LOST, PAUSED, STOPPED)

    assert story.kinds == ["connection_lost", "connection_restored", "changed", "all_quiet", "changed"]
    assert story.away == ["connection_restored", "changed", "all_quiet"]


def test_a_system_that_is_away_from_the_start_is_waited_for(totalcontrol: ThreadedEmulator) -> None:
    assert Followed(totalcontrol, LOST, RUNNING, STOPPED).kinds == ["connection_lost", "connection_restored", "changed", "all_quiet"]


def test_a_system_that_is_away_is_asked_less_and_less_often_but_each_minute(totalcontrol: ThreadedEmulator) -> None:
    assert Followed(totalcontrol, RUNNING, *[LOST] * 5, RUNNING).pauses == [10, 10, 20, 40, 60, 60, 10]


def test_a_system_that_asks_for_time_is_given_it(totalcontrol: ThreadedEmulator) -> None:
    later = TryLater("rate_limited", "too many requests")
    later.after = 300

    assert Followed(totalcontrol, RUNNING, later, RUNNING).pauses == [10, 300, 10]


def test_nothing_is_called_quiet_that_no_look_has_shown(totalcontrol: ThreadedEmulator) -> None:
    never_seen = Followed(totalcontrol, LOST)
    seen_at_rest = Followed(totalcontrol, STOPPED, LOST)

    assert never_seen.events[0]["quiet"] == {"total": 0, "running": 0, "vanished": 0, "all_quiet": False}
    assert seen_at_rest.events[0]["quiet"] == {"total": 1, "running": 0, "vanished": 0, "all_quiet": False}


REFUSED = Refused("authentication", "the key was refused")


@pytest.mark.parametrize("failure", [REFUSED, Failure("authentication", "no login")])
def test_refused_credentials_are_told_again_and_again_with_growing_pauses(totalcontrol: ThreadedEmulator, failure: Failure) -> None:
    story = Followed(totalcontrol, RUNNING, *[failure] * 4, PAUSED, failure, RUNNING)

    assert story.kinds == [*["connection_lost"] * 4, "connection_restored", "changed", "all_quiet", "connection_lost", *story.kinds[8:]]
    assert story.pauses == [10, 900, 1800, 3600, 3600, 10, 900, 10]
    assert [event["connection"]["attempt"] for event in story.events if event["kind"] == "connection_lost"] == [1, 2, 3, 4, 1]
    assert story.ended is None


def test_credentials_that_are_refused_from_the_start_end_nothing_either(totalcontrol: ThreadedEmulator) -> None:
    assert Followed(totalcontrol, REFUSED, RUNNING, refused_interval=60).pauses == [60, 10]


def test_what_is_wrong_with_the_options_later_on_is_no_reason_to_end(totalcontrol: ThreadedEmulator) -> None:
    usage = Failure("usage", "ca_path is gone")

    assert Followed(totalcontrol, RUNNING, usage, RUNNING).kinds == ["connection_lost", "connection_restored"]
    assert Followed(totalcontrol, usage).ended is usage


def test_a_restart_does_not_tell_the_same_loss_again(totalcontrol: ThreadedEmulator) -> None:
    before = Followed(totalcontrol, RUNNING, LOST, LOST)
    after = Followed(totalcontrol, LOST, RUNNING, memory=before.saved[-1][1])

    assert (before.kinds, after.kinds) == (["connection_lost"], ["connection_restored"])
    assert after.events[0]["connection"] == {"lost_at": before.events[0]["at"]}


# What is kept


def test_the_first_states_are_kept_at_once(totalcontrol: ThreadedEmulator) -> None:
    story = Followed(totalcontrol, RUNNING)

    assert [told for told, memory in story.saved if memory.tasks] == [0]


def test_what_was_told_is_kept_only_when_the_next_look_begins(totalcontrol: ThreadedEmulator) -> None:
    stopped_after_telling = Followed(totalcontrol, RUNNING, STOPPED)
    one_look_later = Followed(totalcontrol, RUNNING, STOPPED, STOPPED)

    assert [memory.tasks["a"].state for _told, memory in stopped_after_telling.saved if memory.tasks] == ["started"]
    assert [memory.tasks["a"].state for _told, memory in one_look_later.saved if memory.tasks] == ["started", "stopped"]


def test_after_a_restart_what_changed_meanwhile_is_told_and_only_that(totalcontrol: ThreadedEmulator) -> None:
    memory = Followed(totalcontrol, RUNNING, RUNNING).saved[-1][1]

    assert Followed(totalcontrol, RUNNING, memory=memory, initial=True).kinds == []
    story = Followed(totalcontrol, STOPPED, RUNNING, memory=memory)
    assert story.kinds == ["changed", "all_quiet", "changed"]
    assert story.away == ["changed", "all_quiet"]


def test_a_task_that_vanished_before_a_restart_is_no_mistake(totalcontrol: ThreadedEmulator) -> None:
    memory = Followed(totalcontrol, RUNNING, RUNNING).saved[-1][1]

    assert Followed(totalcontrol, None, None, memory=memory).kinds == ["vanished"]


def test_states_that_cannot_be_kept_do_not_end_a_watch_under_way(
    totalcontrol: ThreadedEmulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "here" / "state.json"
    file.parent.mkdir()

    def move_away() -> None:
        file.parent.rename(tmp_path / "away")
        totalcontrol.vendor.act("a", "stop", {})

    story = Story(source(totalcontrol, state_file=str(file)), move_away, lambda: totalcontrol.vendor.act("b", "stop", {}))

    assert story.told == ["changed a stopped", "changed b stopped", "all_quiet"]
    assert "can't be used (No such file or directory)" in caplog.text


# What is asked for until it was done


def reaction(folder: Path, **args: Any) -> dict[str, Any]:
    """Short pauses, and an attempt that counts as ended as soon as the file is there."""
    return {"reaction": {"file": str(folder / "tried"), "pause": 0.1, **args}, "initial": True}


def tried(folder: Path) -> Any:
    def end_attempt() -> None:
        (folder / "tried").touch()

    return end_attempt


def wait() -> None:
    time.sleep(0.5)


@pytest.mark.long
def test_all_quiet_is_told_again_until_the_watch_is_ended(totalcontrol: ThreadedEmulator, tmp_path: Path) -> None:
    totalcontrol.control.put_tasks(scripts(a=STOPPED, b=STOPPED))
    again = (tried(tmp_path), wait)
    story = Story(source(totalcontrol, **reaction(tmp_path)), *again, *again)

    assert [event["attempt"] for event in story.events if event["kind"] == "all_quiet"] == [1, 2, 3]


@pytest.mark.long
def test_an_attempt_under_way_is_left_alone(totalcontrol: ThreadedEmulator, tmp_path: Path) -> None:
    totalcontrol.control.put_tasks(scripts(a=STOPPED, b=STOPPED))

    assert Story(source(totalcontrol, **reaction(tmp_path)), wait, wait).told == ["found a stopped", "found b stopped", "all_quiet"]


def test_after_a_restart_nobody_knows_how_far_the_reaction_got(totalcontrol: ThreadedEmulator, tmp_path: Path) -> None:
    totalcontrol.control.put_tasks(scripts(a=STOPPED, b=STOPPED))
    args = source(totalcontrol, state_file=str(tmp_path / "state.json"), **reaction(tmp_path))

    assert Story(args, lambda: None).told == ["found a stopped", "found b stopped", "all_quiet"]
    assert Story(args, lambda: None).told == ["all_quiet"]


def test_work_that_began_again_is_not_asked_to_be_closed(totalcontrol: ThreadedEmulator, tmp_path: Path) -> None:
    control = totalcontrol.control
    control.put_tasks(scripts(a=STOPPED, b=STOPPED))
    story = Story(
        source(totalcontrol, **reaction(tmp_path)),
        lambda: (control.put_tasks(scripts(a=RUNNING, b=STOPPED)), tried(tmp_path)()),
        wait,
        lambda: control.put_tasks(scripts(a=STOPPED, b=STOPPED)),
    )

    assert story.told[2:] == ["all_quiet", "changed a started", "changed a stopped", "all_quiet"]
    assert story.events[-1]["attempt"] == 1


@pytest.mark.long
def test_after_the_last_attempt_it_ends_with_a_sentence(totalcontrol: ThreadedEmulator, tmp_path: Path) -> None:
    totalcontrol.control.put_tasks(scripts(a=STOPPED, b=STOPPED))
    again = (tried(tmp_path), wait)

    with pytest.raises(
        WatchError, match="quiet, and none of 2 attempts to react to that has succeeded for CHG1; see above why, and do by hand"
    ):
        Story(source(totalcontrol, scope="CHG1", **reaction(tmp_path, attempts=2)), *again, *again)


@pytest.mark.long
def test_attempts_that_are_due_while_nothing_can_be_seen_count_as_failed(totalcontrol: ThreadedEmulator, tmp_path: Path) -> None:
    totalcontrol.control.put_tasks(scripts(a=STOPPED, b=STOPPED))

    def break_down() -> None:
        totalcontrol.control.order_fault("status", status=500, times=None, match={"action": "list"})
        tried(tmp_path)()

    with pytest.raises(WatchError, match="none of 2 attempts"):
        Story(source(totalcontrol, **reaction(tmp_path, attempts=2)), break_down, wait, wait)


# What is refused before anything is asked


def refusal(args: Mapping[str, Any]) -> str:
    with pytest.raises(WatchError) as error:
        Story(args)
    return str(error.value)


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ({}, "target without a vendor: missing required arguments: vendor"),
        (
            {"vendor": "siemens", "tasks": ["a"]},
            "value of vendor must be one of: totalcontrol, huawei, ctrlapi, hitachi, iotda, airflow, got: siemens",
        ),
        ({"vendor": "totalcontrol"}, "one of the following is required: tasks, select"),
        ({"vendor": "totalcontrol", "tasks": ["a"], "select": {}}, "parameters are mutually exclusive: tasks|select"),
        (
            {"vendor": "totalcontrol", "tasks": ["a"], "delay": 5},
            "target totalcontrol: task_state has no option delay (did you mean interval?)",
        ),
        ({"vendor": "totalcontrol", "tasks": ["a"], "interval": 0}, "interval is 0; it must be at least 0.1."),
        ({"vendor": "totalcontrol", "tasks": ["a"], "interval": "nan"}, "interval must be a number, and it is 'nan'."),
        (
            {"vendor": "totalcontrol", "tasks": ["a"]},
            "url is missing, and neither username with password nor token is given; give them in its",
        ),
        (
            {"vendor": "totalcontrol", "tasks": StrictUndefined(name="watch_tasks")},
            "tasks isn't given, since the variable watch_tasks is undefined; define it.",
        ),
        ({"vendor": "totalcontrol", "tasks": ["a"], "options": {"url": StrictUndefined(name="url")}}, "options.url isn't given, since"),
        ({"vendor": "totalcontrol", "tasks": 2026.1}, "tasks is a number (2026.1), and its original spelling is lost"),
        ({"vendor": "totalcontrol", "tasks": {"a": 1}}, "tasks must be a list, and it is a mapping."),
        ({"vendor": "totalcontrol", "tasks": ["a"], "refused_interval": 0}, "refused_interval is 0; it must be at least 0.1."),
        ({"vendor": "totalcontrol", "tasks": ["a"], "reaction": {"attempts": 3}}, "missing required arguments: file found in reaction."),
        ({"vendor": "totalcontrol", "tasks": [], "options": {"url": "http://x", **ACCESS}}, "tasks is empty; name at least one task, or"),
        (
            {"vendor": "totalcontrol", "tasks": ["a"], "options": {"name": "b"}},
            "gives name among its options; give the tasks in tasks instead.",
        ),
        ({"vendor": "totalcontrol", "tasks": ["a"], "options": {"url": "x", **ACCESS}}, "url is 'x', which isn't an address"),
        ({"vendor": "totalcontrol", "tasks": ["a"], "options": {"state": "paused"}}, "has no option state"),
        (
            {"vendor": "hitachi", "select": {"colour": "red"}, "options": {"url": "http://x", **ACCESS}},
            "target hitachi: select: the vendor's module has no option colour",
        ),
    ],
)
def test_wrong_arguments_are_told_in_one_sentence(args: dict[str, Any], told: str) -> None:
    message = refusal(args)

    assert told.casefold() in message.casefold()
    assert message.endswith(".")
    assert "3D391497" not in message


@pytest.mark.parametrize("tasks", ["a,b", "a, b", ("a", "b"), ["a", "b"], [["a", "b"]], {"a": 0}.keys() | {"b"}])
def test_tasks_may_come_in_any_form(totalcontrol: ThreadedEmulator, tasks: Any) -> None:
    assert sorted(Story(source(totalcontrol, tasks=tasks, initial=True)).told) == ["found a started", "found b started"]


@pytest.mark.parametrize("tasks", [241458, "241458", "241458,", [241458], ("241458",)])
def test_a_number_is_an_id(tasks: Any) -> None:
    assert check_arguments({"vendor": "ctrlapi", "tasks": tasks, "options": {"url": "http://x", **LIVE}}).ids == ["241458"]


def test_a_task_that_was_never_known_is_refused_at_the_first_look(totalcontrol: ThreadedEmulator) -> None:
    message = refusal(source(totalcontrol, tasks=["a", "tsak", "taks"]))

    assert "Total Control knows no task tsak, taks, so that it can't be watched; check how it is written there." in message


def test_an_empty_option_counts_as_not_given(totalcontrol: ThreadedEmulator) -> None:
    assert Story(source(totalcontrol, state_file="", options={"token": "", "proxy": ""}, initial=True)).told == [
        "found a started",
        "found b started",
    ]


def test_credentials_come_from_the_environment(totalcontrol: ThreadedEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOTALCONTROL_USERNAME", "sigma")
    monkeypatch.setenv("TOTALCONTROL_PASSWORD", "3D391497")

    assert Story({"vendor": "totalcontrol", "tasks": ["a"], "options": {"url": totalcontrol.control.url}}).told == []


def test_no_secret_is_in_what_is_told_of_a_loss(totalcontrol: ThreadedEmulator) -> None:
    totalcontrol.control.order_fault("status", status=500, body="your password 3D391497 is fine", times=None, match={"action": "list"})
    story = Story(source(totalcontrol))

    (event,) = story.events
    assert event["kind"] == "connection_lost"
    assert "3D391497" not in str(event)
