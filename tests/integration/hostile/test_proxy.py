# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each system behind a real proxy, whose own log shows the forwarded requests, and the messages if it refuses a request."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from tests.ports import ReservedPort

from ..cases import check_failure
from .alone import Alone
from .authentications import AUTHENTICATIONS, PROXY_PASSWORD, Authentication
from .echoes import echo
from .search import found
from .systems import System, running
from .tinyproxy import Tinyproxy, tinyproxy

USER, PASSWORD, WRONG = "proxy-user", "Pr0xy-S3cret.of_ours", "An0ther-S3cret.of_ours"
# As it may be written in an address, in which each character may be percent-encoded.
WRITTEN = PASSWORD.replace("-", "%2D")
DOWN = "127.0.0.1:1"


@pytest.fixture(
    params=[authentication for authentication in AUTHENTICATIONS if authentication.is_full],
    ids=lambda authentication: authentication.vendor,
)
def authentication(request: pytest.FixtureRequest) -> Authentication:
    """One for each vendor."""
    chosen: Authentication = request.param
    return chosen


@pytest.fixture
def system(authentication: Authentication) -> Iterator[System]:
    with running(authentication) as system:
        yield system


@pytest.fixture
def secure(authentication: Authentication) -> Iterator[System]:
    with running(authentication, tls=True) as system:
        yield system


@pytest.fixture(params=["http", "https"])
def either(request: pytest.FixtureRequest, authentication: Authentication) -> Iterator[System]:
    with running(authentication, tls=request.param == "https") as system:
        yield system


@pytest.fixture(scope="module")
def proxies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Tinyproxy]]:
    with (
        ReservedPort() as first,
        ReservedPort() as second,
        ReservedPort() as third,
        tinyproxy(tmp_path_factory.mktemp("proxy"), first) as proxy,
        tinyproxy(tmp_path_factory.mktemp("guarded"), second, user=USER, password=PASSWORD) as guarded,
        tinyproxy(tmp_path_factory.mktemp("narrow"), third, connect_ports=[443]) as narrow,
    ):
        yield {"proxy": proxy, "guarded": guarded, "narrow": narrow}


@pytest.fixture
def proxy(proxies: dict[str, Tinyproxy]) -> Tinyproxy:
    """A proxy that permits everything."""
    return proxies["proxy"].from_now()


@pytest.fixture
def guarded(proxies: dict[str, Tinyproxy]) -> Tinyproxy:
    """A proxy that requires authentication."""
    return proxies["guarded"].from_now()


@pytest.fixture
def narrow(proxies: dict[str, Tinyproxy]) -> Tinyproxy:
    """A proxy that only connects to the usual port of https, as most do."""
    return proxies["narrow"].from_now()


def all_of(system: System) -> list[tuple[str, str]]:
    """The requests in the proxy's log if all of the system's requests came through it."""
    return [(method, system.url + target) for method, target in system.requests()]


def secrets(password: str) -> set[str]:
    return {password, base64.b64encode(f"{USER}:{password}".encode()).decode()}


def test_each_request_of_plain_http_goes_through_the_proxy(alone: Alone, system: System, proxy: Tinyproxy) -> None:
    result = alone.call(system.authentication.module, system.options(proxy=proxy.url))

    assert result.row["reached"]
    assert proxy.requests(system.port) == all_of(system) != []


def test_https_goes_through_a_tunnel_in_which_the_proxy_sees_nothing(alone: Alone, secure: System, proxy: Tinyproxy) -> None:
    result = alone.call(secure.authentication.module, secure.options(proxy=proxy.url))

    assert result.row["reached"] and secure.requests()
    assert set(proxy.requests(secure.port)) == {("CONNECT", f"127.0.0.1:{secure.port}")}


def test_the_proxy_is_given_the_user_and_password_of_its_address(alone: Alone, system: System, guarded: Tinyproxy) -> None:
    result = alone.call(system.authentication.module, system.options(proxy=guarded.with_user(f"{USER}:{WRITTEN}")))

    assert result.row["reached"]
    assert guarded.requests(system.port) == all_of(system) != []
    assert list(found(secrets(PASSWORD), {"what it printed": result["printed"]})) == []


def test_only_the_proxy_gets_its_password_and_not_the_system_at_the_other_end(alone: Alone, secure: System, guarded: Tinyproxy) -> None:
    result = alone.call(secure.authentication.module, secure.options(proxy=guarded.with_user(f"{USER}:{PASSWORD}")))

    assert result.row["reached"] and guarded.requests(secure.port)
    assert list(found(secrets(PASSWORD), {"what the system got": secure.said(), "what it printed": result["printed"]})) == []


def test_a_proxy_that_wants_to_know_the_caller_is_told_as_that_and_asked_once(alone: Alone, either: System, guarded: Tinyproxy) -> None:
    result = alone.call(either.authentication.module, either.options(proxy=guarded.url))

    check_failure(result, "connection")
    assert result["msg"].startswith("the proxy on the way to ") and "requires a valid user name and password (HTTP 407)" in result["msg"]
    assert "give them in proxy as" in result["msg"]
    assert (len(guarded.requests(either.port)), either.requests()) == (1, [])


def test_a_proxy_that_refuses_the_password_is_told_as_that_and_asked_once(alone: Alone, secure: System, guarded: Tinyproxy) -> None:
    result = alone.call(secure.authentication.module, secure.options(proxy=guarded.with_user(f"{USER}:{WRONG}")))

    check_failure(result, "connection")
    assert result["msg"].startswith("the proxy on the way to ") and "requires a valid user name and password (HTTP 401)" in result["msg"]
    assert (len(guarded.requests(secure.port)), secure.requests()) == (1, [])
    assert list(found(secrets(WRONG), {"what it printed": result["printed"]})) == []


def test_a_refusal_that_may_be_a_proxy_s_is_told_with_that_and_asked_for_once(alone: Alone, system: System, guarded: Tinyproxy) -> None:
    """Over plain http, tinyproxy refuses a wrong password with 401, like the system itself."""
    result = alone.call(system.authentication.module, system.options(proxy=guarded.with_user(f"{USER}:{WRONG}")))

    check_failure(result, "authentication")
    assert result["msg"].endswith("; if it's the proxy on the way that refuses, check the user name and password in proxy.")
    assert (len(guarded.requests(system.port)), system.requests()) == (1, [])
    assert list(found(secrets(WRONG), {"what it printed": result["printed"]})) == []


def test_a_proxy_of_the_environment_is_told_as_one_of_there(alone: Alone, either: System, guarded: Tinyproxy) -> None:
    address = guarded.with_user(f"{USER}:{WRONG}")

    result = alone.call(either.authentication.module, either.options(), http_proxy=address, https_proxy=address)

    assert result.failed and "http_proxy and https_proxy in the environment" in result["msg"]
    assert either.requests() == []
    assert list(found(secrets(WRONG), {"what it printed": result["printed"]})) == []


def test_a_proxy_of_the_environment_is_used_for_plain_http(alone: Alone, system: System, proxy: Tinyproxy) -> None:
    result = alone.call(system.authentication.module, system.options(), http_proxy=proxy.url)

    assert result.row["reached"]
    assert proxy.requests(system.port) == all_of(system) != []


def test_a_proxy_of_the_environment_is_used_for_https(alone: Alone, secure: System, proxy: Tinyproxy) -> None:
    result = alone.call(secure.authentication.module, secure.options(), HTTPS_PROXY=proxy.url, http_proxy=f"http://{DOWN}")

    assert result.row["reached"]
    assert set(proxy.requests(secure.port)) == {("CONNECT", f"127.0.0.1:{secure.port}")}


def test_no_proxy_of_the_environment_leads_past_it(alone: Alone, system: System, proxy: Tinyproxy) -> None:
    result = alone.call(system.authentication.module, system.options(), http_proxy=proxy.url, NO_PROXY="localhost,127.0.0.0/8")

    assert result.row["reached"] and system.requests()
    assert proxy.requests(system.port) == []


def test_no_proxy_of_the_environment_is_no_matter_of_other_hosts(alone: Alone, system: System, proxy: Tinyproxy) -> None:
    result = alone.call(system.authentication.module, system.options(), http_proxy=proxy.url, NO_PROXY="localhost,10.0.0.0/8,.example.com")

    assert result.row["reached"]
    assert proxy.requests(system.port) == all_of(system) != []


def test_a_proxy_that_is_down_is_told_and_nothing_goes_past_it(alone: Alone, either: System) -> None:
    result = alone.call(either.authentication.module, either.options(proxy=f"http://{USER}:{PASSWORD}@{DOWN}", retries=0))

    check_failure(result, "connection")
    assert result["msg"].startswith("the proxy on the way to ") and "can't be used (Connection refused); check proxy" in result["msg"]
    assert either.requests() == []
    assert list(found(secrets(PASSWORD), {"what it printed": result["printed"]})) == []


def test_a_proxy_that_doesn_t_connect_to_such_a_port_is_told_and_asked_once(alone: Alone, secure: System, narrow: Tinyproxy) -> None:
    result = alone.call(secure.authentication.module, secure.options(proxy=narrow.url))

    check_failure(result, "connection")
    assert result["msg"].startswith("the proxy on the way to ") and f"127.0.0.1:{secure.port} didn't connect to it" in result["msg"]
    assert "(HTTP 403); check whether that proxy allows this host and port" in result["msg"]
    assert (narrow.requests(secure.port), secure.requests()) == ([("CONNECT", f"127.0.0.1:{secure.port}")], [])


def test_a_proxy_that_can_t_connect_now_is_asked_again(alone: Alone, authentication: Authentication, proxy: Tinyproxy) -> None:
    with running(authentication, tls=True) as ended:
        options = ended.options(proxy=proxy.url, retries=1, ca_path=None)

    result = alone.call(authentication.module, options)

    check_failure(result, "connection")
    assert "didn't connect to it (HTTP 500)" in result["msg"]
    assert len(proxy.requests(ended.port)) > 1


@pytest.mark.parametrize("place", ["the option", "the environment"])
def test_a_proxy_that_repeats_what_it_was_sent_doesn_t_make_its_password_known(
    alone: Alone, authentication: Authentication, place: str
) -> None:
    with running(authentication, begin=echo(500)) as talkative:
        address = f"http://{USER}:{PROXY_PASSWORD.replace(' ', '%20')}@127.0.0.1:{talkative.port}"
        given = {"proxy": address} if place == "the option" else {}
        result = alone.call(authentication.module, talkative.options(retries=0, **given), **({} if given else {"http_proxy": address}))

    check_failure(result, "refused")
    assert list(found(secrets(PROXY_PASSWORD), {"what was sent": talkative.said()})), "nothing was sent that could be repeated"
    assert list(found(secrets(PROXY_PASSWORD), {"what it printed": result["printed"]})) == []


@pytest.mark.parametrize("address", [f"{USER}:{PASSWORD}@{DOWN}", f"//{USER}:{PASSWORD}@{DOWN}", f"http://{USER}:a/{PASSWORD}@{DOWN}"])
def test_a_password_in_a_badly_written_address_is_hidden_all_the_same(alone: Alone, address: str) -> None:
    with running(AUTHENTICATIONS[0]) as system:
        result = alone.call(system.authentication.module, system.options(proxy=address, retries=0))

    assert result.failed
    assert system.requests() == []
    assert list(found(secrets(PASSWORD), {"what it printed": result["printed"]})) == []


def test_a_letter_that_no_header_can_hold_is_told(alone: Alone) -> None:
    with running(AUTHENTICATIONS[0]) as system:
        result = alone.call(system.authentication.module, system.options(proxy=f"http://{USER}:%E2%82%AC{PASSWORD}@{DOWN}"))

    check_failure(result, "usage")
    assert "check proxy" in result["msg"] and system.requests() == []
