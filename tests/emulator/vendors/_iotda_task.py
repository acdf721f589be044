# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One IoTDA batch task and its subtasks: their data, and their JSON (``iotda.md``, sections 3.1 and 3.2)."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..messages import compact
from ..track import Track
from ._iotda_rules import COUNTERS, FAIL, INITIALIZING, PARTIAL, REMOVED, STOPPED, SUCCESS, UNFINISHED, WAITTING


class Subtask:
    """One device of a task. Slots, since a task may have 30,000."""

    __slots__ = ("ends_with", "error", "failures", "held", "output", "record", "run", "runs_for", "status", "target")

    def __init__(self, target: str, record: str) -> None:
        self.target = target
        self.record = record  # the key of paging (section 3.2); not shown
        self.status = WAITTING
        self.output: str | None = None
        self.error: dict[str, Any] | None = None
        self.held = False  # waits for confirm (section 3.5)
        # The behaviour of the device, which only tests know.
        self.runs_for: float | None = None
        self.ends_with: str | list[str] = SUCCESS
        self.run = 0  # grows at each new step, so that an old appointment recognises that it is cancelled
        self.failures = 0  # since the last retry by hand

    @property
    def ending(self) -> str:
        """The ending of this run: the next one of a list. The last one applies to all later runs."""
        if isinstance(self.ends_with, str):
            return self.ends_with
        return self.ends_with[min(self.failures, len(self.ends_with) - 1)]

    def wire(self, *, nulls: bool) -> dict[str, Any]:
        fields = {"target": self.target, "status": self.status, "output": self.output, "error": self.error}
        return fields if nulls else {name: value for name, value in fields.items() if value is not None}


@dataclass
class Step:
    """Something that comes after a time or after a number of reads."""

    due: float
    reads: int
    what: Callable[[float], None]


@dataclass(frozen=True)
class Head:
    """The variable part of a main task. Lists may show an older one (section 7)."""

    status: str
    status_desc: str
    counters: tuple[int, ...]


@dataclass
class BatchTask:
    task_id: str
    task_name: str
    task_type: str
    project_id: str
    instance_id: str
    app_id: str
    create_time: str
    need_confirm: bool = False
    task_mode: str | None = None
    task_ext_info: dict[str, Any] | None = None
    targets: list[str] | None = None
    targets_filter: dict[str, Any] | None = None
    document: dict[str, Any] | None = None
    task_policy: dict[str, Any] | None = None
    status: str = INITIALIZING
    status_desc: str = ""
    # The behaviour, which only tests know.
    devices: list[str] | None = None  # the devices of the subtasks; none: the targets are bad, it will Fail
    runs_for: float | None = None
    ends_with: str | list[str] = SUCCESS
    starts_at: float | None = None  # on the emulator's clock
    # The progress.
    subtasks: dict[str, Subtask] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    ending: bool = False  # a stop of everything was accepted and isn't complete
    steps: deque[Step] = field(default_factory=deque)
    history: list[dict[str, Any]] = field(default_factory=list)
    listed: Track[Head] = field(init=False)
    _static: dict[bool, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.listed = Track(self.head)

    # --- subtasks ---------------------------------------------------------------------------------------------------

    def make_subtasks(self, devices: Iterable[str]) -> None:
        """In the order of the targets. Record ids follow the example of section 3.2, whose last device has the largest."""
        when, rest = int(self.task_id.rjust(24, "0")[:8], 16), int(self.task_id.rjust(24, "0")[8:], 16)
        for subtask in self.subtasks.values():
            subtask.run += 1  # the old ones' appointments are cancelled
        self.subtasks = {}
        for number, target in enumerate(dict.fromkeys(devices), 1):
            subtask = Subtask(target, f"{(when + 16) % (1 << 32):08x}{(rest + number) % (1 << 64):016x}")
            subtask.runs_for, subtask.ends_with = self.runs_for, self.ends_with
            self.subtasks[target] = subtask
        self.counts = Counter({WAITTING: len(self.subtasks)})

    def move(self, subtask: Subtask, status: str) -> None:
        self.counts[subtask.status] -= 1
        self.counts[status] += 1
        subtask.status = status
        subtask.run += 1
        if status != WAITTING:
            subtask.held = False

    def of(self, states: Iterable[str]) -> list[Subtask]:
        wanted = frozenset(states)
        if not any(self.counts[status] for status in wanted):
            return []
        return [subtask for subtask in self.subtasks.values() if subtask.status in wanted]

    @property
    def unfinished(self) -> int:
        return sum(self.counts[status] for status in UNFINISHED)

    @property
    def outcome(self) -> str:
        """Section 4.4: the result if no subtask is running. A Removed subtask counts only as finished (section 7)."""
        done = self.counts[SUCCESS]
        if done and done == len(self.subtasks) - self.counts[REMOVED]:
            return SUCCESS
        if done:
            return PARTIAL
        return STOPPED if self.counts[STOPPED] and not self.counts[FAIL] else FAIL

    # --- the wire ---------------------------------------------------------------------------------------------------

    @property
    def head(self) -> Head:
        return Head(self.status, self.status_desc, tuple(self.counts[status] for status in COUNTERS.values()))

    def progress(self, head: Head) -> dict[str, int]:
        return {"total": sum(head.counters), **dict(zip(COUNTERS, head.counters, strict=True))}

    def touch(self) -> None:
        """Invalidate the cached JSON."""
        self._static.clear()

    def wire(self, head: Head, *, nulls: bool, task_progress: str) -> str:
        """The task as JSON text. Constant parts are cached as text: there may be 30,000 ids in it, and lists repeat them."""
        if nulls not in self._static:
            self._static[nulls] = self._render(nulls)
        before, after = self._static[nulls]
        moving: dict[str, Any] = {"status": head.status, "status_desc": head.status_desc or None if nulls else head.status_desc}
        if task_progress != "absent":
            moving["task_progress"] = self.progress(head) if task_progress == "given" else None
        return f"{before}{compact(moving)[1:-1]}{after}"

    def _render(self, nulls: bool) -> tuple[str, str]:
        names = ("task_id", "task_name", "task_type", "task_mode", "need_confirm", "task_ext_info", "targets", "targets_filter",
                 "document", "task_policy")  # fmt: skip
        fields = {name: getattr(self, name) for name in names}
        shown = {name: value for name, value in fields.items() if nulls or value is not None}
        return compact(shown)[:-1] + ",", f',"create_time":{compact(self.create_time)}}}'
