#!/usr/bin/python
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: system_probe
short_description: Compare a real system with what this collection assumes about it
version_added: 1.0.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Much of what this collection knows about the vendors' systems comes from documents, and some of it is inferred. This module reads a
    real system and reports for each such assumption whether it is true there.
  - It only reads, so it can be run at any time. It lists the system's tasks, reads up to three of them one by one, and requests one that
    doesn't exist.
  - Its result can be sent to the maintainers. It contains spellings of states, names of fields, versions and numbers. It doesn't contain
    names or ids of tasks, addresses, users or secrets.
  - The playbook C(taskops.quiesce.probe) writes it to a file.
options:
  vendor:
    description: The vendor of the system, as in the targets of a window.
    type: str
    required: true
    # begin probe choices, by tools/fragments.py
    choices: [totalcontrol, huawei, ctrlapi, hitachi, iotda, airflow]
    # end probe choices, by tools/fragments.py
  options:
    description:
      - The connection options, as for the system's information module, such as C(url) and C(password). Options that aren't given come from
        the environment variables that are documented there.
    type: dict
    default: {}
  tasks:
    description:
      - Ids of tasks to read one by one, before the tasks from the list. This is useful if the list doesn't show the interesting tasks, such
        as stopped tasks of Boro.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.info_module
seealso:
  # begin info modules, by tools/fragments.py
  - module: taskops.quiesce.totalcontrol_task_info
  - module: taskops.quiesce.huawei_task_info
  - module: taskops.quiesce.ctrlapi_task_info
  - module: taskops.quiesce.hitachi_task_info
  - module: taskops.quiesce.iotda_batchtask_info
  - module: taskops.quiesce.airflow_dag_info
  # end info modules, by tools/fragments.py
"""

EXAMPLES = r"""
- name: Probe a JP1/AO
  taskops.quiesce.system_probe:
    vendor: hitachi
    options:
      url: http://automation.example.com:22015
      username: system
      password: "{{ hitachi_password }}"
  register: probe

- name: Show the assumptions that don't hold
  ansible.builtin.debug:
    msg: "{{ probe.finding.assumptions | selectattr('verdict', 'eq', 'differs') }}"

- name: Probe one with a certain task (address and credentials come from the environment)
  taskops.quiesce.system_probe:
    vendor: hitachi
    tasks: ["6001"]
"""

RETURN = r"""
finding:
  description: The assumptions and the results of their comparison with the system.
  returned: success
  type: dict
  contains:
    written_by:
      description: The collection and its version.
      type: str
      returned: always
      sample: taskops.quiesce/1.0.0
    vendor:
      description: The system.
      type: str
      returned: always
      sample: hitachi
    dialect:
      description: The dialect of Boro's Control API, null for other systems.
      type: str
      returned: always
      sample: live
    page:
      description: The maintainers' page of facts to which the section numbers belong.
      type: str
      returned: always
      sample: hitachi
    tasks:
      description: How many tasks the system listed.
      type: int
      returned: always
      sample: 12
    requests:
      description: How many requests were sent, all of them reads.
      type: int
      returned: always
      sample: 11
    summary:
      description: The number of assumptions with each verdict.
      type: dict
      returned: always
      sample: {differs: 1, not observed: 1, as assumed: 13}
    assumptions:
      description: The assumptions, in the order of the page.
      type: list
      elements: dict
      returned: always
      contains:
        section:
          description: The section of the page.
          type: str
          returned: always
          sample: "4.3"
        assumption:
          description: What is assumed.
          type: str
          returned: always
          sample: statuses are spelled in one of the known ways
        verdict:
          description: V(as assumed), V(differs), or V(not observed) if the system showed nothing that confirms or contradicts it.
          type: str
          returned: always
          sample: differs
        seen:
          description: What was observed instead, or in addition.
          type: str
          returned: always
          sample: "In Progress, which is taken for inProgress (2 of 5)"
    broken_off:
      description: The steps that failed, each with C(code), as other modules return it in C(failure), and C(http_status).
      type: dict
      returned: always
      sample: {}
markdown:
  description: The finding as a page of Markdown.
  returned: success
  type: str
  sample: "# Probe of a real system: hitachi"
failure:
  description: Why the module failed.
  returned: on failure
  type: dict
  contains:
    code:
      description: The kind of failure, as in the state modules.
      type: str
      returned: always
      sample: authentication
    vendor_code:
      description: The vendor's own code.
      type: str
      returned: if the vendor returned one
      sample: KNAE00000-E
    http_status:
      description: The HTTP status.
      type: int
      returned: if there was an answer
      sample: 401
    request_id:
      description: The vendor's id of the request.
      type: str
      returned: if the vendor returned one
      sample: 1c7bd8c7f0a24fbb
"""

from ansible_collections.taskops.quiesce.plugins.module_utils._module import run_module
from ansible_collections.taskops.quiesce.plugins.module_utils._probe._work import PROBE_WORK


def main() -> None:
    run_module(PROBE_WORK)


if __name__ == "__main__":
    main()
