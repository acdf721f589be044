# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The signature vectors of vendors/iotda.md, section 8.1: the emulator takes each at its own date, and none with one digit changed."""

from __future__ import annotations

import time
from calendar import timegm
from dataclasses import dataclass, field

import pytest

from tests.emulator.clock import Clock
from tests.emulator.messages import Reply
from tests.emulator.vendors.iotda import Iotda
from tests.unit.emulator.iotda.api import BASE, PROJECT, T, error_of

AK, SK = "HPUATESTACCESSKEY001", "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ0123"
H = "9bc34a1b2c.st1.iotda-app.cn-north-4.myhuaweicloud.com"
INSTANCE = "1d5ad0f6-2f9c-4a6e-8a29-6a8f4a1b7c3d"
USUAL = "content-type;host;x-project-id;x-sdk-date"
K_HOST = "xxxx.st1.iotda-app.cn-south-1.myhuaweicloud.com"


@dataclass(frozen=True)
class Vector:
    method: str
    path: str
    signature: str
    body: bytes = b""
    host: str = H
    names: str = USUAL
    algorithm: str = "V11-HMAC-SHA256"
    region: str = "cn-north-4"
    date: str = "20250102T030405Z"
    access_key: str = AK
    secret: str = SK
    more: dict[str, str] = field(default_factory=dict)
    accepted: int = 200

    @property
    def authorization(self) -> str:
        if self.algorithm == "SDK-HMAC-SHA256":
            return f"SDK-HMAC-SHA256 Access={self.access_key}, SignedHeaders={self.names}, Signature={self.signature}"
        scope = f"{self.date[:8]}/{self.region}/iotdm"
        return f"V11-HMAC-SHA256 Credential={self.access_key}/{scope}, SignedHeaders={self.names}, Signature={self.signature}"

    @property
    def headers(self) -> dict[str, str]:
        known = {"content-type": "application/json", "host": self.host, "x-project-id": PROJECT, "x-sdk-date": self.date, **self.more}
        sent = {"content-type", *self.names.split(";")}
        return {"Authorization": self.authorization, **{name: known[name] for name in sorted(sent)}}


VECTORS = {
    "D1": Vector("GET", f"{BASE}/{T}?limit=50&offset=0", "5c8764d8e1d0ef2e2b7560d284e1e84a2dcace7697fd8ba9b39bdf54b845f03b"),
    "D2": Vector(
        "POST",
        f"{BASE}/{T}/stop",
        "b1b55a214f382ce92cf78818db02f1c6dceb334c5c71b1af17751172472a0f71",
        b"{}",
        names="content-type;host;instance-id;x-project-id;x-sdk-date",
        more={"instance-id": INSTANCE},
    ),
    "D3": Vector(
        "POST",
        f"{BASE}/{T}/stop",
        "e84006a71fad632915cf6591d091fdcbf68cadde97a019f8ef4ea30df9fbc5c9",
        b'{"targets": ["e495cf17-ff79-4294-8f64-4d367919d665"]}',
    ),
    "D4": Vector(
        "GET",
        f"{BASE}?limit=50&marker=ffffffffffffffffffffffff&status=Processing&task_type=softwareUpgrade",
        "a914717e0106f140e9a0ac254ab7af610c8fc15c4cf2e229acfcd01bfed3b909",
        host="127.0.0.1:18443",
    ),
    "D5": Vector(
        "POST",
        f"{BASE}/{T}/retry",
        "39f25309371c23d696fc220de2343da674f23e717bbbb55b3cc2168a6ff070fa",
        b"{}",
        names="content-type;host;x-project-id;x-sdk-date;x-security-token",
        more={"x-security-token": "TESTSECURITYTOKEN=="},
    ),
    "D6": Vector("GET", f"{BASE}/{T}?limit=1", "265400c75992a3590c5bb0bc237e3c640e180eea276c816935d682bde5716ccf", names="host;x-sdk-date"),
    "D7": Vector(
        "POST",
        f"{BASE}/{T}/confirm",
        "434bbd46897f4817f8951a1c62c82b3ad790ab4740f80b301ce11e94edf7e4fb",
        b"{}",
        host="0f1e2d3c4b.st1.iotda-app.ap-southeast-3.myhuaweicloud.com",
        region="ap-southeast-3",
    ),
    "S1": Vector(
        "GET",
        f"{BASE}/{T}?limit=50&offset=0",
        "55b78f98eb960f253c344774e0eefa958af20fa8dc3eb1ab17a3aacb626fb3e8",
        host="iotda.cn-north-4.myhuaweicloud.com",
        algorithm="SDK-HMAC-SHA256",
    ),
    # Calls that aren't emulated: past the signature they are answered 404.
    "K1": Vector(
        "GET",
        "/v5/iot/test-project-id/devices/dev001/shadow",
        "4a3e542368cc05be344f433613fd6aecdcb3d5fdc5b5df157bda33125569b990",
        host=K_HOST,
        names="content-type;host;x-sdk-date",
        region="cn-south-1",
        date="20260825T101530Z",
        access_key="TESTAK123",
        secret="TESTSK456",
        accepted=404,
    ),
    "K2": Vector(
        "PUT",
        "/v5/iot/test-project-id/devices/dev001/properties",
        "74b411ff493db06059eebf45599b68693d8f19f7b584c556af353fd755a7f461",
        b'{"services":[{"service_id":"Light","properties":{"Threshold":40}}]}',
        host=K_HOST,
        names="content-type;host;x-sdk-date",
        region="cn-south-1",
        date="20260825T101530Z",
        access_key="TESTAK123",
        secret="TESTSK456",
        accepted=404,
    ),
}


def model_for(vector: Vector) -> Iotda:
    """The account and the region of the vector, at its date."""
    key = {"secret": vector.secret, "user": "iam-user"}
    if "x-security-token" in vector.more:
        key["security_token"] = vector.more["x-security-token"]
    projects = {PROJECT: {"name": "a", "domain": "account-name"}, "test-project-id": {"name": "b", "domain": "account-name"}}
    wall = timegm(time.strptime(vector.date, "%Y%m%dT%H%M%SZ"))
    return Iotda(
        switches={
            "access_keys": {vector.access_key: key},
            "projects": projects,
            "region": vector.region,
            "iotda_edition": "basic" if vector.algorithm == "SDK-HMAC-SHA256" else "instance",
        },
        clock=Clock(monotonic=lambda: 0.0, wall=lambda: float(wall)),
    )


def send(vector: Vector, headers: dict[str, str] | None = None, body: bytes | None = None) -> Reply:
    model = model_for(vector)
    model.load([{"task_id": T, "subtasks": [{"target": "a", "status": "Fail"}, {"target": "b"}]}], keep=False)
    return model.answer(vector.method, vector.path, headers or vector.headers, vector.body if body is None else body)


@pytest.mark.parametrize("name", VECTORS)
def test_a_vector_is_taken(name: str) -> None:
    assert send(VECTORS[name]).status == VECTORS[name].accepted


@pytest.mark.parametrize("name", VECTORS)
def test_a_vector_with_another_last_digit_is_not(name: str) -> None:
    vector = VECTORS[name]
    last = "0" if vector.signature[-1] != "0" else "1"
    headers = vector.headers
    headers["Authorization"] = vector.authorization[:-1] + last
    assert error_of(send(vector, headers)) == (401, "IOTDA.000002")


@pytest.mark.parametrize("name", ["D2", "D3", "D5", "D7"])
def test_one_more_blank_in_the_body_breaks_it(name: str) -> None:
    """Section 6, 8: the exact bytes are signed."""
    assert error_of(send(VECTORS[name], body=VECTORS[name].body + b" ")) == (401, "IOTDA.000002")


def test_another_spelling_of_the_content_type_breaks_it() -> None:
    """Section 6, 8."""
    headers = {**VECTORS["D1"].headers, "content-type": "application/json;charset=UTF-8"}
    assert error_of(send(VECTORS["D1"], headers)) == (401, "IOTDA.000002")


def test_an_instance_id_that_is_not_signed_may_be_added() -> None:
    """Section 2.5: only what SignedHeaders names is verified."""
    assert send(VECTORS["D3"], {**VECTORS["D3"].headers, "Instance-Id": INSTANCE}).status == 200


def test_the_derived_signature_is_refused_on_the_shared_host() -> None:
    vector = VECTORS["D1"]
    model = model_for(vector)
    model.set_switches({"iotda_edition": "basic"})
    assert error_of(model.answer("GET", vector.path, vector.headers)) == (401, "IOTDA.000002")


def test_the_gateway_itself_may_refuse() -> None:
    vector = VECTORS["D1"]
    model = model_for(vector)
    model.set_switches({"iotda_edition": "basic", "refused_by": "gateway"})
    reply = model.answer("GET", vector.path, vector.headers)
    assert (reply.status, b'"APIGW.0301"' in reply.body) == (401, True)
