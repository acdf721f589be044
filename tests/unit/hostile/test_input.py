# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile input: an id or a name, whatever it's made of, stays in its place in a path, a header or a body, or is refused before anything
is sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from ansible_collections.taskops.quiesce.plugins.modules import huawei_task_info
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.emulator.messages import Request

from .client import Ended, run
from .scenes import PROJECT, SCENES, UPGRADE, Scene
from .test_answers import SEED, assert_sentence

pytestmark = pytest.mark.long

CASES = 60
NASTY = "/\\.%?#&=+;:@ ,'\"\r\n\t\0\x1b\x7f\x85\u2028\u202e\ufeff\xe9\xdf\u0130\u4e2d\U0001f512aZ09-_~[]{}<>|*"
TEXTS = st.one_of(st.text(alphabet=st.sampled_from(sorted(set(NASTY))), min_size=1, max_size=12), st.text(min_size=1, max_size=12))
EXAMPLES = (
    "..",
    ".",
    "../..",
    "%2e%2e",
    "%2F",
    "a/b",
    "a%00b",
    "a\r\nX-Evil: 1",
    "x" * 10_000,
    "\U0001f512" * 2_500,
    "*",
    "a&action=stop",
    "a?b#c",
    " ",
)

Holds = Callable[[Request, str], bool]


def as_segment(request: Request, text: str) -> bool:
    """Whether it's one segment of the path, and nothing else of the path was meant by it."""
    return text in [unquote(segment, errors="strict") for segment in urlsplit(request.target).path.split("/")]


def as_query(name: str) -> Holds:
    return lambda request, text: (
        [value for key, value in parse_qsl(request.query_text or "", keep_blank_values=True) if key == name] == [text]
    )


def as_part(request: Request, text: str) -> bool:
    """Whether it's compared here, and Airflow is asked for a piece of it at most, without wildcards and without what could break out."""
    asked = dict(parse_qsl(request.query_text or "", keep_blank_values=True)).get("dag_id_pattern", "")
    return request.path.endswith("/dags") and asked in text and re.fullmatch(r"[\w.-]*", asked) is not None


def as_header(name: str) -> Holds:
    return lambda request, text: request.header(name) == text


def as_json(*path: str) -> Holds:
    """Whether it's the one text at that place of the body."""

    def holds(request: Request, text: str) -> bool:
        value = json.loads(request.body) if request.body else {}
        for key in path:
            value = value.get(key, {}) if isinstance(value, dict) else {}
        return bool(value in (text, [text]))

    return holds


def as_number(request: Request, text: str) -> bool:
    """Whether it's the one number that Boro is asked for."""
    asked = [method["params"]["task_ids"] for method in json.loads(request.body)["methods"]]
    return asked == [[int(text)]]


@dataclass(frozen=True)
class Place:
    """An option into which a text goes, and where in a request it has to be found. Of a key, the system has a task."""

    scene: Scene
    option: str
    holds: Holds
    is_list: bool = False
    is_secret: bool = False
    is_key: bool = False
    plain: str = "plain"

    def __repr__(self) -> str:
        return f"{self.scene.module}: {self.option}"

    def run(self, text: str) -> Ended:
        scene = self.scene
        if self.is_key:
            scene = replace(scene, tasks=[{**scene.tasks[0], scene.id_key: text}])
        given: dict[str, Any] = {self.option: [text] if self.is_list else text}
        return run(scene, None, **given)


def scene(title: str, **options: Any) -> Scene:
    (found,) = [scene for scene in SCENES if repr(scene) == title]
    return replace(found, options={**found.options, **options})


IOTDA = scene("iotda_batchtask: stop", project_id="p")
VIAS = scene("huawei_task: start several", project_id="p")
VIAS_LIST = replace(
    VIAS, main=huawei_task_info.main, options={name: VIAS.options[name] for name in VIAS.options if name not in ("task_ids", "state")}
)
DEVICES = scene("iotda_batchtask: stop", project_id=PROJECT, task_ids=[UPGRADE])
PLACES = (
    Place(scene("totalcontrol_task: stop one"), "names", as_segment, is_list=True, is_key=True),
    Place(VIAS, "task_ids", as_segment, is_list=True),
    Place(VIAS, "project_id", as_segment),
    Place(scene("huawei_task: stop by name", project_id="p"), "names", as_query("task_name"), is_list=True),
    Place(scene("huawei_task: start a batch", project_id="p"), "batch_id", as_query("batch_id")),
    Place(scene("huawei_task: stop one by a login"), "username", as_json("auth", "identity", "password", "user", "name")),
    Place(
        scene("huawei_task: stop one by a login"), "password", as_json("auth", "identity", "password", "user", "password"), is_secret=True
    ),
    Place(scene("huawei_task: stop one by a login"), "domain_name", as_json("auth", "identity", "password", "user", "domain", "name")),
    Place(scene("huawei_task: stop one by a login"), "project_name", as_json("auth", "scope", "project", "name")),
    Place(VIAS_LIST, "task_name", as_query("task_name")),
    Place(IOTDA, "task_ids", as_segment, is_list=True),
    Place(IOTDA, "project_id", as_segment),
    Place(IOTDA, "instance_id", as_header("Instance-Id")),
    Place(DEVICES, "targets", as_query("target"), is_list=True),
    Place(scene("iotda_batchtask_info: list", project_id="p"), "app_id", as_query("app_id")),
    Place(scene("iotda_batchtask_info: list", project_id="p"), "task_type", as_query("task_type")),
    Place(scene("hitachi_task: suspend one"), "task_ids", as_segment, is_list=True, plain="7"),
    Place(scene("hitachi_task_info: list"), "tags", as_query("tags")),
    Place(scene("hitachi_task_info: list"), "q", as_query("q")),
    Place(scene("ctrlapi_task: stop two streams"), "task_ids", as_number, is_list=True, plain="7"),
    Place(scene("airflow_dag: pause several"), "dag_ids", as_segment, is_list=True),
    Place(scene("airflow_dag: pause several"), "username", as_json("username")),
    Place(scene("airflow_dag: pause several"), "password", as_json("password"), is_secret=True),
    Place(scene("airflow_dag_info: list"), "id_pattern", as_part, plain="etl_0"),
    Place(scene("airflow_dag_info: list"), "tags", as_query("tags"), is_list=True),
)


@pytest.mark.parametrize("place", PLACES, ids=repr)
def test_a_text_stays_in_its_place_or_is_refused_before_anything_is_sent(place: Place) -> None:
    plain = targets(place.run(place.plain))

    @seed(SEED)
    @settings(
        max_examples=CASES, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink]
    )
    @given(TEXTS)
    def search(text: str) -> None:
        stays_in_its_place(place, text, plain)

    search()


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: ascii(text[:20]))
@pytest.mark.parametrize("place", PLACES, ids=repr)
def test_a_text_that_is_meant_to_break_out_doesn_t(place: Place, text: str) -> None:
    stays_in_its_place(place, text, targets(place.run(place.plain)))


def stays_in_its_place(place: Place, text: str, plain: list[tuple[str, int]]) -> None:
    ended = place.run(text)

    assert ended.errors == "" and "Traceback" not in ended.printed
    result = ended.result
    if ended.status and not place.is_secret:
        # A secret is masked wherever it stands, be it a full stop.
        assert_sentence(result["msg"])
    if not ended.exchanges:
        assert result["failure"]["code"] == "usage", result
        return
    assert any(place.holds(exchange.request, text) for exchange in ended.exchanges), [exchange.request for exchange in ended.exchanges]
    # Nothing but what a harmless text asks for, at the same places.
    assert set(targets(ended)) <= set(plain), (targets(ended), plain)
    for exchange in ended.exchanges:
        assert_whole(exchange.request)


def targets(ended: Ended) -> list[tuple[str, int]]:
    """Of each request the method and the number of segments of its path."""
    return [(exchange.request.method, exchange.request.path.count("/")) for exchange in ended.exchanges]


def assert_whole(request: Request) -> None:
    """No line break in what makes a head, and nothing there that isn't ASCII, which each side could read in its own way."""
    head = [request.method, request.target, *(part for pair in request.headers for part in pair)]
    assert all(part.isascii() and part.isprintable() for part in head), head
    assert " " not in request.target and "#" not in request.target
    assert ".." not in request.path.split("/") and "." not in request.path.split("/")
