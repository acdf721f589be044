# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which values among options are secret, in every spelling in which Ansible writes them; what is missing and where to give it."""

from __future__ import annotations

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._arguments import Arguments, from_environment
from ansible_collections.taskops.quiesce.plugins.module_utils._options import missing_options, passwords, secret_values, specification

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


CONNECTION = from_environment("KILN", {"url": {"type": "str", "required": True}, "user": {"type": "str"}, "key": {"type": "str"}})
DOORS = CONNECTION + from_environment("KILN", {"token": {"type": "str"}, "cert": {"type": "path"}, "cert_key": {"type": "path"}})
LOCKED = DOORS + Arguments(choices=[[("user", "key"), ("token",)]], required_by={"cert_key": ("cert",)})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"url": "http://h", "token": "T"}, ""),
        (
            {"token": "T"},
            "url is missing; give it in the task, by module_defaults of group/taskops.quiesce.kiln or in the environment as KILN_URL",
        ),
        (
            {"url": "http://h"},
            "neither user with key nor token is given; give them in the task, by module_defaults of group/taskops.quiesce.kiln or in the "
            "environment as KILN_USER, KILN_KEY or KILN_TOKEN",
        ),
        ({"url": "http://h", "key": "K"}, "user is missing, which key requires; give it in the task, by"),
        ({"url": "http://h", "token": "T", "cert_key": "k"}, "cert is missing, which cert_key requires; give it in the task, by"),
        ({"user": "jane"}, "url is missing, and key is missing, which user requires; give them in the task, by"),
    ],
)
def test_what_is_needed_and_missing_is_told_with_all_places_where_it_may_be_given(given: dict[str, str], told: str) -> None:
    found = missing_options(LOCKED, given, "kiln")

    assert found.startswith(told) and bool(found) == bool(told)


def test_where_module_defaults_don_t_count_they_aren_t_told() -> None:
    assert missing_options(CONNECTION, {}, "", "its options") == "url is missing; give it in its options or in the environment as KILN_URL"


def test_ansible_itself_requires_nothing_that_may_come_from_elsewhere() -> None:
    """By these rules ansible-lint judges a task; it knows neither the environment of the run nor module_defaults."""
    fixed = Arguments(options={"ids": {"type": "list", "required": True}, "batch": {"type": "str"}}, choices=[[("ids",), ("batch",)]])
    spec, rules = specification(LOCKED + fixed)

    assert [name for name, option in spec.items() if option.get("required")] == ["ids"]
    assert (rules["required_one_of"], rules["required_together"], rules["required_by"]) == ([["ids", "batch"]], [], {})
