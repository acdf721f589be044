# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed requests: vendors/ctrlapi.md, section 2.4, and vectors T12 and T13 of section 8."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulator.clock import Clock
from tests.emulator.messages import Request
from tests.emulator.threaded import ThreadedEmulator
from tests.emulator.vendors import _ctrlapi_signature as signing
from tests.emulator.vendors.ctrlapi import CtrlApi
from tests.unit.emulator.ctrlapi.api import PATH
from tests.unit.emulator.ctrlapi.signer import VECTOR_KEY, VECTOR_WALL, Signed, signed
from tests.unit.emulator.wire import Answer, send

STOP = b'{"user_id":1,"methods":[{"method":"TaskStop","params":{"project_id":2,"task_ids":63}}]}'
LIST = b'{"user_id":1,"methods":[{"method":"AppList","params":{"project_id":2}}]}'
HASH = "OniJqRAkzQHN8KgmAZm/yT5dP94m8CmVVaSTRVg/ptQ="
DATE = "Thu, 25 Aug 2022 04:27:52 GMT"


def server(wall: float = VECTOR_WALL, **switches: Any) -> CtrlApi:
    """Its clock stands at the vector's date."""
    return CtrlApi(switches={"dialect": "vod", "verify_hmac": True, "clock": "manual", **switches}, clock=Clock(wall=lambda: wall))


@pytest.fixture
def model() -> CtrlApi:
    return server()


def why(model: CtrlApi, request: Signed) -> str:
    """What the emulator notes about a refused signature; Boro itself gives no reason."""
    reply = request.send(model)
    assert reply.status == 401
    return dict(reply.headers)["X-Emulator-Note"]


# --- T12 ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def t12() -> Request:
    return Request.of("POST", PATH, {"Content-Type": "application/json", "Date": DATE, "X-Authorization-Content-SHA256": HASH}, b"")


def test_t12_the_canonical_string(t12: Request) -> None:
    assert signing.canonical(t12) == f"POST,application/json,{HASH},/ctrl_api/v1/json,{DATE}"


@pytest.mark.parametrize(
    ("encoding", "signature"),
    [("base64", "vPI9MMRwBZLWNrCcnLnbJjZRna0+XP7yFMhc9KMUFdw="), ("text", "RiTdisjiPyAAAjDsZqnoD2Oo1m4DhFHX5S3OKb1p/7s=")],
)
def test_t12_the_signature(t12: Request, encoding: str, signature: str) -> None:
    key = signing.key_bytes(VECTOR_KEY, encoding)
    assert key is not None
    assert signing.sign(key, signing.canonical(t12)) == signature


# --- T13 ----------------------------------------------------------------------------------------------------------------

T13 = f"""POST {PATH}
Content-Type: application/json
Date: {DATE}
X-Authorization-Content-SHA256: iFQKWfoToigfNfCUHinoQXBiwSDAvJ6bCIFIPDuqI84=
Authorization: APIAuth-HMAC-SHA256 1:KmMC7wU/5GI2naCidtJ1aME22VNk1feYLxdN+vnLPIk="""


@pytest.fixture
def at_that_date(model: CtrlApi) -> Iterator[Callable[[bytes], Answer]]:
    with ThreadedEmulator(model) as emulator:
        yield lambda body: send(emulator.control.port, T13, body)


def test_t13_the_whole_request_is_accepted(at_that_date: Callable[[bytes], Answer]) -> None:
    answer = at_that_date(STOP)
    assert answer.status == 200
    assert answer.json == {"reply": [{"method": "TaskStop", "result": [{"task_id": 63, "status": "Stop request was sent"}]}]}


def test_t13_is_refused_with_one_byte_changed(at_that_date: Callable[[bytes], Answer]) -> None:
    assert at_that_date(STOP.replace(b"63", b"64")).status == 401


def test_t13_is_refused_61_seconds_later(model: CtrlApi, at_that_date: Callable[[bytes], Answer]) -> None:
    model.advance(61)
    assert at_that_date(STOP).status == 401


# --- an independent signer as the judge -----------------------------------------------------------------------------------

bodies = st.builds(
    lambda entries: json.dumps({"user_id": 1, "methods": entries}, ensure_ascii=False).encode(),
    st.lists(st.fixed_dictionaries({"method": st.text(max_size=8), "id": st.integers(), "params": st.just({})}), min_size=1, max_size=3),
)
OFFERED = server()


@settings(deadline=None)
@given(body=bodies, seconds=st.integers(-60, 60))
def test_what_it_signs_is_accepted(body: bytes, seconds: int) -> None:
    assert signed(body, wall=VECTOR_WALL + seconds).send(OFFERED).status == 200


def flipped(text: str, where: int) -> str:
    """Another letter in the place of one, so that the form stays good."""
    where %= len(text.rstrip("="))
    return text[:where] + ("A" if text[where] != "A" else "B") + text[where + 1 :]


def with_header(request: Signed, name: str, change: Callable[[str], str]) -> Signed:
    return replace(request, headers={**request.headers, name: change(request.headers.get(name, ""))})


DIGEST = "X-Authorization-Content-SHA256"
# By name: the request with one thing altered, which a number chooses more closely.
ALTERATIONS: dict[str, Callable[[Signed, int], Signed]] = {
    "body": lambda sent, n: replace(sent, body=sent.body[: n % 20] + b" " + sent.body[n % 20 :]),
    "hash": lambda sent, n: with_header(sent, DIGEST, lambda value: flipped(value, n)),
    "signature": lambda sent, n: with_header(sent, "Authorization", lambda value: value[:-44] + flipped(value[-44:], n)),
    "access id": lambda sent, n: with_header(sent, "Authorization", lambda value: value.replace(" 1:", f" {4 + n % 9}:")),
    "algorithm": lambda sent, n: with_header(
        sent, "Authorization", lambda value: value.replace("SHA256", ("SHA1", "MD5", "SHA512")[n % 3])
    ),
    "date": lambda sent, n: with_header(sent, "Date", lambda value: value.replace(":52", f":{n % 52:02}")),
    "media type": lambda sent, n: with_header(sent, "Content-Type", lambda value: value + ";" + " " * (n % 3) + "charset=utf-8"),
    "original uri": lambda sent, n: with_header(sent, "X-Original-URI", lambda _none: f"/{n}{PATH}"),
    "query": lambda sent, n: replace(sent, target=f"{PATH}?{n}"),
    "a header less": lambda sent, n: replace(sent, headers=without(sent.headers, n)),
}


def without(headers: dict[str, str], number: int) -> dict[str, str]:
    gone = ("Date", DIGEST, "Authorization", "Content-Type")[number % 4]
    return {name: value for name, value in headers.items() if name != gone}


@pytest.mark.parametrize("altered", list(ALTERATIONS))
@settings(deadline=None)
@given(body=bodies, where=st.integers(0, 1000))
def test_with_any_one_thing_altered_it_is_refused(altered: str, body: bytes, where: int) -> None:
    assert ALTERATIONS[altered](signed(body), where).send(OFFERED).status == 401


# --- the rules, one by one ----------------------------------------------------------------------------------------------------


def test_the_path_of_the_vector_is_the_only_one(model: CtrlApi) -> None:
    assert signed(LIST, target="/ctrl_api/v2/json").send(model).status == 404


def test_the_query_is_signed_with_the_path(model: CtrlApi) -> None:
    assert signed(LIST, target=PATH + "?a=1").send(model).status == 200


def test_the_media_type_is_signed_as_sent(model: CtrlApi) -> None:
    assert signed(LIST, media_type="application/json; charset=utf-8").send(model).status == 200


def test_an_original_uri_is_preferred_to_the_path(model: CtrlApi) -> None:
    request = signed(LIST, signed_target="/boro" + PATH)
    assert why(model, request) == "signature"
    request.headers["X-Original-URI"] = "/boro" + PATH
    assert request.send(model).status == 200


@pytest.mark.parametrize(("told", "status"), [(False, 401), (True, 200)])
def test_behind_a_proxy_with_a_prefix(told: bool, status: int) -> None:
    model = server(path_prefix="/boro", proxy_tells_uri=told)
    assert signed(LIST, target="/boro" + PATH).send(model).status == status


@pytest.mark.parametrize(("seconds", "status"), [(60, 200), (61, 401), (-60, 200), (-61, 401)])
def test_the_window_is_a_minute_both_ways(model: CtrlApi, seconds: int, status: int) -> None:
    assert signed(LIST, wall=VECTOR_WALL + seconds).send(model).status == status


def test_switch_signature_window() -> None:
    model = server(signature_window=900)
    assert signed(LIST, wall=VECTOR_WALL - 900).send(model).status == 200
    assert why(model, signed(LIST, wall=VECTOR_WALL - 901)) == "time"


def test_the_body_hash_comes_before_the_signature_and_that_before_the_time(model: CtrlApi) -> None:
    request = signed(LIST, wall=VECTOR_WALL - 3600, key="AAAA")
    request.body = STOP
    assert why(model, request) == "body hash"
    request.body = LIST
    assert why(model, request) == "signature"
    assert why(model, signed(LIST, wall=VECTOR_WALL - 3600)) == "time"


@pytest.mark.parametrize("date", ["2022-08-25T04:27:52Z", "Thu, 25 Aug 2022 04:27:52 +0000", "Thu, 99 Aug 2022 04:27:52 GMT", ""])
def test_a_date_that_is_no_http_date(model: CtrlApi, date: str) -> None:
    request = signed(LIST)
    request.headers["Date"] = date
    text = f"POST,application/json,{request.headers['X-Authorization-Content-SHA256']},{PATH},{date}"
    key = signing.key_bytes(VECTOR_KEY, "base64")
    assert key is not None
    request.headers["Authorization"] = f"APIAuth-HMAC-SHA256 1:{signing.sign(key, text)}"
    assert why(model, request) == "time"


@pytest.mark.parametrize("header", [None, "", "Basic MTpx", "APIAuth 1:AAAA", "APIAuth-HMAC-SHA256 1:short"])
def test_an_authorization_of_another_kind(model: CtrlApi, header: str | None) -> None:
    request = signed(LIST)
    request.headers.pop("Authorization")
    if header is not None:
        request.headers["Authorization"] = header
    assert why(model, request) == "authorization"


@pytest.mark.parametrize(("encoding", "as_text"), [("base64", False), ("text", True)])
def test_switch_key_encoding(encoding: str, as_text: bool) -> None:
    model = server(key_encoding=encoding)
    assert signed(LIST, as_text=as_text).send(model).status == 200
    assert why(model, signed(LIST, as_text=not as_text)) == "signature"


def test_a_key_that_can_not_be_decoded_signs_nothing() -> None:
    model = server(users={"1": {"key": "not base64!"}})
    assert why(model, signed(LIST)) == "access id"


def test_a_user_without_a_key_signs_nothing() -> None:
    assert why(server(users={"1": {}}), signed(LIST)) == "access id"


OTHERS = {"1": {"key": VECTOR_KEY}, "2": {"key": VECTOR_KEY}}


@pytest.mark.parametrize(("bound", "status"), [(True, 401), (False, 200)])
def test_switch_access_id_is_user_id(bound: bool, status: int) -> None:
    model = server(users=OTHERS, access_id_is_user_id=bound)
    assert signed(LIST, user="2").send(model).status == status


def test_an_access_id_that_is_not_the_user_id() -> None:
    model = server(users={"1": {"key": VECTOR_KEY, "access_id": "profile-7"}})
    assert signed(LIST, user="profile-7").send(model).status == 200
    assert why(model, signed(LIST, user="1")) == "access id"


@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_switch_hmac_refused_as(status: int) -> None:
    assert signed(LIST, user="99").send(server(hmac_refused_as=status)).status == status


@pytest.mark.parametrize(
    ("position", "start"), [("empty", b""), ("html", b"<html>\r\n<head><title>401 Unauthorized"), ("json", b'{"error":"emulator: ')]
)
def test_switch_hmac_refused_body(position: str, start: bytes) -> None:
    body = signed(LIST, user="99").send(server(hmac_refused_body=position)).body
    assert body.startswith(start) and bool(body) == bool(start)


def test_a_refusal_is_dated_by_the_clock_that_the_signature_was_judged_by(model: CtrlApi) -> None:
    model.advance(61)
    assert dict(signed(STOP).send(model).headers)["Date"] == "Thu, 25 Aug 2022 04:28:53 GMT"


def test_a_bad_signature_tells_nothing_about_the_envelope(model: CtrlApi) -> None:
    assert signed(b"nonsense", user="99").send(model).status == 401


def test_a_good_signature_over_a_bad_envelope_is_answered_as_that(model: CtrlApi) -> None:
    assert json.loads(signed(b"nonsense").send(model).body) == {"errors": ["emulator: the body is no JSON object"]}


def test_a_signature_is_not_looked_at_while_verification_is_off() -> None:
    assert signed(LIST, user="99").send(server(verify_hmac=False)).status == 200
