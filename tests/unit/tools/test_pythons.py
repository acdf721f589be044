# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Pythons are found, and which core runs on which of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tools import pythons
from tools.pythons import CORES, choose, how_to_get

FOUND = {11: "/usr/bin/python3.11", 12: "/pyenv/3.12.1/python", 13: "/pyenv/3.13.0/python"}


def put(folder: Path, minor: int, prints: str) -> str:
    """A program that calls itself this Python and prints that."""
    folder.mkdir(parents=True)
    program = folder / f"python3.{minor}"
    program.write_text(f"#!/bin/sh\n{prints}\n")
    program.chmod(0o755)
    return str(program)


@pytest.fixture(autouse=True)
def nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without any other Python."""
    for variable in ("PYENV_ROOT", "UV_PYTHON_INSTALL_DIR", pythons.FOUND):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def ours() -> int:
    return sys.version_info.minor


def another() -> int:
    return next(minor for minor in pythons.MINORS if minor != ours())


def test_a_core_runs_on_our_python_where_it_can_and_else_on_the_newest_that_it_takes() -> None:
    chosen = choose(FOUND, 11)

    assert {core: chosen.pythons[core] for core in ("2.16", "2.19", "2.21")} == {"2.16": FOUND[11], "2.19": FOUND[11], "2.21": FOUND[13]}
    assert (chosen.oldest, chosen.newest, chosen.missing(list(CORES))) == ("2.16", "2.21", [])


def test_a_core_without_a_python_is_missing_and_the_newest_is_the_newest_that_has_one() -> None:
    chosen = choose({11: FOUND[11]}, 11)

    assert (chosen.oldest, chosen.newest, chosen.missing(list(CORES))) == ("2.16", "2.19", ["2.20", "2.21"])


def test_the_oldest_core_runs_on_an_older_python_than_ours() -> None:
    assert choose(FOUND, 13).pythons["2.16"] == FOUND[12]


def test_a_core_that_is_left_out_is_told_in_one_sentence_with_what_to_do() -> None:
    told = how_to_get("2.21")

    assert told.startswith("ansible-core 2.21 needs a Python from 3.12 to 3.14, and none was found")
    assert "pyenv install 3.13" in told and ". " not in told


@pytest.mark.parametrize("folder", [".pyenv/versions/3.{minor}.4/bin", ".local/share/uv/python/cpython-3.{minor}.4-linux/bin"])
def test_a_python_that_is_installed_and_not_selected_is_found(tmp_path: Path, folder: str) -> None:
    program = put(tmp_path / "home" / folder.format(minor=another()), another(), f"echo {another()}")

    assert pythons.search()[another()] == program


def test_a_python_on_the_path_comes_first(tmp_path: Path) -> None:
    put(tmp_path / "home/.pyenv/versions" / f"3.{another()}.4" / "bin", another(), f"echo {another()}")
    program = put(tmp_path / "bin", another(), f"echo {another()}")

    assert pythons.search()[another()] == program


@pytest.mark.parametrize("prints", ["exit 127", "echo 2", "echo no module named venv >&2; exit 1"])
def test_a_program_that_is_no_such_python_or_can_make_no_environment_isn_t_taken(tmp_path: Path, prints: str) -> None:
    put(tmp_path / "bin", another(), prints)

    assert set(pythons.search()) == {ours()}


def test_a_shim_isn_t_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "shims", another(), f"echo {another()}")
    monkeypatch.setenv("PATH", str(tmp_path / "shims"))

    assert set(pythons.search()) == {ours()}


def test_who_has_searched_tells_the_others(tmp_path: Path) -> None:
    found = pythons.pythons()
    put(tmp_path / "bin", another(), f"echo {another()}")

    assert pythons.FOUND in os.environ and pythons.pythons() == found
