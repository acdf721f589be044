# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Boro's signatures: the vectors of the page `ctrlapi` (section 8, T12 and T13), and what is signed of a request."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
import requests
from ansible_collections.taskops.quiesce.plugins.module_utils import _hmac
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure

KEY = "AGnO/VenzHB9xkLYZG1i70kQ9iyFBBvugGXSFyTQaB0="
WHEN = datetime(2022, 8, 25, 4, 27, 52, tzinfo=timezone.utc)
DATE = "Thu, 25 Aug 2022 04:27:52 GMT"
PATH = "/ctrl_api/v1/json"
BODY = b'{"user_id":1,"methods":[{"method":"TaskStop","params":{"project_id":2,"task_ids":63}}]}'
T12 = f"POST,application/json,OniJqRAkzQHN8KgmAZm/yT5dP94m8CmVVaSTRVg/ptQ=,{PATH},{DATE}"


def prepared(auth: _hmac.ApiKey, body: bytes | str = BODY, url: str = f"http://boro.example.com{PATH}") -> requests.PreparedRequest:
    return requests.Request("POST", url, data=body, headers={"Content-Type": "application/json"}, auth=auth).prepare()


def key(encoding: _hmac.Encoding = "base64", when: datetime = WHEN) -> _hmac.ApiKey:
    return _hmac.ApiKey("1", _hmac.key_bytes(KEY, encoding), PATH, today=lambda: when)


def test_t12_the_public_vector_with_the_key_decoded() -> None:
    assert _hmac.signature(_hmac.key_bytes(KEY, "base64"), T12) == "vPI9MMRwBZLWNrCcnLnbJjZRna0+XP7yFMhc9KMUFdw="


def test_t12_the_undecoded_key_gives_the_other_signature() -> None:
    assert _hmac.signature(_hmac.key_bytes(KEY, "text"), T12) == "RiTdisjiPyAAAjDsZqnoD2Oo1m4DhFHX5S3OKb1p/7s="


def test_the_canonical_text_of_t12_is_put_together_from_its_parts() -> None:
    assert _hmac.canonical("post", "application/json", "OniJqRAkzQHN8KgmAZm/yT5dP94m8CmVVaSTRVg/ptQ=", PATH, DATE) == T12


@pytest.mark.parametrize("body", [BODY, BODY.decode()])
def test_t13_the_whole_request(body: bytes | str) -> None:
    headers = prepared(key(), body).headers

    assert headers["Date"] == DATE
    assert headers["X-Authorization-Content-SHA256"] == "iFQKWfoToigfNfCUHinoQXBiwSDAvJ6bCIFIPDuqI84="
    assert headers["Authorization"] == "APIAuth-HMAC-SHA256 1:KmMC7wU/5GI2naCidtJ1aME22VNk1feYLxdN+vnLPIk="
    assert headers["Content-Type"] == "application/json"


def test_the_body_is_sent_as_it_was_signed() -> None:
    request = requests.Request("POST", f"http://boro.example.com{PATH}", json={"user_id": 1, "name": "Grüße"}, auth=key()).prepare()

    assert isinstance(request.body, bytes) and json.loads(request.body)["name"] == "Grüße"
    assert request.headers["X-Authorization-Content-SHA256"] == _hmac.content_hash(request.body)
    assert request.headers["Content-Length"] == str(len(request.body))


def test_a_prefix_that_only_the_proxy_sees_is_not_signed() -> None:
    bare, behind = prepared(key()), prepared(key(), url=f"https://proxy.example.com/boro{PATH}")

    assert bare.headers["Authorization"] == behind.headers["Authorization"]


def test_each_request_is_dated_and_signed_anew() -> None:
    times = iter([WHEN, WHEN + timedelta(seconds=61)])
    auth = _hmac.ApiKey("1", _hmac.key_bytes(KEY, "base64"), PATH, today=lambda: next(times))

    first, second = prepared(auth), prepared(auth)

    assert (first.headers["Date"], second.headers["Date"]) == (DATE, "Thu, 25 Aug 2022 04:28:53 GMT")
    assert first.headers["Authorization"] != second.headers["Authorization"]


def test_the_date_is_now_unless_told_otherwise() -> None:
    auth = _hmac.ApiKey("1", b"key", PATH)

    ahead = auth.ahead(prepared(auth).headers["Date"])

    assert ahead is not None and 0 <= ahead < 60


def test_an_api_key_can_not_be_renewed() -> None:
    assert key().renew(0) is False


@pytest.mark.parametrize(("date", "seconds"), [(DATE, 0), ("Thu, 25 Aug 2022 04:25:47 GMT", 125), ("Thu, 25 Aug 2022 04:29:52 GMT", -120)])
def test_how_far_our_clock_is_ahead_of_a_server_s(date: str, seconds: float) -> None:
    assert key().ahead(date) == seconds


@pytest.mark.parametrize("date", [None, "", "yesterday", "Thu, 25 Aug 2022 04:27:52 -0000", "Thu, 99 Foo 2022 04:27:52 GMT"])
def test_a_date_that_tells_nothing(date: str | None) -> None:
    assert key().ahead(date) is None


@pytest.mark.parametrize("wrong", ["no Base64!", "abc", "AGnO/VenzHB9xkLYZG1i70kQ9iyFBBvugGXSFyTQaB0", "ä"])
def test_a_key_that_is_no_base64_is_told_before_anything_is_sent(wrong: str) -> None:
    with pytest.raises(Failure, match="api_key_encoding: text") as caught:
        _hmac.key_bytes(wrong, "base64")

    assert caught.value.code == "usage" and wrong not in caught.value.message
