# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table at the end of a run: what it tells of sessions, tests and cores."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import pythons, summary

REPORT = {
    "sessions": [
        {"name": "lint", "args": {}, "duration": 40.04, "result": "success"},
        {"name": "unit", "args": {"core": "2.16"}, "duration": 55.5, "result": "failed", "reason": "pytest ended with 1"},
    ]
}
JUNIT = """<testsuites><testsuite>
<testcase classname="tests.unit.test_a" name="test_quick" time="0.1"/>
<testcase classname="tests.unit.test_a" name="test_slow[x]" time="7.5"><failure message="no"/></testcase>
<testcase classname="tests.unit.test_a" name="test_left" time="0.0"><skipped message="why"/></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def results(tmp_path: Path) -> Path:
    (tmp_path / "unit(2.16)+1.xml").write_text(JUNIT)
    (tmp_path / "lint+1.json").write_text(json.dumps({"count": 10, "what": "linters"}))
    return tmp_path


def test_each_session_has_its_time_its_result_and_its_count(results: Path) -> None:
    ran = list(summary.tests(results))

    lint, unit = summary.table(REPORT, summary.counts(results, ran))

    assert lint.split() == ["lint", "40.0", "s", "success", "10", "linters"]
    assert unit.endswith("FAILED   3 tests, 1 failure, 1 skipped")


def test_a_session_that_did_not_pass_is_told_at_the_end_with_its_reason_and_its_failed_tests(results: Path) -> None:
    told = list(summary.verdict(REPORT, list(summary.tests(results))))

    assert told == ["NOT PASSED: unit(2.16), failed: pytest ended with 1", "  failure: tests/unit/test_a.py::test_slow[x]"]


@pytest.mark.parametrize("result", ["failed", "aborted", "skipped"])
def test_only_success_is_a_pass(result: str) -> None:
    session = {"name": "docs", "args": {}, "duration": 1.0, "result": result}

    assert list(summary.verdict({"sessions": [session]}, [])) == [f"NOT PASSED: docs, {result}"]


def test_that_all_passed_is_told(results: Path) -> None:
    passed = {"sessions": REPORT["sessions"][:1]}

    assert list(summary.verdict(passed, list(summary.tests(results)))) == ["All 1 sessions passed."]


def test_the_slowest_tests_come_first_with_their_sessions(results: Path) -> None:
    _title, first, *others = summary.slowest(list(summary.tests(results)))

    assert first.split() == ["7.5", "s", "unit(2.16)", "tests/unit/test_a.py::test_slow[x]"] and len(others) == 2


def test_a_core_without_a_python_is_told_as_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(pythons.FOUND, json.dumps({"11": "/bin/true"}))
    monkeypatch.delenv("QUIESCE_CORES", raising=False)

    told = list(summary.cores())

    assert [line.split(" on ")[0] for line in told[:2]] == [
        "ansible-core 2.16, the oldest supported one,",
        "ansible-core 2.19, in place of 2.21,",
    ]
    assert [line for line in told if line.startswith("LEFT OUT: ansible-core 2.21: ansible-core 2.21 needs")] == told[2:]


def test_a_core_that_stands_for_the_oldest_one_is_not_called_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(pythons.FOUND, json.dumps({"13": "/bin/true"}))
    monkeypatch.delenv("QUIESCE_CORES", raising=False)

    told = list(summary.cores())

    assert [line.split(" on ")[0] for line in told[:2]] == [
        "ansible-core 2.18, in place of 2.16,",
        "ansible-core 2.21, the newest supported one,",
    ]
    assert [line for line in told if line.startswith("LEFT OUT: ansible-core 2.16: ansible-core 2.16 needs")] == told[2:]


def test_where_all_cores_are_asked_for_each_that_is_left_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(pythons.FOUND, json.dumps({"11": "/bin/true"}))
    monkeypatch.setenv("QUIESCE_CORES", "all")

    assert [line.split(":")[1].strip() for line in summary.cores() if "LEFT OUT" in line] == ["ansible-core 2.20", "ansible-core 2.21"]
