# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event source's file: what it documents is what it takes, and it's found wherever it lies."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from ansible_collections.taskops.quiesce.plugins.plugin_utils._changes import Kind
from ansible_collections.taskops.quiesce.plugins.plugin_utils._watch import ARGUMENTS

EDA = Path(__file__).resolve().parents[3] / "extensions" / "eda"
SOURCE = EDA / "plugins" / "event_source" / "task_state.py"
NAME = "taskops.quiesce.task_state"


def documents() -> dict[str, Any]:
    """What stands in DOCUMENTATION, EXAMPLES and RETURN."""
    found = {}
    for statement in ast.parse(SOURCE.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name) and isinstance(statement.value, ast.Constant):
            found[statement.targets[0].id] = yaml.safe_load(str(statement.value.value))
    return found


def rulebook(name: str) -> dict[str, Any]:
    (ruleset,) = yaml.safe_load((EDA / "rulebooks" / f"{name}.yml").read_text(encoding="utf-8"))
    assert isinstance(ruleset, dict)
    return ruleset


def test_each_option_is_documented_as_it_is_checked() -> None:
    assert checked(documents()["DOCUMENTATION"]["options"]) == ARGUMENTS.options


def checked(options: dict[str, Any]) -> dict[str, Any]:
    """What of the documentation of options counts where they are checked."""
    kept = ("type", "elements", "required", "choices", "default")
    return {
        name: {
            **{key: value for key, value in option.items() if key in kept},
            **({"options": checked(option["suboptions"])} if "suboptions" in option else {}),
        }
        for name, option in options.items()
    }


def test_each_kind_of_event_is_documented() -> None:
    described = " ".join(documents()["RETURN"]["kind"]["description"])

    for kind in (*get_args(Kind), "all_quiet", "connection_lost", "connection_restored"):
        assert f"V({kind})" in described


@pytest.mark.parametrize("name", sorted(path.stem for path in (EDA / "rulebooks").glob("*.yml")))
def test_rulebooks_give_options_that_the_source_takes(name: str) -> None:
    (source,) = rulebook(name)["sources"]

    # One goes by the clock alone.
    assert name == "end_overdue_windows" or set(source[NAME]) <= set(ARGUMENTS.options)


def test_examples_give_options_that_the_source_takes() -> None:
    for example in documents()["EXAMPLES"]:
        assert set(example[NAME]) <= set(ARGUMENTS.options)


def load(source: Path, folder: Path, python_path: str) -> str:
    """Load the file as ansible-rulebook does, in a process of its own; where its code came from."""
    program = (
        "import runpy, sys, inspect\n"
        f"main = runpy.run_path({str(source)!r})['main']\n"
        "assert inspect.iscoroutinefunction(main)\n"
        "print(sys.modules[main.__globals__['watch'].__module__].__file__)\n"
    )
    environment = {"PATH": os.defpath, "HOME": str(folder), "PYTHONPATH": python_path, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder of collections that nothing points at."""
    place = tmp_path / "elsewhere" / "ansible_collections" / "taskops"
    place.mkdir(parents=True)
    (place / "quiesce").symlink_to(EDA.parents[1], target_is_directory=True)
    return place / "quiesce"


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """What the package named ansible brings: an ansible_collections with an __init__.py."""
    folder = tmp_path / "site"
    (folder / "ansible_collections").mkdir(parents=True)
    (folder / "ansible_collections" / "__init__.py").touch()
    return folder


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside the package ansible"])
def test_it_finds_its_collection_where_it_lies(tmp_path: Path, installed: Path, closed: Path, beside: bool) -> None:
    source = installed / SOURCE.relative_to(EDA.parents[1])

    came_from = load(source, tmp_path, str(closed) if beside else "")

    assert came_from == str(installed / "plugins" / "plugin_utils" / "_watch.py")
