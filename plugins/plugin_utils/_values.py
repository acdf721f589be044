# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""A value that a user gives: a text, a number, a date or a list, in the forms that YAML, surveys, extra vars and rulebooks produce.

Each function takes the value and the user's name for it. It raises `Failure` (`usage`) with one sentence that says what to write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from math import isfinite
from typing import Any

import yaml
from jinja2 import Undefined

from ..module_utils._errors import Failure

try:
    # Up to ansible-core 2.18, with jinja2_native, any other text is parsed as a Python literal when a template returns it. A returned text
    # may also be evaluated again as a template, unless it's marked.
    from ansible.utils.native_jinja import NativeJinjaText
    from ansible.utils.unsafe_proxy import wrap_var
except ImportError:

    def _data(written: str) -> str:
        return str(written)

else:

    def _data(written: str) -> str:
        marked: str = wrap_var(NativeJinjaText(written))
        return marked


def is_given(value: Any) -> bool:
    """Whether the value isn't empty. AWX passes empty texts for unanswered questions."""
    return not (value is None or (isinstance(value, str) and not value.strip()))


def text(value: Any, name: str) -> str:
    """The text that the user wrote, also as the only one of a list. A value that could be written in several ways is refused."""
    _check_defined(value, name)
    if isinstance(value, list | tuple) and len(value) == 1:
        return text(value[0], name)
    if isinstance(value, str):
        return _data(value)
    if isinstance(value, bool | float | datetime):
        kind = "a truth value" if isinstance(value, bool) else "a number" if isinstance(value, float) else "a time"
        raise Failure("usage", f"{name} is {kind} ({value}), and its original spelling is lost; write it as a text, in quotes")
    if isinstance(value, int | date):
        return _data(str(value))
    raise _other(name, "one text", value)


def number(value: Any, name: str) -> float:
    """The number, also if it's written as a text."""
    _check_defined(value, name)
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            found = float(value)
        except ValueError:
            found = float("nan")
        if isfinite(found):
            return int(found) if found == int(found) else found
    raise _other(name, "a number", value)


def texts(value: Any, name: str) -> list[str]:
    """The texts of a list, of a list in a list, of a text with commas, or of one value."""
    return [text(part, name) for part in _parts(value, name)]


def mappings(value: Any, name: str) -> list[dict[str, Any]]:
    """The mappings of a list, of one mapping, or of the text of such a list in YAML or JSON."""
    _check_defined(value, name)
    if isinstance(value, str):
        try:
            value = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise Failure("usage", f"{name} is a text, and no YAML ({' '.join(str(error).split())}); give a list of mappings") from None
    parts = [value] if isinstance(value, Mapping) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, Mapping) for part in parts):
        raise _other(name, "a list of mappings", value)
    return [dict(part) for part in parts]


def _parts(value: Any, name: str) -> Iterator[Any]:
    _check_defined(value, name)
    if isinstance(value, str):
        yield from filter(None, (part.strip() for part in value.split(",")))
    elif isinstance(value, list | tuple | set | frozenset):
        for part in value:
            if isinstance(part, Mapping):
                raise _other(name, "texts", part)
            # A text within a list may hold a comma.
            yield from _parts(part, name) if isinstance(part, list | tuple | set | frozenset) else [part]
    elif isinstance(value, Mapping):
        raise _other(name, "a list", value)
    else:
        yield value


def check_whole(value: Any, name: str) -> None:
    """Refuse undefined values within plain data, at any depth."""
    _check_defined(value, name)
    if isinstance(value, Mapping):
        for key, part in value.items():
            if part is not None:
                check_whole(part, f"{name}.{key}")
    elif isinstance(value, list | tuple):
        for part in value:
            if part is not None:
                check_whole(part, name)


def _check_defined(value: Any, name: str) -> None:
    if isinstance(value, Undefined):
        missing = value._undefined_name
        raise Failure("usage", f"{name} isn't given, since the variable {missing or 'that it is made of'} is undefined; define it")
    if value is None:
        raise Failure("usage", f"{name} is empty; give it a value")


def _other(name: str, expected: str, value: Any) -> Failure:
    kind = "a mapping" if isinstance(value, Mapping) else "a list" if isinstance(value, list | tuple | set) else repr(value)
    return Failure("usage", f"{name} must be {expected}, and it is {kind}")
