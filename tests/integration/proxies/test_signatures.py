# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests signed with access keys, behind proxies that remove a prefix and replace the Host. The signature covers the values that the
vendor receives.
"""

from __future__ import annotations

import pytest

from ..huawei import KEY
from ..iotda import KEY as IOTDA_KEY
from .conftest import Through
from .origins import Options

# Without a user.
NO_USER: Options = {"username": None, "password": None, "domain_name": None}
KEYS: dict[str, Options] = {"huawei": {**NO_USER, **KEY}, "iotda": {**NO_USER, **IOTDA_KEY}}

pytestmark = [
    pytest.mark.parametrize("vendor", KEYS),
    pytest.mark.parametrize("tls", [False, True], ids=["http", "https"]),
]


def test_a_prefix_that_the_proxy_takes_off_isn_t_signed(through: Through, vendor: str, tls: bool) -> None:
    """haproxy forwards the Host that it received."""
    outcome = through("haproxy", vendor, tls=tls, **KEYS[vendor])

    outcome.check_truth()
    assert outcome.row["reached"] and not outcome.failed, outcome.result


def test_a_host_that_the_proxy_puts_in_is_signed_in_place_of_its_own(through: Through, vendor: str, tls: bool) -> None:
    """nginx sends the name of its upstream (`$proxy_host`), unless it is configured otherwise."""
    outcome = through("nginx", vendor, tls=tls, signed_host=f"{vendor}{'s' if tls else ''}", **KEYS[vendor])

    outcome.check_truth()
    assert outcome.row["reached"] and not outcome.failed, outcome.result


def test_without_that_host_one_request_is_refused_and_no_second_one_sent(through: Through, vendor: str, tls: bool) -> None:
    """Five refusals in a row lock a key."""
    outcome = through("nginx", vendor, tls=tls, **KEYS[vendor])

    assert outcome.failed and outcome.code == "authentication" and "signed_host" in outcome.message, outcome.result
    assert outcome.origin.requests == 1


@pytest.mark.parametrize("proxy", ["squid", "tinyproxy"])
def test_a_forward_proxy_leaves_a_signature_as_it_is(through: Through, proxy: str, vendor: str, tls: bool) -> None:
    outcome = through(proxy, vendor, tls=tls, retries=3, **KEYS[vendor])

    outcome.check_truth()
    assert outcome.row["reached"] and not outcome.failed, outcome.result
