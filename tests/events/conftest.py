# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.integration.processes import Ansible

from .galaxy import remember_answers
from .rulebook import Rulebook

Start = Callable[..., Rulebook]


@pytest.fixture(scope="session")
def collections_path() -> str:
    path = os.environ.get("QUIESCE_COLLECTIONS_PATH", "")
    if not Path(path, "ansible_collections", "taskops", "quiesce", "MANIFEST.json").is_file():
        pytest.fail(f"QUIESCE_COLLECTIONS_PATH is {path!r}; it must name the folder that the artifact was installed into (see noxfile.py)")
    return path


@pytest.fixture(scope="session", autouse=True)
def _java() -> None:
    if not os.environ.get("JAVA_HOME") and not shutil.which("java"):
        pytest.fail("ansible-rulebook needs Java 17 or later, and there is none; install it (apt-get install default-jre-headless)")


@pytest.fixture(scope="session")
def ansible(tmp_path_factory: pytest.TempPathFactory, collections_path: str) -> Iterator[Ansible]:
    """What opens windows beforehand. What closes them is started by ansible-rulebook."""
    ansible = Ansible(tmp_path_factory.mktemp("home"), collections_path, is_warm=True)
    yield ansible
    ansible.close()


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the programs that ansible-rulebook finds before the installed ones."""
    folder = tmp_path_factory.mktemp("programs")
    remember_answers(folder)
    return folder


@pytest.fixture
def start(tmp_path: Path, programs: Path, collections_path: str) -> Iterator[Start]:
    """Start ansible-rulebook with the name of a rulebook, or with sources and rules. It ends with the test."""
    with ExitStack() as stack:

        def begin(
            rulebook: str | Sequence[Mapping[str, Any]],
            rules: Sequence[Mapping[str, Any]] = (),
            variables: Mapping[str, Any] | None = None,
            environment: Mapping[str, str] | None = None,
        ) -> Rulebook:
            return stack.enter_context(Rulebook(tmp_path, programs, collections_path, rulebook, rules, variables or {}, environment or {}))

        yield begin
