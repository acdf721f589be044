# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Bring many tasks to one wish: read all, decide for all, act, and wait for all of them in one loop.

Nothing here knows a certain vendor or HTTP: a vendor is what fills in `Vendor`, and what went wrong comes as the exceptions of `_errors`,
which say whether a request may have taken hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from ._clock import Clock, Deadline
from ._errors import AnswerLost, Failure, Refused, TryLater, Unauthorized
from ._lifecycle import RUNNING, Act, Cannot, Decision, Done, Observation, Policy, Skip, Step, Wait, Word, decide
from ._threads import side_by_side
from ._vendor import Vendor

MAX_SENDS = 3
FIRST_PAUSE = 0.1
RESEND_PAUSE = 1.0

T = TypeVar("T")


@dataclass(frozen=True)
class Pace:
    """How to go about it; all times in seconds."""

    wait: bool = True
    wait_timeout: float = 300.0
    poll_interval: float = 5.0
    drain: float = 0.0
    concurrency: int = 8


@dataclass
class Task:
    """One task on its way, and in the end its fate. `last` is what was seen last, `unread` why the latest read failed, and `answered` the
    actions whose fate is clear since they were accepted or refused.
    """

    id: str
    before: Observation
    last: Observation
    unread: Failure | None = None
    decision: Decision | None = None
    actions: list[str] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    changed: bool = False
    reached: bool = False
    skipped: bool = False
    error: Failure | None = None
    note: str = ""
    sends: int = 0
    not_before: float = 0.0
    sent: _Sent | None = None

    @property
    def over(self) -> bool:
        return self.reached or self.skipped or self.error is not None


@dataclass
class _Sent:
    """An action that was sent, and what is known of its fate; `failure` is None when it was accepted."""

    action: str
    arrives: Word | None
    at: float
    seen: Observation
    renewals: int
    failure: Failure | None = None


@dataclass(frozen=True)
class Pending:
    """An action of an earlier run whose effect wasn't seen yet: `seen` is the observation from before it (None: that isn't known), `age`
    how many seconds ago it was sent, and `failure` why it isn't known to be accepted (None: it was).
    """

    action: str
    arrives: Word | None
    seen: Observation | None
    age: float
    failure: Failure | None = None


@dataclass(frozen=True)
class Memory:
    """What an earlier run knew of a task, so that this one goes on where that one ended."""

    before: Observation
    actions: tuple[str, ...] = ()
    changed: bool = False
    sends: int = 0
    answered: frozenset[str] = frozenset()
    sent: Pending | None = None


class Convergence:
    """One run over the tasks `ids`. Make it, then call `run` once; `tasks` can be read at any time, also after an exception.

    `observed` tells whether the first read has succeeded: before that, nothing is known of any task. `possible` tells whether the whole
    plan was: if it wasn't, nothing was sent. What has been read already may be given as `found`, which saves the first read.
    """

    def __init__(
        self,
        vendor: Vendor,
        ids: Sequence[str],
        policy: Policy,
        pace: Pace,
        clock: Clock,
        deadline: Deadline,
        found: Mapping[str, Observation] | None = None,
        *,
        memories: Mapping[str, Memory] | None = None,
        patience: float = float("inf"),
        may_act: Callable[[Task], bool] = lambda task: True,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        self._vendor = vendor
        self._memories = memories
        self._patience = patience
        self._may_act = may_act
        self._is_wanted = is_wanted
        self.table = vendor.table
        self._policy = policy
        self._pace = pace
        self._clock = clock
        self._deadline = deadline
        self._fatal: Failure | None = None
        self._drain_until = 0.0
        self._looked = 0.0
        self.observed = False
        self.possible = False
        self._found = found
        self.tasks = [Task(id=id_, before=Observation(id_, None), last=Observation(id_, None)) for id_ in ids]

    def run(self, *, check_mode: bool = False) -> None:
        """Converge. Raises `Failure` when the tasks can't be read at first; whatever fails later is told task by task."""
        self._plan()
        if self.possible and not check_mode:
            self._start_drain()
            self._loop()

    def predict(self, task: Task) -> tuple[Word, Any]:
        """Our word and the vendor's for the state in which the plan leaves a task."""
        arrives = task.decision.arrives if task.decision else None
        if arrives is None or isinstance(task.decision and task.decision.step, (Done, Skip)):
            return self.table.word(task.last), task.last.spelling
        return arrives.word, arrives.spelling if arrives.wire is None else arrives.wire

    # Plan

    def _plan(self) -> None:
        if self._found is None:
            self._first_read()
        else:
            for task in self.tasks:
                task.last = self._found[task.id]
        for task in self.tasks:
            if task.unread:
                raise task.unread
            task.before = task.last
        self.observed = True
        for task in self.tasks:
            if self._recall(task):
                # What was sent may show only later, so that what is seen now proves nothing yet.
                continue
            decision = self._decide(task)
            if isinstance(decision.step, Cannot) and not task.actions:
                task.error = Failure(decision.step.code, decision.step.reason)
            else:
                self._settle(task, decision)
        self.possible = self._memories is not None or all(task.error is None for task in self.tasks)

    def _recall(self, task: Task) -> bool:
        """Take over what is remembered of a task; true if an action on it hasn't shown its effect yet."""
        memory = (self._memories or {}).get(task.id)
        if memory is None:
            return False
        task.before, task.actions, task.changed = memory.before, list(memory.actions), memory.changed
        task.sends, task.answered = memory.sends, set(memory.answered)
        if (sent := memory.sent) is not None:
            at = self._clock.now() - sent.age
            task.sent = _Sent(sent.action, sent.arrives, at, sent.seen or task.last, self._vendor.renewals, sent.failure)
        return task.sent is not None

    def remember(self, task: Task) -> Memory:
        """What a later run has to know of the task."""
        sent = task.sent
        pending = Pending(sent.action, sent.arrives, sent.seen, self._clock.now() - sent.at, sent.failure) if sent else None
        return Memory(task.before, tuple(task.actions), task.changed, task.sends, frozenset(task.answered), pending)

    def _first_read(self) -> None:
        # The first request of a run goes alone: if the credentials are wrong, that costs one failed login and not many.
        alone = self.tasks[: self._vendor.read_size or None]
        self._observe(alone)
        self._observe(self.tasks[len(alone) :] if not alone[0].unread else ())

    def _start_drain(self) -> None:
        if self._pace.drain <= 0 or self._policy.wish == "started":
            return
        self._drain_until = self._clock.now() + self._pace.drain
        for task in self._pending():
            if self.table.word(task.last) in RUNNING:
                task.not_before = self._drain_until

    # The loop

    def _loop(self) -> None:
        pauses = _growing(self._pace.poll_interval)
        rest = Deadline(self._clock, self._patience)
        while pending := self._pending():
            if self._deadline.passed:
                self._run_out(pending)
            elif rest.passed or not self._is_wanted():
                return
            elif self._send([task for task in pending if self._is_due(task)]):
                pauses = _growing(self._pace.poll_interval)
                self._look(pending)
            elif self._pace.wait or any(self._in_doubt(task) for task in pending):
                self._sleep(min(next(pauses), rest.left()), pending)
                self._look(pending)
            else:
                return

    def _pending(self) -> list[Task]:
        return [task for task in self.tasks if not task.over]

    def _is_due(self, task: Task) -> bool:
        wants = task.decision is not None and isinstance(task.decision.step, Act)
        # Without waiting, one step is sent and no second one.
        may = self._pace.wait or not task.changed
        return wants and may and task.sent is None and task.not_before <= self._clock.now() and self._may_act(task)

    def _in_doubt(self, task: Task) -> bool:
        """Without waiting, only a task whose action isn't known to be accepted is looked at again."""
        if task.sent is not None:
            return task.sent.failure is not None
        return task.sends > 0 and task.decision is not None and isinstance(task.decision.step, Act) and not task.changed

    def _sleep(self, pause: float, pending: Sequence[Task]) -> None:
        now = self._clock.now()
        wake = [task.not_before - now for task in pending if task.not_before > now]
        self._clock.sleep(min([pause, self._deadline.left(), *wake]))

    def _look(self, pending: Sequence[Task]) -> None:
        """Read the pending tasks and judge what is seen. A read that fails now is no verdict: the deadline is."""
        # What is seen is as old as that, however long the reads take, or the questions that a judgement leads to.
        self._looked = self._clock.now()
        self._observe(pending)
        for task in pending:
            if self._fatal:
                task.error = self._fatal
            elif task.unread is None:
                self._judge(task)
            elif not self._pace.wait and self._in_doubt(task):
                task.error = task.unread

    def _judge(self, task: Task) -> None:
        sent, seen = task.sent, task.last
        decision = self._decide(task)
        if sent is not None and self.table.word(seen) == "unknown":
            # On the way there may be states that no document lists; where it leads is what counts.
            return
        if sent is not None:
            moved = seen.mark != sent.seen.mark
            if isinstance(sent.failure, AnswerLost) and moved:
                way = _anyway(decision.step) or decision.step
                goes = self.table.find(way.arrives) if isinstance(way, Wait) else None
                on_its_way = goes is not None and goes.word == sent.arrives
                task.changed = task.changed or self.table.word(seen) == sent.arrives or on_its_way or isinstance(decision.step, Done)
            if not moved and isinstance(decision.step, Act) and not self._may_resend(task, sent):
                return
            if not moved and not isinstance(decision.step, Act) and self._may_yet_show(task, sent):
                return
            if moved and not self._may_follow(task, sent, decision):
                return
            task.sent = None
        elif task.sends and isinstance(decision.step, Act) and self._is_enough(task):
            return
        self._settle(task, decision)

    def _may_resend(self, task: Task, sent: _Sent) -> bool:
        """The old state is still seen: is the action surely without effect, and worth another try?"""
        failure = sent.failure
        if failure is None:
            return False
        if isinstance(failure, AnswerLost):
            if self._looked < sent.at + self._vendor.settle:
                return False
        elif not isinstance(failure, TryLater) and self._vendor.renewals == sent.renewals:
            if self._looked >= sent.at + self._vendor.lag:
                task.error = failure
            return False
        if task.sends >= MAX_SENDS:
            task.error = failure
            return False
        if isinstance(failure, TryLater):
            task.not_before = self._clock.now() + RESEND_PAUSE
        return True

    def _may_yet_show(self, task: Task, sent: _Sent) -> bool:
        """What an earlier run sent may take hold yet: until then, a state that is as wanted proves nothing, unless it's where that led."""
        is_lost = isinstance(sent.failure, AnswerLost) and self.table.word(task.last) != sent.arrives
        return is_lost and self._looked < sent.at + self._vendor.settle

    def _may_follow(self, task: Task, sent: _Sent, decision: Decision) -> bool:
        """Another state than before the action is seen: may what it asks for be done now?"""
        step = decision.step
        if not isinstance(step, Act):
            return True
        has_failed = sent.failure is None and self._policy.wish == "started" and self.table.word(task.last) == "failed"
        refused = isinstance(sent.failure, Refused)
        if step.action == sent.action and not refused and not has_failed and self._looked < sent.at + self._vendor.settle:
            return False
        return not self._is_enough(task)

    def _is_enough(self, task: Task) -> bool:
        """Whether what was sent already rules out another action, be it now or after states on the way; then the task has failed."""
        told = self.table.describe(task.last)
        if task.changed and self._policy.wish == "started" and self.table.word(task.last) == "failed":
            message = f"{self.table.noun} {task.id} took the {task.actions[-1]} and then failed: it is in state {told}"
            task.error = Failure("unreachable_state", message + self._explained(task))
        elif task.sends >= MAX_SENDS:
            message = f"{self.table.noun} {task.id} is in state {told} after {task.sends} actions; something else works on it"
            task.error = Failure("refused", message + self._explained(task))
        return task.error is not None

    def _settle(self, task: Task, decision: Decision) -> None:
        """Take over what was decided; a task that has arrived, or never will, is over."""
        task.decision = decision
        step = decision.step
        if isinstance(step, Done):
            task.reached, task.note = True, step.note
        elif isinstance(step, Skip):
            task.skipped, task.note = True, step.reason
        elif isinstance(step, Cannot):
            self._gone_wrong(task, step)

    def _gone_wrong(self, task: Task, step: Cannot) -> None:
        before, now = self.table.word(task.before), self.table.word(task.last)
        if now == "absent" and self._policy.wish == "stopped" and task.actions:
            task.reached, task.note = True, f"{self.table.noun} {task.id} is no longer listed by {self.table.system} since it was stopped"
        elif self._drain_until and not task.actions and before in RUNNING and self.table.satisfies("stopped", now):
            task.skipped, task.note = True, f"{self.table.noun} {task.id} ended by itself while it was drained; it isn't paused"
        else:
            sent = f"after {task.actions[-1]} was sent" if task.actions else "meanwhile"
            changed = f"it went from {self.table.describe(task.before)} to {self.table.describe(task.last)} {sent}"
            gone = f"{self.table.system} no longer knows {self.table.noun} {task.id}; find out there who removed it"
            reason = gone if now == "absent" else step.reason
            task.error = Failure(step.code, f"{reason} ({changed}){self._explained(task) if task.actions else ''}")

    def _run_out(self, pending: Sequence[Task]) -> None:
        for task in pending:
            failure = task.sent.failure if task.sent else None
            done = f"{', '.join(task.actions)} was sent" if task.actions else "nothing was sent"
            message = (
                f"{self.table.noun} {task.id} was last seen {self.table.describe(task.last)} and not {self._policy.wish} "
                f"when the time was up ({_seconds(self._pace.wait_timeout)} of wait_timeout; {done})"
            )
            told = failure or task.unread
            advice = f"{self._explained(task)}; look at it in {self.table.system}, or raise wait_timeout"
            task.error = Failure("timeout", f"{message}: {told.message}" if told else f"{message}{advice}")

    def _explained(self, task: Task) -> str:
        """What the vendor tells of a failure; to ask is worth one request, and nothing if that fails too."""
        try:
            told = self._vendor.explain(task.last)
        except Failure:
            told = ""
        return f" ({told})" if told else ""

    def _decide(self, task: Task) -> Decision:
        decision = decide(self.table, task.last, self._policy)
        anyway = _anyway(decision.step)
        if anyway and isinstance(decision.step, Act) and decision.step.action in task.answered:
            return replace(decision, step=anyway)
        return decision

    # Calls

    def _observe(self, tasks: Sequence[Task]) -> None:
        def read(part: Sequence[Task]) -> None:
            if self._fatal:
                return
            try:
                seen = self._vendor.read([task.id for task in part])
            except Failure as failure:
                self._end_if_fatal(failure)
                for task in part:
                    task.unread = failure
            else:
                for task in part:
                    task.last, task.unread = seen.get(task.id) or Observation(task.id, None, name=task.last.name), None

        side_by_side([partial(read, part) for part in _parts(tasks, self._vendor.read_size)], self._pace.concurrency)

    def _send(self, tasks: Sequence[Task]) -> bool:
        by_action: dict[str, list[Task]] = {}
        for task in tasks:
            if task.decision and isinstance(task.decision.step, Act):
                by_action.setdefault(task.decision.step.action, []).append(task)
        calls = [
            partial(self._act, action, part)
            for action, group in by_action.items()
            for part in _parts(group, self._vendor.at_once([task.last for task in group]))
        ]
        side_by_side(calls, self._pace.concurrency)
        return bool(calls)

    def _act(self, action: str, part: Sequence[Task]) -> None:
        if self._fatal or self._deadline.passed or not self._is_wanted():
            return
        sent = [_Sent(action, self._leads_to(task), self._clock.now(), task.last, self._vendor.renewals) for task in part]
        try:
            wrong = self._vendor.act(action, [task.last for task in part])
        except Failure as failure:
            wrong = {task.id: failure for task in part}
            self._end_if_fatal(failure)
        for task, its in zip(part, sent, strict=True):
            its.at, its.failure = self._clock.now(), wrong.get(task.id)
            task.sent, task.sends = its, task.sends + 1
            if not isinstance(its.failure, Refused) and action not in task.actions[-1:]:
                task.actions.append(action)
            task.changed = task.changed or its.failure is None
            if its.failure is None or self._is_verdict(its.failure, its.renewals):
                task.answered.add(action)

    def _is_verdict(self, failure: Failure, renewals: int) -> bool:
        """Whether this is the vendor's word on the action itself, and not on when or by whom it was sent."""
        return isinstance(failure, Refused) and not isinstance(failure, TryLater) and self._vendor.renewals == renewals

    def _leads_to(self, task: Task) -> Word | None:
        state = self.table.find(task.decision.step.arrives) if task.decision and isinstance(task.decision.step, Act) else None
        return state.word if state else None

    def _end_if_fatal(self, failure: Failure) -> None:
        """Wrong credentials end the run for all tasks: some vendors lock a key that is tried too often."""
        is_fatal = failure.code == "authentication" or isinstance(failure, Unauthorized)
        # What the vendor said is worth more than that nothing was sent any more.
        if is_fatal and (self._fatal is None or self._fatal.http_status is None):
            self._fatal = failure


def read_all(vendor: Vendor, ids: Sequence[str], concurrency: int) -> dict[str, Observation]:
    """One observation for each of the ids that the system knows, by as few and as many calls at once as it takes. Raises `Failure`."""
    found: dict[str, Observation] = {}

    def read(part: Sequence[str]) -> None:
        found.update(vendor.read(part))

    first, *rest = _parts(ids, vendor.read_size)
    read(first)
    side_by_side([partial(read, part) for part in rest], concurrency)
    return found


def _anyway(step: Step) -> Wait | None:
    """Where a task gets without the action that would hurry it."""
    return step.otherwise if isinstance(step, Act) and isinstance(step.otherwise, Wait) else None


def _growing(longest: float) -> Iterator[float]:
    """Pauses between polls: short at first, since most vendors are quick, then doubling up to the longest."""
    pause = min(FIRST_PAUSE, longest)
    while True:
        yield pause
        pause = min(pause * 2, longest)


def _parts(items: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    size = size or len(items)
    return [items[start : start + size] for start in range(0, len(items), size)] if items else []


def _seconds(value: float) -> str:
    return f"{value:g} s"
