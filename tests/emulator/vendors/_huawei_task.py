# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VIAS task and its state machine. Sections named here are those of ``huawei_vias.md``."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ..agenda import Appointment
from ..messages import compact
from ..track import AT_ONCE, Lag, Track
from ..vendor import Vendor
from ._huawei_schedule import Weekly
from ._huawei_vias import BY_ITSELF, GONE, ON_THE_WAY_UP, TROUBLES, Step


@dataclass(frozen=True)
class State:
    """The variable part of a task. Reads show it as a whole, so a stale read is stale in all its parts."""

    state: str
    updated_at: str
    status: str | None = None
    error: Mapping[str, Any] | None = None
    schedule_status: str | None = None


# Plans change at whole seconds. Two clocks that are read at different moments are slightly before or after that.
HALF, SOON = 0.5, 1e-5


def date_text(wall: float) -> str:
    return datetime.fromtimestamp(round(wall, 3), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Task:
    """One task of the service: its fields, and its behaviour."""

    def __init__(self, fields: dict[str, Any], state: State) -> None:
        self.fields = fields  # the vendor's members that don't change by themselves
        self.state = state  # the true state
        self.shown = Track(state)
        self.listed = Track(state)  # if the list is more stale
        self.steps: deque[Step] = deque()  # its scheduled changes
        self.reads = 0  # of the present state, for which a step may wait
        self.next: Appointment | None = None
        self.hours: Appointment | None = None  # of its weekly plan
        self.weekly: Weekly | None = None
        self.runs_for: Any = None  # a lag: a finite input
        self.ends_with = "SUCCEEDED"
        self.start_ends: str | None = None  # instead of the switch
        self.trouble: Mapping[str, Any] = {}  # status and error of its own
        self.history: list[dict[str, Any]] = []
        self._row: tuple[State, str] | None = None

    def row(self, state: State) -> str:
        """Its entry in a list as JSON text, cached until something changes, since lists of thousands are read repeatedly."""
        if self._row is None or self._row[0] is not state:
            self._row = (state, compact(self.list_entry(state)))
        return self._row[1]

    def list_entry(self, state: State) -> dict[str, Any]:
        """Section 3.1; ``type`` is a digit here and a word in the detail (section 6, 7)."""
        fields = self.fields
        return {
            "id": fields["id"],
            "name": fields["name"],
            "service_id": fields["service_id"],
            "created_at": fields["created_at"],
            "state": state.state,
            "video_source_name": fields["video_source_name"],
            "title": fields["title"],
            "type": {"cloud": "0", "edge": "1"}[fields["type"]],
            "algorithm_publish_id": fields["algorithm_publish_id"],
        }

    def touch(self) -> None:
        self._row = None


class Flow:
    """Changes the tasks of one system. A step waits for seconds, or for a number of reads of its state."""

    def __init__(self, vendor: Vendor, vanish: Callable[[Task], None]) -> None:
        self._vendor = vendor
        self._vanish = vanish

    # --- reads ----------------------------------------------------------------------------------------------------

    def look(self, task: Task, *, in_list: bool = False) -> State:
        """The state for this reader. The next one may see the next step."""
        seen = self._track(task, in_list=in_list).read(self._vendor.now)
        if seen is task.state and task.steps and task.steps[0][0].reads:
            task.reads += 1
            if task.reads >= task.steps[0][0].reads:
                self._step(task, self._vendor.now)
        return seen

    def peek(self, task: Task, *, in_list: bool = False) -> State:
        return self._track(task, in_list=in_list).peek(self._vendor.now)

    def _track(self, task: Task, *, in_list: bool) -> Track[State]:
        # Unless the list is more stale, its readers and those of ShowTaskInfo count together.
        return task.listed if in_list and self._list_lag != AT_ONCE else task.shown

    @property
    def _list_lag(self) -> Lag:
        return Lag.of(self._vendor.switches["list_lag"])

    # --- changes --------------------------------------------------------------------------------------------------

    def state_of(self, task: Task, state: str, at: float, schedule_status: str | None = None) -> State:
        """The members that come with a state: its begin, and texts for some (section 3.2)."""
        is_new = state != task.state.state or not task.history
        status, error = TROUBLES.get(state, (None, None))
        return State(
            state,
            date_text(self.wall(at)) if is_new else task.state.updated_at,
            task.trouble.get("status", status) if state in TROUBLES else None,
            task.trouble.get("error", error) if state in TROUBLES else None,
            schedule_status or task.state.schedule_status,
        )

    def become(self, task: Task, state: State, at: float, cause: str, lag: Lag = AT_ONCE) -> None:
        """Change the true state at once. Reads may lag."""
        task.state, task.reads = state, 0
        task.shown.then(state, at, lag)
        more = self._list_lag
        if more == AT_ONCE:
            task.listed.set(state)
        else:
            task.listed.then(state, at, Lag(lag.seconds + more.seconds, lag.reads + more.reads))
        task.history.append({"at": at, "state": state.state, "cause": cause})

    def go(self, task: Task, states: list[Step], at: float, cause: str, lag: Lag = AT_ONCE, *, schedule_status: str | None = None) -> None:
        """Take the first of these steps now, and the next ones after their lags."""
        self.cancel(task)
        first, *rest = states
        self.become(task, self.state_of(task, first[1], at, schedule_status), at, cause, lag)
        task.steps.extend(rest)
        self.arm(task, at)
        if schedule_status:
            self.watch_hours(task)

    def plan(self, task: Task, steps: list[Step], at: float) -> None:
        """Schedule these steps from the present state on. Without a step, it stays."""
        self.cancel(task)
        task.steps.extend(steps)
        if steps:
            self.arm(task, at)

    def cancel(self, task: Task) -> None:
        task.steps.clear()
        if task.next:
            task.next.cancel()
            task.next = None

    def forget(self, task: Task) -> None:
        """Cancel all its scheduled changes, since it no longer exists."""
        self.cancel(task)
        if task.hours:
            task.hours.cancel()

    def arm(self, task: Task, at: float) -> None:
        """Schedule the next change by itself: a planned step, or the natural one of the state."""
        if not task.steps:
            task.steps.extend(self.natural(task, at))
        if not task.steps or task.steps[0][0].reads:
            return
        task.next = self._vendor.agenda.at(at + task.steps[0][0].seconds, lambda due: self._step(task, due))

    def _step(self, task: Task, at: float) -> None:
        task.next = None
        _lag, state = task.steps.popleft()
        if state == GONE:
            self._vanish(task)
            return
        self.become(task, self.state_of(task, state, at), at, "by itself")
        self.arm(task, at)

    def natural(self, task: Task, at: float) -> list[Step]:
        """The natural change of the present state, if no test set another (section 4)."""
        switches, state = self._vendor.switches, task.state.state
        if state == switches["schedule_idle_state"] and self.is_idle(task, at):
            return []
        if state == "RUNNING" and task.runs_for is not None:
            return [(Lag.of(task.runs_for), task.ends_with)]
        if state == "ABNORMAL" and switches["abnormal_restores"] is not None:
            return [(Lag.of(switches["abnormal_restores"]), "RUNNING")]
        if state in ON_THE_WAY_UP:
            return self._rest(task, self.start_way(task))
        if state == "STOPPING":
            return self._rest(task, self.stop_way())
        return [(Lag.of(switches["by_itself"]), BY_ITSELF[state])] if state in BY_ITSELF else []

    def _rest(self, task: Task, steps: list[Step]) -> list[Step]:
        """The remaining steps from the task's state on. A state outside of them leads to their end."""
        states = [state for _lag, state in steps]
        if task.state.state in states[:-1]:
            return steps[states.index(task.state.state) + 1 :]
        return [(Lag.of(self._vendor.switches["by_itself"]), states[-1])]

    def start_way(self, task: Task) -> list[Step]:
        return _way(self._vendor.switches["start_steps"], task.start_ends or self._vendor.switches["start_ends"])

    def stop_way(self, end: str | None = None) -> list[Step]:
        return _way(self._vendor.switches["stop_steps"], end or self._vendor.switches["stop_ends"])

    # --- weekly plans ---------------------------------------------------------------------------------------------

    def wall(self, at: float) -> float:
        return self._vendor.clock.wall() - self._vendor.now + at

    def is_due(self, task: Task, at: float) -> bool:
        """Whether it is within the hours of its plan, whether the plan is active or not."""
        return task.weekly is None or task.weekly.runs_at(self.wall(at) + HALF)

    def is_idle(self, task: Task, at: float) -> bool:
        """Whether its plan is active and it waits for its hours."""
        active = self._vendor.switches["schedule_meaning"] == "activates" and task.state.schedule_status == "ACTIVATED"
        return active and not self.is_due(task, at)

    def watch_hours(self, task: Task) -> None:
        """While its plan is active, a task begins and ends at its hours."""
        if task.hours:
            task.hours.cancel()
            task.hours = None
        if task.weekly is None or task.state.schedule_status != "ACTIVATED":
            return
        self._await_hour(task, self._vendor.now - SOON)

    def _await_hour(self, task: Task, at: float) -> None:
        assert task.weekly is not None
        wall = self.wall(at)
        change = task.weekly.next_change(wall + HALF)
        if change is not None:
            task.hours = self._vendor.agenda.at(at + round(change - wall, 3), lambda due: self._hour(task, due))

    def _hour(self, task: Task, at: float) -> None:
        assert task.weekly is not None
        wall = self.wall(at) + HALF
        runs, state = task.weekly.runs_at(wall), task.state.state
        if runs and state in ("STOPPED", "SUCCEEDED", self._vendor.switches["schedule_idle_state"]):
            self.go(task, self.start_way(task), at, "schedule")
        elif not runs and state in ("RUNNING", "ABNORMAL", *ON_THE_WAY_UP):
            self.go(task, self.stop_way(self._vendor.switches["schedule_idle_state"]), at, "schedule")
        self._await_hour(task, at)


def _way(steps: list[list[Any]], end: str) -> list[Step]:
    """Convert ``[[state, how long], ...]`` and the end to ``[(after, state), ...]``."""
    lags = [AT_ONCE, *(Lag.of(lag) for _state, lag in steps)]
    return list(zip(lags, [*(state for state, _lag in steps), end], strict=True))
