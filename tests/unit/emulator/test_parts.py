# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The small parts that every vendor is made of: clock, agenda, track, and the ways in without sockets of its own process."""

from __future__ import annotations

import pytest
import requests

from tests.emulator import registry
from tests.emulator.adapter import InProcessAdapter
from tests.emulator.agenda import Agenda
from tests.emulator.clock import Clock
from tests.emulator.messages import BadOrder, Request
from tests.emulator.threaded import ThreadedEmulator
from tests.emulator.track import Lag, Track
from tests.emulator.vendors.totalcontrol import TotalControl

# --- clock ----------------------------------------------------------------------------------------------------------


def test_a_manual_clock_moves_both_readings_together() -> None:
    ticking = iter(range(100))
    clock = Clock(monotonic=lambda: next(ticking), wall=lambda: 1000.0)
    clock.set_manual(True)
    clock.advance(5)
    assert (clock.now(), clock.now(), clock.wall()) == (5, 5, 1005)


def test_a_clock_that_runs_again_goes_on_from_where_it_stood() -> None:
    real = [100.0]
    clock = Clock(monotonic=lambda: real[0], wall=lambda: real[0])
    clock.set_manual(True)
    real[0] = 200
    clock.advance(1)
    clock.set_manual(False)
    assert clock.now() == 101
    real[0] = 205
    assert (clock.now(), clock.wall()) == (106, 106)


# --- agenda -----------------------------------------------------------------------------------------------------------


def test_what_is_due_is_done_in_order_and_told_when_it_was_due() -> None:
    agenda, done = Agenda(), list[tuple[str, float]]()
    agenda.at(3, lambda at: done.append(("late", at)))
    agenda.at(1, lambda at: done.append(("early", at)))
    agenda.at(9, lambda at: done.append(("not yet", at)))
    agenda.at(2, lambda at: done.append(("cancelled", at))).cancel()
    agenda.run(5)
    assert done == [("early", 1), ("late", 3)]


def test_what_falls_due_because_of_another_is_done_too() -> None:
    agenda, done = Agenda(), list[float]()

    def first(at: float) -> None:
        agenda.at(at + 1, done.append)

    agenda.at(1, first)
    agenda.run(5)
    assert done == [2]


# --- track: states on the way, stale reads ------------------------------------------------------------------------------


def test_a_track_steps_by_seconds() -> None:
    track = Track("RUNNING")
    track.set("STOPPING")
    track.then("STOPPED", 0, Lag(seconds=2))
    assert [track.read(at) for at in (0, 1.9, 2)] == ["STOPPING", "STOPPING", "STOPPED"]


def test_a_read_that_saw_the_step_before_does_not_count_for_the_next() -> None:
    track = Track("RUNNING")
    track.then("STOPPING", 0, Lag(reads=1))
    assert [track.read(0), track.read(0)] == ["RUNNING", "STOPPING"]
    track.then("STOPPED", 0, Lag(reads=1))
    assert [track.read(0), track.read(0)] == ["STOPPING", "STOPPED"]


def test_a_track_steps_by_reads() -> None:
    track = Track("STOPPED")
    track.set("PENDING")
    track.then("STARTING", 0, Lag(reads=1))
    track.then("RUNNING", 0, Lag(reads=2))
    assert [track.read(0) for _time in range(5)] == ["PENDING", "STARTING", "STARTING", "RUNNING", "RUNNING"]


def test_chained_seconds_count_from_the_step_before() -> None:
    track = Track("STOPPED")
    track.then("STARTING", 0, Lag(seconds=2))
    track.then("RUNNING", 0, Lag(seconds=2), chained=True)
    assert [track.read(at) for at in (1, 3, 4)] == ["STOPPED", "STARTING", "RUNNING"]


def test_a_later_change_never_shows_before_an_earlier_one() -> None:
    track = Track("a")
    track.then("b", 0, Lag(seconds=5))
    track.then("c", 1)
    assert [track.read(at) for at in (4, 5)] == ["a", "c"]


def test_looking_is_not_reading() -> None:
    track = Track("a")
    track.then("b", 0, Lag(reads=1))
    assert [track.peek(0), track.peek(0), track.read(0), track.peek(0)] == ["a", "a", "a", "b"]


def test_set_forgets_what_was_to_come() -> None:
    track = Track("a")
    track.then("b", 0, Lag(seconds=1))
    track.set("c")
    assert track.read(100) == "c"


# --- requests as they are sent --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "path", "query_text", "segments"),
    [
        ("/a/b?c=d", "/a/b", "c=d", ("a", "b")),
        ("/a%2Fb/c", "/a%2Fb/c", None, ("a/b", "c")),
        ("/a?b?c", "/a", "b?c", ("a",)),
        ("/a?", "/a", "", ("a",)),
        ("//a/../b/", "//a/../b/", None, ("", "a", "..", "b", "")),
        ("http://host:1/a?b", "/a", "b", ("a",)),
    ],
)
def test_a_target_is_taken_apart_but_not_normalised(target: str, path: str, query_text: str | None, segments: tuple[str, ...]) -> None:
    request = Request("GET", target)
    assert (request.path, request.query_text, request.segments) == (path, query_text, segments)


def test_headers_are_found_in_any_case_and_joined() -> None:
    request = Request.of("GET", "/", [("X-A", "1"), ("x-a", "2")], b"")
    assert (request.header("X-a"), request.header("other")) == ("1, 2", None)


# --- registry -----------------------------------------------------------------------------------------------------------------


def test_a_vendor_is_found_by_the_name_of_its_file() -> None:
    assert registry.find("totalcontrol") is TotalControl


def test_every_vendor_can_be_made_and_says_what_its_switches_do() -> None:
    for name in registry.names():
        vendor = registry.find(name)()
        assert vendor.name == name
        assert vendor.tasks()
        assert all(switch["doc"] for switch in vendor.switches.describe().values())


def test_helpers_of_vendors_are_no_vendors() -> None:
    assert not [name for name in registry.names() if name.startswith("_")]
    with pytest.raises(BadOrder, match="known: "):
        registry.find("nonsense")


# --- ways in ------------------------------------------------------------------------------------------------------------------

URL = "http://emulated.example/TotalControl/v1"


@pytest.fixture
def session(model: TotalControl) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", InProcessAdapter(model))
    session.params = {"token": session.get(f"{URL}/login", headers={"Authorization": "c2lnbWE6M0QzOTE0OTc="}).json()["value"]["token"]}
    return session


def status(model: TotalControl, name: str = "task004") -> int:
    return int({task["task_name"]: task["status"] for task in model.tasks()}[name])


def test_requests_without_sockets(model: TotalControl, session: requests.Session) -> None:
    assert session.post(f"{URL}/tasks/task004", data={"action": "pause"}).json() == {"status": True, "value": ""}
    assert status(model) == -4
    assert dict(model.journal.since()[-1].request.headers)["Host"] == "emulated.example"


def test_a_reset_without_sockets(model: TotalControl, session: requests.Session) -> None:
    model.faults.order([{"kind": "reset_after"}])
    with pytest.raises(requests.ConnectionError):
        session.post(f"{URL}/tasks/task004", params={"action": "pause"})
    assert status(model) == -4


def test_a_cut_body_without_sockets(model: TotalControl, session: requests.Session) -> None:
    model.faults.order([{"kind": "cut"}])
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        session.get(f"{URL}/tasks")


def test_an_action_can_take_hold_after_its_client_gave_up(model: TotalControl, session: requests.Session) -> None:
    model.faults.order([{"kind": "delay", "seconds": 60}])
    with pytest.raises(requests.ReadTimeout):
        session.post(f"{URL}/tasks/task004", params={"action": "pause"}, timeout=30)
    assert status(model) == -1
    model.advance(30)
    model.settle()
    assert status(model) == -4
    assert model.journal.since()[-1].took_effect is True


def test_waits_without_sockets_step_the_manual_clock(model: TotalControl, session: requests.Session) -> None:
    model.set_switches({"latency": 3600})
    before = model.now
    session.get(f"{URL}/tasks")
    assert model.now - before == pytest.approx(3600)


def test_the_same_seed_gives_the_same_tokens() -> None:
    def first_token() -> bytes:
        model = TotalControl(seed=7)
        return model.answer("GET", "/TotalControl/v1/login", {"Authorization": "c2lnbWE6M0QzOTE0OTc="}).body

    assert first_token() == first_token()


def test_an_emulator_in_a_thread_has_real_sockets_and_its_model_at_hand(model: TotalControl) -> None:
    with ThreadedEmulator(model) as emulator:
        assert requests.get(f"{emulator.control.url}/TotalControl/v1/tasks", timeout=10).json()["status"] is None
        assert emulator.vendor.journal.since()[-1].call.action == "list"
        assert [task["task_name"] for task in emulator.control.tasks()] == [task["task_name"] for task in model.tasks()]
