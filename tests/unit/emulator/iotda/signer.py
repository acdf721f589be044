# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signer for the tests, written from vendors/iotda.md, sections 2.4 and 2.5, and separate from the emulator's verification."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass

from tests.unit.emulator.iotda.api import PROJECT
from tests.unit.emulator.wire import Answer, send


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


@dataclass(frozen=True)
class SignedBy:
    """A signer for simple paths without a query. That is enough for the vectors and needs no second SDK."""

    kind: str
    access_key: str = "HPUATESTACCESSKEY001"
    secret: str = "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ0123"
    service: str = "iotdm"
    region: str = "cn-north-4"
    sent_body: bytes | None = None  # another one than the signed one

    def headers(self, method: str, path: str, host: str, body: bytes, more: dict[str, str]) -> dict[str, str]:
        date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        headers = {"content-type": "application/json", "host": host, "x-project-id": PROJECT, "x-sdk-date": date, **more}
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        canonical = f"{method}\n{path}/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        if self.kind == "standard":
            signature = _hmac(self.secret.encode(), f"SDK-HMAC-SHA256\n{date}\n{digest}").hex()
            headers["authorization"] = f"SDK-HMAC-SHA256 Access={self.access_key}, SignedHeaders={names}, Signature={signature}"
        else:
            scope = f"{date[:8]}/{self.region}/{self.service}"
            key = _hmac(_hmac(self.access_key.encode(), self.secret), scope + "\x01").hex()
            signature = _hmac(key.encode(), f"V11-HMAC-SHA256\n{date}\n{scope}\n{digest}").hex()
            headers["authorization"] = f"V11-HMAC-SHA256 Credential={self.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
        del headers["host"]
        return headers

    def send(self, port: int, method: str, path: str, body: bytes = b"", **more: str) -> Answer:
        headers = self.headers(method, path, f"localhost:{port}", body, {name.replace("_", "-"): value for name, value in more.items()})
        head = "\n".join([f"{method} {path}", *(f"{name}: {value}" for name, value in headers.items())])
        return send(port, head, body if self.sent_body is None else self.sent_body)
