# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pause task004 with the request of the vendor's RingoJS sample: the parameters of the POST are a form."""

from __future__ import annotations

import base64
import json
import sys
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

BASE = "http://localhost:8090/TotalControl/v1"


def main() -> int:
    opener = build_opener(ProxyHandler({}))
    authorization = base64.b64encode(b"sigma:3D391497").decode()
    with opener.open(Request(f"{BASE}/login", headers={"Authorization": authorization}), timeout=10) as answer:
        token = json.load(answer)["value"]["token"]
    form = urlencode({"action": "pause", "token": token}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}
    with opener.open(Request(f"{BASE}/tasks/task004", data=form, headers=headers, method="POST"), timeout=10) as answer:
        text = answer.read().decode()
    print(text)
    return 0 if json.loads(text)["status"] is True else 1


if __name__ == "__main__":
    sys.exit(main())
