# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stop testScript with the request of example two on the vendor's page on stop: a JSON body without a Content-Type."""

from __future__ import annotations

import base64
import json
import sys
from http.client import HTTPConnection

HOST, PORT, BASE = "localhost", 8090, "/TotalControl/v1"


def main() -> int:
    connection = HTTPConnection(HOST, PORT, timeout=10)
    try:
        connection.request("GET", f"{BASE}/login", headers={"Authorization": base64.b64encode(b"sigma:3D391497").decode()})
        token = json.load(connection.getresponse())["value"]["token"]
        body = json.dumps({"action": "stop", "token": token}).encode()
        connection.request("POST", f"{BASE}/tasks/testScript", body=body)
        text = connection.getresponse().read().decode()
    finally:
        connection.close()
    print(text)
    return 0 if json.loads(text)["status"] is True else 1


if __name__ == "__main__":
    sys.exit(main())
