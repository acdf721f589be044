# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page on the sixth vendor, done as it's told: its files are put into a copy of the collection, and then used.

What the page shows is written from the folder `sixth_vendor` by tools/fragments.py, so that page and test can't drift apart.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.emulator import client
from tests.emulator.client import Control, running
from tests.integration.processes import Ansible, Result, Run
from tools.tree import lay_out

from .pages import TREE, blocks, page
from .sessions import commands, run

HERE = Path(__file__).parent / "sixth_vendor"


@dataclass(frozen=True)
class Copy:
    """A copy of the collection with the additional vendor, below `root`."""

    root: Path

    @property
    def tree(self) -> Path:
        return self.root / "ansible_collections" / "taskops" / "quiesce"

    def python(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(self.root), "MYPYPATH": str(self.root), "ANSIBLE_COLLECTIONS_PATH": str(self.root)}
        return subprocess.run(
            [sys.executable, *words], cwd=self.tree, env=environment, capture_output=True, text=True, timeout=240, check=False
        )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Steps one to four of the page."""
    its = Copy(tmp_path_factory.mktemp("sixth"))
    lay_out(TREE, its.root)
    shutil.copytree(HERE, its.tree, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    written = its.python("tools/fragments.py")
    assert written.returncode == 0, written.stdout + written.stderr
    return its


@pytest.fixture(scope="module")
def ansible(copy: Copy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ansible]:
    ansible = Ansible(tmp_path_factory.mktemp("home"), str(copy.root), is_warm=True)
    yield ansible
    ansible.close()


@pytest.fixture(scope="module")
def _kiln_process(copy: Copy) -> Iterator[Control]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "TREE", copy.tree)
        with running("kiln", "--switch", "change_delay=0.2") as emulator:
            yield emulator


@pytest.fixture
def kiln(_kiln_process: Control) -> Control:
    _kiln_process.reset()
    return _kiln_process


def bring(ansible: Ansible, kiln: Control, *calls: dict[str, Any]) -> list[Result]:
    """Run calls of kiln_task in one playbook."""
    tasks = [
        {"taskops.quiesce.kiln_task": {"poll_interval": 0.1, **call}, "ignore_errors": True, **more} for call, more in map(split, calls)
    ]
    its = ansible.tasks(*tasks, variables=access(kiln))
    assert its.status == 0, its.printed
    return its.results


def split(call: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    keywords = {name: value for name, value in call.items() if name == "check_mode"}
    return {name: value for name, value in call.items() if name not in keywords}, keywords


def access(kiln: Control) -> dict[str, str]:
    return {"KILN_URL": kiln.url, "KILN_TOKEN": "a-kiln-takes-this-token"}


def states(kiln: Control) -> dict[int, str]:
    return {firing["id"]: firing["state"] for firing in kiln.tasks()}


def sent(kiln: Control) -> list[str]:
    return [" ".join((entry["action"], *entry["ids"])) for entry in kiln.writes()]


def test_the_page_shows_every_file_of_the_vendor() -> None:
    shown = {block.caption: block.text for block in blocks(page("sixth_vendor")) if block.caption}
    for path in HERE.rglob("*.py"):
        assert shown[str(path.relative_to(HERE))] == path.read_text(encoding="utf-8")


def test_the_generator_knows_the_vendor_and_has_nothing_left_to_write(copy: Copy) -> None:
    checked = copy.python("tools/fragments.py", "--check")
    assert (checked.returncode, checked.stdout) == (0, "")
    assert "sends hold and arrives at held" in (copy.tree / "plugins/doc_fragments/_kiln.py").read_text(encoding="utf-8")
    assert "\nKiln\n----\n" in (copy.tree / "docs/docsite/rst/states.rst").read_text(encoding="utf-8")
    assert "  - name: Kiln\n" in (copy.tree / "playbooks/awx/credential_types.yml").read_text(encoding="utf-8")
    assert "- kiln\n" in (copy.tree / "roles/maintenance_open/meta/argument_specs.yml").read_text(encoding="utf-8")


def test_its_types_are_right(copy: Copy, tmp_path: Path) -> None:
    package = "ansible_collections.taskops.quiesce.plugins"
    modules = [f"{package}.module_utils._vendors.kiln", f"{package}.modules.kiln_task", f"{package}.modules.kiln_task_info"]
    words = [word for module in modules for word in ("--module", module)]
    checked = copy.python(
        "-m",
        "mypy",
        "--config-file",
        str(TREE / "pyproject.toml"),
        "--cache-dir",
        str(tmp_path),
        *words,
        "-m",
        "tests.emulator.vendors.kiln",
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_its_documentation_is_shown_by_ansible_doc(ansible: Ansible) -> None:
    shown = ansible.run("ansible-doc", "taskops.quiesce.kiln_task", "taskops.quiesce.kiln_task_info")
    assert shown.status == 0, shown.printed
    assert "KILN_TOKEN" in shown.stdout


def test_paused_holds_a_firing_and_waits_until_it_is_held(ansible: Ansible, kiln: Control) -> None:
    (result,) = bring(ansible, kiln, {"task_id": "7", "state": "paused"})
    assert (result.row["before"], result.row["after"], result.row["action"], result.row["reached"]) == ("started", "paused", "hold", True)
    assert (states(kiln)[7], sent(kiln)) == ("held", ["hold 7"])


def test_started_lights_it_again(ansible: Ansible, kiln: Control) -> None:
    (result,) = bring(ansible, kiln, {"task_id": "8", "state": "started"})
    assert (result.row["after"], states(kiln)[8], sent(kiln)) == ("started", "burning", ["light 8"])


def test_stopped_puts_it_out(ansible: Ansible, kiln: Control) -> None:
    (result,) = bring(ansible, kiln, {"task_ids": ["7", "8", "9"], "state": "stopped"})
    assert [row["after"] for row in result["tasks"]] == ["stopped", "stopped", "completed"]
    assert (states(kiln), sorted(sent(kiln))) == ({7: "out", 8: "out", 9: "fired"}, ["quench 7", "quench 8"])


def test_a_second_run_sends_nothing(ansible: Ansible, kiln: Control) -> None:
    wish = {"task_ids": ["7", "8"], "state": "paused"}
    first, second = bring(ansible, kiln, wish, wish)
    assert (first["changed"], second["changed"], sent(kiln)) == (True, False, ["hold 7"])


def test_check_mode_foretells_and_sends_nothing(ansible: Ansible, kiln: Control) -> None:
    (result,) = bring(ansible, kiln, {"task_id": "7", "state": "paused", "check_mode": True})
    assert (result["changed"], result.row["after"], sent(kiln), states(kiln)[7]) == (True, "paused", [], "burning")


def test_what_the_kiln_cannot_do_is_an_error_before_anything_is_sent(ansible: Ansible, kiln: Control) -> None:
    (result,) = bring(ansible, kiln, {"task_ids": ["7", "9"], "state": "paused"})
    assert (result.outcome, result["failure"]["code"], sent(kiln)) == ("failed", "unreachable_state", [])
    assert "firing 9 has run to its end" in result["msg"]


def test_the_information_module_lists_by_the_vendors_filter(ansible: Ansible, kiln: Control) -> None:
    its = ansible.tasks({"taskops.quiesce.kiln_task_info": {"glaze": "celadon"}}, variables=access(kiln))
    assert [(row["id"], row["state"], row["vendor"]) for row in its.results[0]["tasks"]] == [
        ("7", "started", {"glaze": "celadon"}),
        ("8", "paused", {"glaze": "celadon"}),
    ]


def test_the_commands_of_the_page_hold_a_firing(copy: Copy, ansible: Ansible, kiln: Control) -> None:
    session = commands(blocks(page("sixth_vendor")))
    # The fixtures have run these.
    done_already = {"python tools/fragments.py", "python -m tests.emulator --vendor kiln --port 8095 &"}
    assert {command.typed for command in session} >= done_already
    environment = {**ansible.environment(), "QUIESCE_RESULTS": os.devnull}
    done = run(session, copy.tree, environment, {"127.0.0.1:8095": f"127.0.0.1:{kiln.port}"}, done_already)
    assert [printed for _command, printed in done if "CHANGED" in printed] == [printed for _command, printed in done[1:]]
    assert (states(kiln)[7], sent(kiln)) == ("held", ["hold 7"])


def test_a_window_opens_and_closes_over_it(ansible: Ansible, kiln: Control, tmp_path: Path) -> None:
    def window(playbook: str) -> Run:
        targets = '[{"name": "kiln", "vendor": "kiln", "state": "paused", "select": {}}]'
        given = f'{{"maintenance_id": "CHG6", "maintenance_ledger_dir": "{tmp_path}", "maintenance_targets": {targets}}}'
        its = ansible.run("ansible-playbook", f"taskops.quiesce.{playbook}", "-e", given, variables=access(kiln), patience=120)
        assert its.status == 0, its.printed
        return its

    window("open")
    assert states(kiln) == {7: "held", 8: "held", 9: "fired"}
    window("close")
    assert states(kiln) == {7: "burning", 8: "held", 9: "fired"}
    assert sent(kiln) == ["hold 7", "light 7"]
