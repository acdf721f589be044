# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proxies that repeat an action by themselves. HTTP permits that for PUT (RFC 9110, 9.2.2), and some do it for POST. VIAS refuses the
second copy, since the first one had an effect.
"""

from __future__ import annotations

import pytest

from .conftest import Through

BY_THEMSELVES = [("nginx", "plain"), ("nginx", "both"), ("haproxy", "again")]


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
@pytest.mark.parametrize(("proxy", "kind"), BY_THEMSELVES)
def test_our_own_stop_is_told_as_ours_though_its_copy_was_refused(through: Through, proxy: str, kind: str, tls: bool) -> None:
    outcome = through(proxy, "huawei", kind, tls=tls, fault="reset_after", retries=3)

    assert outcome.origin.writes == ["stop!", "stop"]
    outcome.check_truth()
    assert outcome.row["reached"] and not outcome.failed, outcome.result


@pytest.mark.usefixtures("closing")
@pytest.mark.parametrize(("proxy", "kind"), [*BY_THEMSELVES, ("squid", "plain"), ("tinyproxy", "plain"), ("haproxy", "plain")])
def test_the_same_holds_for_a_connection_that_ends_in_the_ordinary_way(through: Through, proxy: str, kind: str) -> None:
    outcome = through(proxy, "huawei", kind, fault="reset_after", retries=3)

    assert outcome.origin.writes[0] == "stop!"
    outcome.check_truth()
    assert outcome.row["reached"] and not outcome.failed, outcome.result


@pytest.mark.usefixtures("closing")
@pytest.mark.parametrize("vendor", ["totalcontrol", "ctrlapi", "hitachi", "iotda"])
def test_a_task_gets_there_through_a_proxy_that_repeats_even_post(through: Through, vendor: str) -> None:
    """haproxy violates the standard if it is configured so. It can't be detected then which copy was refused. The page on proxies says how
    to prevent that.
    """
    outcome = through("haproxy", vendor, "again", fault="reset_after", retries=3)

    assert outcome.origin.writes[0].endswith("!")
    assert outcome.row["reached"] and outcome.origin.has_arrived and not outcome.failed, outcome.result
