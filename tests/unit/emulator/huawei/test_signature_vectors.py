# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The signing vectors of vendors/huawei_auth.md, section 6, against the emulator's own reading of the rules."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import pytest

from tests.emulator.clock import Clock
from tests.emulator.messages import Request
from tests.emulator.vendors import _huawei_signature as signing
from tests.emulator.vendors.huawei import Huawei
from tests.unit.emulator.huawei.world import KEY, PROJECT, TASK, Got

VIAS, IAM = "vias.cn-north-4.myhuaweicloud.com", "iam.cn-north-4.myhuaweicloud.com"
USUAL = {"Content-Type": "application/json", "X-Project-Id": PROJECT}
USUAL_NAMES = "content-type;host;x-project-id;x-sdk-date"


@dataclass(frozen=True)
class Vector:
    number: int
    method: str
    host: str
    target: str
    canonical_sha256: str
    signature: str
    headers: dict[str, str] = field(default_factory=lambda: USUAL)
    names: str = USUAL_NAMES
    body: bytes = b""
    date: str = "20240115T083000Z"
    info: str = ""

    @property
    def request(self) -> Request:
        return Request.of(self.method, self.target, {"Host": self.host, "X-Sdk-Date": self.date, **self.headers}, self.body)

    @property
    def claim(self) -> signing.Claim:
        algorithm = signing.DERIVED if self.info else signing.STANDARD
        return signing.Claim(algorithm, KEY.ak, self.info, tuple(self.names.split(";")), self.signature)


VECTORS = [
    Vector(
        0,
        "GET",
        "service.region.example.com",
        "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0",
        "b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a",
        "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe",
        headers={"Content-Type": "application/json"},
        names="content-type;host;x-sdk-date",
        date="20191115T033655Z",
    ),
    Vector(
        1,
        "GET",
        VIAS,
        f"/v2/{PROJECT}/tasks?page=1&page_size=1000&task_state=RUNNING",
        "78c9b47265244642abd5c4644f6abe20b84897dcedb02d7b907f53ad56709ae8",
        "73cdaf7e687d16425cabf200a73d247a6f292317433f3e76f7aa5d4347b3d523",
    ),
    Vector(
        2,
        "PUT",
        VIAS,
        f"/v2/{PROJECT}/tasks/0d47bbf52962414bb7ae27fb6ea24230/action/stop",
        "375fb339f5f2242c75233349dfa7e1e1d91d8fbcb1c7fd6c9769b381ff65d10e",
        "053dd722b1fe5f16f8a6099f1145a976fa7b40d0214ff9ddb7abbdead7acf776",
    ),
    Vector(
        3,
        "POST",
        "iotda.cn-north-4.myhuaweicloud.com",
        f"/v5/iot/{PROJECT}/batchtasks/64ff2b1a5d9c3a0c1f8e7d60/retry?action_id=retry",
        "e16d5c96282397ad561da3adfe737a31e21b2c215b9634842684b4e3df5d89d4",
        "bca6a07881035181207f9cdede9a943c2100f66a723ef8a9a8fa159667237eb2",
        headers={**USUAL, "X-Security-Token": "gQpjbi1ub3J0aC0ED3fBEXAMPLE+/=token"},
        names="content-type;host;x-project-id;x-sdk-date;x-security-token",
        body=b'{"task_details_id":["a1b2"]}',
    ),
    Vector(
        4,
        "GET",
        VIAS,
        f"/v2/{PROJECT}/tasks?company=a%2Cb&flag=true&sort_dir=desc&task_name=%E5%85%A5%E4%BE%B5%20%E6%A3%80%E6%B5%8B~a%2Bb&x=a%20c&x=b",
        "c6daab14f49af17457f9f17b0960ce5fefaaced7f08247b4e3a80a250b29e3bd",
        "20c29e964b889290ddb9b642670a1d7b93af943da4ce36d455eb7187277744ad",
    ),
    Vector(
        5,
        "GET",
        "127.0.0.1:8443",
        f"/v2/{PROJECT}/tasks/0d47bbf52962414bb7ae27fb6ea24230",
        "6722f75f01369dd8d7b08e7d2306e8c9de685afb378a5e27f0e2c8e80464f622",
        "b193d154853a4dbc3dcfb8a5d9bcfcff999fda78efe57f6f8abf0ed76b32d864",
    ),
    Vector(
        6,
        "GET",
        IAM,
        "/v3/projects?name=cn-north-4",
        "5619b04bd9efefadd91fc3f1ce16014883402afd267d2044f360324f2ac1fc22",
        "2eecd3c2f6faa3cf6557e111fcf92cb0ab0ddae4b0bfecb3503da4c3bd3f1f3a",
        headers={},
        names="host;x-sdk-date",
    ),
    Vector(
        7,
        "GET",
        "1a2b3c4d5e.st1.iotda-app.cn-north-4.myhuaweicloud.com",
        f"/v5/iot/{PROJECT}/batchtasks?limit=50&task_type=softwareUpgrade",
        "2547aa6cb094bcbca928b4435a61720e14fe344c9707ebba8836d9ff07b58b5f",
        "fa2b9a98fb0c1c8cbdd9bf619a87e8a592ad291bd68c2e098e5f6e485c9cb756",
        info="20240115/cn-north-4/iotdm",
    ),
]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector.number))
def test_the_canonical_request_of_a_vector(vector: Vector) -> None:
    canonical = signing.canonical_request(vector.request, vector.claim.signed_headers)
    assert canonical is not None
    assert hashlib.sha256(canonical).hexdigest() == vector.canonical_sha256


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector.number))
def test_the_signature_of_a_vector_is_right(vector: Vector) -> None:
    assert signing.is_signed_by(vector.request, vector.claim, KEY.sk)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector.number))
def test_the_signature_of_a_vector_is_wrong_for_another_secret(vector: Vector) -> None:
    assert not signing.is_signed_by(vector.request, vector.claim, KEY.sk[:-1])


def test_the_key_of_vector_7_is_hex_text() -> None:
    derived = signing.derived_key(KEY.ak, KEY.sk, "20240115/cn-north-4/iotdm")
    assert derived == "fc6dc18dea9f015c93883b6879961be557bfa99fa0f527807d2ac7e1cf9f0958"


def test_vector_2_in_full() -> None:
    assert (
        signing.canonical_request(VECTORS[2].request, VECTORS[2].claim.signed_headers)
        == (
            f"PUT\n/v2/{PROJECT}/tasks/0d47bbf52962414bb7ae27fb6ea24230/action/stop/\n\n"
            f"content-type:application/json\nhost:vias.cn-north-4.myhuaweicloud.com\nx-project-id:{PROJECT}\nx-sdk-date:20240115T083000Z\n\n"
            "content-type;host;x-project-id;x-sdk-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        ).encode()
    )


@pytest.fixture
def in_2024() -> Huawei:
    """The model at the date of the vectors; its task has the id that vectors 2 and 5 name."""
    task = {"id": "0d47bbf52962414bb7ae27fb6ea24230", "state": "RUNNING"}
    return Huawei(switches={"clock": "manual"}, tasks=[task], clock=Clock(wall=lambda: 1705307400.0))


@pytest.mark.parametrize("number", [1, 2, 5, 6])
def test_a_vector_goes_through_the_gate(in_2024: Huawei, number: int) -> None:
    vector = VECTORS[number]
    authorization = f"SDK-HMAC-SHA256 Access={KEY.ak}, SignedHeaders={vector.names}, Signature={vector.signature}"
    headers = [*vector.request.headers, ("Authorization", authorization)]
    assert Got(in_2024.answer(vector.method, vector.target, headers, vector.body)).status == 200


def test_vector_7_is_not_for_vias(in_2024: Huawei) -> None:
    vector = VECTORS[7]
    authorization = f"V11-HMAC-SHA256 Credential={KEY.ak}/{vector.info}, SignedHeaders={vector.names}, Signature={vector.signature}"
    headers = [*vector.request.headers, ("Authorization", authorization)]
    got = Got(in_2024.answer("GET", f"/v2/{PROJECT}/tasks/{TASK}", headers))
    assert (got.status, got.code) == (401, "APIGW.0301")
