# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every system behind every proxy, by plain http and by TLS: forwarded requests, and the result if an answer is lost."""

from __future__ import annotations

import pytest

from .conftest import Through
from .origins import VENDORS
from .servers import PROXIES

pytestmark = [
    pytest.mark.parametrize("vendor", VENDORS),
    pytest.mark.parametrize("tls", [False, True], ids=["http", "https"]),
]
REVERSE = ("nginx", "haproxy")


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_task_is_brought_to_rest_by_one_action(through: Through, proxy: str, vendor: str, tls: bool) -> None:
    """The address of a reverse proxy has a prefix, which the proxy removes."""
    # tinyproxy closes a connection without saying so, now and then under the next request.
    outcome = through(proxy, vendor, tls=tls, retries=3)

    outcome.check_truth()
    assert outcome.row["reached"] and outcome.result["changed"], outcome.result
    assert [write for write in outcome.origin.writes if write.endswith("!")] == outcome.origin.writes and len(outcome.origin.writes) == 1


@pytest.mark.parametrize("proxy", PROXIES)
def test_an_action_that_took_hold_is_told_though_its_answer_is_lost(through: Through, proxy: str, vendor: str, tls: bool) -> None:
    outcome = through(proxy, vendor, tls=tls, fault="reset_after", retries=3)

    outcome.check_truth()
    assert outcome.row["reached"] and outcome.result["changed"], outcome.result


@pytest.mark.parametrize("proxy", PROXIES)
def test_an_action_that_never_took_hold_is_sent_again(through: Through, proxy: str, vendor: str, tls: bool) -> None:
    outcome = through(proxy, vendor, tls=tls, fault="reset_before", retries=3)

    outcome.check_truth()
    assert outcome.row["reached"] and outcome.result["changed"], outcome.result


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_dead_system_is_told_as_a_connection_that_fails(through: Through, proxy: str, vendor: str, tls: bool) -> None:
    outcome = through(proxy, vendor, "dead", tls=tls)

    assert outcome.failed and outcome.code == "connection", outcome.result
    assert not outcome.result["changed"] and outcome.origin.requests == 0
    assert ("<" not in outcome.message and "proxy" in outcome.message) or "gateway" in outcome.message
