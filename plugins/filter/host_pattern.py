# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `host_pattern`: a pattern of hosts that has to match one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleError, AnsibleFilterError
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader

DOCUMENTATION = r"""
---
name: host_pattern
author:
  - taskops.quiesce contributors (@taskops)
version_added: 1.1.0
short_description: Fail if a pattern matches no host
description:
  - Returns the pattern of a play unchanged, or fails if no host matches it. If no host matches, Ansible itself only prints a warning, does
    nothing, and ends with status 0, as if all had been done.
  - The playbooks of this collection use it. It exists for them.
positional: groups
options:
  _input:
    description: The pattern.
    type: raw
    required: true
  groups:
    description: The hosts of each group, which is Ansible's variable C(groups).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Work on the hosts that somebody names
  hosts: "{{ maintenance_hosts | default('localhost', true) | taskops.quiesce.host_pattern(groups) }}"
  gather_facts: false
  tasks: []
"""

RETURN = r"""
_value:
  description: The pattern.
  type: raw
"""

# Ansible makes this host by itself where the inventory has none.
LOCAL = ("localhost", "127.0.0.1", "::1")


def host_pattern(pattern: Any, groups: Mapping[str, Sequence[str]]) -> Any:
    """The pattern, if a host matches it. Raises `AnsibleFilterError`."""
    if pattern in LOCAL:
        return pattern
    manager = InventoryManager(DataLoader(), parse=False)
    for group, hosts in groups.items():
        manager.add_group(group)
        for host in hosts:
            manager.add_host(host, group=group)
    try:
        found = manager.get_hosts(pattern)
    except AnsibleError:
        found = []
    if not found:
        raise AnsibleFilterError(f"the inventory has no host {pattern}, where this playbook should run; check its name and the inventory.")
    return pattern


class FilterModule:
    """The class that Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"host_pattern": host_pattern}
