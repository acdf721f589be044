# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules chained by hand, as in the playbook `by_hand` and in the manual."""

from __future__ import annotations

from typing import Any

import pytest

from tests.docs.pages import blocks, page
from tests.integration.windows import Window, actions, ended
from tests.window.fleet import ALL, VIAS_PROJECT, tasks

from .conftest import Make

pytestmark = pytest.mark.wire

WORK = "- name: Work\n  ansible.builtin.assert: {that: true, quiet: true}\n"
BROKEN_WORK = "- name: Work\n  ansible.builtin.fail: {msg: the update failed}\n"
# Two tasks of each system are paused by hand, and a third one isn't named.
NAMED: dict[str, Any] = {
    "by_hand_scripts": ["script-0", "script-1"],
    "by_hand_analyses": [f"analysis{number:024}" for number in range(2)],
    "by_hand_streams": [241000, 241001],
    "by_hand_runs": [7000, 7001],
    "by_hand_upgrades": [f"{0x5C8BA99030344005C0000000 + number:x}" for number in range(2)],
    "by_hand_dags": ["etl_0", "etl_1"],
}


@pytest.fixture
def window(make_window: Make) -> Window:
    """Emulated systems, of which the two of Huawei share a project, like those of a real account and region."""
    upgrades = [{**task, "project_id": VIAS_PROJECT} for task in tasks("iotda", 3)]
    window = make_window(*ALL, count=3, others={"iotda": upgrades})
    # Somebody else has already paused this one.
    window.fleet.systems["totalcontrol"].act("script-1", "pause")
    window.fleet.systems["totalcontrol"].clear_journal()
    return window


def environment(window: Window, *vendors: str) -> dict[str, str]:
    """Addresses and credentials of these systems, or of all."""
    prefixes = {vendor: "VIAS" if vendor == "huawei" else vendor.upper() for vendor in ALL}
    urls = {f"{prefixes[vendor]}_URL": window.fleet.systems[vendor].url for vendor in vendors or prefixes}
    boro = {"CTRLAPI_USER_ID": "4", "CTRLAPI_PROJECT_ID": "23", "CTRLAPI_DIALECT": "live"}
    huawei = {"HUAWEICLOUD_REGION": "cn-north-4", "HUAWEICLOUD_SDK_PROJECT_ID": VIAS_PROJECT}
    return {**window.fleet.environment(), **urls, **boro, **huawei, "PWD": str(window.folder)}


def by_hand(window: Window, work: str, *vendors: str, check: bool = False, **named: Any) -> str:
    """Run the playbook of the collection. Returns the message with which it failed."""
    (window.folder / "work.yml").write_text(work)
    run = window.run(
        "by_hand",
        *(["--check"] if check else []),
        environment=environment(window, *vendors),
        **{"by_hand_work": "work.yml", **named},
    )
    return ended(run)


@pytest.mark.core
def test_what_it_paused_is_put_back_and_nothing_else(window: Window) -> None:
    before = window.fleet.states()

    assert by_hand(window, WORK, **NAMED) == ""

    assert window.fleet.states() == before
    assert actions(window.fleet) == {
        "totalcontrol": ["pause", "resume"],
        "huawei": ["stop", "stop", "start", "start"],
        "ctrlapi": ["TaskStop", "TaskResume"],
        "hitachi": ["suspend", "suspend", "resume", "resume"],
        "airflow": ["pause", "pause", "unpause", "unpause"],
    }


@pytest.mark.core
def test_what_it_paused_is_put_back_when_the_work_fails(window: Window) -> None:
    before = window.fleet.states()

    assert by_hand(window, BROKEN_WORK, **NAMED) == "the update failed"

    assert window.fleet.states() == before


def test_a_system_that_can_t_be_paused_ends_it_and_the_others_are_put_back(window: Window) -> None:
    before = window.fleet.states()

    told = by_hand(window, WORK, **{**NAMED, "by_hand_runs": [9999]})

    assert "JP1/AO knows no task 9999" in told and told.endswith("nothing was changed.")
    assert window.fleet.states() == before
    assert set(actions(window.fleet)) == {"totalcontrol", "huawei", "ctrlapi"}


def test_one_that_can_t_be_put_back_doesn_t_keep_the_others_from_it(window: Window) -> None:
    before = window.fleet.states()
    window.fleet.systems["hitachi"].order_fault("status", match={"action": "resume"}, status=403, times=None)

    told = by_hand(window, WORK, **NAMED)

    after = window.fleet.states()
    assert "2 of 2 tasks did not become started" in told
    assert after.pop("hitachi") != before.pop("hitachi") and after == before


def test_systems_of_which_nothing_is_named_need_no_address(window: Window) -> None:
    assert by_hand(window, WORK, "ctrlapi", by_hand_streams=[241000], by_hand_scripts="") == ""

    assert {vendor for vendor, system in window.fleet.systems.items() if system.journal()} == {"ctrlapi"}
    assert actions(window.fleet) == {"ctrlapi": ["TaskStop", "TaskResume"]}


@pytest.mark.parametrize("misspelt", ["by_hand_script", "by_hand_analises", "by_hands_runs", "By_Hand_Work"])
def test_a_misspelt_name_is_told_before_anything_is_paused(window: Window, misspelt: str) -> None:
    given: dict[str, Any] = {misspelt: ["a"], "by_hand_work": None, "by_hand_streams": [241000]}

    told = by_hand(window, WORK, **given)

    assert told.startswith(f"nothing here reads the variable {misspelt} (did you mean by_hand_")
    assert actions(window.fleet) == {}


@pytest.mark.core
def test_check_mode_sends_nothing(window: Window) -> None:
    assert by_hand(window, WORK, check=True, **NAMED) == ""

    assert actions(window.fleet) == {}


@pytest.mark.parametrize("work", [WORK, BROKEN_WORK], ids=["work", "broken work"])
def test_the_manual_s_own_puts_back_what_it_paused(window: Window, work: str) -> None:
    (block,) = [block for block in blocks(page("window")) if block.caption == "by hand"]
    (window.folder / "printed.yml").write_text(block.text.replace("nightly-test", "script-0").replace("241458, 241456", "241000, 241001"))
    (window.folder / "update.yml").write_text(work)
    before = window.fleet.states()

    run = window.run("printed.yml", environment=environment(window, "totalcontrol", "ctrlapi"))

    assert ended(run) == ("the update failed" if work == BROKEN_WORK else "")
    assert window.fleet.states() == before
    assert actions(window.fleet) == {"totalcontrol": ["pause", "resume"], "ctrlapi": ["TaskStop", "TaskResume"]}
