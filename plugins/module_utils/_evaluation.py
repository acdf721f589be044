# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Evaluate a task after each poll: who caused a change, whether an action may be resent, whether the next one may be sent, and whether the
task is over.

This is the resend policy. Nothing here sends an action, reads or sleeps.
"""

from __future__ import annotations

from ._clock import Clock, format_seconds
from ._errors import AnswerLost, Failure, Refused, TryLater
from ._lifecycle import RUNNING, Act, Cannot, Decision, Done, Policy, Skip, Step, Wait, decide
from ._task_run import RunSettings, SentAction, Task
from ._vendor import Vendor

MAX_SENDS = 3
RESEND_PAUSE = 1.0


class TaskEvaluator:
    """Evaluates the tasks of one run. `resumes` is true if the run continues from the memories of an earlier one.

    `polled_at` is when the latest read began and `drain_until` when a drain ends, both by the run's clock in seconds. Observations count as
    being as old as `polled_at`, however long the read and the requests of the evaluation take.
    """

    def __init__(self, vendor: Vendor, policy: Policy, settings: RunSettings, clock: Clock, *, resumes: bool) -> None:
        self.table = vendor.table
        self.polled_at = 0.0
        self.drain_until = 0.0
        self._vendor = vendor
        self._policy = policy
        self._settings = settings
        self._clock = clock
        self._resumes = resumes

    def decide(self, task: Task) -> Decision:
        """What to do with the task in the state of its last observation. An optional action that was answered before isn't sent again."""
        state = self.table.state_of(task.last)
        if self._policy.as_found and self._resumes and state and state.word == self.table.word(task.before):
            return Decision(Done(), (), state)
        decision = decide(self.table, task.last, self._policy)
        instead = _wait_instead(decision.step)
        if instead and isinstance(decision.step, Act) and decision.step.action in task.answered:
            return decision._replace(step=instead)
        return decision

    def evaluate(self, task: Task) -> None:
        """Evaluate a task that was just read: first its action under way, then what is due in its state."""
        sent, seen = task.sent, task.last
        decision = self.decide(task)
        if sent is not None and self.table.word(seen) == "unknown":
            # States that no document lists may occur on the way. Only the state after them counts.
            return
        if sent is not None:
            moved = seen.mark != sent.seen.mark
            if moved and sent.failure is not None:
                self._attribute_change(task, sent.failure, sent, decision)
            if not moved and isinstance(decision.step, Act):
                if not self._may_resend(task, sent):
                    return
                task.postponed = sent.failure if isinstance(sent.failure, TryLater) else None
            if not moved and not isinstance(decision.step, Act) and self._may_still_take_effect(task, sent):
                return
            if moved and not self._may_send_next(task, sent, decision):
                return
            task.sent = None
        elif task.sends and isinstance(decision.step, Act) and self._fail_if_exhausted(task):
            return
        self.apply(task, decision)

    def apply(self, task: Task, decision: Decision) -> None:
        """Apply the decision. A task that has reached the desired state, or never can, is over."""
        task.decision = decision
        step = decision.step
        if isinstance(step, Act):
            task.effects_note = "; ".join(filter(None, map(task.last.effects.get, decision.actions))) or task.effects_note
            task.note = _joined(task.effects_note, task.remark)
        if not isinstance(step, Done):
            task.held_since = None
        elif not self._has_held(task, decision):
            return
        if isinstance(step, Done):
            task.reached, task.note = True, _joined(task.effects_note, task.remark, step.note)
        elif isinstance(step, Skip):
            task.skipped, task.note = True, step.reason
        elif isinstance(step, Cannot):
            self._end_unreachable(task, step)

    def fail_at_deadline(self, task: Task) -> None:
        """Fail a task that isn't over at the deadline."""
        failure = (task.sent.failure if task.sent else None) or task.postponed
        done = [f"{', '.join(task.actions)} was sent"] if task.actions else []
        done += [f"{task.sent.action} was refused"] if task.sent and isinstance(failure, Refused) else []
        done += ["it hadn't stayed in that state for long enough"] if task.held_since is not None else []
        limit = f"{format_seconds(self._settings.wait_timeout)} of wait_timeout"
        message = (
            f"{self.table.noun} {task.id} was last seen {self.table.describe(task.last)} and not {self._policy.desired_state} "
            f"when the time was up ({limit}; {', '.join(done) or 'nothing was sent'})"
        )
        cause = failure or task.unread
        advice = f"{self._vendor_explanation(task)}; look at it in {self.table.system}, or raise wait_timeout"
        task.error = _deadline_failure(failure, f"{message}: {cause.message}" if cause else f"{message}{advice}")

    def is_vendor_refusal(self, failure: Failure, renewals: int) -> bool:
        """Whether the vendor refused the action itself, and not its time or its credentials."""
        return isinstance(failure, Refused) and not isinstance(failure, TryLater) and self._vendor.renewals == renewals

    def _attribute_change(self, task: Task, failure: Failure, sent: SentAction, decision: Decision) -> None:
        """Decide who caused the change if the state differs from that before an action that wasn't accepted.

        A refusal that isn't conclusive may answer a second copy because the first took effect: a change to the action's target state then
        counts as this run's, and a remark says so. After a conclusive refusal, either somebody else caused the change, or an intermediary
        repeats requests that HTTP forbids to repeat. The remark says that too.
        """
        step = _wait_instead(decision.step) or decision.step
        goes = self.table.find(step.arrives) if isinstance(step, Wait) else None
        leads = self.table.word(task.last) == sent.arrives or (goes is not None and goes.word == sent.arrives)
        if isinstance(failure, AnswerLost):
            # Somebody else may have changed the task since, which makes no difference while it still gets to the desired state.
            task.changed = task.changed or leads or isinstance(decision.step, (Done, Wait))
        elif leads and not self._is_optional(sent) and (self._was_sent_before(task, sent) or failure.code not in ("connection", "timeout")):
            seen = f"the {sent.action} of {self.table.noun} {task.id} was refused, and yet it's {self.table.describe(task.last)}"
            reason = f"where that leads ({failure.message})"
            ours = "a proxy on the way may have sent it twice" if not failure.is_conclusive else ""
            if self._was_sent_before(task, sent):
                ours = "the one that was sent before may have taken effect late"
            if ours:
                task.changed = True
                task.actions += [] if sent.action in task.actions[-1:] else [sent.action]
                task.remark = f"{seen}, {reason}; {ours}, so that this counts as a change of this run"
            else:
                task.remark = (
                    f"{seen}, {reason}; somebody else did that, or a gateway on the way sent the request twice; it counts as unchanged here"
                )
            task.note = task.remark
        elif not failure.is_conclusive and isinstance(decision.step, Done) and not self._is_optional(sent):
            seen = f"the {sent.action} of {self.table.noun} {task.id} was refused ({failure.message})"
            reason = f"and then it was {self.table.describe(task.last)}"
            task.remark = (
                f"{seen}, {reason}, which it may have reached by itself or through a first copy of the request; it counts as unchanged here"
            )
            task.note = task.remark

    def _was_sent_before(self, task: Task, sent: SentAction) -> bool:
        """Whether the same action was sent before and not refused: if its answer was lost, it may still take effect."""
        return sent.action in task.actions[-1:] and not sent.is_first

    def _is_optional(self, sent: SentAction) -> bool:
        """Whether the task reaches the state without the action too, so that reaching it doesn't prove that the action had an effect."""
        return _wait_instead(decide(self.table, sent.seen, self._policy).step) is not None

    def _may_resend(self, task: Task, sent: SentAction) -> bool:
        """Whether the action may be resent: the old state is still seen. Is it certain that the action had no effect, and is another
        attempt worthwhile?
        """
        failure = sent.failure
        if failure is None:
            return False
        if isinstance(failure, AnswerLost):
            if self.polled_at < sent.at + self._vendor.settle:
                return False
        elif not isinstance(failure, TryLater) and self._vendor.renewals == sent.renewals:
            if self.polled_at >= sent.at + self._lag_of_refusal(failure):
                task.error = failure
                # The settle time has passed.
                if sent.is_first:
                    task.actions.pop()
            return False
        if task.sends >= MAX_SENDS:
            task.error = failure
            return False
        if isinstance(failure, TryLater):
            task.not_before = self._clock.now() + RESEND_PAUSE
        return True

    def _lag_of_refusal(self, refusal: Failure) -> float:
        """For how many seconds after a refusal an unchanged state proves nothing. If a second copy was refused, the effect of the first may
        show as late as that of any action whose answer was lost.
        """
        return self._vendor.lag if refusal.is_conclusive else max(self._vendor.lag, self._vendor.settle)

    def _may_still_take_effect(self, task: Task, sent: SentAction) -> bool:
        """Whether an action of an earlier run may still take effect. Until then, the desired state proves nothing, unless that action leads
        to it.
        """
        is_open = sent.failure is not None and not sent.failure.is_conclusive and self.table.word(task.last) != sent.arrives
        return is_open and self.polled_at < sent.at + self._vendor.settle

    def _may_send_next(self, task: Task, sent: SentAction, decision: Decision) -> bool:
        """Whether the next action may be sent now that the state differs from that before the last action."""
        step = decision.step
        if not isinstance(step, Act):
            return True
        has_failed = sent.failure is None and self._policy.desired_state == "started" and self.table.word(task.last) == "failed"
        refused = isinstance(sent.failure, TryLater) or (isinstance(sent.failure, Refused) and sent.failure.is_conclusive)
        if step.action == sent.action and not refused and not has_failed and self.polled_at < sent.at + self._vendor.settle:
            return False
        return not self._fail_if_exhausted(task)

    def _fail_if_exhausted(self, task: Task) -> bool:
        """Fail the task if the actions sent so far rule out another one, be it now or after later states. Returns whether it failed."""
        state = self.table.describe(task.last)
        if task.changed and self._policy.desired_state == "started" and self.table.word(task.last) == "failed":
            message = f"{self.table.noun} {task.id} accepted the {task.actions[-1]} and then failed: it is in state {state}"
            task.error = Failure("unreachable_state", message + self._vendor_explanation(task))
        elif task.sends >= MAX_SENDS:
            message = f"{self.table.noun} {task.id} is in state {state} after {task.sends} actions; something else changes it, too"
            task.error = Failure("refused", message + self._vendor_explanation(task))
        return task.error is not None

    def _has_held(self, task: Task, decision: Decision) -> bool:
        """Whether the state was seen for as long as it has to be, and whether the work that was ended has had its time to end."""
        steady = decision.arrives.steady if decision.arrives and (self._settings.wait or task.actions) else 0.0
        if task.held_since is None:
            task.held_since = self.polled_at
        task.held_until = max(task.held_since + steady, task.lingers_until)
        return self.polled_at >= task.held_until

    def _end_unreachable(self, task: Task, step: Cannot) -> None:
        before, now = self.table.word(task.before), self.table.word(task.last)
        if now == "absent" and task.last.row is None and self._policy.desired_state == "stopped" and task.actions:
            # If the answer of an action was lost, nobody can find out whether it contributed. It counts as this run's change then.
            task.changed = True
            task.reached, task.note = True, f"{self.table.noun} {task.id} is no longer listed by {self.table.system} since it was stopped"
        elif self.drain_until and not task.actions and before in RUNNING and self.table.satisfies("stopped", now):
            task.skipped, task.note = True, f"{self.table.noun} {task.id} ended by itself while it was drained; it isn't paused"
        else:
            sent = f"after {task.actions[-1]} was sent" if task.actions else "meanwhile"
            changed = f"it went from {self.table.describe(task.before)} to {self.table.describe(task.last)} {sent}"
            vanished = f"{self.table.system} no longer knows {self.table.noun} {task.id}; check there who removed it"
            reason = vanished if now == "absent" else step.reason
            task.error = Failure(step.code, f"{reason} ({changed}){self._vendor_explanation(task) if task.actions else ''}")

    def _vendor_explanation(self, task: Task) -> str:
        """The vendor's explanation of a failed task. It costs one request; if that fails too, there's no explanation."""
        try:
            explanation = self._vendor.explain(task.last)
        except Failure:
            explanation = ""
        return f" ({explanation})" if explanation else ""


def _deadline_failure(failure: Failure | None, message: str) -> Failure:
    """The failure of a task that isn't over at the deadline. A refusal that was only postponed keeps its own code and facts."""
    if not isinstance(failure, Refused):
        return Failure("timeout", message)
    facts = {"vendor_code": failure.vendor_code, "http_status": failure.http_status, "request_id": failure.request_id}
    return Failure(failure.code, message, **facts)  # type: ignore[arg-type]


def _wait_instead(step: Step) -> Wait | None:
    """The state that the task reaches without the action that would hasten it."""
    return step.otherwise if isinstance(step, Act) and isinstance(step.otherwise, Wait) else None


def _joined(*sentences: str) -> str:
    return "; ".join(filter(None, sentences))
