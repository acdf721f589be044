# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that drip, never end or send bombs, over real sockets: an exchange ends in time and in size all the same."""

from __future__ import annotations

import gzip
import ssl
import time
import zlib
from typing import Any

import pytest
import trustme
from ansible_collections.taskops.quiesce.plugins.module_utils import _http
from ansible_collections.taskops.quiesce.plugins.module_utils._answer import Answer
from ansible_collections.taskops.quiesce.plugins.module_utils._clock import Deadline, SystemClock
from ansible_collections.taskops.quiesce.plugins.module_utils._connection import Connection
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import AnswerLost, Failure, TryLater
from ansible_collections.taskops.quiesce.plugins.module_utils._http import Http

from tests.ports import ReservedPort
from tests.unit.raw_server import HEAD, Play, Server, drip, for_ever, one_after_the_other, say

TIMEOUT = 0.4
# What a loaded machine may add; a drip as such would take many times longer.
SLACK = 1.5
BODY = b'{"status": true, "value": "' + b"x" * 200 + b'"}'


def ask(url: str, path: str = "/things", **options: Any) -> Any:
    """One read; the document."""
    clock = SystemClock()
    way = Connection(url, clock, Deadline(clock, 60), timeout=TIMEOUT, retries=0, **options)
    return Http(way, "the server", "").read(path, Answer.document)


SIZED = HEAD + f"Content-Length: {len(BODY)}\r\n\r\n".encode()
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
SLOW = {
    "the status line": drip(SIZED + BODY),
    "the headers": one_after_the_other(say(HEAD), drip(b"X-Header: " + b"x" * 500)),
    "headers without end": one_after_the_other(say(HEAD), drip(b"X: y\r\n" * 90, 0.005)),
    "a body of known size": one_after_the_other(say(SIZED), drip(BODY)),
    "a chunk": one_after_the_other(say(CHUNKED + b"ff\r\n"), drip(b"x" * 255)),
    "a chunk's size": one_after_the_other(say(CHUNKED), drip(b"0" * 500)),
    "chunks without end": one_after_the_other(say(CHUNKED), drip(b"1\r\nx\r\n" * 500)),
    "a body until the end": one_after_the_other(say(HEAD + b"\r\n"), drip(BODY)),
    "a compressed body": one_after_the_other(
        say(HEAD + f"Content-Encoding: gzip\r\nContent-Length: {len(gzip.compress(BODY))}\r\n\r\n".encode()), drip(gzip.compress(BODY))
    ),
    "informational answers without end": drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 50, 0.01),
    "nothing at all": lambda peer: time.sleep(3),
}


@pytest.mark.long
@pytest.mark.parametrize("play", SLOW.values(), ids=SLOW)
def test_a_drip_doesn_t_stretch_an_exchange_beyond_its_timeout(play: Play) -> None:
    with Server([play]).running() as url:
        begun = time.monotonic()
        with pytest.raises(Failure) as caught:
            ask(url)
        took = time.monotonic() - begun

    assert isinstance(caught.value, AnswerLost) and caught.value.code == "timeout"
    assert TIMEOUT * 0.9 <= took < TIMEOUT + SLACK


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def test_a_drip_within_tls_is_cut_too(authority: trustme.CA, tmp_path: Any) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with Server([drip(SIZED + BODY)], tls(authority)).running() as url:
        begun = time.monotonic()
        with pytest.raises(AnswerLost) as caught:
            ask(url, ca_path=str(tmp_path / "ca.pem"))

        assert caught.value.code == "timeout" and time.monotonic() - begun < TIMEOUT + SLACK


def test_a_handshake_that_drips_is_cut_and_nothing_is_sent(authority: trustme.CA) -> None:
    record = b"\x16\x03\x03\x40\x00" + b"\x02\x00\x3f\xfc" + b"\x00" * 500
    server = Server([say(SIZED + BODY)], before=drip(record))
    with server.running() as url:
        begun = time.monotonic()
        with pytest.raises(Failure) as caught:
            ask(url.replace("http:", "https:"))

        assert caught.value.code in ("timeout", "connection") and time.monotonic() - begun < TIMEOUT + SLACK
    assert not any(b"GET /things" in head for head in server.requests)


def test_a_proxy_that_drips_its_word_is_cut(authority: trustme.CA) -> None:
    with Server([drip(b"HTTP/1.1 200 Connection established\r\n" + b"X: y\r\n" * 100)]).running() as proxy:
        begun = time.monotonic()
        with pytest.raises(Failure) as caught:
            ask("https://server.invalid", proxy=proxy)

        assert caught.value.code in ("timeout", "connection") and time.monotonic() - begun < TIMEOUT + SLACK


def test_a_connection_serves_on_after_an_exchange_whose_time_then_runs_out() -> None:
    """Its end is no matter of the connection any more: the pause between two exchanges may be longer than the time-out."""
    server = Server([say(SIZED + BODY)], keeps=True)
    clock = SystemClock()
    with server.running() as url:
        http = Http(Connection(url, clock, Deadline(clock, 60), timeout=TIMEOUT, retries=0), "the server", "")
        for pause in (TIMEOUT * 1.5, 0):
            assert http.read("/things", Answer.document)["status"] is True
            time.sleep(pause)

    assert (len(server.requests), server.connections) == (2, 1)


def test_the_read_after_one_that_was_cut_gets_a_connection_of_its_own() -> None:
    server = Server([drip(SIZED + BODY), say(SIZED + BODY)], keeps=True)
    clock = SystemClock()
    with server.running() as url:
        http = Http(Connection(url, clock, Deadline(clock, 60), timeout=TIMEOUT, retries=1), "the server", "")

        assert http.read("/things", Answer.document)["status"] is True
    assert server.connections == 2


def test_nobody_listening_is_still_told_as_such() -> None:
    with ReservedPort() as port, pytest.raises(TryLater, match="can't be reached"):
        ask(f"http://127.0.0.1:{port}")


# Sizes


def compressed(coding: str, body: bytes) -> bytes:
    if coding == "bare deflate":
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        return packer.compress(body) + packer.flush()
    return gzip.compress(body) if coding == "gzip" else zlib.compress(body)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "bare deflate"])
@pytest.mark.parametrize("size", [0, 1, 65536, 1024 * 1024 + 1, 3_000_000])
def test_a_compressed_answer_is_read(coding: str, size: int) -> None:
    packed = compressed(coding, b'"' + b"x" * size + b'"')
    head = HEAD + f"Content-Encoding: {coding.removeprefix('bare ')}\r\nContent-Length: {len(packed)}\r\n\r\n".encode()

    with Server([say(head + packed)]).running() as url:
        assert ask(url) == "x" * size


def test_a_compressed_answer_of_several_members_is_read() -> None:
    packed = gzip.compress(b'["one", ') + gzip.compress(b'"two"]')

    with Server([say(HEAD + f"Content-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode() + packed)]).running() as url:
        assert ask(url) == ["one", "two"]


@pytest.mark.parametrize(
    "packed", [b"this isn't gzip", gzip.compress(BODY)[:-12], gzip.compress(BODY) + b"and more"], ids=["none", "cut", "more"]
)
def test_a_compressed_answer_that_is_broken_is_told_as_such(packed: bytes) -> None:
    with (
        Server([say(HEAD + f"Content-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode() + packed)]).running() as url,
        pytest.raises(Failure, match="compression") as caught,
    ):
        ask(url)

    assert caught.value.code == "protocol"


ENDLESS = {
    "chunks": (CHUNKED, b"10000\r\n" + b" " * 65536 + b"\r\n"),
    "a body": (HEAD + b"\r\n", b" " * 65536),
    "a body after a redirect": (HEAD.replace(b"200 OK", b"302 Found") + b"Location: /elsewhere\r\n\r\n", b" " * 65536),
    "a body after an error": (HEAD.replace(b"200 OK", b"500 Broken") + b"\r\n", b" " * 65536),
}


@pytest.mark.parametrize("answer", ENDLESS.values(), ids=ENDLESS)
def test_an_answer_without_end_is_cut_off(answer: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_http, "MAX_BODY", 1024 * 1024)
    head, piece = answer

    with Server([one_after_the_other(say(head), for_ever(piece))]).running() as url, pytest.raises(Failure) as caught:
        ask(url)

    assert caught.value.code == "protocol" and "over 1 MiB" in caught.value.message


def test_a_redirect_is_never_followed_not_even_to_be_looked_at() -> None:
    server = Server([say(HEAD.replace(b"200 OK", b"302 Found") + b"Location: http://\xff\xfe[/\r\nContent-Length: 0\r\n\r\n")])

    with server.running() as url, pytest.raises(Failure, match="redirected to another place") as caught:
        ask(url)

    assert caught.value.code == "protocol" and len(server.requests) == 1
