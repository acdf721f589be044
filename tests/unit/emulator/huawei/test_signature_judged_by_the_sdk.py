# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei's official SDK as the judge: what it signs is accepted, whatever it is; with any one thing altered it is refused."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import ClassVar
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.emulator.clock import Clock
from tests.emulator.messages import Call, Reply, Request
from tests.emulator.vendor import Task, Vendor
from tests.emulator.vendors._huawei import DERIVED, GATE_SWITCHES, STANDARD, Caller, Gate
from tests.unit.emulator.huawei.world import KEY, PROJECT, Key, Signed, sdk_signed

DATE, WALL = "20240115T083000Z", 1705307400.0
REGION = ("cn-north-4", "iotdm")


class Behind(Vendor):
    """A service that takes any request that passes the gate."""

    name: ClassVar[str] = "behind"
    switch_table = (*GATE_SWITCHES,)
    gate: Gate

    def forget(self) -> None:
        self.gate = Gate(self, algorithms=(STANDARD, DERIVED))

    def describe(self, request: Request) -> Call:
        return Call(request.method)

    def respond(self, request: Request, call: Call) -> Reply:
        caller = self.gate.check(request, PROJECT)
        return caller if isinstance(caller, Reply) else Reply.of_json({"user": caller.user, "method": call.action})

    def seeds(self) -> list[Task]:
        return []

    def tasks(self) -> list[Task]:
        return []

    def load(self, tasks: list[Task], *, keep: bool) -> None:
        assert not tasks and not keep

    def act(self, task: str, action: str, details: object) -> None:
        raise NotImplementedError(task, action, details)


@pytest.fixture(scope="module")
def service() -> Behind:
    return Behind(switches={"lock_after": None, "clock": "manual"}, clock=Clock(wall=lambda: WALL))


def status(service: Behind, request: Signed) -> int:
    return service.answer(request.method, request.target, request.headers, request.body).status


characters = st.characters(exclude_categories=["Cs", "Cc"])
segments = st.text(characters, min_size=1, max_size=8)
paths = st.lists(segments, max_size=4).map(lambda parts: "/" + "/".join(quote(part, safe="") for part in parts))
values = st.text(characters, max_size=8)
queries = st.one_of(
    st.lists(st.tuples(segments, values), max_size=4),
    st.lists(st.tuples(st.sampled_from("ab"), values), max_size=4),  # one name several times
    # The SDK can't sort values of several kinds under one name.
    st.lists(st.tuples(segments, st.one_of(values, st.integers(0, 999), st.booleans())), max_size=4, unique_by=lambda pair: pair[0]),
)
hosts = st.sampled_from(["vias.cn-north-4.myhuaweicloud.com", "127.0.0.1:8443", "localhost:1", "[::1]:65535", "iotda.example.com"])
types = st.sampled_from(["application/json", "application/json;charset=utf8", "application/bson"])
bodies = st.one_of(st.just(b""), st.binary(max_size=40), st.text(max_size=20).map(str.encode))
methods = st.sampled_from(["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD"])
extras = st.dictionaries(
    st.from_regex(r"X-[A-Za-z]{1,6}", fullmatch=True).filter(lambda name: name.lower() not in ("x-sdk-date", "x-project-id")),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8),
    max_size=2,
)


@st.composite
def requests(draw: st.DrawFn) -> Signed:
    headers = {"Content-Type": draw(types), "X-Project-Id": PROJECT, **draw(extras)}
    assume(len({name.lower() for name in headers}) == len(headers))
    return sdk_signed(
        draw(methods),
        draw(paths),
        date=DATE,
        host=draw(hosts),
        query=draw(queries),
        headers=headers,
        body=draw(bodies),
        derived=draw(st.sampled_from([None, REGION])),
    )


@given(request=requests())
def test_what_the_sdk_signs_is_accepted(service: Behind, request: Signed) -> None:
    assert status(service, request) == 200


@given(request=requests(), where=st.integers(0, 63), digit=st.sampled_from("0123456789abcdef"))
def test_another_signature_is_refused(service: Behind, request: Signed, where: int, digit: str) -> None:
    said = request.headers["Authorization"]
    at = len(said) - 64 + where
    assume(said[at] != digit)
    request.headers["Authorization"] = said[:at] + digit + said[at + 1 :]
    assert status(service, request) == 401


@given(request=requests(), body=bodies)
def test_another_body_is_refused(service: Behind, request: Signed, body: bytes) -> None:
    assume(body != request.body)
    assert status(service, replace(request, body=body)) == 401


@given(request=requests(), method=methods)
def test_another_method_is_refused(service: Behind, request: Signed, method: str) -> None:
    assume(method != request.method)
    assert status(service, replace(request, method=method)) == 401


@given(request=requests(), segment=st.text("abc", min_size=1, max_size=3))
def test_another_path_is_refused(service: Behind, request: Signed, segment: str) -> None:
    path, mark, query = request.target.partition("?")
    assert status(service, replace(request, target=f"{path}/{segment}{mark}{query}")) == 401


@given(request=requests(), more=st.sampled_from(["zz=1", "zz=", "zz"]))
def test_another_query_is_refused(service: Behind, request: Signed, more: str) -> None:
    joint = "&" if "?" in request.target else "?"
    assert status(service, replace(request, target=f"{request.target}{joint}{more}")) == 401


@given(request=requests(), pick=st.randoms(use_true_random=False))
def test_any_other_value_of_a_signed_header_is_refused(service: Behind, request: Signed, pick: Random) -> None:
    names = sorted(name for name in request.headers if name != "Authorization")
    name = pick.choice(names)
    request.headers[name] += "0"
    assert status(service, request) in (401, 403)


@given(request=requests(), pick=st.randoms(use_true_random=False))
def test_a_signed_header_that_is_missing_is_refused(service: Behind, request: Signed, pick: Random) -> None:
    names = sorted(name for name in request.headers if name not in ("Authorization", "X-Project-Id"))
    del request.headers[pick.choice(names)]
    assert status(service, request) == 401


@given(request=requests(), secret=st.text("abc", min_size=1))
def test_another_secret_is_refused(service: Behind, request: Signed, secret: str) -> None:
    path, _mark, _query = request.target.partition("?")
    forged = sdk_signed(request.method, path, date=DATE, key=Key(KEY.ak, secret))
    assert status(service, forged) == 401


@given(request=requests(), order=st.permutations(["host", "date", "rest"]), upper=st.booleans())
def test_case_and_order_of_headers_do_not_matter(service: Behind, request: Signed, order: list[str], upper: bool) -> None:
    groups = {"host": ["Host"], "date": ["X-Sdk-Date"]}
    groups["rest"] = [name for name in request.headers if name not in ("Host", "X-Sdk-Date")]
    names = [name for group in order for name in groups[group]]
    headers = {(name.upper() if upper else name.lower()): request.headers[name] for name in names}
    assert status(service, replace(request, headers=headers)) == 200


@given(request=requests())
def test_an_unsigned_header_may_change_on_the_way(service: Behind, request: Signed) -> None:
    request.headers["User-Agent"] = "a proxy"
    assert status(service, request) == 200


@given(body=st.binary(min_size=1, max_size=20), other=st.binary(min_size=1, max_size=20))
def test_an_unsigned_payload_may_change_and_its_header_may_not(service: Behind, body: bytes, other: bytes) -> None:
    headers = {"Content-Type": "application/octet-stream", "X-Project-Id": PROJECT}
    request = sdk_signed("POST", "/v2/x", date=DATE, headers=headers, body=body)
    assert request.headers["X-Sdk-Content-Sha256"] == "UNSIGNED-PAYLOAD"
    assert status(service, replace(request, body=other)) == 200
    request.headers["X-Sdk-Content-Sha256"] = "anything else"
    assert status(service, request) == 401


@pytest.mark.parametrize("scope", [("cn-north-4", "iotda"), ("cn-south-1", "iotdm")])
def test_a_derived_signature_for_another_service_or_region_is_refused(service: Behind, scope: tuple[str, str]) -> None:
    assert status(service, sdk_signed("GET", "/v5/iot", date=DATE, derived=scope)) == 401


def test_the_gate_tells_who_calls_and_how(service: Behind) -> None:
    request = sdk_signed("GET", "/v5/iot", date=DATE, derived=REGION)
    caller = service.gate.check(Request.of(request.method, request.target, request.headers, request.body), PROJECT)
    assert caller == Caller("iam-user", None, KEY.ak, "V11-HMAC-SHA256")
