# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What carries a watch over a restart."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.plugin_utils._changes import Known
from ansible_collections.taskops.quiesce.plugins.plugin_utils._state_file import Memory, StateFile

PLACE = {"target": "scripts", "vendor": "totalcontrol", "system": "http://tc.example.com"}
MEMORY = Memory({"a": Known("the first", "paused", -4, True), "b": Known(None, "absent", None, False)}, "2026-03-01T02:00:00+00:00", ("c",))


def save(path: Path, memory: Memory = MEMORY, **place: str) -> None:
    with StateFile(str(path), {**PLACE, **place}) as file:
        file.save(memory)


def load(path: Path, **place: str) -> Memory:
    with StateFile(str(path), {**PLACE, **place}) as file:
        return file.load()


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    save(tmp_path / "state.json")

    assert load(tmp_path / "state.json") == MEMORY


def test_no_file_is_no_memory(tmp_path: Path) -> None:
    assert load(tmp_path / "state.json") == Memory(None, None)


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    save(tmp_path / "state.json")

    assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600


def test_what_stands_there_already_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    save(path)
    with StateFile(str(path), PLACE) as file:
        memory = file.load()
        path.unlink()
        file.save(memory)

        assert not path.exists()


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.json"
    save(path)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Failure, match=r"state_file .*state\.json can't be used \(No space left on device\); make room"):
        save(path, Memory({}))
    monkeypatch.undo()

    assert load(path) == MEMORY


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Expecting value"),
        ("{", "Expecting property name"),
        ("[]", "list indices"),
        ("{}", "'format'"),
        (json.dumps({"format": 3}), "its format is 3"),
        (json.dumps({"format": 1, "place": PLACE, "tasks": {"a": {"size": 1}}, "lost_at": None}), "size"),
    ],
)
def test_a_file_that_is_not_understood_is_told_and_never_overwritten(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(text)

    with pytest.raises(Failure, match="repair it, or remove it to begin anew") as failure:
        load(path)
    assert why in failure.value.message
    assert path.read_text() == text


def test_the_file_of_another_watch_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "state.json")

    with pytest.raises(Failure, match=r"is of another watch \(target scripts, vendor totalcontrol, system http://tc\.example\.com\)"):
        load(tmp_path / "state.json", target="others")


def test_two_watches_cannot_use_one_file_at_a_time(tmp_path: Path) -> None:
    in_use = pytest.raises(Failure, match="is in use by another watch; give each one a file of its own")
    with StateFile(str(tmp_path / "state.json"), PLACE), in_use:
        load(tmp_path / "state.json")
    assert load(tmp_path / "state.json") == Memory()


def test_its_folder_is_made_but_no_more_than_that(tmp_path: Path) -> None:
    assert load(tmp_path / "new" / "state.json") == Memory()
    with pytest.raises(Failure, match=r"can't be used \(No such file or directory\); make its folder writable"):
        load(tmp_path / "nowhere" / "below" / "state.json")


def test_the_file_of_another_scope_is_of_a_watch_that_is_over(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with StateFile(str(path), PLACE, "CHG1") as file:
        file.save(MEMORY)
    with StateFile(str(path), PLACE, "CHG2") as file:
        assert file.load() == Memory()
    with StateFile(str(path), PLACE, "CHG1") as file:
        assert file.load() == MEMORY


def test_a_file_of_the_first_format_is_read(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    task = {"name": "the first", "state": "paused", "vendor_state": -4, "at_rest": True}
    path.write_text(json.dumps({"format": 1, "place": PLACE, "lost_at": None, "tasks": {"50%25": task}}))

    assert load(path) == Memory({"50%25": Known("the first", "paused", -4, True)})


@pytest.mark.parametrize("id_", ["{{ 1 + 1 }}", "#jinja2:trim_blocks:True", "50%25", "a\nb", "\N{SNOWMAN}"])
def test_an_id_is_kept_exactly_and_stands_there_as_no_template(tmp_path: Path, id_: str) -> None:
    path = tmp_path / "state.json"
    memory = Memory({id_: Known(None, "paused", -4, True)}, None, (id_,))
    save(path, memory)

    assert load(path) == memory
    assert id_ not in json.loads(path.read_text())["tasks"]
