# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told where an environment can't be made: one sentence with the way to go on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import environment

PROGRAM = Path(environment.__file__)
# Nothing listens there.
CLOSED = "http://somebody:secret-of-theirs@127.0.0.1:9/simple"


def make(folder: Path, python: str = sys.executable, **variables: str) -> subprocess.CompletedProcess[str]:
    lock = folder / "lock.txt"
    lock.write_text("no-such-distribution==1.0 --hash=sha256:" + 64 * "0" + "\n", encoding="utf-8")
    command = [sys.executable, str(PROGRAM), "--python", python, str(folder / "env"), str(lock)]
    return subprocess.run(command, env={**os.environ, **variables}, check=False, capture_output=True, text=True, timeout=120)


def test_an_index_that_does_not_answer_is_told_in_one_sentence(tmp_path: Path) -> None:
    done = make(tmp_path, PIP_INDEX_URL=CLOSED, PIP_CONFIG_FILE=os.devnull, PIP_NO_INDEX="0", PIP_FIND_LINKS="", PIP_EXTRA_INDEX_URL="")

    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert "could not be filled from the package index (" in line and "run this again." in line
    assert "PIP_INDEX_URL" in line and "secret-of-theirs" not in done.stdout + done.stderr


def test_an_environment_that_could_not_be_made_does_not_count_as_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock, tries = tmp_path / "lock.txt", []
    lock.write_text("no-such-distribution==1.0\n", encoding="utf-8")

    def fail(folder: Path, python: str, locks: list[Path]) -> None:
        folder.mkdir(exist_ok=True)
        tries.append(locks)
        raise environment.NotMade("the index doesn't have it")

    monkeypatch.setattr(environment, "make", fail)
    for _time in range(2):
        with pytest.raises(environment.NotMade):
            environment.ensure(tmp_path / "env", sys.executable, [lock])

    assert tries == [[lock], [lock]]


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        (
            "WARNING: Retrying (...) broken by 'X(..): Failed to establish a new connection: [Errno 111] Connection refused')': /a/",
            "Failed to establish a new connection: [Errno 111] Connection refused",
        ),
        ("error: Request failed after 3 retries\n  cause: Failed to fetch: http://a/simple/b/", "Failed to fetch: http://a/simple/b/"),
        ("ERROR: Could not find it\nERROR: No matching distribution found for a==1", "No matching distribution found for a==1"),
        ("", "it printed nothing"),
    ],
)
def test_the_reason_is_the_line_that_says_most(printed: str, told: str) -> None:
    assert environment.reason(printed) == told
