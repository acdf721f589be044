# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's sample programs, in the wire forms of its pages and at the address they name, run unchanged."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator.client import TREE, Control, running

PORT = 8090


@pytest.fixture
def at_8090() -> Iterator[Control]:
    """The samples know no other port, so test runs side by side take turns."""
    with (Path(tempfile.gettempdir()) / f"taskops-emulator-{PORT}.lock").open("a") as turn:
        give_up = time.monotonic() + 120
        while True:
            try:
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > give_up:
                    pytest.fail(f"another test run has held port {PORT} for two minutes")
                time.sleep(0.1)
        try:
            with running("totalcontrol", "--port", str(PORT)) as emulator:
                yield emulator
        except RuntimeError as error:
            if "is taken" in str(error):
                pytest.fail(f"port {PORT}, which the vendor's samples name, is in use by another program: {error}")
            raise


@pytest.mark.parametrize(
    ("sample", "task", "status"), [("pause_python", "task004", -4), ("pause_form", "task004", -4), ("stop_json", "testScript", -5)]
)
def test_a_sample_of_the_vendor_does_what_its_page_says(at_8090: Control, sample: str, task: str, status: int) -> None:
    command = [sys.executable, "-m", f"tests.emulator.samples.{sample}"]
    result = subprocess.run(command, cwd=TREE, capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, '{"status":true,"value":""}\n', "")
    assert {known["task_name"]: known["status"] for known in at_8090.tasks()}[task] == status


def test_a_sample_takes_the_not_200_branch_of_its_page(at_8090: Control) -> None:
    at_8090.order_fault("status", status=500, match={"write": True})
    command = [sys.executable, "-m", "tests.emulator.samples.pause_python"]
    result = subprocess.run(command, cwd=TREE, capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (1, "pause: HTTP 500\n", "")
