# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Bring many tasks to one desired state: read all, decide for all, send actions, and poll all of them in one loop.

Nothing here knows a certain vendor or HTTP. A vendor implements `Vendor`. Faults come as the exceptions of `_errors`, which say whether a
request may have taken effect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

from ._arguments import is_addressable
from ._clock import Clock, Deadline, format_seconds
from ._errors import Failure, Postponed, Refused, TryLater, Unauthorized
from ._evaluation import TaskEvaluator
from ._lifecycle import RUNNING, Act, Cannot, Done, Observation, Policy, Skip, Word
from ._task_run import Memory, Pending, Prediction, RunSettings, SentAction, Task
from ._threads import side_by_side
from ._vendor import Vendor

FIRST_PAUSE = 0.1
# Lists that are read side by side contain at most this many tasks in all. With 10,000 of JP1/AO, 16 lists of 750 took 14 MB more than two.
MOST_ROWS_UNDER_WAY = 2000

T = TypeVar("T")


class Convergence:
    """One run over the tasks `ids`. Create it, then call `run` once; `tasks` can be read at any time, also after an exception.

    `observed` is true once the first read has succeeded: before that, nothing is known of any task. `possible` is true if every task can
    reach the desired state; if it's false, nothing was sent. Observations that exist already may be given as `found`, which saves the first
    read.
    """

    def __init__(
        self,
        vendor: Vendor,
        ids: Sequence[str],
        policy: Policy,
        settings: RunSettings,
        clock: Clock,
        deadline: Deadline,
        found: Mapping[str, Observation] | None = None,
        *,
        memories: Mapping[str, Memory] | None = None,
        patience: float = float("inf"),
        may_act: Callable[[Task], bool] = lambda task: True,
        is_wanted: Callable[[], bool] = lambda: True,
        watch: Callable[[Task], None] = lambda task: None,
        drain_since: float | None = None,
    ) -> None:
        self._watch = watch
        self._drain_since = drain_since
        self._vendor = vendor
        self._memories = memories
        self._patience = patience
        self._may_act = may_act
        self._is_wanted = is_wanted
        self.table = vendor.table
        self._policy = policy
        self._evaluator = TaskEvaluator(vendor, policy, settings, clock, resumes=memories is not None)
        self._settings = settings
        self._clock = clock
        self._deadline = deadline
        self._fatal: Failure | None = None
        self.observed = False
        self.possible = False
        self._found = found
        self.tasks = [Task(id=id_, before=Observation(id_, None), last=Observation(id_, None)) for id_ in ids]

    def run(self, *, check_mode: bool = False) -> None:
        """Converge. Raises `Failure` if the first read fails; `run` may be called again then. A later failure is recorded on its task."""
        self._make_plan()
        self._notify(self.tasks)
        if self.possible and not check_mode:
            self._start_drain()
            self._loop()

    def predict(self, task: Task) -> Prediction:
        """What a run would do with the task, decided from what is known now, if the system does at once what it's asked to.

        With `wait: false` that's the first step only, and nothing for a task that changes its state by itself.
        """
        decision = task.decision
        step = decision.step if decision else None
        word, spelling = self.table.word(task.last), task.last.spelling
        if decision is None or isinstance(step, (Done, Skip)):
            return Prediction((), word, spelling, task.error is None and not task.skipped)
        if self._settings.wait:
            goes, actions = decision.arrives, decision.actions
        else:
            goes, actions = (self.table.find(step.arrives), decision.actions[:1]) if isinstance(step, Act) else (None, ())
        if goes is not None:
            word, spelling = goes.word, goes.spelling if goes.wire is None else goes.wire
        reached = task.error is None and (self._settings.wait or goes == decision.arrives)
        return Prediction(actions, word, spelling, reached)

    def awaits(self, task: Task) -> str:
        """What an unfinished task waits for, as text for a person; empty if its next step is due."""
        now, sent = self._clock.now(), task.sent
        if task.unread is not None:
            return f"the last read failed: {task.unread.message}"
        if sent is not None and isinstance(sent.failure, TryLater):
            return f"{sent.action} will be sent again, since the system asked for a pause"
        if sent is not None and isinstance(sent.failure, Refused):
            return f"{sent.action} was refused; reading on, since it may still take effect"
        if sent is not None and sent.failure is not None:
            return f"no answer to {sent.action} came; reading on to see whether it took effect"
        if sent is not None:
            age = format_seconds(round(max(0.0, now - sent.at)))
            return f"{sent.action} was accepted {age} ago, and the system still shows the old state"
        if task.postponed is not None:
            return task.postponed.message
        if task.held_since is not None:
            return f"it has to stay in this state for {format_seconds(round(max(0.0, task.held_until - now), 1))} more"
        if now < task.not_before <= self._evaluator.drain_until:
            return f"it has {format_seconds(round(task.not_before - now))} left to end by itself (drain)"
        return ""

    # Plan

    def _make_plan(self) -> None:
        self._evaluator.polled_at = self._clock.now()
        if self._found is None:
            self._first_read()
        else:
            for task in self.tasks:
                task.last = self._found[task.id]
        for task in self.tasks:
            if task.unread:
                raise task.unread
            task.before = task.last.brief
        self.observed = True
        for task in self.tasks:
            if self._restore_memory(task):
                # The effect of the earlier action may still show, so the present state proves nothing yet.
                continue
            decision = self._evaluator.decide(task)
            if isinstance(decision.step, Cannot) and not task.actions:
                task.error = Failure(decision.step.code, decision.step.reason)
            elif decision.actions and not is_addressable(task.id):
                message = f"{self.table.noun} {task.id!r} can't be acted on, since its id can't stand in an address"
                task.error = Failure("usage", f"{message} (slash, control character or dots only); leave it out, or rename it there")
            else:
                self._evaluator.apply(task, decision)
        self.possible = self._memories is not None or all(task.error is None for task in self.tasks)

    def _restore_memory(self, task: Task) -> bool:
        """Restore what an earlier run remembered of a task. Returns true if the effect of an action hasn't been seen yet."""
        memory = (self._memories or {}).get(task.id)
        if memory is None:
            return False
        task.before, task.actions, task.changed = memory.before, list(memory.actions), memory.changed
        task.sends, task.answered = memory.sends, set(memory.answered)
        task.remark = task.note = memory.remark
        lingers = max((self._vendor.lingers.get(action, 0.0) for action in task.actions), default=0.0)
        task.lingers_until = self._clock.now() + lingers
        if (sent := memory.sent) is not None:
            at = self._clock.now() - sent.age
            task.sent = SentAction(sent.action, sent.arrives, at, sent.seen or task.last, self._vendor.renewals, sent.failure)
            # An action that was sent once only can't be a second copy.
            task.sent.is_first = memory.sends == 1
        return task.sent is not None

    def remember(self, task: Task) -> Memory:
        """What a later run has to know of the task."""
        sent = task.sent
        pending = Pending(sent.action, sent.arrives, sent.seen, self._clock.now() - sent.at, sent.failure) if sent else None
        return Memory(task.before, tuple(task.actions), task.changed, task.sends, frozenset(task.answered), pending, task.remark)

    def _first_read(self) -> None:
        # The first request of a run is sent alone: wrong credentials then cost one failed login and not many.
        first_part = self.tasks[: self._vendor.read_size or None]
        self._observe(first_part)
        self._observe(self.tasks[len(first_part) :] if not first_part[0].unread else ())

    def _start_drain(self) -> None:
        if self._settings.drain <= 0 or self._policy.desired_state == "started":
            return
        self._evaluator.drain_until = (self._clock.now() if self._drain_since is None else self._drain_since) + self._settings.drain
        for task in self._pending():
            if self.table.word(task.last) in RUNNING:
                task.not_before = self._evaluator.drain_until

    # The loop

    def _loop(self) -> None:
        pauses = growing_pauses(self._settings.poll_interval)
        rest = Deadline(self._clock, self._patience)
        while pending := self._pending():
            if self._deadline.passed:
                for task in pending:
                    self._evaluator.fail_at_deadline(task)
                self._notify(pending)
            elif rest.passed or not self._is_wanted():
                return
            elif self._send([task for task in pending if self._is_due(task)]):
                pauses = growing_pauses(self._settings.poll_interval)
                self._poll(pending)
            elif self._settings.wait or any(self._has_unknown_outcome(task) for task in pending):
                self._sleep(next(pauses), pending, rest)
                self._poll(pending)
            else:
                return

    def _notify(self, tasks: Iterable[Task]) -> None:
        for task in tasks:
            self._watch(task)

    def _pending(self) -> list[Task]:
        return [task for task in self.tasks if not task.over]

    def _is_due(self, task: Task) -> bool:
        wants = task.decision is not None and isinstance(task.decision.step, Act)
        # Without `wait`, each task gets one action at most.
        may = self._settings.wait or not task.changed
        return wants and may and task.sent is None and self._is_past_delay(task) and self._may_act(task)

    def _is_past_delay(self, task: Task) -> bool:
        # A drained task that waits for its next turn has to be paused before that turn comes.
        is_drained = 0.0 < task.not_before == self._evaluator.drain_until and self.table.word(task.last) == "waiting"
        return is_drained or task.not_before <= self._clock.now()

    def _has_unknown_outcome(self, task: Task) -> bool:
        """Without `wait`, a task is read again only if nobody knows whether its action was accepted."""
        if task.sent is not None:
            return task.sent.failure is not None
        tried = task.sends > 0 or task.postponed is not None
        return tried and task.decision is not None and isinstance(task.decision.step, Act) and not task.changed

    def _sleep(self, pause: float, pending: Sequence[Task], rest: Deadline) -> None:
        now = self._clock.now()
        if all(task.held_since is not None for task in pending):
            # A read before that moment would prove nothing.
            pause = max(pause, min(task.held_until for task in pending) - now)
        wake = [moment - now for task in pending for moment in (task.not_before, task.held_until) if moment > now]
        self._clock.sleep(min([pause, rest.left(), self._deadline.left(), *wake]))

    def _poll(self, pending: Sequence[Task]) -> None:
        """Read the pending tasks and evaluate them. A failed read fails no task here: only the deadline does."""
        # The observations count as this old, however long the reads and the requests of the evaluation take.
        self._evaluator.polled_at = self._clock.now()
        self._observe(pending)
        for task in pending:
            if self._fatal:
                task.error = self._fatal
            elif task.unread is None:
                self._evaluator.evaluate(task)
            elif not self._settings.wait and self._has_unknown_outcome(task):
                task.error = task.unread
        self._notify(pending)

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

        reads = [partial(read, part) for part in _batches(tasks, self._vendor.read_size)]
        side_by_side(reads, _reads_at_once(self._vendor.read_size, self._settings.concurrency))

    def _send(self, tasks: Sequence[Task]) -> bool:
        by_action: dict[str, list[Task]] = {}
        for task in tasks:
            if task.decision and isinstance(task.decision.step, Act):
                by_action.setdefault(task.decision.step.action, []).append(task)
        calls = [
            partial(self._send_action, action, part)
            for action, group in by_action.items()
            for part in _batches(group, self._vendor.batch_size(action, [task.last for task in group]))
        ]
        side_by_side(calls, self._settings.concurrency)
        return bool(calls)

    def _send_action(self, action: str, part: Sequence[Task]) -> None:
        if self._fatal or self._deadline.passed or not self._is_wanted():
            return
        sent = [SentAction(action, self._expected_state(task), self._clock.now(), task.last, self._vendor.renewals) for task in part]
        try:
            wrong = self._vendor.act(action, [task.last for task in part])
        except Failure as failure:
            wrong = {task.id: failure for task in part}
            self._end_if_fatal(failure)
        for task, its in zip(part, sent, strict=True):
            its.at, its.failure = self._clock.now(), wrong.get(task.id)
            task.postponed = None
            if isinstance(its.failure, Postponed):
                task.postponed, task.not_before = its.failure, its.at + its.failure.after
                continue
            task.sent, task.sends = its, task.sends + 1
            may_have_worked = its.failure is None or not (its.failure.is_conclusive or isinstance(its.failure, TryLater))
            if may_have_worked and action not in task.actions[-1:]:
                task.actions.append(action)
                its.is_first = True
            if may_have_worked:
                task.lingers_until = max(task.lingers_until, its.at + self._vendor.lingers.get(action, 0.0))
            task.changed = task.changed or its.failure is None
            if its.failure is None or self._evaluator.is_vendor_refusal(its.failure, its.renewals):
                task.answered.add(action)
        self._notify(part)

    def _expected_state(self, task: Task) -> Word | None:
        state = self.table.find(task.decision.step.arrives) if task.decision and isinstance(task.decision.step, Act) else None
        return state.word if state else None

    def _end_if_fatal(self, failure: Failure) -> None:
        """End the run for all tasks if the credentials are wrong: some vendors lock a key after too many attempts."""
        is_fatal = failure.code == "authentication" or isinstance(failure, Unauthorized)
        # The vendor's own refusal explains more than the failure of a request that wasn't sent because of it.
        if is_fatal and (self._fatal is None or self._fatal.http_status is None):
            self._fatal = failure


def read_all(vendor: Vendor, ids: Sequence[str], concurrency: int) -> dict[str, Observation]:
    """One observation for each id that the system knows, read in as few calls as possible, side by side. Raises `Failure`."""
    found: dict[str, Observation] = {}

    def read(part: Sequence[str]) -> None:
        found.update(vendor.read(part))

    first, *rest = _batches(ids, vendor.read_size)
    read(first)
    side_by_side([partial(read, part) for part in rest], _reads_at_once(vendor.read_size, concurrency))
    return found


def _reads_at_once(read_size: int, concurrency: int) -> int:
    """How many reads of `read_size` tasks run side by side. Each one that is under way holds its whole answer in memory, several times."""
    return max(1, min(concurrency, MOST_ROWS_UNDER_WAY // max(read_size, 1)))


def growing_pauses(longest: float) -> Iterator[float]:
    """The pauses between polls, in seconds: short at first, since most vendors are quick, then doubling up to the longest."""
    pause = min(FIRST_PAUSE, longest)
    while True:
        yield pause
        pause = min(pause * 2, longest)


def _batches(items: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    size = size or len(items)
    return [items[start : start + size] for start in range(0, len(items), size)] if items else []
