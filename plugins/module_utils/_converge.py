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

from ._arguments import is_addressable
from ._clock import Clock, Deadline
from ._errors import AnswerLost, Failure, Postponed, Refused, TryLater, Unauthorized
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
    """One task on its way, and in the end its fate. `last` is what was seen last, `unread` why the latest read failed, `postponed` why what
    is due isn't accepted yet, and `answered` the actions whose fate is clear since they were accepted or refused. `remark` is what a
    person has to know of an action whose answer doesn't say what became of it, and `foretold` what else the actions do to the task; `note`
    begins with them. `held_since` is when the state that counts was first seen without a break, `held_until` how long it has to be seen,
    and `lingers_until` how long what was ended may work on.
    """

    id: str
    before: Observation
    last: Observation
    unread: Failure | None = None
    postponed: Failure | None = None
    decision: Decision | None = None
    actions: list[str] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    changed: bool = False
    reached: bool = False
    skipped: bool = False
    error: Failure | None = None
    remark: str = ""
    foretold: str = ""
    note: str = ""
    sends: int = 0
    not_before: float = 0.0
    held_since: float | None = None
    held_until: float = 0.0
    lingers_until: float = 0.0
    sent: _Sent | None = None

    @property
    def over(self) -> bool:
        return self.reached or self.skipped or self.error is not None


@dataclass
class _Sent:
    """An action that was sent, and what is known of its fate; `failure` is None when it was accepted.

    `is_first` tells that the task's actions name it on the strength of this sending alone.
    """

    action: str
    arrives: Word | None
    at: float
    seen: Observation
    renewals: int
    failure: Failure | None = None
    is_first: bool = False


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
    remark: str = ""


@dataclass(frozen=True)
class Prospect:
    """What a run makes of a task: what it sends, our word and the vendor's for the state in which that leaves it, and whether that's as
    wanted.
    """

    actions: tuple[str, ...]
    word: Word
    spelling: Any
    reached: bool


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
        """Converge. Raises `Failure` when the tasks can't be read at first, and may be called again then; whatever fails later is told task
        by task.
        """
        self._plan()
        self._tell(self.tasks)
        if self.possible and not check_mode:
            self._start_drain()
            self._loop()

    def foresee(self, task: Task) -> Prospect:
        """What a run makes of the task, from what is known of it now, if the system does at once what it's asked to.

        With `wait: false` that's the first step only, and nothing where the task is on its way by itself.
        """
        decision = task.decision
        step = decision.step if decision else None
        word, spelling = self.table.word(task.last), task.last.spelling
        if decision is None or isinstance(step, (Done, Skip)):
            return Prospect((), word, spelling, task.error is None and not task.skipped)
        if self._pace.wait:
            goes, actions = decision.arrives, decision.actions
        else:
            goes, actions = (self.table.find(step.arrives), decision.actions[:1]) if isinstance(step, Act) else (None, ())
        if goes is not None:
            word, spelling = goes.word, goes.spelling if goes.wire is None else goes.wire
        reached = task.error is None and (self._pace.wait or goes == decision.arrives)
        return Prospect(actions, word, spelling, reached)

    def awaits(self, task: Task) -> str:
        """What is waited for with a task that isn't over, for a person; empty where the next step is due."""
        now, sent = self._clock.now(), task.sent
        if task.unread is not None:
            return f"it couldn't be read: {task.unread.message}"
        if sent is not None and isinstance(sent.failure, TryLater):
            return f"{sent.action} will be sent again, since the system asked for a pause"
        if sent is not None and isinstance(sent.failure, Refused):
            return f"{sent.action} was refused; reading on, since it may still take effect"
        if sent is not None and sent.failure is not None:
            return f"no answer to {sent.action} came; reading on to see whether it took effect"
        if sent is not None:
            return f"{sent.action} was accepted {_seconds(round(max(0.0, now - sent.at)))} ago and doesn't show yet"
        if task.postponed is not None:
            return task.postponed.message
        if task.held_since is not None:
            return f"it has to be seen so for {_seconds(round(max(0.0, task.held_until - now), 1))} more"
        if now < task.not_before <= self._drain_until:
            return f"it has {_seconds(round(task.not_before - now))} more to end by itself (drain)"
        return ""

    # Plan

    def _plan(self) -> None:
        self._looked = self._clock.now()
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
            elif decision.actions and not is_addressable(task.id):
                message = f"{self.table.noun} {task.id!r} can't be acted on, since its id can't stand in an address"
                task.error = Failure("usage", f"{message} (slash, control character or dots only); leave it out, or rename it there")
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
        task.remark = task.note = memory.remark
        lingers = max((self._vendor.lingers.get(action, 0.0) for action in task.actions), default=0.0)
        task.lingers_until = self._clock.now() + lingers
        if (sent := memory.sent) is not None:
            at = self._clock.now() - sent.age
            task.sent = _Sent(sent.action, sent.arrives, at, sent.seen or task.last, self._vendor.renewals, sent.failure)
            # What was sent once only is nobody's second copy.
            task.sent.is_first = memory.sends == 1
        return task.sent is not None

    def remember(self, task: Task) -> Memory:
        """What a later run has to know of the task."""
        sent = task.sent
        pending = Pending(sent.action, sent.arrives, sent.seen, self._clock.now() - sent.at, sent.failure) if sent else None
        return Memory(task.before, tuple(task.actions), task.changed, task.sends, frozenset(task.answered), pending, task.remark)

    def _first_read(self) -> None:
        # The first request of a run goes alone: if the credentials are wrong, that costs one failed login and not many.
        alone = self.tasks[: self._vendor.read_size or None]
        self._observe(alone)
        self._observe(self.tasks[len(alone) :] if not alone[0].unread else ())

    def _start_drain(self) -> None:
        if self._pace.drain <= 0 or self._policy.wish == "started":
            return
        self._drain_until = (self._clock.now() if self._drain_since is None else self._drain_since) + self._pace.drain
        for task in self._pending():
            if self.table.word(task.last) in RUNNING:
                task.not_before = self._drain_until

    # The loop

    def _loop(self) -> None:
        pauses = growing_pauses(self._pace.poll_interval)
        rest = Deadline(self._clock, self._patience)
        while pending := self._pending():
            if self._deadline.passed:
                self._run_out(pending)
            elif rest.passed or not self._is_wanted():
                return
            elif self._send([task for task in pending if self._is_due(task)]):
                pauses = growing_pauses(self._pace.poll_interval)
                self._look(pending)
            elif self._pace.wait or any(self._in_doubt(task) for task in pending):
                self._sleep(next(pauses), pending, rest)
                self._look(pending)
            else:
                return

    def _tell(self, tasks: Iterable[Task]) -> None:
        for task in tasks:
            self._watch(task)

    def _pending(self) -> list[Task]:
        return [task for task in self.tasks if not task.over]

    def _is_due(self, task: Task) -> bool:
        wants = task.decision is not None and isinstance(task.decision.step, Act)
        # Without waiting, one step is sent and no second one.
        may = self._pace.wait or not task.changed
        return wants and may and task.sent is None and self._has_its_time(task) and self._may_act(task)

    def _has_its_time(self, task: Task) -> bool:
        # What was drained and now waits for its next turn is held before that comes.
        is_drained = 0.0 < task.not_before == self._drain_until and self.table.word(task.last) == "waiting"
        return is_drained or task.not_before <= self._clock.now()

    def _in_doubt(self, task: Task) -> bool:
        """Without waiting, only a task whose action isn't known to be accepted is looked at again."""
        if task.sent is not None:
            return task.sent.failure is not None
        tried = task.sends > 0 or task.postponed is not None
        return tried and task.decision is not None and isinstance(task.decision.step, Act) and not task.changed

    def _sleep(self, pause: float, pending: Sequence[Task], rest: Deadline) -> None:
        now = self._clock.now()
        if all(task.held_since is not None for task in pending):
            # Looks before that would prove nothing more.
            pause = max(pause, min(task.held_until for task in pending) - now)
        wake = [moment - now for task in pending for moment in (task.not_before, task.held_until) if moment > now]
        self._clock.sleep(min([pause, rest.left(), self._deadline.left(), *wake]))

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
        self._tell(pending)

    def _judge(self, task: Task) -> None:
        sent, seen = task.sent, task.last
        decision = self._decide(task)
        if sent is not None and self.table.word(seen) == "unknown":
            # On the way there may be states that no document lists; where it leads is what counts.
            return
        if sent is not None:
            moved = seen.mark != sent.seen.mark
            if moved and sent.failure is not None:
                self._reckon(task, sent.failure, sent, decision)
            if not moved and isinstance(decision.step, Act):
                if not self._may_resend(task, sent):
                    return
                task.postponed = sent.failure if isinstance(sent.failure, TryLater) else None
            if not moved and not isinstance(decision.step, Act) and self._may_yet_show(task, sent):
                return
            if moved and not self._may_follow(task, sent, decision):
                return
            task.sent = None
        elif task.sends and isinstance(decision.step, Act) and self._is_enough(task):
            return
        self._settle(task, decision)

    def _reckon(self, task: Task, failure: Failure, sent: _Sent, decision: Decision) -> None:
        """Another state is seen than before an action that nobody has accepted: is that this run's doing?

        A refusal that isn't conclusive may be that of a second copy because the first took hold. So what leads where the action does is
        this run's then, and that's told. After a conclusive one it's somebody else's, or something on the way repeats what HTTP says that
        none may: that's told too.
        """
        way = _anyway(decision.step) or decision.step
        goes = self.table.find(way.arrives) if isinstance(way, Wait) else None
        leads = self.table.word(task.last) == sent.arrives or (goes is not None and goes.word == sent.arrives)
        if isinstance(failure, AnswerLost):
            # Somebody else may have gone on with it since, as long as that's where it gets as wished.
            task.changed = task.changed or leads or isinstance(decision.step, (Done, Wait))
        elif leads and not self._is_help(sent) and (self._is_repeated(task, sent) or failure.code not in ("connection", "timeout")):
            seen = f"the {sent.action} of {self.table.noun} {task.id} was refused, and yet it's {self.table.describe(task.last)}"
            told = f"where that leads ({failure.message})"
            ours = "a proxy on the way may have sent it twice" if not failure.is_conclusive else ""
            if self._is_repeated(task, sent):
                ours = "the one that was sent before may have taken hold late"
            if ours:
                task.changed = True
                task.actions += [] if sent.action in task.actions[-1:] else [sent.action]
                task.remark = f"{seen}, {told}; {ours}, so that this counts as a change of this run"
            else:
                task.remark = f"{seen}, {told}; somebody else did that, or a gateway on the way sent it twice; it counts as unchanged here"
            task.note = task.remark
        elif not failure.is_conclusive and isinstance(decision.step, Done) and not self._is_help(sent):
            seen = f"the {sent.action} of {self.table.noun} {task.id} was refused ({failure.message})"
            told = f"and then it was {self.table.describe(task.last)}"
            task.remark = f"{seen}, {told}, which it may have come to by itself or by a first copy of that; it counts as unchanged here"
            task.note = task.remark

    def _is_repeated(self, task: Task, sent: _Sent) -> bool:
        """Whether the same action was sent before, without a refusal: where its answer was lost it may still take hold."""
        return sent.action in task.actions[-1:] and not sent.is_first

    def _is_help(self, sent: _Sent) -> bool:
        """Whether the task would have got there without the action, so that its getting there tells nothing of it."""
        return _anyway(decide(self.table, sent.seen, self._policy).step) is not None

    def _may_resend(self, task: Task, sent: _Sent) -> bool:
        """The old state is still seen: is the action surely without effect, and worth another try?"""
        failure = sent.failure
        if failure is None:
            return False
        if isinstance(failure, AnswerLost):
            if self._looked < sent.at + self._vendor.settle:
                return False
        elif not isinstance(failure, TryLater) and self._vendor.renewals == sent.renewals:
            if self._looked >= sent.at + self._lag_after(failure):
                task.error = failure
                # It has had its time to show.
                if sent.is_first:
                    task.actions.pop()
            return False
        if task.sends >= MAX_SENDS:
            task.error = failure
            return False
        if isinstance(failure, TryLater):
            task.not_before = self._clock.now() + RESEND_PAUSE
        return True

    def _lag_after(self, refusal: Failure) -> float:
        """How long after a refusal an old state is no proof, in seconds: if it's that of a second copy, the first may show as late as any
        action whose answer was lost.
        """
        return self._vendor.lag if refusal.is_conclusive else max(self._vendor.lag, self._vendor.settle)

    def _may_yet_show(self, task: Task, sent: _Sent) -> bool:
        """What an earlier run sent may take hold yet: until then, a state that is as wanted proves nothing, unless it's where that led."""
        is_open = sent.failure is not None and not sent.failure.is_conclusive and self.table.word(task.last) != sent.arrives
        return is_open and self._looked < sent.at + self._vendor.settle

    def _may_follow(self, task: Task, sent: _Sent, decision: Decision) -> bool:
        """Another state than before the action is seen: may what it asks for be done now?"""
        step = decision.step
        if not isinstance(step, Act):
            return True
        has_failed = sent.failure is None and self._policy.wish == "started" and self.table.word(task.last) == "failed"
        refused = isinstance(sent.failure, TryLater) or (isinstance(sent.failure, Refused) and sent.failure.is_conclusive)
        if step.action == sent.action and not refused and not has_failed and self._looked < sent.at + self._vendor.settle:
            return False
        return not self._is_enough(task)

    def _is_enough(self, task: Task) -> bool:
        """Whether what was sent already rules out another action, be it now or after states on the way; then the task has failed."""
        told = self.table.describe(task.last)
        if task.changed and self._policy.wish == "started" and self.table.word(task.last) == "failed":
            message = f"{self.table.noun} {task.id} accepted the {task.actions[-1]} and then failed: it is in state {told}"
            task.error = Failure("unreachable_state", message + self._explained(task))
        elif task.sends >= MAX_SENDS:
            message = f"{self.table.noun} {task.id} is in state {told} after {task.sends} actions; something else works on it"
            task.error = Failure("refused", message + self._explained(task))
        return task.error is not None

    def _settle(self, task: Task, decision: Decision) -> None:
        """Take over what was decided; a task that has arrived, or never will, is over."""
        task.decision = decision
        step = decision.step
        if isinstance(step, Act):
            task.foretold = "; ".join(filter(None, map(task.last.effects.get, decision.actions))) or task.foretold
            task.note = _joined(task.foretold, task.remark)
        if not isinstance(step, Done):
            task.held_since = None
        elif not self._has_held(task, decision):
            return
        if isinstance(step, Done):
            task.reached, task.note = True, _joined(task.foretold, task.remark, step.note)
        elif isinstance(step, Skip):
            task.skipped, task.note = True, step.reason
        elif isinstance(step, Cannot):
            self._gone_wrong(task, step)

    def _has_held(self, task: Task, decision: Decision) -> bool:
        """Whether the state that counts was seen for as long as it has to be, and what was ended has had its time to end."""
        steady = decision.arrives.steady if decision.arrives and (self._pace.wait or task.actions) else 0.0
        if task.held_since is None:
            task.held_since = self._looked
        task.held_until = max(task.held_since + steady, task.lingers_until)
        return self._looked >= task.held_until

    def _gone_wrong(self, task: Task, step: Cannot) -> None:
        before, now = self.table.word(task.before), self.table.word(task.last)
        if now == "absent" and task.last.row is None and self._policy.wish == "stopped" and task.actions:
            # Whether an action whose answer was lost had a part in it can't be seen any more: then it counts as this run's change.
            task.changed = True
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
            failure = (task.sent.failure if task.sent else None) or task.postponed
            done = [f"{', '.join(task.actions)} was sent"] if task.actions else []
            done += [f"{task.sent.action} was refused"] if task.sent and isinstance(failure, Refused) else []
            done += ["it hadn't been seen so for long enough"] if task.held_since is not None else []
            message = (
                f"{self.table.noun} {task.id} was last seen {self.table.describe(task.last)} and not {self._policy.wish} "
                f"when the time was up ({_seconds(self._pace.wait_timeout)} of wait_timeout; {', '.join(done) or 'nothing was sent'})"
            )
            told = failure or task.unread
            advice = f"{self._explained(task)}; look at it in {self.table.system}, or raise wait_timeout"
            task.error = _renamed(failure, f"{message}: {told.message}" if told else f"{message}{advice}")
        self._tell(pending)

    def _explained(self, task: Task) -> str:
        """What the vendor tells of a failure; to ask is worth one request, and nothing if that fails too."""
        try:
            told = self._vendor.explain(task.last)
        except Failure:
            told = ""
        return f" ({told})" if told else ""

    def _decide(self, task: Task) -> Decision:
        state = self.table.state_of(task.last)
        if self._policy.as_found and self._memories is not None and state and state.word == self.table.word(task.before):
            return Decision(Done(), (), state)
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
            for part in _parts(group, self._vendor.at_once(action, [task.last for task in group]))
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
            if its.failure is None or self._is_verdict(its.failure, its.renewals):
                task.answered.add(action)
        self._tell(part)

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


def _renamed(failure: Failure | None, message: str) -> Failure:
    """The failure of a task whose time was up: a refusal that was only held back keeps its own code and facts."""
    if not isinstance(failure, Refused):
        return Failure("timeout", message)
    facts = {"vendor_code": failure.vendor_code, "http_status": failure.http_status, "request_id": failure.request_id}
    return Failure(failure.code, message, **facts)  # type: ignore[arg-type]


def _anyway(step: Step) -> Wait | None:
    """Where a task gets without the action that would hurry it."""
    return step.otherwise if isinstance(step, Act) and isinstance(step.otherwise, Wait) else None


def growing_pauses(longest: float) -> Iterator[float]:
    """Pauses between polls: short at first, since most vendors are quick, then doubling up to the longest."""
    pause = min(FIRST_PAUSE, longest)
    while True:
        yield pause
        pause = min(pause * 2, longest)


def _parts(items: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    size = size or len(items)
    return [items[start : start + size] for start in range(0, len(items), size)] if items else []


def _joined(*sentences: str) -> str:
    return "; ".join(filter(None, sentences))


def _seconds(value: float) -> str:
    return f"{value:g} s"
