# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The installed artifact, without the source tree. QUIESCE_COLLECTIONS_PATH is the folder where it was installed (see noxfile.py)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator.client import Control, running
from tests.integration.processes import Ansible

MODULE = "taskops.quiesce.totalcontrol_task"


@pytest.fixture(scope="module")
def installed() -> Path:
    path = os.environ.get("QUIESCE_COLLECTIONS_PATH", "")
    if not path:
        pytest.fail("QUIESCE_COLLECTIONS_PATH isn't set; it must name the collections path that the artifact was installed into")
    collection = Path(path).resolve() / "ansible_collections" / "taskops" / "quiesce"
    if not (collection / "MANIFEST.json").is_file():
        pytest.fail(f"QUIESCE_COLLECTIONS_PATH is {path!r}, but {collection} holds no installed artifact (no MANIFEST.json)")
    return collection


@pytest.fixture(scope="module")
def ansible(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Ansible:
    return Ansible(tmp_path_factory.mktemp("home"), str(installed.parents[2]))


@pytest.fixture
def totalcontrol() -> Iterator[Control]:
    with running("totalcontrol") as emulator:
        yield emulator


def test_the_installed_module_pauses_and_starts_a_task(ansible: Ansible, installed: Path, totalcontrol: Control) -> None:
    access = {"TOTALCONTROL_URL": totalcontrol.url, "TOTALCONTROL_USERNAME": "sigma", "TOTALCONTROL_PASSWORD": "3D391497"}

    run = ansible.tasks(
        {"name": "pause", MODULE: {"name": "task004", "state": "paused"}},
        {"name": "look", f"{MODULE}_info": {"name": "task004"}},
        {"name": "start", MODULE: {"name": "task004", "state": "started"}},
        # The verbosity at which Ansible prints the files.
        args=["-vvv", "-e", "quiesce_in_worker=false"],
        variables=access,
    )

    assert run.status == 0, run.printed
    results = run.by_name()
    assert results["pause"].row["after"] == results["look"].row["state"] == "paused"
    assert results["start"].row["after"] == "started"
    assert [entry["action"] for entry in totalcontrol.writes()] == ["pause", "resume"]
    # With -vvv, ansible-core prints the file of each module that it runs.
    told = {
        Path(line.split("Using module file ", 1)[1].strip()).resolve() for line in run.stdout.splitlines() if "Using module file" in line
    }
    assert told == {installed / "plugins" / "modules" / f"{name}.py" for name in ("totalcontrol_task", "totalcontrol_task_info")}


def test_the_installed_documentation_can_be_read(ansible: Ansible, installed: Path) -> None:
    run = ansible.run("ansible-doc", "--json", MODULE, f"{MODULE}_info")

    assert run.status == 0, run.printed
    for name, told in json.loads(run.stdout).items():
        assert Path(told["doc"]["filename"]).resolve() == installed / "plugins" / "modules" / f"{name.rsplit('.', 1)[-1]}.py"
        assert told["examples"] and told["return"]
