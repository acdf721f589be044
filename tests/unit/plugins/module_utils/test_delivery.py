# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a request that got no answer: never begun, or begun. Over real sockets, with and without a proxy and TLS."""

from __future__ import annotations

import socket
import ssl
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme
from ansible_collections.taskops.quiesce.plugins.module_utils._answer import Answer
from ansible_collections.taskops.quiesce.plugins.module_utils._clock import Deadline, SystemClock
from ansible_collections.taskops.quiesce.plugins.module_utils._connection import Connection
from ansible_collections.taskops.quiesce.plugins.module_utils._delivery import Route, failure_without_answer
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import AnswerLost, Failure, Refused, TryLater
from ansible_collections.taskops.quiesce.plugins.module_utils._http import Http
from ansible_collections.taskops.quiesce.plugins.module_utils._transport import HTTPAdapter

from tests.ports import ReservedPort
from tests.unit.raw_proxy import RawProxy
from tests.unit.raw_server import HEAD, Play, Server, drip, one_after_the_other, say

# What the tests' own servers leave behind of connections that were broken off is told when it's collected, in whatever test that is.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

TIMEOUT = 3.0
FINE = HEAD + b"Content-Length: 2\r\n\r\n{}"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def trust(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("trust") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture(autouse=True)
def no_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


OPEN: list[Http] = []


@pytest.fixture(autouse=True)
def sessions_are_closed() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop()._session.close()


def session(url: str, **options: Any) -> Http:
    clock = SystemClock()
    OPEN.append(Http(Connection(url, clock, Deadline(clock, 60), **{"timeout": TIMEOUT, "retries": 0, **options}), "the server", ""))
    return OPEN[-1]


def act(url: str, **options: Any) -> Failure:
    """The failure of one action."""
    with pytest.raises(Failure) as caught:
        session(url, **options).write("/act", Answer.document)
    return caught.value


def close(peer: socket.socket) -> None:
    peer.shutdown(socket.SHUT_RDWR)
    peer.close()


def reset(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def read_a_part(peer: socket.socket) -> None:
    peer.recv(4096)


# Begun

ENDS: dict[str, Play] = {
    "closed without an answer": close,
    "reset": reset,
    "no answer in time": lambda peer: time.sleep(2 * TIMEOUT),
    "cut in the status line": one_after_the_other(say(b"HTTP/1.1 20"), close),
    "cut in the headers": one_after_the_other(say(HEAD), close),
    "cut in the body": one_after_the_other(say(HEAD + b"Content-Length: 20\r\n\r\n{"), close),
    "an answer that drips": drip(FINE, 0.2),
    "no HTTP": say(b"SSH-2.0-OpenSSH\r\n\r\n"),
}


@pytest.mark.long
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("has_proxy", [False, True], ids=["direct", "through a proxy"])
@pytest.mark.parametrize("has_tls", [False, True], ids=["http", "https"])
def test_what_was_read_by_the_server_may_have_taken_hold_whoever_closes(
    authority: trustme.CA, trust: str, end: Play, has_proxy: bool, has_tls: bool
) -> None:
    server = Server([end], tls(authority) if has_tls else None)
    with server.running() as url, RawProxy().running() as proxy:
        failure = act(url, ca_path=trust, **({"proxy": proxy} if has_proxy else {}))

    assert isinstance(failure, AnswerLost), failure
    assert len(server.requests) == 1


@pytest.mark.long
@pytest.mark.parametrize("has_tls", [False, True], ids=["http", "https"])
def test_a_proxy_that_closes_after_it_has_passed_on_the_whole_request(authority: trustme.CA, trust: str, has_tls: bool) -> None:
    """With TLS the proxy closes in the middle of the handshake, since it can't tell what it passes on: then nothing was sent."""
    server = Server([say(FINE)], tls(authority) if has_tls else None)
    with server.running() as url, RawProxy(drops_answers=True).running() as proxy:
        failure = act(url, ca_path=trust, proxy=proxy)

    assert isinstance(failure, TryLater if has_tls else AnswerLost), failure
    assert len(server.requests) == (0 if has_tls else 1)
    assert has_tls or "through a proxy" in failure.message


def test_an_action_through_a_proxy_that_closes_without_saying_so_arrives() -> None:
    """Over plain http, it gets a new connection. tinyproxy closes the connection of the read at that moment."""
    proxy = Server([say(FINE)], keeps=True, answers=1)
    with proxy.running() as address:
        http = session("http://server.invalid", proxy=address)
        http.read("/things", document)
        http.write("/act", document)

    assert [head.split(b" ")[0] for head in proxy.requests] == [b"GET", b"POST"]


@pytest.mark.parametrize("has_tls, has_proxy", [(False, False), (True, False), (True, True)], ids=["http", "https", "https and a proxy"])
def test_after_a_lost_answer_an_action_gets_a_new_connection(authority: trustme.CA, trust: str, has_tls: bool, has_proxy: bool) -> None:
    """The server closes each connection after its answer without saying so."""
    server = Server([say(FINE)], tls(authority) if has_tls else None, keeps=True, answers=1)
    with server.running() as url, RawProxy().running() as proxy:
        http = session(url, ca_path=trust, **({"proxy": proxy} if has_proxy else {}))
        http.read("/things", document)
        with pytest.raises(AnswerLost):
            http.write("/act", document)
        http.read("/things", document)
        http.write("/act", document)

    assert [head.split(b" ")[0] for head in server.requests] == [b"GET", b"POST", b"GET", b"POST"]
    assert server.connections == 3


def test_a_kept_connection_that_the_server_closes_meanwhile_is_made_anew() -> None:
    """Known before anything is sent, so that nothing is in doubt."""
    server = Server([say(FINE), close], keeps=True)
    with server.running() as url:
        http = session(url)
        http.read("/things", Answer.document)
        for peer in list(server._peers):
            close(peer)
        time.sleep(0.1)
        with pytest.raises(AnswerLost):
            http.write("/act", Answer.document)

    assert (len(server.requests), server.connections) == (2, 2)


def test_a_kept_connection_that_the_server_closes_on_the_next_request_leaves_that_in_doubt() -> None:
    """The usual end of a kept connection is a race: whether the server had read the request nobody can tell, and it isn't sent again."""
    server = Server([say(FINE), close], keeps=True)
    with server.running() as url:
        http = session(url)
        http.read("/things", Answer.document)
        with pytest.raises(AnswerLost, match="closed without an answer"):
            http.write("/act", Answer.document)

    assert (len(server.requests), server.connections) == (2, 1)


def test_a_large_body_that_is_cut_while_it_s_sent_may_have_been_read() -> None:
    with Server([say(b"")], before=one_after_the_other(read_a_part, reset)).running() as url, pytest.raises(AnswerLost):
        session(url).write("/act", Answer.document, data=b"x" * 20_000_000)


def test_a_chunked_body_that_is_cut_while_it_s_sent_may_have_been_read() -> None:
    with Server([say(b"")], before=one_after_the_other(read_a_part, reset)).running() as url, pytest.raises(AnswerLost):
        session(url).write("/act", Answer.document, data=iter([b"x" * 2_000_000] * 10))


def test_who_doesn_t_watch_takes_it_for_begun() -> None:
    route = Route("the server", "host", 30, "proxy", has_proxy=True)

    assert isinstance(failure_without_answer(requests.exceptions.ProxyError(), "unwatched", route), AnswerLost)


# Never begun


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port at which nobody listens."""
    with ReservedPort() as port:
        yield port


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_nobody_there_means_that_nothing_was_sent(scheme: str, closed_port: int) -> None:
    failure = act(f"{scheme}://127.0.0.1:{closed_port}")

    assert isinstance(failure, TryLater) and "can't be reached (Connection refused)" in failure.message


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_that_isn_t_known_means_that_nothing_was_sent(scheme: str) -> None:
    failure = act(f"{scheme}://server.invalid")

    assert isinstance(failure, TryLater) and "can't be resolved" in failure.message


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_isn_t_there_is_named_and_not_the_server(scheme: str, closed_port: int) -> None:
    failure = act(f"{scheme}://server.invalid", proxy=f"http://127.0.0.1:{closed_port}")

    assert isinstance(failure, TryLater)
    assert failure.message == ("the proxy on the way to the server at server.invalid can't be used (Connection refused); check proxy")


@pytest.mark.parametrize(
    ("answer", "kind", "told"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", Refused, "didn't connect to it (HTTP 403)"),
        (b"HTTP/1.1 407 Who are you\r\n\r\n", Refused, "requires a valid user name and password (HTTP 407)"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", TryLater, "didn't connect to it (HTTP 502)"),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", TryLater, "didn't connect to it (HTTP 503)"),
        (b"", TryLater, "can't be used"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", TryLater, "can't be used"),
    ],
)
def test_a_tunnel_that_isn_t_opened_means_that_nothing_was_sent(answer: bytes, kind: type[Failure], told: str) -> None:
    server = Server([say(FINE)])
    with server.running() as url, RawProxy(answer).running() as proxy:
        failure = act(url.replace("http:", "https:"), proxy=proxy)

    assert failure.__class__ is kind and failure.code == "connection" and told in failure.message, failure.message
    assert failure.is_conclusive and server.requests == []


@pytest.mark.long
@pytest.mark.parametrize("has_proxy", [False, True], ids=["direct", "through a proxy"])
@pytest.mark.parametrize("play", [close, reset, say(FINE), lambda peer: time.sleep(2 * TIMEOUT)], ids=["closed", "reset", "http", "silent"])
def test_a_tls_handshake_that_fails_means_that_nothing_was_sent(play: Play, has_proxy: bool) -> None:
    server = Server([say(FINE)], before=play)
    with server.running() as url, RawProxy().running() as proxy:
        failure = act(url.replace("http:", "https:"), **({"proxy": proxy} if has_proxy else {}))

    assert isinstance(failure, TryLater), failure
    assert not any(b"/act" in head for head in server.requests)


@pytest.mark.parametrize("has_proxy", [False, True], ids=["direct", "through a proxy"])
def test_a_certificate_that_isn_t_trusted_is_the_server_s_also_through_a_proxy(authority: trustme.CA, has_proxy: bool) -> None:
    server = Server([say(FINE)], tls(authority))
    with server.running() as url, RawProxy().running() as proxy:
        failure = act(url, timeout=30, **({"proxy": proxy} if has_proxy else {}))

    assert failure.__class__ is Refused and failure.message.startswith("the TLS certificate of the server at 127.0.0.1:")
    assert server.requests == []


# A server that requires a client certificate


def require_certificate(context: ssl.SSLContext, trust: str, version: ssl.TLSVersion) -> Play:
    """The server's TLS: it refuses a client that shows no certificate by an alert, and reads on, so that no reset overtakes that."""
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(trust)
    context.maximum_version = version

    def play(peer: socket.socket) -> None:
        with peer.dup() as rest:
            with suppress(ssl.SSLError):
                context.wrap_socket(peer, server_side=True)
            rest.shutdown(socket.SHUT_WR)
            while rest.recv(65536):
                pass

    return play


@pytest.mark.parametrize("options", [{}, {"client_cert": "{theirs}"}], ids=["none", "one that the server doesn't know"])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["TLS 1.2", "TLS 1.3"])
def test_a_client_certificate_that_is_refused_is_told_by_its_option(
    authority: trustme.CA, trust: str, tmp_path: Path, options: dict[str, str], version: ssl.TLSVersion
) -> None:
    theirs = tmp_path / "theirs.pem"
    trustme.CA().issue_cert("client@example.com").private_key_and_cert_chain_pem.write_to_path(str(theirs))
    server = Server([say(FINE)], before=require_certificate(tls(authority), trust, version))
    with server.running() as url:
        failure = act(
            url.replace("http:", "https:"), ca_path=trust, **{name: value.format(theirs=theirs) for name, value in options.items()}
        )

    # By TLS 1.3, the client has sent its request before the server refuses its certificate.
    assert isinstance(failure, TryLater if version == ssl.TLSVersion.TLSv1_2 else AnswerLost), failure
    assert "TLS with the server at 127.0.0.1:" in failure.message and "ALERT" in failure.message
    assert "client_cert" in failure.message and "http://" not in failure.message


@pytest.mark.parametrize("end", [close, reset], ids=["closed", "reset"])
@pytest.mark.parametrize("shows_one", [False, True], ids=["none", "one"])
def test_where_nothing_is_told_a_certificate_that_isn_t_shown_may_be_why(
    authority: trustme.CA, trust: str, tmp_path: Path, end: Play, shows_one: bool
) -> None:
    mine = tmp_path / "mine.pem"
    authority.issue_cert("client@example.com").private_key_and_cert_chain_pem.write_to_path(str(mine))
    with Server([end], tls(authority)).running() as url:
        failure = act(url, ca_path=trust, **({"client_cert": str(mine)} if shows_one else {}))

    assert ("requires a client certificate (client_cert)" in failure.message) is not shows_one


def test_over_plain_http_no_certificate_can_be_lacking() -> None:
    with Server([close]).running() as url:
        assert "client_cert" not in act(url).message


def test_an_alert_that_may_be_about_ciphers_isn_t_told_as_a_refused_certificate_alone(authority: trustme.CA, trust: str) -> None:
    context = tls(authority)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    # The server's key is elliptic, so that it can't use the only cipher that it may.
    context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")
    with Server([say(FINE)], context).running() as url:
        message = act(url, ca_path=trust).message

    assert "HANDSHAKE_FAILURE" in message and "ciphers of TLS" in message


# A refusal of what may be sent twice on the way


def answering(status: int) -> Server:
    return Server([say(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode())])


def document(answer: Answer) -> Any:
    if answer.status != 200:
        raise answer.refusal()
    return answer.document()


@pytest.mark.parametrize(
    ("method", "status", "is_conclusive"),
    [
        ("PUT", 409, False),
        ("PUT", 400, False),
        ("PUT", 429, False),
        ("DELETE", 404, False),
        ("POST", 409, True),
        ("PUT", 401, True),
        ("PUT", 403, True),
        ("PUT", 407, True),
    ],
)
def test_a_refusal_of_what_a_gateway_may_send_twice_is_not_conclusive(method: str, status: int, is_conclusive: bool) -> None:
    with answering(status).running() as url, pytest.raises(Refused) as caught:
        session(url).write("/act", document, method=method)

    assert caught.value.is_conclusive is is_conclusive


def test_what_never_began_is_conclusive_whatever_the_method(closed_port: int) -> None:
    with pytest.raises(Refused) as caught:
        session(f"http://127.0.0.1:{closed_port}").write("/act", document, method="PUT")

    assert caught.value.is_conclusive


def test_urllib3_repeats_nothing_by_itself() -> None:
    server = Server([say(b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n")], keeps=True)
    with server.running() as url, pytest.raises(TryLater):
        session(url).write("/act", document, method="PUT")

    assert len(server.requests) == 1 and HTTPAdapter().max_retries.total == 0
