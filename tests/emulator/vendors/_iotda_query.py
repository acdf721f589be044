# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of IoTDA's batch task calls, checked as strictly as the page permits. Sections named are those of ``iotda.md``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..messages import JSON, Request
from ._iotda_put import parse_time
from ._iotda_rules import (
    DEFAULT_LIMIT,
    ERRORS,
    FIRST_MARKER,
    LARGEST_LIMIT,
    LARGEST_OFFSET,
    LONGEST_SCHEDULE,
    MODULE_UPGRADE,
    MOST_TARGETS_OF_A_CALL,
    MOST_TARGETS_OF_A_TASK,
    SUBTASK_STATES,
    TASK_STATES,
    TASK_TYPES,
    UPGRADES,
)

MARKER = re.compile(r"[a-f0-9]{24}")
APP = re.compile(r"[A-Za-z0-9_-]{1,36}")
NAME = re.compile(r"[\w\u4e00-\u9fff]{1,128}", re.ASCII)

CREATE_MEMBERS = ("task_name", "task_type", "app_id", "task_mode", "need_confirm", "task_ext_info", "targets", "targets_filter",
                  "document", "task_policy", "document_source")  # fmt: skip


class ApiError(Exception):
    """One of section 3.7, or a status with a code and text of its own. ``note`` is the emulator's: a header for debugging."""

    def __init__(self, code: str, note: str = "", *, name: str = "", status: int | None = None, message: str | None = None) -> None:
        super().__init__(note or code)
        known_status, known_text = ERRORS.get(code, (500, ""))
        self.code = code
        self.note = note
        self.status = known_status if status is None else status
        self.message = known_text.format(name) if message is None else message


def invalid(note: str) -> ApiError:
    return ApiError("IOTDA.000006", note)


@dataclass(frozen=True)
class Page:
    limit: int
    marker: str
    offset: int


def query(request: Request, allowed: tuple[str, ...]) -> dict[str, str]:
    """Strict where the page doesn't say: an undocumented parameter is most likely a client's mistake."""
    given = dict(request.query)
    if len(given) < len(request.query):
        raise invalid("a parameter is given twice")
    for name in given:
        if name not in allowed:
            raise invalid(f"parameter {name} is not documented here")
    return given


def _number(given: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = given.get(name, str(default))
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise invalid(f"{name} is no number")
    if not least <= int(text) <= most:
        raise ApiError("IOTDA.000017", f"{name} is {least} to {most}", name=name)
    return int(text)


def page(given: Mapping[str, str]) -> Page:
    """Section 3.1; section 3.2 has the same three."""
    marker = given.get("marker", FIRST_MARKER)
    if not MARKER.fullmatch(marker):
        raise invalid("marker is 24 hexadecimal digits")
    return Page(_number(given, "limit", DEFAULT_LIMIT, 1, LARGEST_LIMIT), marker, _number(given, "offset", 0, 0, LARGEST_OFFSET))


def list_filters(given: Mapping[str, str]) -> None:
    """Section 3.1."""
    if "task_type" not in given:
        raise invalid("task_type is missing")
    if given["task_type"] not in TASK_TYPES:
        raise invalid("no such task_type")
    if "status" in given and given["status"] not in TASK_STATES:
        raise invalid("no such status")
    if "app_id" in given and not APP.fullmatch(given["app_id"]):
        raise invalid("app_id is 1 to 36 letters, digits, _ and -")


def detail_filters(given: Mapping[str, str]) -> None:
    """Section 3.2."""
    if given.get("task_detail_status", SUBTASK_STATES[0]) not in SUBTASK_STATES:
        raise invalid("no such task_detail_status")
    if len(given.get("target", "")) > 128:
        raise invalid("target is at most 128 characters")


def body(request: Request) -> dict[str, Any]:
    """Sections 2.2 and 3.7: JSON, with its media type."""
    if request.media_type != JSON:
        raise ApiError("IOTDA.000008", "Content-Type is application/json")
    if not isinstance(request.json, dict):
        raise ApiError("IOTDA.000008", "the body is no JSON object")
    return request.json


def targets(request: Request, *, empty_body: bool) -> list[str] | None:
    """Section 3.3: those of a stop, retry or confirm. None for all."""
    query(request, ())
    if not request.body and empty_body:
        return None
    given = body(request)
    if set(given) - {"targets"}:
        raise invalid("the body has a member that is not documented")
    targets = given.get("targets")
    if targets is None:
        return None
    if not isinstance(targets, list) or not all(isinstance(target, str) and 0 < len(target) <= 128 for target in targets):
        raise invalid("targets is a list of device ids")
    # The meaning of an empty list isn't documented: all or none. So it is refused.
    if not 1 <= len(targets) <= MOST_TARGETS_OF_A_CALL:
        raise invalid(f"targets is 1 to {MOST_TARGETS_OF_A_CALL} device ids")
    return targets


def new_task(request: Request, wall: float) -> dict[str, Any]:
    """Section 3.6."""
    query(request, ())
    given = {name: value for name, value in body(request).items() if value is not None}
    unknown = set(given) - set(CREATE_MEMBERS)
    if unknown:
        raise invalid(f"not documented: {', '.join(sorted(unknown))}")
    name = given.get("task_name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise invalid("task_name is 1 to 128 Chinese characters, letters, digits and _")
    if given.get("task_type") not in TASK_TYPES:
        raise invalid("no such task_type")
    shapes = {"app_id": str, "task_mode": str, "need_confirm": bool, "task_ext_info": dict, "targets": list, "targets_filter": dict,
              "document": dict, "task_policy": dict, "document_source": str}  # fmt: skip
    for member, shape in shapes.items():
        if member in given and not isinstance(given[member], shape):
            raise invalid(f"{member} has the wrong type")
    upgrades = (*UPGRADES, MODULE_UPGRADE)
    if given["task_type"] not in upgrades and (given.get("need_confirm") or "task_mode" in given):
        raise invalid("need_confirm and task_mode are for upgrades")
    if given.get("task_mode", "GATEWAY") != "GATEWAY":
        raise invalid("task_mode is GATEWAY")
    listed = given.get("targets", [])
    if len(listed) > MOST_TARGETS_OF_A_TASK or not all(isinstance(target, str) for target in listed):
        raise invalid(f"targets is at most {MOST_TARGETS_OF_A_TASK} device ids")
    if not {"targets", "targets_filter", "document_source"} & set(given):
        raise invalid("there are no targets")
    _policy(given.get("task_policy", {}), wall)
    return given


def _policy(policy: Mapping[str, Any], wall: float) -> None:
    """Section 3.1."""
    for name, most in (("retry_count", 5), ("retry_interval", 1440)):
        value = policy.get(name, 0)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            raise invalid(f"{name} is 0 to {most}")
    if policy.get("schedule_time") is not None:
        due = parse_time(policy["schedule_time"])
        if due is None:
            raise ApiError("IOTDA.000009", "schedule_time is yyyyMMdd'T'HHmmss'Z'")
        if due > wall + LONGEST_SCHEDULE:
            raise invalid("schedule_time is at most 7 days ahead")
