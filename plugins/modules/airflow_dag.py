#!/usr/bin/python
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: airflow_dag
short_description: Pause, unpause and stop Dags of Apache Airflow
version_added: 1.1.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Brings Dags of Apache Airflow 3, or of Airflow 2 from 2.10 on, to a state and waits until they have reached it.
  - The module reads all Dags and makes the whole plan before it sends the first action. If one Dag is unknown, nothing is changed and the
    message names every such Dag.
  - A Dag counts as reached only when Airflow itself shows it in that state after the action.
options:
  dag_ids:
    description:
      - The ids of the Dags, exactly as they are written in Airflow.
      - With an empty list, the module does nothing and doesn't fail.
    type: list
    elements: str
    required: true
    aliases:
      - dag_id
  state:
    description:
      - V(paused) pauses the Dag and waits until none of its task instances is running, restarting, queued, deferred or awaiting input in
        two reads that are 3 seconds apart. Queued task instances of a paused Dag still start, and running ones continue to their
        end. Runs stay open and continue when the Dag is unpaused.
      - V(started) unpauses the Dag. Its waiting runs and task instances begin at once, see the notes.
      - V(stopped) pauses the Dag and sets each of its queued or running runs to failed. B(For these runs this can't be undone.) The Dag
        counts as stopped 15 seconds later, since processes of task instances were observed for up to 13 seconds after Airflow showed them
        as failed. With O(state=started) the Dag continues with its next run.
notes:
  - A warning and RV(tasks[].note) list what begins at once when a Dag is unpaused, in check mode as well. These are queued runs, scheduled
    task instances, retries whose delay is over, waiting teardown tasks, and runs for missed ticks. With C(catchup) there is a run for each
    missed tick, otherwise there are one or two runs.
  - A run that only teardown tasks keep open counts as stopped, since they don't run while the Dag is paused. A warning says what to do.
    Airflow doesn't show which tasks are teardown tasks, so another run of the module with O(state=stopped) sets the run to failed again.
  - A run may end between the read that shows it as open and the call that sets it to failed. Airflow then sets the ended run to failed.
  - With O(drain), the module pauses a Dag as soon as none of its runs is open, or when that time is over.
  - A Dag is stale if its file is missing or can't be imported. It can be paused and unpaused, and Airflow keeps this setting until the file
    is back.
  - The module doesn't use Airflow's call for many Dags, since that call takes a pattern instead of ids.
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.state_module
  - taskops.quiesce._attributes.actiongroup_airflow
  - taskops.quiesce._airflow
  - taskops.quiesce._airflow.credentials
  - taskops.quiesce._state
  - taskops.quiesce._common
seealso:
  - module: taskops.quiesce.airflow_dag_info
"""

EXAMPLES = r"""
- name: Pause Dags for an upgrade (address and credentials come from the environment)
  taskops.quiesce.airflow_dag:
    dag_ids: [load_orders, load_stock]
    state: paused
  register: paused

- name: Unpause exactly those that were paused above
  taskops.quiesce.airflow_dag:
    dag_ids: "{{ paused.tasks | selectattr('changed') | map(attribute='id') | list }}"
    state: started

- name: Let runs end for up to ten minutes, then pause
  taskops.quiesce.airflow_dag:
    url: https://airflow.example.com
    username: operator
    password: "{{ airflow_password }}"
    dag_id: load_orders
    state: paused
    drain: 600

- name: Pause a Dag and set its open runs to failed
  taskops.quiesce.airflow_dag:
    dag_id: load_orders
    state: stopped

- name: See what unpausing would set free
  taskops.quiesce.airflow_dag:
    dag_id: load_orders
    state: started
  check_mode: true
"""

RETURN = r"""
tasks:
  description: The outcome for each Dag, in the order given. Also returned when the module fails.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: The id of the Dag.
      type: str
      returned: always
      sample: load_orders
    name:
      description: The display name of the Dag, where it was found.
      type: str
      returned: always
      sample: load_orders
    before:
      description: The state that the first read showed, such as V(started).
      type: str
      returned: always
      sample: started
    after:
      description: The state that the last read showed. In check mode, the state after the planned actions.
      type: str
      returned: always
      sample: paused
    vendor_before:
      description: V(active) or V(paused), as Airflow's C(is_paused) has it, or V(stale) for an unpaused Dag that Airflow can't load.
      type: str
      returned: always
      sample: active
    vendor_after:
      description: The same for RV(tasks[].after).
      type: str
      returned: always
      sample: paused
    action:
      description: The actions that were sent, or would be sent in check mode. V(none) if there are none.
      type: str
      returned: always
      sample: pause
    changed:
      description: Whether an action was accepted for this Dag. In check mode, whether one would be sent.
      type: bool
      returned: always
      sample: true
    reached:
      description: Whether the last read showed the desired state. In check mode, whether the task would reach it.
      type: bool
      returned: always
      sample: true
    note:
      description: What else the action does, such as the runs that begin when the Dag is unpaused.
      type: str
      returned: if the action has such an effect
      sample: "when Dag load_orders is unpaused, this begins at once: queued run manual__2026-11-28 begins."
    error:
      description: What went wrong with this Dag.
      type: dict
      returned: when it failed
      contains:
        code:
          description:
            - The kind of failure, one of V(usage), V(authentication), V(permission), V(not_found), V(unknown_state),
              V(unreachable_state), V(refused), V(rate_limited), V(timeout), V(connection), V(protocol).
          type: str
          returned: always
          sample: not_found
        message:
          description: What happened and what to do, in one sentence.
          type: str
          returned: always
          sample: Airflow knows no Dag load_order; check how its id is written there.
        http_status:
          description: The HTTP status of the answer that reported the failure.
          type: int
          returned: when an answer reported the failure
          sample: 404
summary:
  description: The desired state, and counts over all tasks.
  returned: when the module was able to ask for the tasks
  type: dict
  sample:
    wanted: paused
    total: 2
    reached: 2
    changed: 1
    failed: 0
    skipped: 0
elapsed:
  description: How long the module took, in seconds.
  returned: when the options are valid
  type: float
  sample: 1.2
failure:
  description: The kind of failure, as RV(tasks[].error). If several tasks failed, that of the first one in the order given.
  returned: on failure
  type: dict
  sample:
    code: authentication
"""

from ansible_collections.taskops.quiesce.plugins.module_utils._module import run_state_module
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors.airflow import Airflow


def main() -> None:
    run_state_module(Airflow)


if __name__ == "__main__":
    main()
