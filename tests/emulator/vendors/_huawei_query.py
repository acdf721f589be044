# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the query parameters of VIAS. Sections named here are those of ``huawei_vias.md``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ..messages import Request
from ._huawei_vias import LISTED_STATES, STATES

Rule = Callable[[str], bool]


class BadParameter(ValueError):
    """An answer as the parameters' error of section 3.7, with this text in ``detail``."""


def _number(least: int, most: int | None = None) -> Rule:
    return lambda value: value.isascii() and value.isdecimal() and least <= int(value) and (most is None or int(value) <= most)


def _length(most: int, least: int = 0) -> Rule:
    return lambda value: least <= len(value) <= most


def _pattern(pattern: str) -> Rule:
    compiled = re.compile(pattern)
    return lambda value: bool(compiled.fullmatch(value))


# Section 3.1.
TASKS: dict[str, Rule] = {
    "page": _number(1),
    "page_size": _number(5, 1000),
    "sort_dir": ("asc", "desc").__contains__,
    "task_name": _length(1024),
    "task_state": LISTED_STATES.__contains__,
    "batch_id": _pattern("[a-z0-9-_]{4,36}"),
    "source_data_type": ("async_task", "sync_task").__contains__,
    "title": _pattern("[a-zA-Z0-9\u4e00-\u9fa5-_,]{2,64}"),
    "camera_name": _length(255),
    "video_group_id": _length(2048, 4),
    "company": lambda value: True,
    "alg_id": _pattern("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
}

# Section 3.4.
BATCHES: dict[str, Rule] = {
    "is_paged": ("true", "false").__contains__,
    "page_size": _number(5, 200),
    "page_num": _number(1, 10000),
    "order_by": ("asc", "desc").__contains__,
    "sort_name": ("task_count", "created_at").__contains__,
    "video_group": lambda value: True,
    "task_state": lambda value: value.upper() in STATES,
    "type_like": ("batch_task_name", "publish_service_name").__contains__,
    "name_like": _length(100),
    "manufacturer": lambda value: True,
    "title": lambda value: True,
}


def parameters(request: Request, rules: Mapping[str, Rule], *, refuse_unknown: bool) -> dict[str, str]:
    given = dict(request.query)
    if len(given) < len(request.query):
        raise BadParameter("emulator: a parameter is given twice")
    for name, value in given.items():
        if name not in rules:
            if refuse_unknown:
                raise BadParameter(f"emulator: parameter {name} is not documented here")
        elif not rules[name](value):
            raise BadParameter(f"emulator: {name} can't be {value!r}")
    return given
