# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `given`: a user's value in the one form that the roles use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils._errors import Failure
from ..plugin_utils import _values

DOCUMENTATION = r"""
---
name: given
author:
  - taskops.quiesce contributors (@taskops)
version_added: 1.1.0
short_description: Convert a user's value of any type to the required type
description:
  - The playbooks and roles of this collection use this filter for their variables.
  - A value from YAML, surveys, extra vars or rulebooks can be a text, a number, a date or a list. The filter returns it in the required
    form, or fails with a sentence that names the variable.
  - A number with a fraction and a time aren't accepted as a text, since their original spelling is lost. C(2026.10) and C(2026.1) are the
    same number.
  - With C(jinja2_native) on ansible-core 2.16 to 2.18, a text such as V(2026_03_01) stays a text.
positional: kind, name, default
options:
  _input:
    description: The value.
    type: raw
    required: true
  kind:
    description:
      - The required form. V(text) is one text, V(number) a number, V(texts) a list of texts, which can be given as one text with commas.
    type: str
    choices: [text, number, texts]
    required: true
  name:
    description: The name of the value in messages.
    type: str
    required: true
  default:
    description: The result for a value that isn't given or is an empty text. Without a default, this is an error.
    type: raw
"""

EXAMPLES = r"""
- name: Show a window's id
  ansible.builtin.debug:
    # 2026-03-01 as a text, also if YAML has parsed it as a date
    msg: "{{ maintenance_id | taskops.quiesce.given('text', 'maintenance_id') }}"
"""

RETURN = r"""
_value:
  description: The value in the required form.
  type: raw
"""

_FORMS: Mapping[str, Callable[[Any, str], Any]] = {"text": _values.text, "number": _values.number, "texts": _values.texts}


def given(value: Any, kind: str, name: str, default: Any = None) -> Any:
    """The value in the form that `kind` names. Raises `AnsibleFilterError`."""
    if kind not in _FORMS:
        raise AnsibleFilterError(f"given knows no kind {kind}; it knows {', '.join(_FORMS)}")
    try:
        if not _values.is_given(value):
            if default is None:
                raise Failure("usage", f"{name} is empty; give it a value")
            return default
        return _FORMS[kind](value, name)
    except Failure as failure:
        raise AnsibleFilterError(f"{failure.message}.") from None


class FilterModule:
    """The class that Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"given": given}
