# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The session: addresses, repeats of reads, faults in words, and what may never be shown or sent."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme
import yaml
from ansible_collections.taskops.quiesce.plugins.module_utils import _http
from ansible_collections.taskops.quiesce.plugins.module_utils._answer import Answer
from ansible_collections.taskops.quiesce.plugins.module_utils._auth import BareBasic, TokenParameter
from ansible_collections.taskops.quiesce.plugins.module_utils._clock import Deadline
from ansible_collections.taskops.quiesce.plugins.module_utils._connection import Connection, base_url
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import AnswerLost, Failure, Postponed, Refused, TryLater, Unauthorized
from ansible_collections.taskops.quiesce.plugins.module_utils._http import Http
from hypothesis import given
from hypothesis import strategies as st
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError, ProtocolError

from tests.unit.ordered_calls import Call, exchanges
from tests.unit.support import FakeClock

READ = Call("GET", "/api/things", {"status": True})
LOST = requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer")))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def way(clock: FakeClock) -> Connection:
    return Connection("http://server.example.com:8090", clock, Deadline(clock, 300))


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The files of a CA and of a client: its certificate, its key, and both in one."""
    place, authority = tmp_path_factory.mktemp("pem"), trustme.CA()
    client = authority.issue_cert("client.example.com")
    blobs = {
        "ca": authority.cert_pem,
        "cert": client.cert_chain_pems[0],
        "key": client.private_key_pem,
        "both": client.private_key_and_cert_chain_pem,
    }
    for name, blob in blobs.items():
        blob.write_to_path(str(place / name))
    return {name: str(place / name) for name in blobs}


def document(answer: Answer) -> Any:
    if answer.status != 200:
        raise answer.refusal()
    return answer.document()


def http(way: Connection, auth: Any = None) -> Http:
    return Http(way, "the server", "/api", auth)


# Addresses


@pytest.mark.parametrize(
    "url",
    ["http://host:8090", "http://host:8090/", "http://host:8090/api", "http://host:8090/api/", " http://host:8090/api "],
)
def test_an_address_gets_the_vendor_s_path_once(url: str) -> None:
    assert base_url(url, "/api") == "http://host:8090/api"


def test_a_proxy_s_prefix_is_kept() -> None:
    assert base_url("https://proxy/lab/", "/api/v1") == "https://proxy/lab/api/v1"


@pytest.mark.parametrize("url", ["", "host:8090", "ftp://host", "http://", "http://host:port", "http://[::1", "http://host:99999"])
def test_what_isn_t_an_address_is_told_with_the_form_of_one(url: str) -> None:
    with pytest.raises(Failure, match="http://HOST:PORT") as caught:
        base_url(url, "/api")

    assert caught.value.code == "usage"


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(Failure) as caught:
        base_url("http://user:geheim@host", "/api")

    assert caught.value.code == "usage" and "geheim" not in caught.value.message


@pytest.mark.parametrize("url", ["http://host/?a=b", "http://host/#a"])
def test_an_address_with_a_query_is_refused(url: str) -> None:
    with pytest.raises(Failure, match="must end before"):
        base_url(url, "/api")


@pytest.mark.parametrize("url", ["//user:geheim@host", "http://user:geheim@host:port", "http://host/?token=geheim", "ftp://h?t=geheim"])
def test_what_may_be_secret_in_a_wrong_address_is_never_repeated(url: str) -> None:
    with pytest.raises(Failure) as caught:
        base_url(url, "/api")

    assert "geheim" not in caught.value.message


# Settings of each exchange


def settings(monkeypatch: pytest.MonkeyPatch, way: Connection) -> dict[str, Any]:
    with exchanges(monkeypatch, READ) as script:
        http(way).read("/things", document)
    return script.settings[0]


def test_certificates_are_checked_by_default(monkeypatch: pytest.MonkeyPatch, way: Connection) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)

    assert settings(monkeypatch, way)["verify"] is True


def test_the_environment_s_bundle_is_used_where_no_option_names_one(monkeypatch: pytest.MonkeyPatch, way: Connection) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/bundle.pem")

    assert settings(monkeypatch, way)["verify"] == "/bundle.pem"


def test_options_beat_the_environment_s_bundle(monkeypatch: pytest.MonkeyPatch, way: Connection, pem: dict[str, str]) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/bundle.pem")

    assert settings(monkeypatch, replace(way, ca_path=pem["ca"]))["verify"] == pem["ca"]
    assert settings(monkeypatch, replace(way, validate_certs=False))["verify"] is False


@pytest.mark.parametrize(
    ("options", "told"), [({"ca_path": "key"}, "ca_path names"), ({"client_cert": "ca"}, "client_cert and client_key name")]
)
def test_a_file_that_is_no_certificate_is_told_by_its_option(
    way: Connection, pem: dict[str, str], options: dict[str, str], told: str
) -> None:
    with pytest.raises(Failure, match=told) as caught:
        http(replace(way, **{option: pem[file] for option, file in options.items()}))  # type: ignore[arg-type]

    assert caught.value.code == "usage"


@pytest.mark.parametrize("option", ["ca_path", "client_cert", "client_key"])
def test_a_file_that_doesn_t_exist_is_told_by_the_name_of_its_option(way: Connection, tmp_path: Path, option: str) -> None:
    cert = tmp_path / "cert.pem"
    cert.touch()
    files: dict[str, str] = {"client_cert": str(cert), option: "/nowhere.pem"}

    with pytest.raises(Failure, match=f"{option} is /nowhere.pem") as caught:
        http(replace(way, **files))  # type: ignore[arg-type]

    assert caught.value.code == "usage"


def test_a_client_certificate_goes_with_its_key(monkeypatch: pytest.MonkeyPatch, way: Connection, pem: dict[str, str]) -> None:
    both, cert, key = pem["both"], pem["cert"], pem["key"]

    assert settings(monkeypatch, replace(way, client_cert=both))["cert"] == both
    assert settings(monkeypatch, replace(way, client_cert=cert, client_key=key))["cert"] == (cert, key)


def test_the_environment_s_proxy_is_used_unless_an_option_names_one(monkeypatch: pytest.MonkeyPatch, way: Connection) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("http_proxy", "http://env.example.com:3128")

    assert settings(monkeypatch, way)["proxies"]["http"] == "http://env.example.com:3128"
    assert settings(monkeypatch, replace(way, proxy="http://own.example.com:1"))["proxies"]["http"] == "http://own.example.com:1"


def test_the_environment_s_exceptions_from_the_proxy_are_honoured(monkeypatch: pytest.MonkeyPatch, way: Connection) -> None:
    monkeypatch.setenv("http_proxy", "http://env.example.com:3128")
    monkeypatch.setenv("no_proxy", "server.example.com")

    assert settings(monkeypatch, way)["proxies"] == {}


def test_a_netrc_file_never_supplies_credentials(monkeypatch: pytest.MonkeyPatch, way: Connection, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine server.example.com login a password b\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))

    with exchanges(monkeypatch, replace(READ, headers={"Authorization": None})):
        http(way).read("/things", document)


def test_cookies_are_neither_kept_nor_sent(monkeypatch: pytest.MonkeyPatch, way: Connection) -> None:
    with exchanges(monkeypatch, replace(READ, answer_headers={"Set-Cookie": "a=b"}), replace(READ, headers={"Cookie": None})):
        session = http(way)
        session.read("/things", document)
        session.read("/things", document)


def test_requests_say_who_sends_them_with_the_collection_s_version() -> None:
    version = yaml.safe_load((Path(__file__).parents[4] / "galaxy.yml").read_text())["version"]

    assert _http.USER_AGENT.startswith(f"taskops.quiesce/{version} ")


# Repeats


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_read_is_repeated_after_a_passing_fault(monkeypatch: pytest.MonkeyPatch, way: Connection, status: int) -> None:
    with exchanges(monkeypatch, replace(READ, status=status), READ):
        assert http(way).read("/things", document) == {"status": True}


@pytest.mark.parametrize("error", [LOST, requests.ReadTimeout(), requests.ConnectTimeout()])
def test_a_read_is_repeated_after_a_broken_connection(monkeypatch: pytest.MonkeyPatch, way: Connection, error: Exception) -> None:
    with exchanges(monkeypatch, replace(READ, answer=error), READ):
        assert http(way).read("/things", document) == {"status": True}


def test_a_read_is_repeated_as_often_as_retries_says_with_growing_pauses(
    monkeypatch: pytest.MonkeyPatch, way: Connection, clock: FakeClock
) -> None:
    monkeypatch.setattr("random.uniform", lambda _low, high: high)

    with exchanges(monkeypatch, *[replace(READ, status=500)] * 4), pytest.raises(Failure, match="HTTP 500"):
        http(way).read("/things", document)

    assert clock.sleeps == [0.25, 0.5, 1.0]


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_a_read_that_is_refused_isn_t_repeated(monkeypatch: pytest.MonkeyPatch, way: Connection, status: int) -> None:
    with exchanges(monkeypatch, replace(READ, status=status)), pytest.raises(Refused):
        http(way).read("/things", document)


def test_no_repeat_begins_after_the_deadline(monkeypatch: pytest.MonkeyPatch, way: Connection, clock: FakeClock) -> None:
    late = replace(way, deadline=Deadline(clock, 0.1))

    with exchanges(monkeypatch, replace(READ, status=500)), pytest.raises(Failure):
        http(late).read("/things", document)

    assert clock.sleeps == []


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_write_is_never_repeated_and_may_have_taken_hold(monkeypatch: pytest.MonkeyPatch, way: Connection, status: int) -> None:
    with exchanges(monkeypatch, Call("POST", "/api/things", status=status)), pytest.raises(AnswerLost):
        http(way).write("/things", document)


@pytest.mark.parametrize("error", [LOST, requests.ReadTimeout(), requests.exceptions.ChunkedEncodingError()])
def test_a_write_whose_answer_is_lost_may_have_taken_hold(monkeypatch: pytest.MonkeyPatch, way: Connection, error: Exception) -> None:
    with exchanges(monkeypatch, Call("POST", "/api/things", error)), pytest.raises(AnswerLost):
        http(way).write("/things", document)


@pytest.mark.parametrize("body", ["", "<html>", '{"status": tr'])
def test_a_write_whose_answer_can_t_be_read_may_have_taken_hold(monkeypatch: pytest.MonkeyPatch, way: Connection, body: str) -> None:
    with exchanges(monkeypatch, Call("POST", "/api/things", body)), pytest.raises(AnswerLost) as caught:
        http(way).write("/things", document)

    assert caught.value.code == "protocol"


def unreached(why: Exception) -> requests.ConnectionError:
    return requests.ConnectionError(MaxRetryError(None, "/?token=T0KEN", why))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (unreached(NewConnectionError(None, "Connection refused")), "can't be reached"),  # type: ignore[arg-type]
        (unreached(NameResolutionError("host", None, socket.gaierror(-2, "Name or service not known"))), "can't be resolved"),  # type: ignore[arg-type]
        (requests.ConnectTimeout(), "accepted no connection within 30 s"),
        (requests.exceptions.SSLError(ssl.SSLCertVerificationError(1, "certificate verify failed")), "was refused"),
    ],
)
def test_a_write_that_never_arrived_surely_had_no_effect(
    monkeypatch: pytest.MonkeyPatch, way: Connection, error: Exception, told: str
) -> None:
    with exchanges(monkeypatch, Call("POST", "/api/things", error, reached="connecting")), pytest.raises(Refused, match=told) as caught:
        http(way).write("/things", document)

    assert "T0KEN" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_certificate_that_is_refused_isn_t_tried_again(monkeypatch: pytest.MonkeyPatch, way: Connection) -> None:
    refused = requests.exceptions.SSLError(ssl.SSLCertVerificationError(1, "certificate verify failed"))

    with exchanges(monkeypatch, replace(READ, answer=refused, reached="connecting")), pytest.raises(Failure, match="ca_path"):
        http(way).read("/things", document)


# Throttling


# A date has whole seconds, and the machine's clock goes on meanwhile.
@pytest.mark.parametrize(("value", "shortest"), [("7", 6.9), ("date", 3)])
def test_a_throttled_read_waits_as_long_as_the_server_says(
    monkeypatch: pytest.MonkeyPatch, way: Connection, clock: FakeClock, value: str, shortest: float
) -> None:
    after = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=7), usegmt=True) if value == "date" else value
    begun = clock.now()

    with exchanges(monkeypatch, replace(READ, status=429, answer_headers={"Retry-After": after}), READ):
        http(way).read("/things", document)

    assert shortest <= clock.now() - begun <= 7.1


def test_a_throttled_server_is_left_alone_by_the_next_request_too(
    monkeypatch: pytest.MonkeyPatch, way: Connection, clock: FakeClock
) -> None:
    begun = clock.now()
    with exchanges(monkeypatch, Call("POST", "/api/things", status=429, answer_headers={"Retry-After": "5"}), READ):
        session = http(way)
        with pytest.raises(TryLater):
            session.write("/things", document)
        session.read("/things", document)

    assert clock.now() - begun == pytest.approx(5)


@pytest.mark.parametrize("after", [None, "soon", "-1", ""])
def test_a_retry_after_that_makes_no_sense_counts_as_a_second(
    monkeypatch: pytest.MonkeyPatch, way: Connection, clock: FakeClock, after: str | None
) -> None:
    begun = clock.now()
    headers = {} if after is None else {"Retry-After": after}

    with exchanges(monkeypatch, replace(READ, status=429, answer_headers=headers), READ):
        http(way).read("/things", document)

    assert clock.now() - begun == pytest.approx(1)


def test_a_server_that_wants_longer_than_the_run_may_last_ends_it(
    monkeypatch: pytest.MonkeyPatch, way: Connection, clock: FakeClock
) -> None:
    with exchanges(monkeypatch, replace(READ, status=429, answer_headers={"Retry-After": "100000"})), pytest.raises(Failure) as caught:
        http(way).read("/things", document)

    assert caught.value.code == "rate_limited" and sum(clock.sleeps) < 1


def test_a_run_waits_for_as_long_as_it_may_last(monkeypatch: pytest.MonkeyPatch, way: Connection, clock: FakeClock) -> None:
    long = replace(way, deadline=Deadline(clock, 7200))
    begun = clock.now()

    with exchanges(monkeypatch, replace(READ, status=429, answer_headers={"Retry-After": "3600"}), READ):
        assert http(long).read("/things", document) == {"status": True}

    assert clock.now() - begun == pytest.approx(3600, abs=1)


def test_what_doesn_t_end_by_itself_waits_for_some_minutes_at_most(
    monkeypatch: pytest.MonkeyPatch, way: Connection, clock: FakeClock
) -> None:
    """An information module has no deadline."""
    endless, begun = replace(way, deadline=Deadline(clock, float("inf"))), clock.now()

    with exchanges(monkeypatch, replace(READ, status=429, answer_headers={"Retry-After": "290"}), READ):
        http(endless).read("/things", document)
    with exchanges(monkeypatch, replace(READ, status=429, answer_headers={"Retry-After": "310"})), pytest.raises(Failure) as caught:
        http(endless).read("/things", document)

    assert clock.now() - begun == pytest.approx(290, abs=2)
    assert caught.value.message.endswith("asked for a pause of 310 s, which is longer than this run may last; run it later")


def test_a_write_isn_t_held_for_long_but_put_off(monkeypatch: pytest.MonkeyPatch, way: Connection, clock: FakeClock) -> None:
    """Until its time has come, whoever wants it may have gone."""
    with exchanges(monkeypatch, Call("POST", "/api/things", status=429, answer_headers={"Retry-After": "3600"})):
        session = http(replace(way, deadline=Deadline(clock, 7200)))
        with pytest.raises(TryLater):
            session.write("/things", document)
        with pytest.raises(Postponed, match="asked for a pause of 3600 s") as caught:
            session.write("/things", document)

    assert caught.value.after == pytest.approx(3600, abs=1) and clock.sleeps == []


# Answers


@pytest.mark.parametrize(
    "body",
    [b"", b"   ", b"<html>no</html>", b'{"a": ', b"\xff\xfe\xfa", b"NaN", b"[" * 200_000, b'{"n": ' + b"9" * 5000 + b"}"],
    ids=["empty", "blank", "html", "cut", "encoding", "nan", "deep", "huge number"],
)
def test_an_answer_that_isn_t_json_is_told_as_such(monkeypatch: pytest.MonkeyPatch, way: Connection, body: bytes) -> None:
    with exchanges(monkeypatch, replace(READ, answer=body)), pytest.raises(Failure, match=r"GET http://server.*check that url") as caught:
        http(way).read("/things", document)

    assert caught.value.code == "protocol"
    assert len(caught.value.message) < 600


def test_the_beginning_of_a_strange_answer_is_shown_on_one_line(monkeypatch: pytest.MonkeyPatch, way: Connection) -> None:
    with exchanges(monkeypatch, replace(READ, answer="Who\x1b[31m\nare you?" + "x" * 1000)), pytest.raises(Failure) as caught:
        http(way).read("/things", document)

    assert "'Who [31m are you?xxx" in caught.value.message and len(caught.value.message) < 600
    assert "\n" not in caught.value.message and "\x1b" not in caught.value.message


def test_a_secret_in_a_strange_answer_isn_t_shown(monkeypatch: pytest.MonkeyPatch, way: Connection) -> None:
    hidden: list[str] = []
    with exchanges(monkeypatch, replace(READ, answer="s3cr t/+ and s3cr%20t%2F%2B")), pytest.raises(Failure) as caught:
        session = http(replace(way, hide=hidden.append))
        session.keep_secret("s3cr t/+", None, "")
        session.read("/things", document)

    assert "'******** and ********'" in caught.value.message
    assert hidden == ["s3cr t/+"]


def test_a_secret_that_the_cut_would_divide_isn_t_shown_in_part(monkeypatch: pytest.MonkeyPatch, way: Connection) -> None:
    secret = "s3cret" * 200

    with exchanges(monkeypatch, replace(READ, answer="x" * 190 + secret)), pytest.raises(Failure) as caught:
        session = http(way)
        session.keep_secret(secret)
        session.read("/things", document)

    assert "s3cret" not in caught.value.message


def test_a_secret_that_another_session_of_the_run_got_isn_t_shown_either(monkeypatch: pytest.MonkeyPatch, way: Connection) -> None:
    with exchanges(monkeypatch, replace(READ, answer="not with s3cret")), pytest.raises(Failure) as caught:
        service = http(way)
        http(replace(way, url="http://login.example.com")).keep_secret("s3cret")
        service.read("/things", document)

    assert "not with ********" in caught.value.message


def test_a_body_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch, way: Connection) -> None:
    monkeypatch.setattr(_http, "MAX_BODY", 1_000_000)

    with exchanges(monkeypatch, replace(READ, answer=b" " * 1_100_000)), pytest.raises(Failure, match="answer of over"):
        http(way).read("/things", document)


def test_a_redirect_is_not_followed_and_names_only_the_other_host(monkeypatch: pytest.MonkeyPatch, way: Connection) -> None:
    away = replace(READ, status=302, answer_headers={"Location": "https://elsewhere.example.com/api/things?token=T0KEN"})

    with exchanges(monkeypatch, away), pytest.raises(Failure, match=r"redirected to https://elsewhere\.example\.com,") as caught:
        http(way).read("/things", document)

    assert caught.value.code == "protocol" and "T0KEN" not in caught.value.message


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (401, "authentication", "; check the credentials"),
        (403, "permission", "; check what the user may do there"),
        (404, "not_found", "; check that url is the address of the server"),
        (409, "refused", ""),
    ],
)
def test_a_status_gets_its_own_kind_of_failure(
    monkeypatch: pytest.MonkeyPatch, way: Connection, status: int, code: str, advice: str
) -> None:
    with exchanges(monkeypatch, replace(READ, status=status, answer="no such luck")), pytest.raises(Failure) as caught:
        http(way).read("/things", document)

    assert caught.value.details() == {"code": code, "http_status": status}
    assert caught.value.message == f"GET http://server.example.com:8090/api/things was answered with HTTP {status} (no such luck){advice}"


@pytest.mark.long
@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_every_json_document_is_read_as_what_it_is(value: Any) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        assert Answer(200, {}, json.dumps(value).encode(encoding), "", "", str).document() == value


# Credentials


def tokens(*tokens: str) -> Callable[[], str]:
    return iter(tokens).__next__


def refusing(answer: Answer) -> Any:
    if answer.document() != {"status": True}:
        raise Unauthorized("authentication", "no")
    return answer.document()


def test_user_and_password_go_bare_and_in_base64() -> None:
    """The pair and its encoding stand in the vendor's documents."""
    assert BareBasic("sigma", "3D391497").header == "c2lnbWE6M0QzOTE0OTc="
    assert BareBasic("myUsername", "myPassword").header == "bXlVc2VybmFtZTpteVBhc3N3b3Jk"


def test_the_token_goes_into_the_query_of_a_get_and_into_the_form_of_a_post(monkeypatch: pytest.MonkeyPatch, way: Connection) -> None:
    post = Call("POST", "/api/things", {}, form={"action": "a&b=ü", "token": "T&1"})

    with exchanges(monkeypatch, Call("GET", "/api/things?token=T%261", {}), post):
        session = http(way, TokenParameter("T&1", None))
        session.read("/things", document)
        session.write("/things", document, data={"action": "a&b=ü"})


def test_the_login_happens_once_and_when_it_is_first_needed(monkeypatch: pytest.MonkeyPatch, way: Connection) -> None:
    with exchanges(monkeypatch, *[Call("GET", "/api/things?token=T1", {"status": True})] * 2):
        session = http(way, TokenParameter(None, tokens("T1")))
        session.read("/things", refusing)
        session.read("/things", refusing)


def test_a_token_that_has_grown_old_is_renewed_and_the_read_repeated_however_often(
    monkeypatch: pytest.MonkeyPatch, way: Connection
) -> None:
    fine, old = {"status": True}, {"status": None}
    answers = [("T1", fine), ("T1", old), ("T2", fine), ("T2", old), ("T3", fine)]

    with exchanges(monkeypatch, *[Call("GET", f"/api/things?token={token}", answer) for token, answer in answers]):
        auth = TokenParameter(None, tokens("T1", "T2", "T3"))
        session = http(way, auth)
        for _read in range(3):
            session.read("/things", refusing)
    assert auth.stamp == 2


def test_a_login_that_fails_is_repeated_as_often_as_retries_says_and_no_more(monkeypatch: pytest.MonkeyPatch, way: Connection) -> None:
    """It's made within a read, which would repeat it once more for each of its own repeats."""
    with exchanges(monkeypatch, *[Call("GET", "/api/login", status=503)] * 4), pytest.raises(Failure, match="HTTP 503"):
        logins = http(way)
        http(way, TokenParameter(None, lambda: str(logins.read("/login", document)))).read("/things", refusing)


def test_a_token_refused_at_its_first_use_isn_t_renewed(monkeypatch: pytest.MonkeyPatch, way: Connection) -> None:
    with exchanges(monkeypatch, Call("GET", "/api/things?token=T1", {})), pytest.raises(Unauthorized):
        http(way, TokenParameter(None, tokens("T1", "T2"))).read("/things", refusing)


def test_a_token_got_before_its_first_use_isn_t_renewed_at_that_use(monkeypatch: pytest.MonkeyPatch, way: Connection) -> None:
    with exchanges(monkeypatch, Call("GET", "/api/things?token=T1", {})), pytest.raises(Unauthorized):
        auth = TokenParameter(None, tokens("T1", "T2"))
        auth.obtain()
        http(way, auth).read("/things", refusing)


def test_a_token_that_was_given_can_t_be_renewed(monkeypatch: pytest.MonkeyPatch, way: Connection) -> None:
    with exchanges(monkeypatch, Call("GET", "/api/things?token=T1", {"status": True}), Call("GET", "/api/things?token=T1", {})):
        session = http(way, TokenParameter("T1", None))
        session.read("/things", refusing)
        with pytest.raises(Unauthorized):
            session.read("/things", refusing)
