# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which values among options are secret, in every spelling in which Ansible writes them."""

from __future__ import annotations

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._arguments import Arguments
from ansible_collections.taskops.quiesce.plugins.module_utils._options import passwords, secret_values

LOGIN = Arguments(options={"username": {"type": "str"}, "password": {"type": "str", "no_log": True}})


def test_what_isn_t_to_be_logged_is_secret_and_nothing_else() -> None:
    assert secret_values(LOGIN, {"username": "sigma", "password": "3D391497"}) == {"3D391497"}


def test_a_secret_with_quotes_of_both_kinds_is_known_as_python_writes_it_too() -> None:
    secret = 'it\'s "so"'

    assert secret_values(LOGIN, {"password": secret}) == {secret, 'it\\\'s "so"'}
    assert str({"password": secret})[len("{'password': '") : -len("'}")] in secret_values(LOGIN, {"password": secret})


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("http://proxy.example.com:3128", set()),
        ("http://jane@proxy.example.com:3128", set()),
        ("http://jane:p%40ss@proxy.example.com:3128", {"p%40ss", "p@ss"}),
        ("jane:p4ss@proxy.example.com:3128", {"p4ss"}),
        ("http://jane:p4/ss@proxy.example.com:3128", {"p4/ss"}),
        ("http://jane:p4:ss@proxy.example.com:3128", {"p4:ss"}),
    ],
)
def test_the_password_of_a_proxy_is_found_however_its_address_is_written(address: str, found: set[str]) -> None:
    assert set(passwords({"proxy": address})) == found


def test_the_password_in_any_other_address_is_found_in_its_host_alone() -> None:
    params = {"url": "http://jane:p4ss@server.example.com/api", "ca_path": "http://server.example.com:80/a@b"}

    assert set(passwords(params)) == {"p4ss"}
