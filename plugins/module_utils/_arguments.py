# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Module options as data, with the rules between them. Vendors and option groups define them, and `+` merges them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from ._errors import Failure

Options = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Arguments:
    """`options` as AnsibleModule takes them, and rules over them.

    `environment` names the options that fall back to the environment. Each of `choices` is a group of ways of which exactly one is needed;
    each way is a tuple of options that belong together. A way that the playbook gives overrides the environment's values for the other
    ways. `companions` are options that go with another one (`security_token` with `access_key`): they come from the environment only if
    that one does too.
    """

    options: Options = field(default_factory=dict)
    environment: Mapping[str, Sequence[str]] = field(default_factory=dict)
    choices: Sequence[Sequence[tuple[str, ...]]] = ()
    companions: Mapping[str, str] = field(default_factory=dict)
    required_by: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __add__(self, other: Arguments) -> Arguments:
        return Arguments(
            options={**self.options, **other.options},
            environment={**self.environment, **other.environment},
            choices=(*self.choices, *other.choices),
            companions={**self.companions, **other.companions},
            required_by={**self.required_by, **other.required_by},
        )

    @property
    def secrets(self) -> list[str]:
        return [name for name, option in self.options.items() if option.get("no_log")]


def from_environment(prefix: str, options: Options) -> Arguments:
    """Options of a connection. Each one falls back to the environment variable PREFIX_OPTION."""
    return Arguments(options=options, environment={name: (f"{prefix}_{name.upper()}",) for name in options})


def connection(prefix: str, needs_url: bool) -> Arguments:
    """The options by which every module reaches its system."""
    options: Options = {
        "url": {"type": "str", "required": True} if needs_url else {"type": "str"},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "client_cert": {"type": "path"},
        "client_key": {"type": "path"},
        "proxy": {"type": "str"},
        "timeout": {"type": "float", "default": 30},
        "retries": {"type": "int", "default": 3},
    }
    return from_environment(prefix, options) + Arguments(required_by={"client_key": ("client_cert",)})


STATE_OPTIONS = Arguments(
    options={
        "state": {"type": "str", "required": True, "choices": ["paused", "started", "stopped"]},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "float", "default": 300},
        "poll_interval": {"type": "float", "default": 5},
        "drain": {"type": "float", "default": 0},
        "if_unpausable": {"type": "str", "default": "fail", "choices": ["fail", "stop", "skip"]},
    },
)

# The information modules take these too: they read many tasks, and have to know the same states.
COMMON = Arguments(options={"concurrency": {"type": "int", "default": 8}, "state_map": {"type": "dict"}})


def check_numbers(params: Mapping[str, Any]) -> None:
    """Refuse numbers that make no sense before anything is sent. Raises `Failure` (`usage`)."""
    least = {"timeout": 0.1, "retries": 0, "wait_timeout": 0.1, "poll_interval": 0.05, "drain": 0, "concurrency": 1}
    for option, minimum in least.items():
        value = params.get(option)
        if value is not None and not minimum <= value < float("inf"):
            raise Failure("usage", f"{option} is {value:g}; it must be at least {minimum:g}")
    if params.get("drain") and not params.get("wait"):
        raise Failure("usage", "drain needs wait: true, since it gives running tasks time to end; remove drain, or set wait: true")


def check_ids(option: str, given: Sequence[Any], noun: str = "task") -> list[str]:
    """The ids as text; an empty list gives an empty list. Raises `Failure` (`usage`) for an id that occurs twice or that would change the
    path of an address.
    """
    ids = [str(id_) for id_ in given]
    seen: set[str] = set()
    for id_ in ids:
        if not id_.strip():
            raise Failure("usage", f"{option} holds an empty entry; remove it or name a {noun} there")
        if not is_addressable(id_):
            raise Failure("usage", f"{option} holds {id_!r}, which can't stand in an address (slash, control character or dots only)")
        if id_ in seen:
            raise Failure("usage", f"{option} names {id_} twice; name each {noun} once")
        seen.add(id_)
    return ids


def is_addressable(id_: str) -> bool:
    """Whether an id can be one segment of a path. The rule holds for ids that the user writes and for those that a system lists."""
    return id_ not in (".", "..") and "/" not in id_ and id_.isprintable() and _encodable(id_)


def in_path(id_: str) -> str:
    """An id as one segment of a path: every character but letters, digits and `-._~` is percent-encoded.

    Raises `Failure` (`protocol`) for an id that can't be written there. Only a system's own list can bring such an id.
    """
    if not _encodable(id_):
        raise Failure("protocol", f"the system names a task {id_!r}, which can't stand in an address; look at it there")
    return quote(id_, safe="")


def _encodable(text: str) -> bool:
    """Whether the text isn't empty and UTF-8 can encode it. JSON can bring half of a surrogate pair, which UTF-8 can't encode."""
    try:
        return bool(text.encode())
    except UnicodeEncodeError:
        return False
