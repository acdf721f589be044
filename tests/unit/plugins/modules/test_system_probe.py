# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe: each switch of an emulated system that is turned away from what our pages assume is found, and nothing else is told."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils import _http
from ansible_collections.taskops.quiesce.plugins.module_utils._probe._evidence import Evidence, Judged, each
from ansible_collections.taskops.quiesce.plugins.modules import system_probe

from tests.emulator import registry
from tests.emulator.adapter import InProcessAdapter
from tests.emulator.vendor import Vendor as Emulator
from tests.unit.huawei import without_environment
from tests.unit.plugins.modules.results import warnings
from tests.unit.run_module import run_main

URL = "https://server.example.com:8443"
VIAS = {"region": "cn-north-4", "access_key": "QTWAOYTTINDUT2QVKYUC", "secret_key": "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"}
IOTDA = {"region": "cn-north-4", "access_key": "HPUATESTACCESSKEY001", "secret_key": "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ0123"}
USER = {"username": "jp1-operator", "password": "manager-of-7"}
WRITER = _http.USER_AGENT.partition(" ")[0]
LIVE_KEY = "BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ="


@dataclass(frozen=True)
class System:
    """An emulated system and how it's reached."""

    vendor: str
    options: Mapping[str, Any]
    switches: Mapping[str, Any] = field(default_factory=dict)
    without: frozenset[str] = frozenset()


SYSTEMS = {
    "totalcontrol": System(
        "totalcontrol", {"username": "sigma", "password": "3D391497"}, without=frozenset({"a list of no tasks is `[]`"})
    ),
    "huawei": System(
        "huawei", {**VIAS, "project_id": "0605767e8b80d5ac2f70c00d8ddd8ba2"}, without=frozenset({"a plan is ACTIVATED or INACTIVATED"})
    ),
    "live": System("ctrlapi", {"dialect": "live", "user_id": 4, "project_id": [23], "api_key": LIVE_KEY}),
    "vod": System("ctrlapi", {"dialect": "vod", "user_id": 1, "project_id": [2]}, {"dialect": "vod"}),
    "hitachi": System("hitachi", USER, {"users": {USER["username"]: {"password": USER["password"], "role": "Admin"}}}),
    "iotda": System("iotda", {**IOTDA, "project_id": "0a1b2c3d4e5f60718293a4b5c6d7e8f9"}),
    "airflow": System("airflow", {"username": "admin", "password": "admin-password"}),
    "airflow 2": System("airflow", {"username": "admin", "password": "admin-password"}, {"version": "2.11.2"}),
}


@dataclass
class Found:
    """What a probe returned, and what the system saw of it."""

    result: dict[str, Any]
    emulator: Emulator

    def by_verdict(self, verdict: str) -> dict[str, str]:
        rows = self.result["finding"]["assumptions"]
        return {row["assumption"]: row["seen"] for row in rows if row["verdict"] == verdict}

    @property
    def differing(self) -> dict[str, str]:
        return self.by_verdict("differs")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    without_environment(monkeypatch)
    yield


@pytest.fixture
def look(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    def call(name: str, tasks: Sequence[Mapping[str, Any]] | None = None, ids: Sequence[str] = (), **switches: Any) -> Found:
        system = SYSTEMS[name]
        seeds = None if tasks is None else [dict(task) for task in tasks]
        turned = {"require_read_only": True, **system.switches, **switches}
        emulator = registry.find(system.vendor)(switches=turned, tasks=seeds, seed=1)
        monkeypatch.setattr(_http, "HTTPAdapter", lambda **_pool: InProcessAdapter(emulator))
        places = {"url": URL, "iam_url": URL} if system.vendor in ("huawei", "iotda") else {"url": URL}
        options = {**places, "retries": 0, **system.options}
        result = run_main(
            system_probe.main, capsys, "system_probe", check=False, diff=False, vendor=system.vendor, options=options, tasks=list(ids)
        )
        return Found(result, emulator)

    return call


# As the pages have it


@pytest.mark.parametrize("name", list(SYSTEMS))
def test_a_system_as_the_pages_have_it_is_found_as_assumed(look: Any, name: str) -> None:
    found = look(name)

    assert found.differing == {}
    assert set(found.by_verdict("not observed")) == SYSTEMS[name].without
    assert len(found.by_verdict("as assumed")) >= 9
    assert found.result["changed"] is False and found.result["finding"]["broken_off"] == {}


@pytest.mark.parametrize("name", list(SYSTEMS))
def test_only_reads_are_sent(look: Any, name: str) -> None:
    found = look(name)
    journal = [entry.view() for entry in found.emulator.journal.since()]

    assert journal and not [entry for entry in journal if entry["write"] or entry["took_effect"]]
    assert len(journal) == found.result["finding"]["requests"]


# Each switch turned away


TURNED: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("totalcontrol", {"edition": "old"}, {
        "a single task's answer has it in `value`, as in the newer pages": "the task without `value`, as in the older pages",
        "a request for an unknown task gets HTTP 200 and a `status` of null": "a status of false",
        "times are texts": "an object",
    }),
    ("totalcontrol", {"dates": "objects"}, {"times are texts": "an object"}),
    ("totalcontrol", {"raw_backslashes": True}, {"answers are valid JSON": "text that isn't JSON, such as with single"}),
    ("hitachi", {"spelling": "names"}, {"statuses are spelled in one of the known ways": "In Progress, which is taken for inProgress"}),
    ("hitachi", {"spellings": {"inProgress": "busy"}}, {"statuses are spelled in one of the known ways": "busy, which is unknown"}),
    ("hitachi", {"filter_ids": 404}, {"`HQL::filter` takes `instanceID` of tasks": "HTTP 404"}),
    ("hitachi", {"filter_ids": 400}, {"`HQL::filter` takes `instanceID` of tasks": "HTTP 400"}),
    ("hitachi", {"filter_history_ids": 404}, {"`HQL::filter` takes `taskID` of histories": "HTTP 404"}),
    ("hitachi", {"default_page_size": 2}, {"a list without a page size has up to 100 tasks": "2 of 7"}),
    ("hitachi", {"max_page_size": 3, "default_page_size": 3}, {
        "a list without a page size has up to 100 tasks": "3 of 7",
        "pages have up to 500 tasks": "cut to 3",
    }),
    ("hitachi", {"count_means": "answer"}, {"`count` is the number of all matching tasks": "the number on the page"}),
    ("hitachi", {"unset_times": "absent"}, {"times that a task doesn't have yet are null": "absent"}),
    ("hitachi", {"immediate_schedule": "absent"}, {"each task names its schedule": "without scheduleID"}),
    ("hitachi", {"immediate_schedule": 0}, {"each task names its schedule": "0"}),
    ("hitachi", {"warning": "199 - the log of room 7 is full"}, {"no answer has a warning": "a header Warning"}),
    ("live", {"quoted_numbers": "accepted"}, {"an id in quotes is refused": "it's accepted"}),
    ("live", {"unknown_task": "error"}, {"the answer omits an id that doesn't exist": "an item with `error`"}),
    ("live", {"unknown_task": "errors"}, {"the answer omits an id that doesn't exist": "an item with `errors`"}),
    ("live", {"bad_params": 400}, {"answers with an error have HTTP 200, too": "HTTP 400"}),
    ("vod", {"unknown_task": "error"}, {"the answer omits an id that doesn't exist": "an item with `error`"}),
    ("vod", {"quoted_numbers": "accepted"}, {"an id in quotes is refused": "it's accepted"}),
    ("huawei", {"count": "total"}, {"`count` is the number on the page": "the number of all matching tasks"}),
    ("iotda", {"task_progress": "absent"}, {"the progress of a task is in numbers": "without task_progress"}),
    ("iotda", {"task_progress": "null"}, {"the progress of a task is in numbers": "null"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "switches", "expected"), TURNED, ids=[f"{name}: {switches}" for name, switches, _found in TURNED])
def test_only_what_differs_is_named(look: Any, name: str, switches: dict[str, Any], expected: dict[str, str]) -> None:
    differing = look(name, **switches).differing

    assert set(differing) == set(expected)
    for assumption, observed in expected.items():
        assert differing[assumption].startswith(observed)


def test_an_older_hitachi_s_own_ways_are_as_assumed_too(look: Any) -> None:
    found = look("hitachi", hitachi_edition="v10", spelling="v10")

    assert found.differing == {}
    assert "10-50-00" in str(found.by_verdict("as assumed"))


@pytest.mark.parametrize(("shape", "told"), [(None, "null"), ("", 'the text ""'), ("null", 'the text "null"')])
def test_an_empty_list_of_another_shape_is_named(look: Any, shape: Any, told: str) -> None:
    assert look("totalcontrol", tasks=[], empty_list_as=shape).differing == {"a list of no tasks is `[]`": told}


def test_of_an_empty_system_most_isn_t_observed_and_nothing_is_claimed(look: Any) -> None:
    found = look("hitachi", tasks=[])

    assert found.differing == {}
    assert {"statuses are spelled in one of the known ways", "each task names its schedule"} <= set(found.by_verdict("not observed"))


def test_a_plan_is_seen_where_a_task_has_one(look: Any) -> None:
    plan = {"type": "weekly", "timezone": "+08:00", "days_of_week": [1], "periods": [[{"begin_at": "08:00:00", "end_at": "09:00:00"}]]}
    task = {"id": "a" * 32, "name": "gate", "state": "STOPPED", "schedule_status": "INACTIVATED", "schedule": plan}

    assert "a plan is ACTIVATED or INACTIVATED" in look("huawei", tasks=[task]).by_verdict("as assumed")


def test_a_task_that_the_list_doesn_t_show_is_read_where_it_is_named(look: Any) -> None:
    tasks = [{"task_id": 241555, "project_id": 23, "app_id": 537, "name": "still", "status": "Stopped"}]

    assert "Stopped (1)" in str(look("live", tasks=tasks, ids=["241555"]).by_verdict("as assumed"))


# What leaves the house


# What names states, in the emulator's own words too.
STATES = ("status", "state", "shown_status", "shown_state", "listed_status", "ends_with", "history", "task_type", "scheduleType", "truth")


def _leaves(value: Any) -> Iterator[str]:
    """All texts and numbers within, but the names of states."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in STATES:
                yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


@pytest.mark.parametrize("name", list(SYSTEMS))
def test_a_finding_holds_no_name_no_id_no_address_and_no_secret(look: Any, name: str) -> None:
    found = look(name)
    told = json.dumps(found.result["finding"]) + found.result["markdown"]
    options = {key: value for key, value in SYSTEMS[name].options.items() if key != "dialect"}
    private = {text for text in (*_leaves(found.emulator.tasks()), *_leaves(options)) if len(text) >= 4 and text != SYSTEMS[name].vendor}
    bodies = {word for entry in found.emulator.journal.since() for word in re.findall(r"[\w.=+/-]{16,}", str(entry.view()["headers"]))}

    assert len(private) > 5
    assert [text for text in private if re.search(rf"(?<!\w){re.escape(text)}(?!\w)", told)] == []
    assert "server.example.com" not in told and "8443" not in told
    assert [word for word in bodies if word in told and word not in ("application/json", WRITER)] == []


@pytest.mark.parametrize("private", ["Jane Doe's holiday", "jane-doe", "busy"])
def test_a_word_for_a_state_that_is_something_private_as_well_is_not_told(look: Any, private: str) -> None:
    """A system whose status holds what it also calls the task."""
    run = {"instanceID": 5381, "name": private, "status": "inProgress", "scheduleID": 15381, "scheduleType": "immediate"}
    found = look("hitachi", tasks=[run], spellings={"inProgress": private})

    assert found.differing == {
        "statuses are spelled in one of the known ways": f"a text of {len(private)} characters, which is unknown; "
        f"seen: a text of {len(private)} characters (1)"
    }
    assert private not in found.result["markdown"]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("inProgress", "inProgress"),
        ("In Progress (with Error)", "In Progress (with Error)"),
        (-4, "-4"),
        (None, "null"),
        (False, "false"),
        (1550772621934, "a large number"),
        ("task004", "a text of 7 characters"),
        ("run of task004", "a text of 14 characters"),
        ("a|b", "a text of 3 characters"),
        ("<b>", "a text of 3 characters"),
        ("x" * 41, "a text of 41 characters"),
        (["x"], "a list"),
        ({"x": 1}, "an object"),
    ],
)
def test_which_words_may_be_told(value: Any, told: str) -> None:
    assert Evidence((), ["task004"]).word(value) == told


# The form


def test_what_differs_comes_first_on_the_page(look: Any) -> None:
    found = look("hitachi", filter_ids=404)
    lines = found.result["markdown"].splitlines()

    assert lines[0] == "# Probe of a real system: hitachi"
    assert lines[2] == f"1 differs, 1 not observed, 13 as assumed. Page `hitachi`, 7 tasks listed, 9 reads, {WRITER}."
    assert lines[6] == "| 3.3 | `HQL::filter` takes `instanceID` of tasks | **differs** | HTTP 404 |"
    assert lines[7].split(" | ")[2] == "not observed" and len(lines) == 6 + 15


def test_the_dialect_is_told(look: Any) -> None:
    found = look("vod")

    assert found.result["finding"]["dialect"] == "vod"
    assert found.result["markdown"].startswith("# Probe of a real system: ctrlapi, dialect vod\n")


def test_the_sections_are_on_the_pages_that_the_finding_names(look: Any) -> None:
    for name, system in SYSTEMS.items():
        finding = look(name).result["finding"]
        assert finding["vendor"] == system.vendor
        assert all(re.fullmatch(r"[2-8](\.\d)?( and [2-8]\.\d)?(, .+)?|[a-z]+", row["section"]) for row in finding["assumptions"])


def test_things_are_counted_by_what_they_are_instead() -> None:
    judged = each([1, "a", "b", 2, None], lambda value: "" if isinstance(value, int) else type(value).__name__, "five")

    assert (judged.verdict, judged.seen) == ("differs", "str (2 of 5); NoneType (1 of 5); five")
    assert (Judged(0).verdict, Judged(0).seen, Judged(1).verdict) == ("not observed", "", "as assumed")


# Faults


def test_a_step_that_breaks_off_is_told_and_the_others_go_on(
    look: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = importlib.import_module("ansible_collections.taskops.quiesce.plugins.module_utils._probe._finding")
    emulator = registry.find("hitachi")(switches={}, tasks=None, seed=1)
    emulator.faults.order([{"kind": "reset_before", "match": {"action": "version"}, "times": None}])
    monkeypatch.setattr(_http, "HTTPAdapter", lambda **_pool: InProcessAdapter(emulator))
    options = {"url": "https://jp1.example.com", "username": "system", "password": "manager", "retries": 0}
    result = run_main(system_probe.main, capsys, "system_probe", check=False, diff=False, vendor="hitachi", options=options)

    assert result["finding"]["broken_off"] == {"version": {"code": "connection", "http_status": None}}
    assert result["finding"]["summary"] == {"differs": 0, "not observed": 1, "as assumed": 14}
    assert probe.markdown(result["finding"]).endswith("\nThe step `version` failed (connection).\n")
    assert "jp1.example.com" not in json.dumps(result["finding"])


def test_a_system_that_lets_nobody_in_is_a_failure_as_with_the_other_modules(look: Any) -> None:
    result = look("hitachi", users={"jp1-operator": {"password": "another", "role": "Admin"}}).result

    assert result["failed"] and result["failure"]["code"] == "authentication"
    assert "finding" not in result and "manager-of-7" not in json.dumps(result)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"urll": "x"}, "the options: the vendor's module has no option urll (did you mean url?)"),
        ({"names": ["a"]}, "the options: the vendor's module has no option names"),
        (
            {"url": URL},
            "the options: neither username with password nor token is given; give them in its options, by module_defaults of",
        ),
    ],
)
def test_wrong_options_are_told_before_anything_is_sent(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], told: str
) -> None:
    def unwanted(**_pool: object) -> None:
        raise AssertionError("a session was made")

    monkeypatch.setattr(_http, "HTTPAdapter", unwanted)
    monkeypatch.delenv("TOTALCONTROL_TOKEN", raising=False)
    result = run_main(system_probe.main, capsys, "system_probe", check=False, diff=False, vendor="totalcontrol", options=options)

    assert result["failure"]["code"] == "usage" and told in result["msg"]


def test_what_the_environment_has_needn_t_be_given(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    emulator = registry.find("totalcontrol")(switches={}, tasks=None, seed=1)
    monkeypatch.setattr(_http, "HTTPAdapter", lambda **_pool: InProcessAdapter(emulator))
    for name, value in {"URL": "http://tc.example.com", "USERNAME": "sigma", "PASSWORD": "3D391497"}.items():
        monkeypatch.setenv(f"TOTALCONTROL_{name}", value)
    result = run_main(system_probe.main, capsys, "system_probe", check=True, diff=False, vendor="totalcontrol")

    assert result["finding"]["summary"]["differs"] == 0
    assert [warning.partition(" to ")[0] for warning in warnings(result)] == ["credentials go over plain http"]


def test_every_system_of_the_collection_has_a_probe() -> None:
    finding = importlib.import_module("ansible_collections.taskops.quiesce.plugins.module_utils._probe._finding")

    assert set(finding.PROBES) == set(finding.SYSTEMS)
