# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger's file and its lock."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils import _ledger
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.module_utils._files import replace
from ansible_collections.taskops.quiesce.plugins.module_utils._ledger import GUARD, Ledger
from ansible_collections.taskops.quiesce.plugins.module_utils._processes import Process, space

NOW = 1_795_000_000.0
DOCUMENT = {"format": 1, "window": "CHG1", "targets": [], "status": "open"}


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger(str(tmp_path / "ledgers"), "CHG1", lease=180)
    made.prepare()
    return made


def files(ledger: Ledger) -> list[str]:
    """The names of the files in the folder, without that of the guard, which is always there."""
    return sorted({path.name for path in ledger.path.parent.iterdir()} - {GUARD})


def failure_of(call: Any, *arguments: Any) -> Failure:
    with pytest.raises(Failure) as failed:
        call(*arguments)
    return failed.value


# The file


def test_what_is_written_is_read_again(ledger: Ledger) -> None:
    ledger.write(DOCUMENT)

    assert ledger.read() == DOCUMENT
    assert files(ledger) == ["CHG1.json"]


def test_there_is_none_at_first(ledger: Ledger) -> None:
    assert ledger.read() is None


def test_only_its_owner_and_group_may_read_it(ledger: Ledger) -> None:
    ledger.write(DOCUMENT)

    assert stat.S_IMODE(ledger.path.stat().st_mode) == 0o640
    assert stat.S_IMODE(ledger.path.parent.stat().st_mode) & 0o007 == 0


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
def test_a_write_that_breaks_off_leaves_the_old_document(ledger: Ledger, step: str) -> None:
    ledger.write(DOCUMENT)

    with mock.patch.object(os, step, side_effect=OSError(28, "No space left on device")):
        failure = failure_of(ledger.write, {**DOCUMENT, "status": "closed"})

    assert "No space left on device" in failure.message
    assert ledger.read() == DOCUMENT and files(ledger) == ["CHG1.json"]


def test_the_document_is_on_the_disk_before_its_name_and_the_name_before_the_end(ledger: Ledger) -> None:
    steps = []

    def note(step: str, call: Any) -> Any:
        def noted(*arguments: Any, **named: Any) -> Any:
            steps.append(step)
            return call(*arguments, **named)

        return noted

    with mock.patch.object(os, "fsync", note("fsync", os.fsync)), mock.patch.object(os, "replace", note("replace", os.replace)):
        ledger.write(DOCUMENT)

    assert steps == ["fsync", "replace", "fsync"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '"text"', '{"format": 1}', '{"format": 1, "targets": {}}', '{"format": 1, "targets": [']
)
def test_a_damaged_one_is_told_and_left(ledger: Ledger, text: str) -> None:
    ledger.path.write_text(text)

    failure = failure_of(ledger.read)

    assert (failure.code, failure.message) == (
        "protocol",
        f"the ledger {ledger.path} is damaged; repair it, or remove it to begin a new window",
    )
    assert ledger.path.read_text() == text


def test_bytes_that_are_no_text_are_a_damaged_one(ledger: Ledger) -> None:
    ledger.path.write_bytes(b"\xff\xfe\x00")

    assert "is damaged" in failure_of(ledger.read).message


def test_one_of_another_format_is_told(ledger: Ledger) -> None:
    ledger.path.write_text(json.dumps({**DOCUMENT, "format": 7}))

    assert failure_of(ledger.read).message.endswith("has the format 7, and this collection writes 1")


def test_one_of_another_window_is_told(ledger: Ledger) -> None:
    ledger.path.write_text(json.dumps({**DOCUMENT, "window": "CHG2"}))

    assert failure_of(ledger.read).message.endswith("is that of the window CHG2; it was copied or renamed")


def test_a_place_that_cannot_be_written_is_found_by_preparing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    failure = failure_of(Ledger(str(tmp_path / "file" / "ledgers"), "CHG1").prepare)

    assert (failure.code, failure.message.split(" (")[1]) == ("usage", "Not a directory); give a folder that this user may write to")


def test_preparing_leaves_nothing_but_the_guard(ledger: Ledger) -> None:
    assert files(ledger) == []


def test_two_runs_that_prepare_at_once_don_t_remove_each_other_s_trial(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    both_have_written = threading.Barrier(2)

    def write_and_meet(path: Path, text: str) -> None:
        replace(path, text)
        with suppress(threading.BrokenBarrierError):
            both_have_written.wait(0.5)

    monkeypatch.setattr(_ledger, "replace", write_and_meet)
    with ThreadPoolExecutor(2) as runs:
        for run in [runs.submit(Ledger(str(ledger.path.parent), "CHG1").prepare) for _run in range(2)]:
            run.result()

    assert both_have_written.broken


@pytest.mark.parametrize("window", ["", ".", "..", "../CHG", "a/b", "-a", ".hidden", "a b", "a\n", "ä", "x" * 129, "a\0b"])
def test_an_id_that_could_leave_its_folder_is_refused(tmp_path: Path, window: str) -> None:
    assert failure_of(Ledger, str(tmp_path), window).code == "usage"


@pytest.mark.parametrize("window", ["CHG0031337", "a", "1.2-3_4", "x" * 128])
def test_an_id_is_letters_digits_and_three_marks(tmp_path: Path, window: str) -> None:
    assert Ledger(str(tmp_path), window).path.name == f"{window}.json"


def test_a_closed_one_is_put_aside(ledger: Ledger) -> None:
    ledger.write(DOCUMENT)

    aside = ledger.archive("20261122T070000Z")

    assert json.loads(Path(aside).read_text()) == DOCUMENT
    assert (ledger.read(), files(ledger)) == (None, ["CHG1.20261122T070000Z.json"])


# The lock


def test_a_lock_keeps_others_out_and_names_its_holder(ledger: Ledger) -> None:
    ledger.acquire("open", NOW)

    failure = failure_of(ledger.acquire, "close", NOW + 10)

    assert failure.code == "refused"
    assert failure.message.startswith("the window CHG1 is locked by another run (open from ")
    assert failure.message.endswith("since 11:06:40 UTC); wait until that has ended, or, if it was killed, 170 s")


def test_a_lock_that_was_given_back_is_free(ledger: Ledger) -> None:
    ledger.release(ledger.acquire("open", NOW))

    assert ledger.acquire("close", NOW)


def test_a_lock_is_free_when_its_lease_is_over(ledger: Ledger) -> None:
    first = ledger.acquire("open", NOW)

    second = ledger.acquire("open", NOW + 180.1)

    assert second != first
    assert failure_of(ledger.acquire, "open", NOW + 180.2).code == "refused"


def test_the_holder_says_how_long_its_lease_is(tmp_path: Path) -> None:
    Ledger(str(tmp_path), "CHG1", lease=1000).acquire("open", NOW)

    assert failure_of(Ledger(str(tmp_path), "CHG1", lease=1).acquire, "open", NOW + 500).code == "refused"


def test_working_under_a_lock_renews_it(ledger: Ledger) -> None:
    run = ledger.acquire("open", NOW)

    with ledger.held(run, NOW + 170):
        pass

    assert failure_of(ledger.acquire, "open", NOW + 300).code == "refused"


def test_who_has_lost_the_lock_may_not_write_any_more(ledger: Ledger) -> None:
    first = ledger.acquire("open", NOW)
    ledger.acquire("close", NOW + 200)
    done = False

    with pytest.raises(Failure) as lost, ledger.held(first, NOW + 201):
        done = True

    assert lost.value.message == "the lock of the window CHG1 was lost to another run; this one ends here"
    assert not done


def test_who_has_lost_the_lock_gives_nothing_back(ledger: Ledger) -> None:
    first = ledger.acquire("open", NOW)
    second = ledger.acquire("close", NOW + 200)

    ledger.release(first)

    with ledger.held(second, NOW + 201):
        pass


def test_a_lock_that_is_half_written_is_no_lock_for_ever(ledger: Ledger) -> None:
    (ledger.path.parent / "CHG1.lock").write_text('{"run": ')

    assert ledger.acquire("open", NOW)


def _held_by(ledger: Ledger, process: Process) -> None:
    ledger.acquire("open", NOW, process)


def test_a_lock_of_a_dead_job_on_this_machine_is_free_at_once(ledger: Ledger) -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as process:
        process.wait()
    _held_by(ledger, Process(space(), process.pid, "12345"))

    assert ledger.acquire("open", NOW + 1)


def test_a_lock_of_a_process_whose_number_was_given_anew_is_free_at_once(ledger: Ledger) -> None:
    _held_by(ledger, Process(space(), os.getpid(), "1"))

    assert ledger.acquire("open", NOW + 1)


def test_a_lock_of_a_living_job_on_this_machine_outlasts_its_lease(ledger: Ledger) -> None:
    _held_by(ledger, Process.of(os.getpid()))

    assert failure_of(ledger.acquire, "open", NOW + 100_000).code == "refused"


def test_a_lock_of_another_machine_is_judged_by_its_lease(ledger: Ledger) -> None:
    _held_by(ledger, Process("another boot pid:[1]", os.getpid(), "1"))

    assert failure_of(ledger.acquire, "open", NOW + 100).code == "refused"
    assert ledger.acquire("open", NOW + 181)


def test_a_lock_of_a_process_that_only_its_number_tells_is_judged_by_its_lease(ledger: Ledger) -> None:
    _held_by(ledger, Process(space(), os.getpid(), ""))

    assert failure_of(ledger.acquire, "open", NOW + 100).code == "refused"
    assert ledger.acquire("open", NOW + 181)


def test_a_run_sweeps_up_what_a_killed_one_was_writing(ledger: Ledger) -> None:
    of_others = [".CHG10.json.abcdefgh", ".CHG1.2.json.abcdefgh", ".CHG1.json.json.abcdefgh"]
    for name in (".CHG1.json.abcdefgh", ".CHG1.lock.abcdefgh", *of_others):
        (ledger.path.parent / name).write_text("half")

    ledger.acquire("open", NOW)

    assert files(ledger) == sorted([*of_others, "CHG1.lock"])


def test_of_many_that_come_at_once_one_gets_the_lock(ledger: Ledger) -> None:
    got: list[str] = []
    refused: list[Failure] = []

    def come() -> None:
        try:
            got.append(Ledger(str(ledger.path.parent), "CHG1").acquire("open", NOW))
        except Failure as failure:
            refused.append(failure)

    threads = [threading.Thread(target=come) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(got), len(refused)) == (1, 7)


# Neighbours


def _beside(ledger: Ledger, name: str, **other: Any) -> Path:
    path = ledger.path.with_name(f"{name}.json")
    document = {"format": 1, "window": name, "status": "open", "updated": NOW, "targets": [], "runs": [], **other}
    path.write_text(json.dumps(document, indent=1, sort_keys=True))
    return path


def test_neighbours_are_the_windows_that_are_not_closed(ledger: Ledger) -> None:
    _beside(ledger, "CHG1")
    _beside(ledger, "CHG2")
    os.utime(_beside(ledger, "CHG3", status="closed"), (NOW - 100, NOW - 100))
    # What else lies in such a folder: a report, the memory of a watch, a copy.
    for name in ("CHG2+report", "watch-CHG2", "copy"):
        (ledger.path.parent / f"{name}.json").write_text('{"format": 2, "tasks": {}}')
    (ledger.path.parent / "copy.json").write_text(ledger.path.with_name("CHG2.json").read_text())

    found = ledger.neighbours(NOW)

    assert ([one["window"] for one in found.documents], found.unreadable) == (["CHG2"], [])


def test_what_was_closed_of_late_counts_too_also_where_it_was_put_aside(ledger: Ledger) -> None:
    path = _beside(ledger, "CHG2", status="closed")
    assert [one["status"] for one in ledger.neighbours(path.stat().st_mtime).documents] == ["closed"]

    path.rename(path.with_name("CHG2.20261128T030000Z.json"))
    assert [one["status"] for one in ledger.neighbours(NOW - 10).documents] == ["closed"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"window": "CHG2", "id": "a\\"b"', "is damaged"),
        ('{"format": 2, "window": "CHG2", "status": "open", "id": "a\\"b"}', "has the format 2"),
    ],
)
def test_a_neighbour_that_cannot_be_used_is_named_with_all_that_it_names(ledger: Ledger, text: str, why: str) -> None:
    ledger.path.with_name("CHG2.json").write_text(text)

    (found,) = ledger.neighbours(NOW).unreadable

    assert (found.path, found.why) == (str(ledger.path.with_name("CHG2.json")), why)
    assert 'a"b' in found.words


def test_renewing_keeps_the_lock_and_writes_no_ledger(ledger: Ledger) -> None:
    run = ledger.acquire("open", NOW)

    ledger.renew(run, NOW + 170)

    assert failure_of(ledger.acquire, "close", NOW + 300).code == "refused"
    assert (ledger.read(), ledger.began(run)) == (None, NOW)
