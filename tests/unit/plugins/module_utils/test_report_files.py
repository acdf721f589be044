# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of the report is tried before anything is paused."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils import _report_files
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.module_utils._files import replace


def test_a_folder_is_made_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    _report_files.try_folder(str(tmp_path / "reports"))

    assert list((tmp_path / "reports").iterdir()) == []


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Failure, match=r"can't write the report to .*/file/reports \(Not a directory\)"):
        _report_files.try_folder(str(tmp_path / "file" / "reports"))


def test_two_windows_may_try_the_same_folder_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both_have_written = threading.Barrier(2, timeout=30)

    def write_and_meet(path: Path, text: str) -> None:
        replace(path, text)
        both_have_written.wait()

    monkeypatch.setattr(_report_files, "replace", write_and_meet)
    with ThreadPoolExecutor(2) as windows:
        for window in [windows.submit(_report_files.try_folder, str(tmp_path)) for _window in range(2)]:
            window.result()

    assert list(tmp_path.iterdir()) == []
