# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile answers: whatever comes, a run ends soon with a right result or with a failure that has a code and one sentence.

`QUIESCE_FIRE_CASES` and `QUIESCE_FIRE_SEED` (see tests/fire) draw more, and from elsewhere.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, get_args

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Code
from hypothesis import HealthCheck, Phase, given, seed, settings

from .client import TIMEOUT, WAIT_TIMEOUT, Ended, documents, objects, run
from .mutations import MEDDLING, Meddling
from .scenes import SCENES, Scene

pytestmark = pytest.mark.long

CASES = int(os.environ.get("QUIESCE_FIRE_CASES", "3000"))
SEED = int(os.environ.get("QUIESCE_FIRE_SEED", "0"))
CODES = get_args(Code)
# An information module ends when its last read does, whose repeats may be put off by the server (retries: 1, at most 300 s each).
LONGEST = WAIT_TIMEOUT + 2 * TIMEOUT
LONGEST_INFO = 40 * (300 + TIMEOUT)


@pytest.mark.parametrize("scene", SCENES, ids=repr)
def test_the_scene_as_such_ends_well_or_tells_why_not(scene: Scene) -> None:
    ended = run(scene)

    assert_sound(scene, ended)
    assert bool(ended.status) == (scene.title == "tell why it failed")
    assert ended.rows and ended.exchanges


@pytest.mark.parametrize("scene", SCENES, ids=repr)
def test_changed_answers_end_in_a_right_result_or_in_a_failure_with_a_code(scene: Scene) -> None:
    plain = run(scene)

    @seed(SEED)
    @settings(
        max_examples=CASES // len(SCENES) + 1,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(MEDDLING)
    def search(meddling: Meddling) -> None:
        ended = run(scene, meddling)
        assert_sound(scene, ended)
        if not any(exchange.is_changed for exchange in ended.exchanges):
            assert ended.result == plain.result

    search()


def assert_sound(scene: Scene, ended: Ended) -> None:
    """What holds of every run."""
    assert ended.errors == ""
    result = ended.result
    assert bool(result.get("failed")) == bool(ended.status)
    assert "Traceback" not in ended.printed and "exception" not in result
    assert ended.seconds <= (LONGEST_INFO if scene.is_info else LONGEST)
    if ended.status:
        assert_told(result)
    shown = [seen for document in documents(ended.exchanges) for seen in objects(document)]
    if scene.is_info:
        for row in ended.rows:
            is_missed = scene.asked and row["state"] == "absent" and row["vendor_state"] is None
            assert is_missed or is_shown(scene, shown, row["id"], row["vendor_state"]), row
    elif ended.rows:
        if scene.names_ids:
            assert [row["id"] for row in ended.rows] == list(scene.asked)
        for row in ended.rows:
            # IoTDA leaves out a device's state at times, which is told as one that isn't known.
            is_untold = row["vendor_after"] is None or (row["vendor_after"], row["after"]) == ("not told", "unknown")
            assert is_untold or is_shown(scene, shown, row["id"], row["vendor_after"]), row
            is_gone = row["after"] == "absent" and scene.options["state"] == "stopped"
            is_good = row["vendor_after"] in scene.good or is_gone or _is_archived(shown, row["id"])
            assert not row["reached"] or (is_good and "error" not in row), row
            if "error" in row:
                assert row["error"]["code"] in CODES
                assert_sentence(row["error"]["message"])


def is_shown(scene: Scene, shown: list[Mapping[str, Any]], id_: str, state: Any) -> bool:
    """Whether an answer told this state of this task. A state is compared with its type: false isn't 0."""
    spelled = scene.spelled.get(state, state) if isinstance(state, str) else state
    return any(_is(seen.get(scene.state_key), spelled) and _names(scene, seen, id_) for seen in shown)


def _is(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _names(scene: Scene, seen: Mapping[str, Any], id_: str) -> bool:
    # JP1/AO's histories name a task by another member than its task list, and Boro's restart of a check names the first one too.
    # An answer of IoTDA about the one task that its address names may leave out the id.
    is_nameless = "task_type" in seen and not seen.get("task_id")
    return is_nameless or any(str(seen[key]) == id_ for key in (scene.id_key, "taskID", "initial_task_id") if key in seen)


def _is_archived(shown: list[Mapping[str, Any]], id_: str) -> bool:
    """Whether JP1/AO's histories name the task: it has ended, whatever word stands there for how (page `hitachi`, section 6, 4)."""
    return any("archiveTime" in seen and str(seen.get("taskID")) == id_ for seen in shown)


def assert_told(result: Mapping[str, Any]) -> None:
    assert result["failure"]["code"] in CODES, result
    assert_sentence(result["msg"])


def assert_sentence(message: str) -> None:
    assert re.fullmatch(r"\S[^\n\r\x00-\x1f]*\.", message), message
    # What the system said stands in brackets or in quotes, as it came: an apostrophe before it mustn't be taken for one of them.
    ours = re.sub(r"'.*'|\".*\"", "", re.sub(r"\(.*\)", "", message))
    assert not re.search(r"[.!?] +[A-Z]", ours), f"more than one sentence: {message}"
