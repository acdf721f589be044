# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmark makes of its figures: turns, medians, verdicts, and the table on the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.benchmark.measure import Contender, Row, Times, take_turns
from tests.benchmark.report import BEGIN, END, document, line, write_table

EMULATOR = {"totalcontrol": {"late_at_0_ms": 0.4, "processor_ms_each": 0.2}}


def row(ratio: float, goal: float | None = 1.3, at_least: bool = False, **measured: Any) -> Row:
    return Row("a case", "totalcontrol", "something else", ratio, goal, at_least, 2.5, measured)


def test_contenders_take_turns_and_each_is_prepared_before_it_runs() -> None:
    seen: list[str] = []

    def contender(name: str) -> Contender:
        def run() -> float:
            seen.append(f"run {name}")
            return float(len(seen))

        return Contender(run, lambda: seen.append(f"prepare {name}"))

    times = take_turns({"a": contender("a"), "b": contender("b")}, runs=2)

    assert seen == ["prepare a", "run a", "prepare b", "run b"] * 2
    assert times.all == {"a": [2.0, 6.0], "b": [4.0, 8.0]}


def test_a_net_time_is_the_difference_of_two_medians() -> None:
    times = Times({"empty play": [0.5, 9.0, 0.4], "ours": [1.5, 1.7, 50.0]})

    assert times.net("ours") == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("ratio", "goal", "at_least", "is_met"),
    [(1.3, 1.3, False, True), (1.31, 1.3, False, False), (3.0, 3, True, True), (2.9, 3, True, False), (7.0, None, False, None)],
)
def test_a_goal_is_met_on_its_own_side(ratio: float, goal: float | None, at_least: bool, is_met: bool | None) -> None:
    assert row(ratio, goal, at_least).is_met is is_met


def test_a_missed_goal_is_said_plainly_where_the_table_is_printed() -> None:
    assert "MISSED" in line(row(1.5)) and "MISSED" not in line(row(1.2))


def test_the_table_takes_the_place_of_the_one_before_and_leaves_the_page_alone(tmp_path: Path) -> None:
    page = tmp_path / "scale.rst"
    page.write_text(f"Before\n\n{BEGIN}\nold table\n\n{END}\nAfter\n", encoding="utf-8")

    for ratio in (1.5, 1.25):
        write_table(document([row(ratio, emulator_busy={"ours": 0.31})], {}, EMULATOR, runs=5), page)

    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"Before\n\n{BEGIN}") and text.endswith(f"{END}\nAfter\n") and "old table" not in text
    assert "    - 1.25\n    - at most 1.3\n    - yes\n" in text and "1.50" not in text
    assert "1 of 1 goals are met" in text and "31%" in text


def test_a_missed_goal_is_said_plainly_on_the_page(tmp_path: Path) -> None:
    page = tmp_path / "scale.rst"
    page.write_text(BEGIN + END, encoding="utf-8")

    write_table(document([row(1.5)], {}, EMULATOR, runs=5), page)

    assert "    - **no**\n" in page.read_text(encoding="utf-8") and "0 of 1 goals are met" in page.read_text(encoding="utf-8")
