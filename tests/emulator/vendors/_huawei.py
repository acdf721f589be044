# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate in front of every Huawei Cloud service, which authenticates the caller and checks rights, with IAM behind it on the same port.

A vendor owns one ``Gate``. Sections named here are those of ``huawei_auth.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from ..messages import Call, Reply, Request
from ..switches import Switch, one_of, seconds, text
from ..vendor import Vendor
from . import _huawei_signature as signing
from ._huawei_accounts import ACCOUNT_SWITCHES, Accounts
from ._huawei_iam import IAM_SWITCHES, Iam

STANDARD, DERIVED = signing.STANDARD, signing.DERIVED

# Section 3.3.
LARGEST_BODY, LONGEST_URI = 12 << 20, 32 << 10

GATE_SWITCHES: tuple[Switch, ...] = (
    *ACCOUNT_SWITCHES,
    *IAM_SWITCHES,
    text("region", "cn-north-4", "the region in the scope of a derived signature (section 5)"),
    seconds("clock_skew", 15 * 60, "how far X-Sdk-Date may be off (section 4, traps)"),
    Switch("lock_after", 5, "failed signatures in a row that lock an access key (section 4, traps)", "a count, or null for never",
           lambda value: value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0)),
    seconds("lock_seconds", 5 * 60, "how long an access key stays locked (section 4, traps)"),
    one_of("project_header", "must_agree", ("must_agree", "required", "ignored"),
           "X-Project-Id of a signed request, beside the project in the path; must_agree: where it is sent (section 10)"),
    text("seen_host", None, "the Host that a proxy in front puts in place of the client's, by which a signature is verified "
         "(section 4, 1); null: it leaves that alone", optional=True),
    one_of("both_credentials", "refused", ("refused", "token", "signature"), "a request with a token and a signature (section 4, traps)"),
    one_of("bad_token_number", "0301", ("0301", "0307"), "the gateway's number for a token that isn't good (section 3.4 and 7)"),
    one_of("domain_token_status", 401, (401, 403), "a token for the account, not for a project (section 11, 3)"),
    one_of("gateway_texts", "printed", ("printed", "bare"), "bare: only the part of the message before the colon (section 7)"),
    one_of("gateway_prefix", "APIGW", ("APIGW", "APIG"), "before the number of the gateway's codes (section 7)"),
)  # fmt: skip

IDENTITY = "Incorrect IAM authentication information"
NO_RIGHT = "The IAM user is not authorized to access the API"

# Section 7: status, number and text by the emulator's word for the reason. Reasons that no page lists get the most similar text.
REFUSALS: dict[str, tuple[int, str, str]] = {
    "no_credentials": (401, "0301", f"{IDENTITY}: decrypt token fail"),
    "bad_token": (401, "0301", f"{IDENTITY}: decrypt token fail"),
    # The same in its second wording, for a token that has to be renewed, or one of this region.
    "old_token": (401, "0307", "The token must be updated."),
    "domain_token": (401, "0301", f"{IDENTITY}: decrypt token fail"),
    "both_credentials": (401, "0301", f"{IDENTITY}: decrypt token fail"),
    "bad_authorization": (401, "0301", f"{IDENTITY}: verify aksk signature fail"),
    "algorithm": (401, "0301", f"{IDENTITY}: verify aksk signature fail"),
    "unknown_key": (401, "0301", f"{IDENTITY}: Get secretKey failed,ak:***,err:ak not exist"),
    "locked": (401, "0301", f"{IDENTITY}: AK access failed to reach the limit,forbidden."),
    "clock": (401, "0301", f"{IDENTITY}: calc ak sk signature fail:signature expired"),
    "security_token": (401, "0301", f"{IDENTITY}: verify aksk signature fail"),
    "scope": (401, "0301", f"{IDENTITY}: verify aksk signature fail"),
    "signature": (401, "0301", f"{IDENTITY}: verify aksk signature fail"),
    "project_header": (403, "0302", NO_RIGHT),
    "other_project": (403, "0302", NO_RIGHT),
    "no_rights": (403, "0302", NO_RIGHT),
}
# The failures that count towards the lock of a known key: the gateway calls them a failed authentication.
COUNTED = ("clock", "security_token", "scope", "signature")


@dataclass(frozen=True)
class Caller:
    """The caller, as far as it is known."""

    user: str
    token_project: str | None = None  # the scope of a token; None: the whole account, or signed with a key
    access_key: str | None = None
    algorithm: str | None = None


@dataclass(frozen=True)
class Refusal:
    """The facts, for a service that has words of its own for them, and the gateway's answer."""

    reason: str  # a key of REFUSALS
    status: int
    number: str  # 0301, after the prefix of the switch gateway_prefix
    message: str
    project_id: str | None  # the requested one
    caller: Caller | None  # if the caller is known

    @property
    def passed_gateway(self) -> bool:
        """Whether the gateway lets it pass: the caller is known, and the service itself refuses."""
        return self.reason in ("other_project", "no_rights")


class Refused(Exception):
    def __init__(self, reason: str, caller: Caller | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.caller = caller


class Gate:
    """``check`` each request of the service, after ``iam``, which answers requests for IAM. ``word`` may answer a refusal in the service's
    own format. If it returns None, the gateway answers.
    """

    def __init__(
        self,
        vendor: Vendor,
        *,
        algorithms: Iterable[str] = (STANDARD,),
        derived_service: str = "iotdm",
        word: Callable[[Refusal], Reply | None] | None = None,
    ) -> None:
        self._vendor = vendor
        self._algorithms = tuple(algorithms)
        self._derived_service = derived_service
        self._word = word
        self.accounts = Accounts(vendor.switches)
        self._iam = Iam(vendor, self.accounts)
        self._failures: dict[str, int] = {}
        self._locked_until: dict[str, float] = {}

    def forget(self) -> None:
        """For ``Vendor.forget``: reset to the initial state."""
        self._iam.forget()
        self._failures.clear()
        self._locked_until.clear()

    def expire_tokens(self) -> None:
        self._iam.expire_tokens()

    # --- IAM on the same port -------------------------------------------------------------------------------------

    def iam_call(self, request: Request) -> Call | None:
        """For ``Vendor.describe``: None if the request isn't for IAM (its paths begin with /v3/)."""
        return self._iam.call(request)

    def iam(self, request: Request) -> Reply | None:
        """For ``Vendor.respond``: IAM's answer. None if the request isn't for IAM."""
        call = self._iam.call(request)
        if call is None:
            return None
        if call.action == "token":
            reply = self._iam.issue(request)
        elif call.action == "iam":
            reply = self.no_such_api()
        else:
            try:
                # IAM is a shared service and only knows the standard signature (section 3.7).
                caller = self._caller(request, (STANDARD,))
            except Refused as refused:
                reply = self._answer(self._refusal(refused, None))
            else:
                reply = self._iam.projects(request, caller.user, usable=call.action == "auth_projects")
        reply.headers.append(("X-IAM-Trace-Id", f"token_cn-north-4_null_{self.new_id()}"))
        return self.stamped(reply)

    # --- the service ----------------------------------------------------------------------------------------------

    def check(self, request: Request, project_id: str, *, algorithms: Iterable[str] | None = None) -> Caller | Reply:
        """The caller, or the answer that refuses. ``algorithms`` applies to this request only, if the service's hosts differ."""
        too_large = self._too_large(request)
        if too_large:
            return too_large
        try:
            caller = self._caller(request, self._algorithms if algorithms is None else tuple(algorithms))
            self._check_project(request, project_id, caller)
        except Refused as refused:
            refusal = self._refusal(refused, project_id)
            own = self._word(refusal) if self._word else None
            return self.stamped(own) if own else self._answer(refusal)
        return caller

    def _too_large(self, request: Request) -> Reply | None:
        """Section 3.3. A body that large can't be signed either."""
        if len(request.body) > LARGEST_BODY:
            return self.refuse(413, "0201", "Request entity too large")
        if len(request.target) > LONGEST_URI:
            return self.refuse(414, "0201", "Request URI too large")
        return None

    def _refusal(self, refused: Refused, project_id: str | None) -> Refusal:
        status, number, message = REFUSALS[refused.reason]
        if refused.reason == "domain_token" and self._vendor.switches["domain_token_status"] == 403:
            status, number, message = 403, "0302", NO_RIGHT
        if self._vendor.switches["gateway_texts"] == "bare":
            message = message.partition(":")[0]
        return Refusal(refused.reason, status, number, message, project_id, refused.caller)

    # --- answers --------------------------------------------------------------------------------------------------

    def _answer(self, refusal: Refusal) -> Reply:
        return self.refuse(refusal.status, refusal.number, refusal.message)

    def refuse(self, status: int, number: str, message: str) -> Reply:
        """In the gateway's own format (section 7)."""
        request_id = self.new_id()
        body = {"error_msg": message, "error_code": f"{self._vendor.switches['gateway_prefix']}.{number}", "request_id": request_id}
        reply = Reply.of_json(body, status)
        reply.headers.append(("X-Request-Id", request_id))
        return reply

    def no_such_api(self) -> Reply:
        """The gateway's answer to an unpublished path."""
        return self.refuse(404, "0101", "The API does not exist or has not been published in the environment")

    def stamped(self, reply: Reply) -> Reply:
        """The same with an X-Request-Id; every answer of a service has one (section 7)."""
        if all(name.lower() != "x-request-id" for name, _value in reply.headers):
            reply.headers.append(("X-Request-Id", self.new_id()))
        return reply

    def new_id(self) -> str:
        return f"{self._vendor.random.getrandbits(128):032x}"

    # --- who calls ------------------------------------------------------------------------------------------------

    def _caller(self, request: Request, algorithms: tuple[str, ...]) -> Caller:
        token, authorization = request.header("X-Auth-Token") or "", request.header("Authorization") or ""
        if token and authorization:
            which = self._vendor.switches["both_credentials"]
            if which == "refused":
                raise Refused("both_credentials")
            if which == "signature":
                token = ""
        if token:
            known = self._iam.find(token)
            if known is None:
                raise Refused("old_token" if self._vendor.switches["bad_token_number"] == "0307" else "bad_token")
            return Caller(known.user, known.project_id)
        if not authorization:
            raise Refused("no_credentials")
        return self._signer(request, authorization, algorithms)

    def _signer(self, request: Request, authorization: str, algorithms: tuple[str, ...]) -> Caller:
        claim = signing.parse(authorization)
        if signing.algorithm_of(authorization) in signing.FORMS and signing.algorithm_of(authorization) not in algorithms:
            raise Refused("algorithm")
        if claim is None:
            raise Refused("bad_authorization")
        key = self.accounts.key(claim.access_key)
        if key is None:
            raise Refused("unknown_key")
        if self._vendor.now < self._locked_until.get(claim.access_key, 0.0):
            raise Refused("locked")
        wrong = self._what_is_wrong(request, claim, key)
        if wrong:
            self._count_failure(claim.access_key, wrong)
            raise Refused(wrong)
        self._failures.pop(claim.access_key, None)
        return Caller(key["user"], access_key=claim.access_key, algorithm=claim.algorithm)

    def _what_is_wrong(self, request: Request, claim: signing.Claim, key: dict[str, Any]) -> str | None:
        date = request.header(signing.DATE_HEADER) or ""
        try:
            sent = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc).timestamp()
        except ValueError:
            return "signature"
        if abs(sent - self._vendor.clock.wall()) > self._vendor.switches["clock_skew"]:
            return "clock"
        # A temporary key comes with its security token, signed too (section 1, D); with a permanent one it makes no sense.
        security_token = request.header("X-Security-Token")
        if (security_token or None) != key.get("security_token"):
            return "security_token"
        if security_token and "x-security-token" not in claim.signed_headers:
            return "security_token"
        if claim.algorithm == DERIVED and claim.scope != f"{date[:8]}/{self._vendor.switches['region']}/{self._derived_service}":
            return "scope"
        return None if signing.is_signed_by(self._seen(request), claim, key["secret"]) else "signature"

    def _seen(self, request: Request) -> Request:
        """The request as the vendor receives it from a proxy that replaces the client's Host."""
        host = self._vendor.switches["seen_host"]
        if host is None:
            return request
        others = tuple(pair for pair in request.headers if pair[0].lower() != "host")
        return replace(request, headers=(*others, ("Host", host)))

    def _count_failure(self, access_key: str, wrong: str) -> None:
        limit = self._vendor.switches["lock_after"]
        if limit is None or wrong not in COUNTED:
            return
        self._failures[access_key] = self._failures.get(access_key, 0) + 1
        if self._failures[access_key] >= limit:
            self._failures.pop(access_key)
            self._locked_until[access_key] = self._vendor.now + self._vendor.switches["lock_seconds"]

    def _check_project(self, request: Request, project_id: str, caller: Caller) -> None:
        if caller.access_key is None:
            if caller.token_project is None:
                raise Refused("domain_token", caller)
            if caller.token_project != project_id:
                raise Refused("other_project", caller)
        else:
            position, said = self._vendor.switches["project_header"], request.header("X-Project-Id")
            if (position == "required" and said is None) or (position != "ignored" and said not in (None, project_id)):
                raise Refused("project_header", caller)
            if not self.accounts.may_use(caller.user, project_id):
                raise Refused("other_project", caller)
        if not self.accounts.has_rights(caller.user):
            raise Refused("no_rights", caller)
