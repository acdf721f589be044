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
    description: The wanted state.
    type: str
    required: true
    choices:
      - paused
      - started
      - stopped
  wait:
    description:
      - Whether to wait until the tasks have reached the state.
      - With V(false) the step that is due now is sent, the tasks are read once more, and the module returns.
      - Sent again, the same wish takes the next step.
      - Check mode tells of that one step only, and of nothing where a task is on its way by itself. It takes for granted that the system
        does at once what it's asked to.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long the tasks may take to reach the state, in seconds, on top of O(drain).
      - The whole run ends by then, or when the exchange ends that is under way then.
      - A task that isn't there by then fails, and the message tells the state in which it was last seen.
    type: float
    default: 300
  poll_interval:
    description:
      - The longest pause between two looks at the tasks, in seconds.
      - The first look comes at once, and the first pauses are much shorter.
    type: float
    default: 5
  drain:
    description:
      - How long running tasks are given to end by themselves before they are paused or stopped, in seconds.
      - A task that ends in this time under O(state=paused) is left as it is and counted as skipped.
      - There is no effect with O(state=started).
      - Needs O(wait=true).
    type: float
    default: 0
  if_unpausable:
    description:
      - What to do under O(state=paused) with a task that can't be paused, for example since it has ended.
      - V(fail) fails before anything is changed.
      - V(stop) stops it instead; a task that has ended counts as satisfied then.
      - V(skip) leaves it alone, with a warning, and counts it as skipped.
    type: str
    default: fail
    choices:
      - fail
      - stop
      - skip
"""
