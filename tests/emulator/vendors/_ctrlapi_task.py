# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One task of either dialect: its fields, and its JSON (``ctrlapi.md``, sections 3.3, 3.7, 3.8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..track import Track

# Sections 3.3 and 3.8: the fields of reads in addition to the state. A field that a task doesn't have is omitted.
LIVE_FIELDS = ("task_id", "app_id", "uri", "name")
LIVE_MORE = ("start", "start_f", "service", "tags", "profiles", "task_config", "description")
VOD_MORE = ("app_id", "template_id", "template_uri", "uri", "name", "priority")
REPORT_BEFORE = ("task_id", "app_id", "template_id", "template_uri")
REPORT_AFTER = (
    "uri", "name", "priority", "file_size", "container", "file_duration", "start", "start_unix",
    "analysis_duration", "task_report", "task_result", "task_page",
)  # fmt: skip


@dataclass
class Step:
    """Something that comes after a time or after a number of reads."""

    due: float
    reads: int
    what: Callable[[float], None]
    own: bool  # part of the present state, and cancelled when that changes; otherwise an order under way


@dataclass
class Task:
    task_id: int
    project_id: int
    status: str
    initial_task_id: int
    fields: dict[str, Any] = field(default_factory=dict)  # the fields of reads in addition to the state, with the vendor's names
    # The behaviour, which only tests know.
    master: int | None = None  # of an OTT sub-task (section 3.6)
    stays: bool = False  # doesn't leave this state by itself
    rejects: str | None = None  # why its next start is refused
    runs_for: Any = None  # a file's check ends after so long; else the switch says
    ends_with: str | list[str] | None = None
    # The progress.
    steps: list[Step] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    shown: Track[str] = field(init=False)

    def __post_init__(self) -> None:
        self.shown = Track(self.status)

    @property
    def app_id(self) -> int | None:
        found: int | None = self.fields.get("app_id")
        return found

    def some(self, names: tuple[str, ...]) -> dict[str, Any]:
        known = {"task_id": self.task_id, "initial_task_id": self.initial_task_id, **self.fields}
        return {name: known[name] for name in names if known.get(name) is not None}

    def info(self, status: str) -> dict[str, Any]:
        """Section 3.3, in the order of T10."""
        return {**self.some(LIVE_FIELDS), "status": status, **self.some(LIVE_MORE)}

    def report(self, status: str) -> dict[str, Any]:
        """Section 3.8."""
        return {**self.some(REPORT_BEFORE), "status": status, **self.some(REPORT_AFTER)}
