#!/usr/bin/python
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: airflow_dag_info
short_description: Show Dags of Apache Airflow
version_added: 1.1.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Reads Dags of Apache Airflow, their open runs and their task instances. It changes nothing.
  - It sends one request for each hundred Dags in Airflow, and two more.
options:
  dag_ids:
    description:
      - The ids of the Dags, exactly as they are written in Airflow. A Dag that Airflow doesn't know, or doesn't show to this user, is
        returned with the state V(absent).
      - Without ids, the module returns all Dags that match the other options.
      - An empty list returns nothing.
    type: list
    elements: str
    aliases:
      - dag_id
  id_pattern:
    description:
      - Only Dags whose whole id matches this pattern, in which V(*) stands for any characters, V(?) for one character and V([abc]) for one
        of these characters. Upper and lower case make a difference.
      - This isn't Airflow's own C(dag_id_pattern), which matches any part of an id, ignores case, and reads C(_) as any character.
    type: str
  tags:
    description: Only Dags that have at least one of these tags.
    type: list
    elements: str
  owners:
    description: Only Dags that have at least one of these owners.
    type: list
    elements: str
  paused:
    description: Only Dags that are paused, or with V(false) only those that aren't.
    type: bool
  stale:
    description:
      - Whether to return stale Dags instead of the others. Their files are missing or can't be imported.
    type: bool
    default: false
notes:
  - This module reads each Dag only once. The state module reports V(paused) only after a second read.
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.info_module
  - taskops.quiesce._attributes.actiongroup_airflow
  - taskops.quiesce._airflow
  - taskops.quiesce._airflow.credentials
  - taskops.quiesce._common
seealso:
  - module: taskops.quiesce.airflow_dag
"""

EXAMPLES = r"""
- name: Look at all Dags that aren't paused (address and credentials come from the environment)
  taskops.quiesce.airflow_dag_info:
    paused: false
  register: found

- name: Show the ids of the Dags that have work under way
  ansible.builtin.debug:
    msg: "{{ found.tasks | selectattr('state', 'eq', 'started') | map(attribute='id') }}"

- name: Look at the Dags of a team whose ids begin alike
  taskops.quiesce.airflow_dag_info:
    url: https://airflow.example.com
    username: operator
    password: "{{ airflow_password }}"
    tags: [orders]
    id_pattern: load_*
"""

RETURN = r"""
tasks:
  description: The Dags in the order of O(dag_ids), or all Dags that match, in the order of Airflow's list.
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
      description: The display name of the Dag.
      type: str
      returned: when the Dag exists
      sample: load_orders
    state:
      description:
        - The state of the Dag, such as V(started) for a Dag with work under way, V(waiting) for one without,
          V(pausing) for a paused one whose task instances still work, and V(paused).
        - V(absent) for a Dag that Airflow doesn't know or doesn't show to this user.
      type: str
      returned: always
      sample: started
    vendor_state:
      description: V(active) or V(paused), as Airflow's C(is_paused) has it, or V(stale) for an unpaused Dag that Airflow can't load.
      type: str
      returned: always
      sample: active
    vendor:
      description:
        - The other fields of the Dag, as Airflow returned them.
        - Also C(open_runs), the state of each queued or running run by its id, and C(task_instances), the number of task instances that
          haven't ended, by state.
        - For a stale Dag, also C(why_stale), the reason why it doesn't run.
      type: dict
      returned: always
      sample:
        owners: [airflow]
        timetable_summary: "@daily"
        next_dagrun_run_after: "2026-11-29T00:00:00Z"
        open_runs:
          scheduled__2026-11-28T00:00:00+00:00: running
        task_instances:
          running: 1
failure:
  description: The kind of failure, for example V(authentication) or V(connection).
  returned: on failure
  type: dict
  sample:
    code: connection
"""

from ansible_collections.taskops.quiesce.plugins.module_utils._module import run_info_module
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors.airflow import Airflow


def main() -> None:
    run_info_module(Airflow)


if __name__ == "__main__":
    main()
