# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  state:
    description: The desired state of the tasks.
    type: str
    required: true
    choices:
      - paused
      - started
      - stopped
  wait:
    description:
      - Whether to wait until the tasks have reached the state.
      - With V(false), the module sends the next action for each task, reads the tasks once more, and returns. Where a state needs several
        actions, run the same task again to send the next one.
      - With V(false), check mode shows only that one action, and no change for a task that gets to the state by itself. It assumes that
        the system carries out an action at once.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long the tasks may take to reach the state, in seconds, in addition to O(drain).
      - The module ends when this time is over, or as soon as the HTTP exchange has ended that is under way at that moment.
      - A task that hasn't reached the state by then fails. The message contains the state that was seen last.
    type: float
    default: 300
  poll_interval:
    description:
      - The longest pause between two reads of the tasks, in seconds.
      - The first pauses are much shorter.
    type: float
    default: 5
  drain:
    description:
      - How long running tasks may take to end by themselves before they are paused or stopped, in seconds.
      - With O(state=paused), a task that ends in this time is left unchanged and counted as skipped.
      - This has no effect with O(state=started).
      - Needs O(wait=true).
    type: float
    default: 0
  if_unpausable:
    description:
      - What to do with O(state=paused) if a task can't be paused, for example because it has ended.
      - V(fail) fails before anything is changed.
      - V(stop) stops the task instead. A task that has ended then counts as having reached the state.
      - V(skip) leaves the task unchanged, emits a warning, and counts the task as skipped.
    type: str
    default: fail
    choices:
      - fail
      - stop
      - skip
"""
