# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pause task004 with the request of the vendor's Python sample: a login header without a scheme, and the parameters in the query of an
empty POST.
"""

from __future__ import annotations

import base64
import sys

import requests

BASE = "http://localhost:8090/TotalControl/v1"


def main() -> int:
    login = requests.get(url=f"{BASE}/login", headers={"Authorization": base64.b64encode(b"sigma:3D391497").decode()}, timeout=10)
    if login.status_code != 200:
        print(f"login: HTTP {login.status_code}")
        return 1
    answer = login.json()
    if answer["status"] is not True:
        print(f"login: {answer['value']}")
        return 1
    data = {"action": "pause", "token": answer["value"]["token"]}
    paused = requests.post(url=f"{BASE}/tasks/task004", params=data, timeout=10)
    if paused.status_code != 200:
        print(f"pause: HTTP {paused.status_code}")
        return 1
    print(paused.text)
    return 0 if paused.json()["status"] is True else 1


if __name__ == "__main__":
    sys.exit(main())
