# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access to IoTDA: the gate of all Huawei services, with this service's signatures and texts. Sections: ``iotda.md``."""

from __future__ import annotations

from collections.abc import Iterable

from ..messages import Reply, Request
from ..vendor import Vendor
from ._huawei import DERIVED, STANDARD, Caller, Gate, Refusal
from ._iotda_rules import ERRORS, NO_TOKEN


def error(code: str, status: int, message: str) -> Reply:
    """Section 3.7."""
    return Reply.of_json({"error_code": code, "error_msg": message}, status)


class IotdaGate(Gate):
    def __init__(self, vendor: Vendor) -> None:
        super().__init__(vendor, derived_service="iotdm", word=self._own_word)

    def check(self, request: Request, project_id: str, *, algorithms: Iterable[str] | None = None) -> Caller | Reply:
        """The edition decides the algorithm (section 1.2). Tokens are valid for both (section 2.3)."""
        its_own = (DERIVED,) if self._vendor.switches["iotda_edition"] == "instance" else (STANDARD,)
        return super().check(request, project_id, algorithms=its_own if algorithms is None else algorithms)

    def _own_word(self, refusal: Refusal) -> Reply | None:
        """Section 2.5, the server's texts. None leaves the answer to the gateway."""
        if refusal.reason == "algorithm" and self._vendor.switches["wrong_algorithm"] == 400:
            return error(NO_TOKEN[0], 400, NO_TOKEN[1])
        if self._vendor.switches["refused_by"] == "gateway" and not refusal.passed_gateway:
            return None
        if refusal.reason in ("bad_token", "old_token"):
            code = self._vendor.switches["bad_token_code"]
        elif refusal.reason == "no_rights":
            code = self._vendor.switches["no_rights_code"]
        else:
            code = "IOTDA.000002" if refusal.status == 401 else "IOTDA.000021"
        return error(code, *ERRORS[code])
