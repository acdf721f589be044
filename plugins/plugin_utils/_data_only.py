# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Mark a result as data, in which no text is ever evaluated as a template."""

from __future__ import annotations

from typing import Any

from ansible import template

if hasattr(template, "trust_as_template"):
    # From ansible-core 2.19 on, only texts marked as trusted are evaluated, and texts from JSON aren't marked.
    def data_only(result: dict[str, Any]) -> dict[str, Any]:
        """The result, none of whose texts is ever evaluated."""
        return result

else:
    from ansible.utils.unsafe_proxy import wrap_var

    def data_only(result: dict[str, Any]) -> dict[str, Any]:
        """The result, none of whose texts is ever evaluated."""
        marked: dict[str, Any] = wrap_var(result)
        return marked
