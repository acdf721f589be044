# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Huawei Cloud's signatures: every vector of the vendor pages, and the official SDK as the judge of whatever else may be sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from importlib import import_module
from typing import Any
from urllib.parse import quote

import pytest
import requests
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.module_utils._signing import (
    AccessKey,
    Seen,
    authorization,
    canonical_query,
    canonical_request,
    check_host,
    derived_key,
    host_header,
    is_shared_host,
)
from hypothesis import given, settings
from hypothesis import strategies as st


@dataclass(frozen=True)
class Key:
    ak: str
    sk: str


GUIDE = Key("QTWAOYTTINDUT2QVKYUC", "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc")
IOT = Key("HPUATESTACCESSKEY001", "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ0123")
THIRD = Key("TESTAK123", "TESTSK456")
PROJECT = "0605767e8b80d5ac2f70c00d8ddd8ba2"
VIAS = "https://vias.cn-north-4.myhuaweicloud.com"
USUAL = {"content-type": "application/json", "x-project-id": PROJECT}

# Page iotda, section 8.1.
INSTANCE = "https://9bc34a1b2c.st1.iotda-app.cn-north-4.myhuaweicloud.com"
IOT_PROJECT = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
BATCH_TASKS = f"/v5/iot/{IOT_PROJECT}/batchtasks"
BATCH_TASK = f"{BATCH_TASKS}/5c8ba99030344005c02316ad"
IOT_USUAL = {"content-type": "application/json", "x-project-id": IOT_PROJECT}
SHADOW = "https://xxxx.st1.iotda-app.cn-south-1.myhuaweicloud.com/v5/iot/test-project-id/devices/dev001"


@dataclass(frozen=True)
class Vector:
    name: str
    method: str
    url: str
    signature: str
    headers: dict[str, str] = field(default_factory=lambda: USUAL)
    body: bytes = b""
    canonical: str = ""
    key: Key = GUIDE
    date: str = "20240115T083000Z"
    scope: str | None = None
    names: str = "content-type;host;x-project-id;x-sdk-date"

    @property
    def signed(self) -> dict[str, str]:
        return {**self.headers, "host": host_header(self.url), "x-sdk-date": self.date}

    @property
    def request(self) -> str:
        return canonical_request(self.method, self.url, self.signed, self.body)


def iot(name: str, method: str, url: str, signature: str, **more: Any) -> Vector:
    """D1 to D7 and S1 of the page iotda."""
    usual: dict[str, Any] = {"headers": IOT_USUAL, "key": IOT, "date": "20250102T030405Z", "scope": "20250102/cn-north-4/iotdm"}
    return Vector(name, method, url, signature, **{**usual, **more})


def third_party(name: str, method: str, url: str, signature: str, body: bytes = b"") -> Vector:
    """K1 and K2 of the page iotda."""
    headers, names = {"content-type": "application/json"}, "content-type;host;x-sdk-date"
    return Vector(name, method, url, signature, headers, body, "", THIRD, "20260825T101530Z", "20260825/cn-south-1/iotdm", names)


VECTORS = [
    # Page huawei_auth, section 6.
    Vector(
        "0",
        "GET",
        "https://service.region.example.com/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0",
        "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe",
        {"content-type": "application/json"},
        canonical="b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a",
        date="20191115T033655Z",
        names="content-type;host;x-sdk-date",
    ),
    Vector(
        "1",
        "GET",
        f"{VIAS}/v2/{PROJECT}/tasks?page_size=1000&page=1&task_state=RUNNING",
        "73cdaf7e687d16425cabf200a73d247a6f292317433f3e76f7aa5d4347b3d523",
        canonical="78c9b47265244642abd5c4644f6abe20b84897dcedb02d7b907f53ad56709ae8",
    ),
    Vector(
        "2",
        "PUT",
        f"{VIAS}/v2/{PROJECT}/tasks/0d47bbf52962414bb7ae27fb6ea24230/action/stop",
        "053dd722b1fe5f16f8a6099f1145a976fa7b40d0214ff9ddb7abbdead7acf776",
        canonical="375fb339f5f2242c75233349dfa7e1e1d91d8fbcb1c7fd6c9769b381ff65d10e",
    ),
    Vector(
        "3",
        "POST",
        f"https://iotda.cn-north-4.myhuaweicloud.com/v5/iot/{PROJECT}/batchtasks/64ff2b1a5d9c3a0c1f8e7d60/retry?action_id=retry",
        "bca6a07881035181207f9cdede9a943c2100f66a723ef8a9a8fa159667237eb2",
        {**USUAL, "x-security-token": "gQpjbi1ub3J0aC0ED3fBEXAMPLE+/=token"},
        b'{"task_details_id":["a1b2"]}',
        "e16d5c96282397ad561da3adfe737a31e21b2c215b9634842684b4e3df5d89d4",
        names="content-type;host;x-project-id;x-sdk-date;x-security-token",
    ),
    Vector(
        "4",
        "GET",
        f"{VIAS}/v2/{PROJECT}/tasks?task_name=入侵+检测~a%2Bb&company=a,b&sort_dir=desc&flag=true&x=b&x=a+c",
        "20c29e964b889290ddb9b642670a1d7b93af943da4ce36d455eb7187277744ad",
        canonical="c6daab14f49af17457f9f17b0960ce5fefaaced7f08247b4e3a80a250b29e3bd",
    ),
    Vector(
        "5",
        "GET",
        f"https://127.0.0.1:8443/v2/{PROJECT}/tasks/0d47bbf52962414bb7ae27fb6ea24230",
        "b193d154853a4dbc3dcfb8a5d9bcfcff999fda78efe57f6f8abf0ed76b32d864",
        canonical="6722f75f01369dd8d7b08e7d2306e8c9de685afb378a5e27f0e2c8e80464f622",
    ),
    Vector(
        "6",
        "GET",
        "https://iam.cn-north-4.myhuaweicloud.com/v3/projects?name=cn-north-4",
        "2eecd3c2f6faa3cf6557e111fcf92cb0ab0ddae4b0bfecb3503da4c3bd3f1f3a",
        {},
        canonical="5619b04bd9efefadd91fc3f1ce16014883402afd267d2044f360324f2ac1fc22",
        names="host;x-sdk-date",
    ),
    Vector(
        "7",
        "GET",
        f"https://1a2b3c4d5e.st1.iotda-app.cn-north-4.myhuaweicloud.com/v5/iot/{PROJECT}/batchtasks?task_type=softwareUpgrade&limit=50",
        "fa2b9a98fb0c1c8cbdd9bf619a87e8a592ad291bd68c2e098e5f6e485c9cb756",
        canonical="2547aa6cb094bcbca928b4435a61720e14fe344c9707ebba8836d9ff07b58b5f",
        scope="20240115/cn-north-4/iotdm",
    ),
    # Page iotda, section 8.1.
    iot(
        "D1",
        "GET",
        f"{INSTANCE}{BATCH_TASK}?limit=50&offset=0",
        "5c8764d8e1d0ef2e2b7560d284e1e84a2dcace7697fd8ba9b39bdf54b845f03b",
        canonical="45b12b376a7661939782e59ad0b4eb77491b5b8a3c4d2ade0a0538224d47b8c4",
    ),
    iot(
        "D2",
        "POST",
        f"{INSTANCE}{BATCH_TASK}/stop",
        "b1b55a214f382ce92cf78818db02f1c6dceb334c5c71b1af17751172472a0f71",
        headers={**IOT_USUAL, "instance-id": "1d5ad0f6-2f9c-4a6e-8a29-6a8f4a1b7c3d"},
        body=b"{}",
        canonical="1e59b0da736ae3054f5c0585f2105fbf55282ef2de094b25a83b768cc11f2121",
        names="content-type;host;instance-id;x-project-id;x-sdk-date",
    ),
    iot(
        "D3",
        "POST",
        f"{INSTANCE}{BATCH_TASK}/stop",
        "e84006a71fad632915cf6591d091fdcbf68cadde97a019f8ef4ea30df9fbc5c9",
        body=b'{"targets": ["e495cf17-ff79-4294-8f64-4d367919d665"]}',
    ),
    iot(
        "D4",
        "GET",
        f"https://127.0.0.1:18443{BATCH_TASKS}?limit=50&marker=ffffffffffffffffffffffff&status=Processing&task_type=softwareUpgrade",
        "a914717e0106f140e9a0ac254ab7af610c8fc15c4cf2e229acfcd01bfed3b909",
    ),
    iot(
        "D5",
        "POST",
        f"{INSTANCE}{BATCH_TASK}/retry",
        "39f25309371c23d696fc220de2343da674f23e717bbbb55b3cc2168a6ff070fa",
        headers={**IOT_USUAL, "x-security-token": "TESTSECURITYTOKEN=="},
        body=b"{}",
        names="content-type;host;x-project-id;x-sdk-date;x-security-token",
    ),
    iot(
        "D6",
        "GET",
        f"{INSTANCE}{BATCH_TASK}?limit=1",
        "265400c75992a3590c5bb0bc237e3c640e180eea276c816935d682bde5716ccf",
        headers={},
        names="host;x-sdk-date",
    ),
    iot(
        "D7",
        "POST",
        f"https://0f1e2d3c4b.st1.iotda-app.ap-southeast-3.myhuaweicloud.com{BATCH_TASK}/confirm",
        "434bbd46897f4817f8951a1c62c82b3ad790ab4740f80b301ce11e94edf7e4fb",
        body=b"{}",
        scope="20250102/ap-southeast-3/iotdm",
    ),
    iot(
        "S1",
        "GET",
        f"https://iotda.cn-north-4.myhuaweicloud.com{BATCH_TASK}?limit=50&offset=0",
        "55b78f98eb960f253c344774e0eefa958af20fa8dc3eb1ab17a3aacb626fb3e8",
        scope=None,
    ),
    third_party("K1", "GET", f"{SHADOW}/shadow", "4a3e542368cc05be344f433613fd6aecdcb3d5fdc5b5df157bda33125569b990"),
    third_party(
        "K2",
        "PUT",
        f"{SHADOW}/properties",
        "74b411ff493db06059eebf45599b68693d8f19f7b584c556af353fd755a7f461",
        b'{"services":[{"service_id":"Light","properties":{"Threshold":40}}]}',
    ),
]

all_vectors = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector.name))


@pytest.mark.parametrize("vector", [vector for vector in VECTORS if vector.canonical], ids=lambda vector: str(vector.name))
def test_the_canonical_request_of_a_vector(vector: Vector) -> None:
    assert hashlib.sha256(vector.request.encode()).hexdigest() == vector.canonical


@all_vectors
def test_the_authorization_of_a_vector(vector: Vector) -> None:
    written = authorization(vector.key.ak, vector.key.sk, vector.date, vector.request, ";".join(sorted(vector.signed)), vector.scope)

    who = f"V11-HMAC-SHA256 Credential={vector.key.ak}/{vector.scope}" if vector.scope else f"SDK-HMAC-SHA256 Access={vector.key.ak}"
    assert written == f"{who}, SignedHeaders={vector.names}, Signature={vector.signature}"


@pytest.mark.parametrize(
    ("key", "scope", "derived"),
    [
        (GUIDE, "20240115/cn-north-4/iotdm", "fc6dc18dea9f015c93883b6879961be557bfa99fa0f527807d2ac7e1cf9f0958"),
        (IOT, "20250102/cn-north-4/iotdm", "fcfdb9960c6c388fcf13dfc275c13fea9a96eba2642e4210aae90665535ee8ff"),
        (IOT, "20250102/ap-southeast-3/iotdm", "fc7dd7a9313d5fc0d1d4d7186e075cfa83e28523f9165f1aa2672f020ca63515"),
    ],
)
def test_a_derived_key_is_hexadecimal_text(key: Key, scope: str, derived: str) -> None:
    assert derived_key(key.ak, key.sk, scope) == derived


def test_vector_2_in_full() -> None:
    (vector,) = [vector for vector in VECTORS if vector.name == "2"]

    assert vector.request == (
        f"PUT\n/v2/{PROJECT}/tasks/0d47bbf52962414bb7ae27fb6ea24230/action/stop/\n\n"
        f"content-type:application/json\nhost:vias.cn-north-4.myhuaweicloud.com\nx-project-id:{PROJECT}\nx-sdk-date:20240115T083000Z\n\n"
        "content-type;host;x-project-id;x-sdk-date\n"
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )


# The official SDK as the judge


@pytest.fixture(scope="module", autouse=True)
def home_of_the_sdk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """It writes into the home when it's imported."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        yield


def by_the_sdk(
    method: str,
    host: str,
    path: str,
    query: Iterable[tuple[str, str]],
    headers: dict[str, str],
    body: bytes,
    derived: tuple[str, str] | None,
) -> Any:
    """The request after the official signer has dealt with it. Only the signer is imported: the SDK's credentials write into the home."""
    signer = import_module("huaweicloudsdkcore.signer.signer")
    request = import_module("huaweicloudsdkcore.sdk_request").SdkRequest(method, "https", host, path, None, list(query), headers, body)
    if derived:
        return signer.DerivationAKSKSigner(GUIDE).sign(request, derived[1], derived[0])
    return signer.Signer(GUIDE).sign(request)


characters = st.characters(exclude_categories=["Cs"])
texts = st.text(st.one_of(characters, st.sampled_from("+~%&=?#/ ,;:@'\"*()é入\U0001f600")), max_size=8)
segments = texts.map(lambda text: quote(text, safe=""))
paths = st.lists(segments, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))
queries = st.one_of(
    st.lists(st.tuples(texts.filter(bool), texts), max_size=5),
    st.lists(st.tuples(st.sampled_from(["a", "b", "ä"]), texts), max_size=5),  # one name several times
)
hosts = st.sampled_from(["vias.cn-north-4.myhuaweicloud.com", "127.0.0.1:8443", "localhost:1", "[::1]:65535", "iotda.example.com:444"])
methods = st.sampled_from(["GET", "PUT", "POST", "DELETE", "get"])
bodies = st.one_of(st.just(b""), st.binary(max_size=60), texts.map(str.encode))
values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8)
headers = st.fixed_dictionaries({}, optional={"X-Project-Id": values, "X-Security-Token": values, "Instance-Id": values})
algorithms = st.sampled_from([None, ("cn-north-4", "iotdm"), ("ap-southeast-3", "iotdm")])
WHEN = datetime(2024, 1, 15, 8, 30, tzinfo=timezone.utc)


@pytest.mark.long
@settings(max_examples=400)
@given(methods, hosts, paths, queries, headers, bodies, algorithms)
def test_the_signature_of_any_request_is_the_official_one(
    method: str,
    host: str,
    path: str,
    query: list[tuple[str, str]],
    extra: dict[str, str],
    body: bytes,
    derived: tuple[str, str] | None,
) -> None:
    sent = {"Content-Type": "application/json", "X-Sdk-Date": "20240115T083000Z", **extra}
    judged = by_the_sdk(method, host, path, query, dict(sent), body, derived)

    asked = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query)
    signed = {name.lower(): value for name, value in sent.items()} | {"host": host}
    canonical = canonical_request(method, f"https://{host}{path}?{asked}", signed, body)
    scope = f"20240115/{derived[0]}/{derived[1]}" if derived else None
    ours = authorization(GUIDE.ak, GUIDE.sk, "20240115T083000Z", canonical, ";".join(sorted(signed)), scope)

    assert ours == judged.header_params["Authorization"]


@pytest.mark.long
@settings(max_examples=400)
@given(methods, hosts, paths, queries, bodies, st.booleans(), st.booleans(), algorithms)
def test_what_is_really_sent_carries_the_official_signature(
    method: str,
    host: str,
    path: str,
    query: list[tuple[str, str]],
    body: bytes,
    temporary: bool,
    project: bool,
    derived: tuple[str, str] | None,
) -> None:
    """`requests` normalises an address in its own way, so the judge gets the address as it's sent."""
    key = AccessKey(GUIDE.ak, GUIDE.sk, "gQpjbi1ub3J0+/=token" if temporary else None, derived=derived, today=lambda: WHEN)
    key.project_id = PROJECT if project else None
    prepared = requests.Request(method, f"https://{host}{path}", params=query, data=body, auth=key).prepare()

    sent_path, _mark, sent_query = prepared.path_url.partition("?")
    names = prepared.headers["Authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    signed = {name: str(value) for name, value in prepared.headers.items() if name.lower() in names}
    judged = by_the_sdk(str(prepared.method), prepared.headers["Host"], sent_path, query, signed, body, derived)
    assert prepared.headers["Authorization"] == judged.header_params["Authorization"]
    assert judged.uri == prepared.path_url
    assert prepared.headers["Host"] == host
    assert ("x-security-token" in names, "x-project-id" in names) == (temporary, project)
    assert canonical_query(sent_query) == sent_query


def test_a_request_has_the_headers_of_the_vendor_and_signs_no_others() -> None:
    """What a proxy may change, such as User-Agent and Accept, isn't signed."""
    key = AccessKey(GUIDE.ak, GUIDE.sk, today=lambda: WHEN)
    key.project_id = PROJECT
    session = requests.Session()
    session.headers.update({"X-Other": "any"})

    sent = session.prepare_request(requests.Request("PUT", f"{VIAS}:443/v2/{PROJECT}/tasks/t/action/stop", auth=key))

    assert sent.headers["Host"] == "vias.cn-north-4.myhuaweicloud.com"
    assert sent.headers["X-Sdk-Date"] == "20240115T083000Z"
    assert (sent.body, sent.headers["Content-Length"]) == (None, "0")
    assert ", SignedHeaders=content-type;host;x-project-id;x-sdk-date, " in sent.headers["Authorization"]
    assert "X-Auth-Token" not in sent.headers


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://vias.example.com/v2", "vias.example.com"),
        ("https://vias.example.com:443/v2", "vias.example.com"),
        ("http://vias.example.com:80/v2", "vias.example.com"),
        ("http://vias.example.com:443/v2", "vias.example.com:443"),
        ("https://VIAS.example.com:8443", "vias.example.com:8443"),
        ("https://[::1]:8443/", "[::1]:8443"),
        ("https://[::1]/", "[::1]"),
    ],
)
def test_the_usual_port_is_neither_signed_nor_sent(url: str, host: str) -> None:
    assert host_header(url) == host


# Page huawei_auth, section 5, and a host that only looks like one of the vendor's.
@pytest.mark.parametrize(
    ("host", "shared"),
    [
        ("iotda.cn-north-4.myhuaweicloud.com", True),
        ("iam.myhuaweicloud.com", True),
        ("iotda.cn-north-4.myhuaweicloud.cn", True),
        ("9bc34a1b2c.st1.iotda-app.cn-north-4.myhuaweicloud.com", False),
        ("127.0.0.1:8443", False),
        ("localhost", False),
    ],
)
def test_the_official_rule_tells_which_hosts_take_the_derived_signature(host: str, shared: bool) -> None:
    assert is_shared_host(host) is shared
    assert import_module("huaweicloudsdkcore.auth.credentials").DerivedCredentials.get_default_derived_predicate()(
        type("Request", (), {"host": host})()
    ) is (not shared)


# Behind a proxy: what is signed is what the vendor sees

# What stands before the vendor's own path in an address; among these are the path itself, dots, and what has to be encoded.
prefixes = st.sampled_from(["", "/huawei", "/a/b", "/v2", "/v5/v2", "/a%20b", "/a b", "/x/../huawei", "/%C3%A9", "/~user", "/HTTP:8"])


@settings(max_examples=200)
@given(methods, prefixes, st.sampled_from(["/v2", "/v5"]), paths, queries, bodies, algorithms, hosts, st.sampled_from([None, *"ab"]))
def test_the_signature_behind_a_proxy_is_the_official_one_for_what_the_vendor_sees(
    method: str,
    prefix: str,
    own: str,
    path: str,
    query: list[tuple[str, str]],
    body: bytes,
    derived: tuple[str, str] | None,
    host: str,
    signed_host: str | None,
) -> None:
    """The proxy takes the prefix away, and puts another Host in place of its own where `signed_host` says so."""
    base = f"https://{host}{prefix}{own}"
    key = AccessKey(GUIDE.ak, GUIDE.sk, derived=derived, seen=Seen(base, own, signed_host), today=lambda: WHEN)
    straight = requests.Request(method, f"https://{host}{own}{path}", params=query).prepare()

    sent = requests.Request(method, f"{base}{path}", params=query, data=body, auth=key).prepare()

    names = sent.headers["Authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    signed = {name: str(value) for name, value in sent.headers.items() if name.lower() in names} | {"Host": signed_host or host}
    vendors_path = straight.path_url.partition("?")[0]
    judged = by_the_sdk(str(sent.method), signed_host or host, vendors_path, query, signed, body, derived)
    assert sent.headers["Authorization"] == judged.header_params["Authorization"]
    assert sent.headers["Host"] == host
    assert str(sent.url).startswith(str(requests.Request("GET", base).prepare().url))


@pytest.mark.parametrize("host", ["vias.cn-north-4.myhuaweicloud.com", "127.0.0.1:8443", "[::1]:8443", "[::1]", "my_proxy"])
def test_a_host_with_its_port_is_taken_as_it_stands(host: str) -> None:
    assert check_host("signed_host", host) == host


@pytest.mark.parametrize("host", ["https://a.example.com", "a.example.com/v2", "user@a.example.com", "a b", "a\n", "a:port", "a:1:2", ""])
def test_what_is_more_than_a_host_is_told(host: str) -> None:
    with pytest.raises(Failure) as wrong:
        check_host("signed_host", host)

    assert wrong.value.code == "usage" and "HOST or HOST:PORT" in wrong.value.message
