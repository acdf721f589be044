# Copyright (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+
# (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Event source of Event-Driven Ansible: it reports changes of the states of vendor-side tasks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

DOCUMENTATION = r"""
---
short_description: Send an event when a vendor's task changes its state.
description:
  - Polls tasks and sends an event for each task whose state has changed since the previous poll. It sends no action.
  - Supports all systems of this collection, and uses the same states as the modules.
  - A poll needs as many requests as one call of the information module. It runs in its own thread, so that it never delays the rules.
  - All changes between two polls are one change. A task that is started and paused again within O(interval) causes no event.
  - No text of an event is a template, since rules pass events to Ansible. In each text, including keys, every left curly bracket is
    replaced by U+FF5B, which looks like it. The colon of C(jinja2:) is replaced by U+FF1A, and the C(#) of a text that could begin this
    header by U+FF03. Line breaks and control characters are replaced by blanks. RV(task.id_encoded) contains the exact id.
  - It needs C(requests) and C(ansible-core) in the Python that runs C(ansible-rulebook). Decision environments that were built with this
    collection have them.
options:
  vendor:
    description: The vendor, named as in the targets of a maintenance window.
    type: str
    required: true
    # begin choices, by tools/fragments.py
    choices: [totalcontrol, huawei, ctrlapi, hitachi, iotda, airflow]
    # end choices, by tools/fragments.py
  target:
    description: The name of the system in events, for several sources of one vendor. The default is the O(vendor).
    type: str
  tasks:
    description:
      - The tasks to watch, by the ids that the information module of the vendor takes (names, for V(totalcontrol)).
      - Either O(tasks) or O(select) is required.
      - One id, a text with commas, a list, or a list within a list. C(ansible-rulebook) reads a text that comes from
        C("{{ variable }}") as a Python literal and converts V(2026_03) to a number. C("{{ [variable] }}") preserves the text.
      - A task that the system has never known ends the source and C(ansible-rulebook) at once, since its id is probably wrong.
    type: list
    elements: raw
  select:
    description:
      - Watch all tasks that the information module lists with these filters; V({}) selects all tasks.
      - A task that leaves the list is read by its id, so that its last state isn't missed. It is watched until it is at rest, or until
        the system no longer knows it.
    type: dict
  options:
    description:
      - The connection options of the vendor's information module, such as C(url), C(timeout) or C(state_map).
      - Credentials belong in the environment of C(ansible-rulebook), under the names that the module's options document.
    type: dict
    default: {}
  interval:
    description: Seconds between two polls, at least 0.1.
    type: float
    default: 10
  state_file:
    description:
      - A file for the last states, so that a restarted source reports the changes in the meantime.
      - It contains no secret and is written atomically. Each source needs its own file. A file C(*.lock) is created next to it.
      - An event is recorded there when the next poll begins. If C(ansible-rulebook) is killed before that, the event is sent again.
    type: path
  initial:
    description: Whether the first poll sends an event for each task, unless O(state_file) already contains states.
    type: bool
    default: false
  scope:
    description:
      - The purpose of the source, such as the id of a maintenance window.
      - A O(state_file) of another scope is outdated. It is ignored and overwritten.
    type: str
  refused_interval:
    description:
      - Seconds until a system that refused the credentials is polled again. The pause doubles with each further refusal, up to four
        times this value.
      - Choose it so that the system doesn't lock the account.
    type: float
    default: 900
  reaction:
    description:
      - Repeat V(all_quiet) until this source is ended, since C(ansible-rulebook) doesn't inform a source of the outcome of its events.
      - The first successful poll after each start that finds all tasks at rest sends V(all_quiet). It is sent again, after pauses that
        double up to 15 minutes, as long as all tasks are at rest and the source runs.
      - After the last attempt the source fails, and with it C(ansible-rulebook), with status 1.
    type: dict
    suboptions:
      file:
        description:
          - A file that the rule creates as its last action, whether the actions before succeeded or not. It is removed before each
            V(all_quiet).
        type: path
        required: true
      attempts:
        description: The maximum number of times that V(all_quiet) is sent.
        type: int
        default: 10
      pause:
        description: Seconds between the end of the first attempt and the second attempt.
        type: float
        default: 30
      within:
        description: Seconds after which an attempt counts as ended, even without O(reaction.file).
        type: float
        default: 7200
"""

EXAMPLES = r"""
- taskops.quiesce.task_state:
    vendor: ctrlapi
    target: streams
    tasks: [241458, 241456]
    options:
      url: http://boro.example.com
      dialect: live
      user_id: 4
      project_id: 23
    state_file: /var/lib/eda/streams.json

- taskops.quiesce.task_state:
    vendor: huawei
    select:
      task_name: entrance
    options:
      region: cn-north-4
    interval: 30
"""

RETURN = r"""
kind:
  description:
    - V(changed) if the state of a task differs from that of the last poll.
    - V(appeared) for a task that is new or was absent, V(found) for each task of the very first poll (O(initial)).
    - V(vanished) for a task that the system no longer knows.
    - V(all_quiet), once, when the last of the tasks has come to rest. The first poll sends it only with O(initial). With O(reaction), it is
      repeated.
    - V(connection_lost), once, when a poll has failed after its retries, and V(connection_restored) when one succeeds again. The changes
      in the meantime follow.
    - V(connection_lost) repeatedly, after growing pauses (O(refused_interval)), while the system refuses the credentials. The source
      doesn't end, since that would end all other sources.
  type: str
  sample: changed
at:
  description: The time of the poll, in UTC.
  type: str
  sample: "2026-03-01T02:00:07.113+00:00"
target:
  description: The O(target).
  type: str
  sample: streams
vendor:
  description: The O(vendor).
  type: str
  sample: ctrlapi
while_away:
  description: Whether the change happened before this start of the source, or while the connection was lost.
  type: bool
task:
  description: The task. Not in V(all_quiet) and the events of the connection.
  type: dict
  contains:
    id:
      description: The id of the task. It is always a text, and never a template (see the description).
      type: str
      sample: "241458"
    id_encoded:
      description:
        - The id exactly as the system has it, percent-encoded, so that a task with a brace in its id can be addressed.
        - The filter P(ansible.builtin.urldecode#filter) decodes it. Use the filter directly in the option of a module, such as
          C(names), and nowhere else. A fact that P(ansible.builtin.set_fact#module) sets to the decoded text may be a template again.
      type: str
      sample: "241458"
    name:
      description: The name of the task, if it has one.
      type: str
      sample: Stream 1
    state:
      description: The state of the task, such as V(stopped). V(absent) if it has vanished.
      type: str
      sample: stopped
    vendor_state:
      description: The vendor's own word for the state.
      type: raw
      sample: Stopped
    before:
      description: The C(state) and C(vendor_state) of the last poll.
      type: dict
      sample: {state: started, vendor_state: Started}
quiet:
  description: Counts of the tasks after the poll. In V(connection_lost), after the last successful poll.
  type: dict
  contains:
    total:
      description: The number of watched tasks.
      type: int
    running:
      description: The number of tasks that aren't at rest, that is neither V(paused), V(stopped), V(completed) nor V(failed).
      type: int
    vanished:
      description:
        - The number of tasks that vanished while they weren't at rest. It isn't known how they ended, so C(all_quiet) stays false.
        - With O(select), they count until new work begins, that is until a task starts after all others had come to rest.
      type: int
    all_quiet:
      description: Whether all tasks were seen at rest. Never true in V(connection_lost).
      type: bool
attempt:
  description: For V(all_quiet), which attempt at O(reaction) it is, counted from 1 for each time that the work comes to rest.
  type: int
  sample: 1
connection:
  description:
    - For V(connection_lost) the C(code) and C(message) of the failure, what the vendor said (C(vendor_code), C(http_status),
      C(request_id)), how many looks have failed in a row since this start (C(attempt)), and in how many seconds the next one comes
      (C(next_in)).
    - For V(connection_restored) the time C(lost_at).
  type: dict
  sample: {code: connection, message: "Boro at boro.example.com can't be reached (Connection refused); check url and whether it runs."}
"""

# ansible-rulebook runs this file by its path and knows nothing of collections, so this one has to
# be made importable from where it lies. Ansible's own loader is no way: once it is in place, it
# claims all folders whose paths begin like Ansible's, ansible-rulebook's own files among them.
_ROOT = Path(__file__).absolute().parents[7]
if str(_ROOT) not in sys.path:
    sys.path.insert(0, str(_ROOT))

# pylint: disable=wrong-import-position
import ansible_collections  # noqa: E402

# The package named "ansible" brings an ansible_collections that is closed to other folders.
if str(_ROOT / "ansible_collections") not in ansible_collections.__path__:
    ansible_collections.__path__.insert(0, str(_ROOT / "ansible_collections"))

from ansible_collections.taskops.quiesce.plugins.plugin_utils._watch import watch  # noqa: E402


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Watch the tasks that `args` name and put an event into `queue` for each change."""
    await watch(queue.put, args)
