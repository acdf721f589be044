# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `host_pattern`: patterns that match a host pass unchanged, and others are refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.taskops.quiesce.plugins.filter.host_pattern import host_pattern

GROUPS = {"all": ["j1", "j2", "keeper"], "jump": ["j1", "j2"], "ungrouped": ["keeper"]}


@pytest.mark.parametrize("pattern", ["j1", "jump", "all", "j*", "jump:!j1", "nosuch:j1", ["j1"], "localhost", "127.0.0.1"])
def test_a_pattern_that_matches_a_host_is_returned(pattern: Any) -> None:
    assert host_pattern(pattern, GROUPS) == pattern


@pytest.mark.parametrize("pattern", ["nosuch", "x*", "jump:!all", ["nosuch"], "j1:&keeper"])
def test_a_pattern_that_matches_none_is_refused(pattern: Any) -> None:
    with pytest.raises(AnsibleFilterError, match=r"the inventory has no host .*, where this playbook should run"):
        host_pattern(pattern, GROUPS)


def test_the_implicit_localhost_needs_no_inventory() -> None:
    assert host_pattern("localhost", {"all": []}) == "localhost"
