# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo succeeds, and leaves no process running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.demo.__main__ import OTHER, WINDOW

TREE = Path(__file__).resolve().parents[2]


@contextmanager
def demonstration(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The demo in a session of its own, as a terminal provides it. Its report is written into the folder."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    mark = f"{os.getpid()}-{time.monotonic_ns()}"
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "tests.demo"],
        cwd=TREE,
        env={**os.environ, "PATH": path, "QUIESCE_DEMO_MARK": mark, "QUIESCE_DEMO_FOLDER": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process, mark
    finally:
        for pid in living(mark):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.communicate(timeout=30)


def living(mark: str) -> list[int]:
    """The processes that the demo started, and their children: all inherit the mark in their environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            marked = f"QUIESCE_DEMO_MARK={mark}".encode() in entry.read_bytes().split(b"\0")
        except OSError:  # it has ended in the meantime
            continue
        if marked:
            found.append(int(entry.parent.name))
    return found


def test_it_runs_to_its_end_and_leaves_its_report_and_no_process_behind(tmp_path: Path) -> None:
    with demonstration(tmp_path) as (process, mark):
        output, _none = process.communicate(timeout=300)

        assert process.returncode == 0, output
        # Both windows were open at the same time, and the first one left the tasks that the second one holds to it.
        opened, first_closed, both_closed = (output.index(heading) for heading in ("=== 4. ", "=== 5. ", "=== 6. "))
        assert f"{WINDOW}: open, 12 tasks held" in output[opened:first_closed]
        assert f"{OTHER}: open, 3 tasks held" in output[opened:first_closed]
        assert f"{WINDOW}: closed, 12 of 15 tasks as found, 3 held by other windows" in output[first_closed:both_closed]
        assert f"{OTHER}: closed, all as found" in output[both_closed:]
        assert "all 15 tasks are in the state in which they were found" in output
        assert living(mark) == []
    report = output.rstrip().rpartition(" ")[2]
    assert report == str(tmp_path / "CHG0031337+report.html")
    assert "12 of 15 tasks are as found. 3 tasks are held by another open window." in Path(report).read_text()
    assert "All 3 tasks are as they were found." in (tmp_path / f"{OTHER}+report.html").read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_everything_that_was_started(number: signal.Signals, tmp_path: Path) -> None:
    with demonstration(tmp_path) as (process, mark):
        assert process.stdout is not None
        for line in process.stdout:
            # The mark is read from /proc. A running process proves that this works.
            assert living(mark) != []
            if line.startswith(f"{WINDOW}, stage 20: ") and "awaited" in line:
                break
        else:
            pytest.fail("the window was never seen half open")
        os.killpg(process.pid, number)
        output, _none = process.communicate(timeout=60)

        assert process.returncode == 130, output
        assert "Interrupted; every process that was started has ended." in output
        assert "Traceback" not in output
        assert living(mark) == []
