# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Airflow reads the parameters of a GET and the bodies of its lists by POST (``airflow.md``, "Reading" and (7), (8))."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ..messages import Request
from ._airflow_dag import Dag
from ._airflow_refusals import Refused, invalid
from ._airflow_states import FILTERS, RUN_STATES

# The parameters that GET /dags supports. 3.3.2 ignores any other, and 2.11.2 refuses it.
OF_DAGS = {
    3: frozenset({"limit", "offset", "tags", "tags_match_mode", "owners", "dag_id_pattern", "dag_display_name_pattern", "exclude_stale",
                  "paused", "has_import_errors", "last_dag_run_state", "order_by", "is_favorite"}),
    2: frozenset({"limit", "offset", "tags", "only_active", "paused", "dag_id_pattern", "order_by", "fields"}),
}  # fmt: skip
OF_RUNS = frozenset({"limit", "offset", "state", "order_by"})
DEFAULT_LIMIT = {3: 50, 2: 100}
DEFAULT_PAGE = 100
_TIMES = frozenset(
    f"{name}_{bound}"
    for name in ("logical_date", "run_after", "start_date", "end_date", "execution_date")
    for bound in ("gte", "lte", "gt", "lt")
)
_PAGE = frozenset({"page_offset", "page_limit", "order_by"})
BODY_OF_RUNS = _PAGE | _TIMES | {"dag_ids", "states"}
BODY_OF_INSTANCES = (
    _PAGE | _TIMES | {"dag_ids", "dag_run_ids", "task_ids", "state", "pool", "queue", "executor", "duration_gte", "duration_lte"}
)
TRUE, FALSE = ("true", "1", "yes", "on", "t", "y"), ("false", "0", "no", "off", "f", "n")


@dataclass(frozen=True)
class Page:
    limit: int
    offset: int

    def of(self, rows: list[Any]) -> list[Any]:
        return rows[self.offset : self.offset + self.limit]


def parameters(request: Request, known: Collection[str], generation: int) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for name, value in request.query:
        given.setdefault(name, []).append(value)
    extra = [name for name in given if name not in known]
    if extra and generation == 2:
        raise Refused(400, "", title="Bad Request", words=f"Extra query parameter(s) {', '.join(extra)} not in spec")
    return given


def _number(given: Mapping[str, list[str]], name: str, default: int) -> int:
    if name not in given:
        return default
    text = given[name][-1]
    if not re.fullmatch(r"[0-9]+", text):
        raise invalid(["query", name], "Input should be greater than or equal to 0", words=f"{text!r} is not a good {name}")
    return int(text)


def page(given: Mapping[str, list[str]], generation: int, maximum: int) -> Page:
    limit = _number(given, "limit", DEFAULT_LIMIT[generation])
    if limit == 0 and generation == 2:
        limit = maximum
    return Page(min(limit, maximum), _number(given, "offset", 0))


def flag(given: Mapping[str, list[str]], name: str, default: bool | None) -> bool | None:
    if name not in given:
        return default
    text = given[name][-1].lower()
    if text not in TRUE + FALSE:
        raise invalid(["query", name], "Input should be a valid boolean, unable to interpret input")
    return text in TRUE


def like(pattern: str, generation: int) -> Callable[[str], bool]:
    """(7): ILIKE %pattern%, where % and _ are wildcards; 3.3.2 knows a|b."""
    if pattern in ("~", ""):
        return lambda _text: True
    parts = pattern.split("|") if generation == 3 else [pattern]
    sources = ["".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in part.strip()) for part in parts]
    expression = re.compile("|".join(f"(?:{source})" for source in sources), re.IGNORECASE | re.DOTALL)
    return lambda text: expression.search(text) is not None


def dags_filter(given: Mapping[str, list[str]], generation: int) -> Callable[[Dag], bool]:
    paused = flag(given, "paused", None)
    hide_stale = flag(given, "exclude_stale" if generation == 3 else "only_active", True)
    tags, owners = frozenset(given.get("tags", ())), frozenset(given.get("owners", ())) if generation == 3 else frozenset()
    every_tag = given.get("tags_match_mode", ["any"])[-1] == "all"
    broken = flag(given, "has_import_errors", None) if generation == 3 else None
    fits = like(given.get("dag_id_pattern", ["~"])[-1], generation)

    def wanted(dag: Dag) -> bool:
        stale = dag.is_stale or (generation == 3 and dag.has_import_errors)
        has = tags & set(dag.tags)
        return (
            (paused is None or dag.is_paused == paused)
            and not (hide_stale and stale)
            and (not tags or (has == tags if every_tag else bool(has)))
            and (not owners or bool(owners & set(dag.owners)))
            and (broken is None or dag.has_import_errors == broken)
            and fits(dag.dag_id)
        )

    return wanted


@dataclass(frozen=True)
class Filter:
    """The body of a list by POST. An empty list, or none, is no filter: all rows match."""

    page: Page
    dag_ids: frozenset[str]
    run_ids: frozenset[str]
    task_ids: frozenset[str]
    states: frozenset[str | None]
    # 2.11.2: an unknown state of a run, which no run has.
    nothing: bool = False


def _texts(body: Mapping[str, Any], name: str, *, none: bool = False) -> list[Any]:
    value = body.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, str) or (none and item is None) for item in value):
        raise invalid(["body", name], "Input should be a valid list", words=f"{value!r} is not of type 'array' - {name!r}")
    return value


def body_filter(request: Request, known: Collection[str], generation: int) -> Filter:
    body = request.json
    if not isinstance(body, dict):
        raise invalid(["body"], "Input should be a valid dictionary", words="Request body is not valid JSON")
    extra = [name for name in body if name not in known]
    if extra:
        raise Refused(
            422,
            [{"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted"} for name in extra],
            status_2=400,
            words=f"{{'{extra[0]}': ['Unknown field.']}}",
        )
    numbers = {}
    for name, default, least in (("page_limit", DEFAULT_PAGE, 0 if generation == 3 else 1), ("page_offset", 0, 0)):
        value = body.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise invalid(["body", name], f"Input should be greater than or equal to {least}", words=f"{value!r} - {name!r}")
        numbers[name] = value
    of_runs = "states" in known
    states = _texts(body, "states" if of_runs else "state", none=True)
    nothing = _judge_states(states, generation, of_runs=of_runs)
    return Filter(
        Page(numbers["page_limit"], numbers["page_offset"]),
        frozenset(_texts(body, "dag_ids")),
        frozenset(_texts(body, "dag_run_ids")),
        frozenset(_texts(body, "task_ids")),
        frozenset(None if state == "none" and generation == 2 else state for state in states),
        nothing,
    )


def _judge_states(states: list[Any], generation: int, *, of_runs: bool) -> bool:
    """Refuse the states that the generation doesn't know, or determine that nothing can match."""
    known: frozenset[str | None] = frozenset(RUN_STATES) if of_runs else FILTERS[generation] | {None, "none" if generation == 2 else None}
    unknown = [state for state in states if state not in known]
    if not unknown:
        return False
    if of_runs and generation == 2:
        return len(unknown) == len(states)
    name = "states" if of_runs else "state"
    raise invalid(
        ["body", name], f"Input should be one of {sorted(filter(None, known))}", words=f"{unknown[0]!r} is not one of the states - {name!r}"
    )
