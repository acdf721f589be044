# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modifications of an answer: of the JSON document, the bytes, the headers and the status.

A modification is drawn before the answer is known. So it selects its place by a number modulo the number of places.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from tests.emulator.messages import Reply

# Stands for a raw text while a document is written.
HOLE = "a hole in the document"
# Distinguishes a key from an equal one in the document. It is removed when the document is written.
AGAIN = "\ud7ff"
EMBRACED = 400
DEEP = 100_000

# Texts that replace a value. Some of them aren't JSON.
VALUES: Mapping[str, str] = {
    **{text: text for text in ("null", "true", "false", "0", "-1", "1.5", "1e400", "-1e400", "NaN", "-Infinity", '""', '" "', "[]", "{}")},
    **{
        text: text
        for text in ('"null"', '"0"', '"-1"', '"RUNNING"', '"Stopped"', '"../../x"', '"a\\nb"', '"\\u0000"', "[null]", "[[]]", "[{}]")
    },
    "half of a surrogate pair": '"\\ud800"',
    "a huge number": "1" + 400 * "0",
    "a number with too many digits": 5000 * "9",
    "a number in other digits": '"\\u0661\\u0662"',
    "a long text": '"' + 20_000 * "x" + '"',
    "nested lists": EMBRACED * "[" + EMBRACED * "]",
    "nested objects": EMBRACED * '{"a":' + "1" + EMBRACED * "}",
    "lists nested without end": DEEP * "[" + DEEP * "]",
    "objects nested without end": DEEP * '{"a":' + "1" + DEEP * "}",
}
WAYS = ("replace", "replace", "replace", "drop", "twice", "wrap", "swap", "add", "double the key", "rename the key", "empty")


@dataclass(frozen=True)
class Document:
    """A modification of one place in the JSON document."""

    way: str
    place: int
    other: int
    value: str

    def __call__(self, reply: Reply) -> Reply:
        try:
            document = json.loads(reply.body)
        except (ValueError, RecursionError):
            return reply
        changed = self._changed({"": document})[""]
        text = json.dumps(changed, ensure_ascii=False).replace(json.dumps(HOLE), VALUES[self.value]).replace(AGAIN, "")
        return replace(reply, body=text.encode("utf-8", "surrogatepass"))

    def _changed(self, whole: dict[str, Any]) -> dict[str, Any]:
        places = list(_places(whole))
        holder, key = places[self.place % len(places)]
        another, its = places[self.other % len(places)]
        if self.way == "drop" and holder is not whole:
            del holder[key]
        elif self.way == "twice" and isinstance(holder, list):
            holder.insert(key, holder[key])
        elif self.way == "wrap":
            holder[key] = [holder[key]]
        elif self.way == "swap":
            # A copy, since a document can't contain itself.
            holder[key] = json.loads(json.dumps(another[its]))
        elif self.way == "add" and isinstance(holder[key], dict):
            holder[key]["unheard of"] = HOLE
        elif self.way == "double the key" and isinstance(holder, dict) and holder is not whole:
            holder[f"{key}{AGAIN}"] = HOLE
        elif self.way == "rename the key" and isinstance(holder, dict) and holder is not whole:
            holder[str(key).upper()] = holder.pop(key)
        elif self.way == "empty" and isinstance(holder[key], (dict, list)):
            holder[key].clear()
        else:
            holder[key] = HOLE
        return whole


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each value of a document, as its parent object or list, and its key or index there."""
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], (dict, list)):
            yield from _places(value[key])


@dataclass(frozen=True)
class Bytes:
    """A modification of the body's bytes."""

    way: str
    place: int
    value: int

    def __call__(self, reply: Reply) -> Reply:
        return replace(reply, body=BYTES[self.way](reply.body, self.place % (len(reply.body) + 1), bytes([self.value])))


BYTES: Mapping[str, Callable[[bytes, int, bytes], bytes]] = {
    "nothing": lambda body, place, byte: b"",
    "a blank": lambda body, place, byte: b" \n",
    "cut": lambda body, place, byte: body[:place],
    "one byte": lambda body, place, byte: body[:place] + byte + body[place + 1 :],
    "one byte more": lambda body, place, byte: body[:place] + byte + body[place:],
    "only bytes": lambda body, place, byte: byte * place,
    "twice": lambda body, place, byte: body + body,
    "utf-16": lambda body, place, byte: body.decode("utf-8", "replace").encode("utf-16"),
    "utf-32": lambda body, place, byte: body.decode("utf-8", "replace").encode("utf-32-be"),
    "utf-8 with a mark": lambda body, place, byte: body.decode("utf-8", "replace").encode("utf-8-sig"),
    "latin-1": lambda body, place, byte: body.decode("utf-8", "replace").encode("latin-1", "replace") + b"\xe9",
    "gzip": lambda body, place, byte: gzip.compress(body),
    "html": lambda body, place, byte: b"<html><body>" + body + b"</body></html>",
    "javascript": lambda body, place, byte: b")]}',\n" + body,
    "brackets": lambda body, place, byte: b"[" * DEEP,
    "braces": lambda body, place, byte: b'{"a":' * DEEP,
}

JUNK = (
    "",
    " ",
    "x",
    "-1",
    "0",
    "1e400",
    "99999999999999999999",
    "\xb2",
    "\xff\xfe",
    "http://[",
    "//",
    "http://other.example.com/?token=1",
    "a" * 5000,
)
HEADERS = (
    *("Content-Type", "Content-Encoding", "Content-Length", "Location", "Retry-After", "Set-Cookie", "Date", "Transfer-Encoding"),
    *("X-Subject-Token", "WWW-Authenticate", "X-Request-Id", "Warning", "Link"),
)


@dataclass(frozen=True)
class Header:
    """A header that is removed (None) or gets another value."""

    name: str
    value: str | None

    def __call__(self, reply: Reply) -> Reply:
        kept = [pair for pair in reply.headers if pair[0].lower() != self.name.lower()]
        return replace(reply, headers=kept if self.value is None else [*kept, (self.name, self.value)])


@dataclass(frozen=True)
class Status:
    """Another status."""

    status: int

    def __call__(self, reply: Reply) -> Reply:
        return replace(reply, status=self.status)


Change = Document | Bytes | Header | Status
STATUSES = (
    200,
    201,
    204,
    206,
    299,
    300,
    301,
    302,
    304,
    307,
    400,
    401,
    403,
    404,
    405,
    408,
    409,
    410,
    412,
    418,
    425,
    429,
    500,
    502,
    503,
    599,
)

PLACES = st.integers(0, 500)
DOCUMENTS = st.builds(Document, way=st.sampled_from(WAYS), place=PLACES, other=PLACES, value=st.sampled_from(list(VALUES)))
CHANGES: st.SearchStrategy[Change] = st.one_of(
    DOCUMENTS,
    DOCUMENTS,
    DOCUMENTS,
    st.builds(Bytes, way=st.sampled_from(list(BYTES)), place=st.integers(0, 3000), value=st.integers(0, 255)),
    st.builds(
        Header,
        name=st.sampled_from(HEADERS),
        value=st.one_of(st.none(), st.sampled_from(JUNK), st.sampled_from(["gzip", "deflate", "br", "identity", "chunked", "HSSO "])),
    ),
    st.builds(Status, status=st.sampled_from(STATUSES)),
)


@dataclass(frozen=True)
class Meddling:
    """The modifications of the exchange with this number, or of all similar ones from there on."""

    exchange: int
    lasts: bool
    changes: tuple[Change, ...]

    def __call__(self, number: int, reply: Reply) -> Reply:
        if number == self.exchange or (self.lasts and number > self.exchange):
            for change in self.changes:
                reply = change(reply)
        return reply


MEDDLING = st.builds(
    Meddling, exchange=st.integers(0, 5), lasts=st.booleans(), changes=st.lists(CHANGES, min_size=1, max_size=3).map(tuple)
)
