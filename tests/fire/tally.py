# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts of the tested cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from .world import Exchange, World

TALLY: Counter[str] = Counter()


def count(world: World, *names: str) -> None:
    """Count one case. `names` are the categories that it belongs to."""
    TALLY["cases"] += 1
    for name in names:
        TALLY[f"cases: {name}"] += 1
    TALLY["exchanges"] += len(world.exchanges)
    for kind, number in world.injected.items():
        TALLY[f"fault: {kind}"] += number
    for trait, number in Counter(_traits(world)).items():
        TALLY[f"trait: {trait}"] += number


def _traits(world: World) -> Iterator[str]:
    """The special properties of a case for its vendor."""
    storm = world.storm
    if storm.dress:
        yield f"{storm.system}: {storm.dress}"
    if "sampling_interval" in storm.lie:
        yield f"{storm.system}: sampled reads"
    for task in world.vendor.tasks():
        if str(task["history"][0]["cause"]).startswith("restart of"):
            yield f"{storm.system}: restart"
    yield from (f"{storm.system}: {trait}" for trait in _of_writes(write for write in world.exchanges if write.call.write))


def _of_writes(writes: Iterable[Exchange]) -> Iterator[str]:
    for write in writes:
        if any(id_ in write.seen and write.seen[id_].wire not in ("", id_) for id_ in write.targets):
            yield "action on a restart"
        if write.call.action.startswith("batch_"):
            yield "action on a whole batch"
        if len(write.targets) > 1:
            yield "action on several at once"
