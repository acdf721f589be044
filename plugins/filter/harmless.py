# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `harmless`: what comes from a vendor, before it's handed to Ansible again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils._text import all_harmless

DOCUMENTATION = r"""
---
name: harmless
author:
  - taskops.quiesce contributors (@taskops)
version_added: 1.1.0
short_description: Make a vendor's text harmless before it is passed to Ansible again
description:
  - Results of modules are marked as unsafe, so that Ansible doesn't evaluate templates in them. The mark is lost if results leave Ansible
    and come back, for example through M(ansible.builtin.set_stats) in a workflow of AWX, a file of variables or extra vars. Without the
    mark, anybody who can name a task could have an expression evaluated.
  - In each text, keys of mappings included, every left curly bracket becomes U+FF5B, which looks like it. The colon of C(jinja2:) becomes
    U+FF1A, and the C(#) of a text that could begin this header U+FF03. Line breaks and control characters become blanks.
  - Events of C(taskops.quiesce.task_state), reports and the variables that the roles set are already harmless.
options:
  _input:
    description: Any data.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Pass the tasks on to the next job of the workflow
  ansible.builtin.set_stats:
    data:
      found_tasks: "{{ found.tasks | taskops.quiesce.harmless }}"
"""

RETURN = r"""
_value:
  description: The same data with harmless texts.
  type: raw
"""


class FilterModule:
    """The class that Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"harmless": all_harmless}
