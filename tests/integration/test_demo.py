# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration does what it says, and leaves nothing running behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]


@contextmanager
def demonstration() -> Iterator[subprocess.Popen[str]]:
    """The demo in a session of its own, as a terminal gives it one."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "tests.demo"],
        cwd=TREE,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if living(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=30)


def living(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_runs_to_its_end_and_leaves_no_process_behind() -> None:
    with demonstration() as process:
        output, _none = process.communicate(timeout=120)

        assert process.returncode == 0, output
        assert "5. The work is done" in output
        assert not living(process.pid)


def test_ctrl_c_ends_everything_that_was_started() -> None:
    with demonstration() as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("TASK [Bring"):
                break
        os.killpg(process.pid, signal.SIGINT)
        output, _none = process.communicate(timeout=60)

        assert process.returncode == 130, output
        assert "Interrupted; every process that was started has ended." in output
        assert "Traceback" not in output
        end = time.monotonic() + 5
        while living(process.pid) and time.monotonic() < end:
            time.sleep(0.05)
        assert not living(process.pid)
