# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The files of a window's report, on the host that keeps the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ._errors import Failure
from ._files import replace


def write(folder: str, files: Mapping[str, str], check_mode: bool = False) -> bool:
    """Write these texts under their names. Returns whether any file changed. Raises `Failure` (`usage`)."""
    changed = False
    with _translating_errors(folder):
        for name, text in files.items():
            path = Path(folder) / name
            if not (path.exists() and path.read_text(encoding="utf-8") == text):
                changed = True
                if not check_mode:
                    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
                    replace(path, text)
    return changed


def paths(folder: str, files: Mapping[str, str]) -> dict[str, str]:
    """The paths of the files, by their kinds."""
    return {name.rsplit(".", 1)[-1]: str(Path(folder) / name) for name in files}


def try_folder(folder: str) -> None:
    """Make sure that a report can be written to the folder. Raises `Failure` (`usage`)."""
    trial = Path(folder) / ".report.trial"
    with _translating_errors(folder):
        trial.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        replace(trial, "")
        # Another window that begins at the same moment may have removed it.
        trial.unlink(missing_ok=True)


@contextmanager
def _translating_errors(folder: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"can't write the report to {folder} ({error.strerror or error}); give a folder that this user may write to"
        raise Failure("usage", message) from None
