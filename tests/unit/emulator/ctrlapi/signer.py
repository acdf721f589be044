# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signer for the tests, written from vendors/ctrlapi.md, section 2.4, and separate from the emulator's verification."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from dataclasses import dataclass
from email.utils import formatdate

from tests.emulator.messages import Reply
from tests.emulator.vendors.ctrlapi import CtrlApi

VECTOR_KEY = "AGnO/VenzHB9xkLYZG1i70kQ9iyFBBvugGXSFyTQaB0="
# Thu, 25 Aug 2022 04:27:52 GMT
VECTOR_WALL = 1661401672.0


@dataclass
class Signed:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    def send(self, model: CtrlApi) -> Reply:
        return model.answer(self.method, self.target, self.headers, self.body)


def signed(
    body: bytes,
    *,
    user: str = "1",
    key: str = VECTOR_KEY,
    wall: float = VECTOR_WALL,
    as_text: bool = False,
    media_type: str = "application/json",
    target: str = "/ctrl_api/v1/json",
    signed_target: str | None = None,
) -> Signed:
    digest = b64encode(hashlib.sha256(body).digest()).decode()
    date = formatdate(wall, usegmt=True)
    text = "POST," + media_type + "," + digest + "," + (signed_target or target) + "," + date
    secret = key.encode() if as_text else b64decode(key)
    signature = b64encode(hmac.new(secret, text.encode(), "sha256").digest()).decode()
    headers = {
        "Content-Type": media_type,
        "Date": date,
        "X-Authorization-Content-SHA256": digest,
        "Authorization": f"APIAuth-HMAC-SHA256 {user}:{signature}",
    }
    return Signed("POST", target, headers, body)
