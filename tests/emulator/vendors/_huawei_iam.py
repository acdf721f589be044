# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei Cloud IAM: tokens by password, and the lookup of projects. Sections named here are those of ``huawei_auth.md``."""

from __future__ import annotations

import string
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ..messages import JSON, Call, Reply, Request
from ..switches import Switch, one_of, seconds, text
from ..vendor import Vendor
from ._huawei_accounts import Accounts, domain_id, made_up_id

IAM_SWITCHES: tuple[Switch, ...] = (
    seconds("token_ttl", 24 * 3600, "how long a token is good (section 3.4)"),
    text("first_token", None, "the next token; after that, or with null, random ones", optional=True),
    one_of("unknown_scope_status", 401, (401, 403, 404), "a project in the scope that isn't there, or isn't the user's (section 11, 6)"),
    one_of("unscoped_token", "refused", ("refused", "issued"), "a token request without a scope; issued: good for no project (section 10)"),
    one_of("login_error_shape", "keystone", ("keystone", "iam"), "which of the two bodies of section 3.5 a refused login has"),
    one_of("project_lookup", "found", ("found", "none", "several"), "what GET /v3/projects finds (section 3.7)"),
)

# The tokens of the examples are CMS structures in base64: long, with this beginning (iotda.md and huawei_vias.md show the first letters).
TOKEN_START, TOKEN_LENGTH = "MIIPAgYJKoZIhvcNAQ", 512
TOKEN_LETTERS = string.ascii_letters + string.digits + "+-"

ADDRESS = "https://www.example.com/v3/projects"
TITLES = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}
CATALOG = [{"endpoints": [], "id": made_up_id("service", "iam"), "name": "iam", "type": "iam"}]

# Path (after /v3) and method of each emulated call. The word is the action's name for faults and the journal.
PLACES = {
    ("POST", "/v3/auth/tokens"): "token",
    ("GET", "/v3/projects"): "projects",
    ("GET", "/v3/auth/projects"): "auth_projects",
}


@dataclass(frozen=True)
class Token:
    user: str
    project_id: str | None  # None: the scope is the whole account
    good_until: float


class BadLogin(Exception):
    """An answer in one of the two formats of section 3.5."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Iam:
    """Stores the tokens and answers requests. The gate in front authenticates the caller."""

    def __init__(self, vendor: Vendor, accounts: Accounts) -> None:
        self._vendor = vendor
        self._accounts = accounts
        self._tokens: dict[str, Token] = {}
        self._first_token_given: str | None = None

    def forget(self) -> None:
        self._tokens.clear()
        self._first_token_given = None

    def expire_tokens(self) -> None:
        self._tokens.clear()

    def find(self, token: str) -> Token | None:
        known = self._tokens.get(token)
        return known if known and self._vendor.now < known.good_until else None

    def call(self, request: Request) -> Call | None:
        """The meaning of the request. None if it isn't for IAM. Issuing a token isn't a change that check mode must avoid."""
        action = PLACES.get((request.method, request.path))
        if action:
            return Call(action, False)
        return Call("iam", False) if request.path.startswith("/v3/") else None

    # --- tokens ---------------------------------------------------------------------------------------------------

    def issue(self, request: Request) -> Reply:
        """Sections 3.1 and 3.2. The call itself carries no authentication."""
        try:
            return self._issue(request)
        except BadLogin as refusal:
            return self._refused(refusal)
        except (KeyError, TypeError):
            return Reply.of_json({"error_msg": "Request body is invalid.", "error_code": "IAM.0011"}, 400)

    def _refused(self, refusal: BadLogin) -> Reply:
        status, message = refusal.status, str(refusal)
        if self._vendor.switches["login_error_shape"] == "iam":
            return Reply.of_json({"error_msg": message, "error_code": "IAM.0001"}, status)
        return Reply.of_json({"error": {"code": status, "message": message, "title": TITLES[status]}}, status)

    def _issue(self, request: Request) -> Reply:
        if request.media_type != JSON:
            raise TypeError("not JSON")
        auth = request.json["auth"]
        identity, scope = auth["identity"], auth.get("scope", {})
        # MFA, agencies and federation are not emulated (section 3.6).
        if identity["methods"] != ["password"] or not isinstance(scope, dict) or len(scope) > 1:
            raise TypeError("another method, or several scopes")
        given = identity["password"]["user"]
        name, password, domain = given["name"], given["password"], given["domain"]["name"]
        user = self._accounts.user(name)
        if user is None or (user["password"], user["domain"]) != (password, domain):
            raise BadLogin(401, "The username or password is wrong.")
        project_id = self._project_in(scope, name, domain)
        vendor = self._vendor
        token = self._new_token()
        ttl = float(vendor.switches["token_ttl"])
        self._tokens[token] = Token(name, project_id, vendor.now + ttl)
        body = self._describe(name, domain, project_id, vendor.clock.wall(), ttl)
        body["catalog"] = [] if dict(request.query).get("nocatalog") else CATALOG
        reply = Reply.of_json({"token": body}, 201)
        reply.headers.append(("X-Subject-Token", token))
        return reply

    def _project_in(self, scope: dict[str, Any], user: str, domain: str) -> str | None:
        """The scope is one of four (section 3.1)."""
        if not scope and self._vendor.switches["unscoped_token"] == "refused":
            raise TypeError("no scope")
        kind, wanted = next(iter(scope.items()), ("domain", {"name": domain}))
        if kind not in ("project", "domain") or set(wanted) not in ({"id"}, {"name"}):
            raise TypeError("no such scope")
        member, value = next(iter(wanted.items()))
        if kind == "domain":
            if value != (domain if member == "name" else domain_id(domain)):
                raise BadLogin(self._vendor.switches["unknown_scope_status"], "The domain in the scope was not found.")
            return None
        for project_id, project in self._accounts.projects_of(user, usable=True).items():
            if value == (project_id if member == "id" else project["name"]):
                return project_id
        raise BadLogin(self._vendor.switches["unknown_scope_status"], "The project in the scope was not found.")

    def _describe(self, user: str, domain: str, project_id: str | None, issued: float, ttl: float) -> dict[str, Any]:
        account = {"id": domain_id(domain), "name": domain}
        project = self._accounts.project(project_id)
        scope = {"project": {"id": project_id, "name": project["name"], "domain": account}} if project else {"domain": account}
        return {
            "expires_at": _date(issued + ttl),
            "issued_at": _date(issued),
            "methods": ["password"],
            **scope,
            "roles": [{"id": "0", "name": "te_admin"}],
            "user": {"id": made_up_id("user", user), "name": user, "password_expires_at": "", "domain": account},
        }

    def _new_token(self) -> str:
        first_token: str | None = self._vendor.switches["first_token"]
        if first_token is not None and first_token != self._first_token_given:
            self._first_token_given = first_token
            return first_token
        return TOKEN_START + "".join(self._vendor.random.choices(TOKEN_LETTERS, k=TOKEN_LENGTH - len(TOKEN_START)))

    # --- projects -------------------------------------------------------------------------------------------------

    def projects(self, request: Request, user: str, *, usable: bool) -> Reply:
        """Section 3.7: all of the account by ``/v3/projects``, only the usable ones by ``/v3/auth/projects``."""
        wanted = dict(request.query).get("name")
        position = self._vendor.switches["project_lookup"]
        found = [
            self._project(project_id, project)
            for project_id, project in self._accounts.projects_of(user, usable=usable).items()
            if position != "none" and wanted in (None, project["name"])
        ]
        if position == "several" and found:
            found.append({**found[0], "id": made_up_id("twin of", found[0]["id"])})
        return Reply.of_json({"projects": found, "links": _links(ADDRESS)})

    @staticmethod
    def _project(project_id: str, project: dict[str, str]) -> dict[str, Any]:
        owner = domain_id(project["domain"])
        return {
            "domain_id": owner,
            "is_domain": False,
            "parent_id": owner,
            "name": project["name"],
            "description": "",
            "links": _links(f"{ADDRESS}/{project_id}"),
            "id": project_id,
            "enabled": True,
        }


def _links(own: str) -> dict[str, str | None]:
    return {"next": None, "previous": None, "self": own}


def _date(wall: float) -> str:
    """With microseconds and ``Z`` (section 3.2)."""
    return datetime.fromtimestamp(wall, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
