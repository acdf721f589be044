# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.processes import Ansible


@pytest.fixture(scope="module")
def ansible(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ansible]:
    """The real programs, with the laid-out collection (see noxfile.py)."""
    path = os.environ.get("ANSIBLE_COLLECTIONS_PATH", "")
    if not Path(path, "ansible_collections", "taskops", "quiesce", "plugins").is_dir():
        pytest.fail(f"ANSIBLE_COLLECTIONS_PATH is {path!r}; it must name the folder in which the collection is laid out (see noxfile.py)")
    ansible = Ansible(tmp_path_factory.mktemp("home"), path, is_warm=True)
    yield ansible
    ansible.close()
