# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module that imports `requests` and returns as many rows as a state module: Ansible's own cost of results of that size."""

from __future__ import annotations

import requests
from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    module = AnsibleModule(argument_spec={"ids": {"type": "list", "elements": "str", "required": True}}, supports_check_mode=True)
    tasks = [
        {
            "id": id_,
            "name": id_,
            "action": "none",
            "before": "paused",
            "after": "paused",
            "vendor_before": "PAUSED",
            "vendor_after": "PAUSED",
            "changed": False,
            "reached": True,
        }
        for id_ in module.params["ids"]
    ]
    module.exit_json(version=requests.__version__, tasks=tasks)


if __name__ == "__main__":
    main()
