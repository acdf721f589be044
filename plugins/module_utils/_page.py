# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The text of a web page, shortened for a sentence: its title and the cause that it gives. A page is untrusted text: its markup is removed,
only its beginning is read, and no link in it is followed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from typing import NamedTuple

from ._answer import JSON_BEGINNING, SHOWN

# In bytes. The pages of squid 5.7, nginx 1.22, haproxy 2.6 and tinyproxy 1.11 are below 2 KiB; those with a company's style are longer.
MOST_MARKUP = 32 * 1024
# In characters, the longest attributes of a tag that are read.
MOST_ATTRIBUTES = 500
# Squid's pages have this title whatever has happened, so that it explains nothing.
SILENT = re.compile(r"(error:? *)?the requested url could not be retrieved|error", re.IGNORECASE)
# The ids of the elements in which squid's pages give the cause, after an introduction that repeats the address.
CAUSES = ("error", "sysmsg")
HEADINGS = ("h1", "h2", "h3")
# Squid's page for a malformed request repeats the request as preformatted text, including the credentials.
UNSEEN = ("script", "style", "template", "noscript", "pre")
# The text of these elements belongs to the sentence around them, and links lead elsewhere or repeat the requested address.
INLINE = ("a", "b", "i", "em", "strong", "span", "font", "u", "tt", "code", "small", "wbr")
CHARSETS = re.compile(r"charset=\"?(iso-8859-\d+|windows-125\d|gb\d+|gbk|big5|shift_jis|euc-(?:jp|kr)|koi8-r)\b", re.IGNORECASE)
TAG = re.compile(r"<(?:(/?[a-z][a-z0-9]{0,15})\b([^<>]*)>|[^<>]*>)?", re.IGNORECASE)
ID = re.compile(r"\bid=[\"']?(\w+)")
BEGINNING = re.compile(rb"[\xef\xbb\xbf\s]*<(?!\?xml\b(?!.{0,400}<html))", re.IGNORECASE | re.DOTALL)


class Page(NamedTuple):
    """The texts of a page, unchanged. `cause` is the text beside its title and its headings."""

    title: str
    heading: str
    cause: str

    def summary(self, status: int, hide: Callable[[str], str], most: int) -> str:
        """The page as a few words for a sentence: at most `most` characters, without the number of the status.

        `hide` redacts secrets.
        """
        title = _plain(self.title, hide)
        title = _plain(self.heading, hide) if not title or SILENT.fullmatch(title) else title
        title = "" if SILENT.fullmatch(title) else re.sub(rf"^(?:(?:http )?(?:error )?{status}\b[ :-]*)", "", title, flags=re.IGNORECASE)
        # The text of a page with a success status, such as a login form, isn't the cause of an error.
        cause = "" if title and 200 <= status < 300 else _plain(self.cause, hide)
        parts = [title, "" if cause.casefold() in title.casefold() else cause]
        return hide("; ".join(filter(None, parts)))[:most].rstrip()


def page_of(body: bytes, media: str = "", hide: Callable[[str], str] = str) -> Page | None:
    """The page in a body, recognized by its beginning and its media type; None for any other body. `hide` redacts secrets."""
    # Some servers send JSON, or a single word, with this media type.
    is_html = "html" in media.lower() and b"<" in body[:MOST_MARKUP] and not JSON_BEGINNING.match(body[:512])
    if not is_html and not BEGINNING.match(body[:512]):
        return None
    found = CHARSETS.search(media)
    # Secrets are redacted first, since an unescaped one may look like markup. Twice the markup that is read gets redacted, since a secret
    # that is cut in two couldn't be found.
    markup = hide(body[: 2 * MOST_MARKUP].decode(found[1] if found else "utf-8", "replace"))
    if len(markup) > MOST_MARKUP:
        markup = markup[: markup.rfind("<", 0, MOST_MARKUP)]
    reader = _Reader()
    reader.feed(_simplify(markup))
    reader.close()
    return reader.page()


def excerpt(body: bytes, hide: Callable[[str], str], longest: int) -> str:
    """The beginning of a body, or the text of the page in it, for a message. `hide` redacts secrets of at most `longest` characters."""
    if page := page_of(body, hide=hide):
        return page.summary(0, hide, SHOWN)
    # A secret that is cut in two couldn't be found by the redaction.
    enough = SHOWN * 4 + 4 * longest
    text = " ".join(re.sub(r"[^\x20-\x7e\xa0-\U0010ffff]+", " ", body[:enough].decode("utf-8", "replace")).split())
    return hide(text)[:SHOWN]


def _simplify(markup: str) -> str:
    """The markup reduced to complete tags, without attributes other than ids. Incomplete tags can keep the parsers of Python 3.11.7 and
    3.13.0 busy for over a minute.
    """
    parts, place = [], 0
    while (begin := markup.find("<!--", place)) >= 0:
        parts.append(markup[place:begin])
        end = markup.find("-->", begin)
        place = len(markup) if end < 0 else end + len("-->")
    parts.append(markup[place:])
    return TAG.sub(_strip_attributes, "".join(parts))


def _strip_attributes(tag: re.Match[str]) -> str:
    if not tag[1]:
        return " "
    found = ID.search(tag[2][:MOST_ATTRIBUTES])
    return f"<{tag[1]} id={found[1]}>" if found else f"<{tag[1]}>"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: Counter[str] = Counter()
        self._title: list[str] = []
        self._heading: list[str] = []
        self._text: list[str] = []
        self._cause: list[str] = []
        # The element that gives the cause, and how many elements of the same tag are open in it.
        self._current_tag = ("", 0)
        self._rule: int | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name, depth = self._current_tag
        if depth and tag == name:
            self._current_tag = (name, depth + 1)
        elif not depth and dict(attrs).get("id") in CAUSES:
            self._current_tag = (tag, 1)
        if tag == "hr":
            self._rule = len(self._text)
        self._open[tag] += 1
        self._start_new_line(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._start_new_line(tag)

    def handle_endtag(self, tag: str) -> None:
        name, depth = self._current_tag
        self._start_new_line(tag)
        if depth and tag == name:
            self._current_tag = (name, depth - 1)
        self._open[tag] = max(0, self._open[tag] - 1)

    def handle_data(self, data: str) -> None:
        if any(self._open[tag] for tag in UNSEEN):
            return
        if self._open["title"]:
            self._title.append(data)
        elif any(self._open[tag] for tag in HEADINGS):
            self._heading.append(data)
        elif not self._open["a"]:
            self._text.append(data)
            if self._current_tag[1]:
                self._cause.append(data)

    def page(self) -> Page:
        # Servers put their signature below a horizontal rule.
        text = self._text[: self._rule] if self._rule is not None else self._text
        return Page("".join(self._title), "".join(self._heading), "".join(self._cause).strip() or "".join(text))

    def _start_new_line(self, tag: str) -> None:
        if tag not in INLINE:
            for texts in (self._heading, self._text, self._cause):
                texts.append(" ")


def _plain(text: str, hide: Callable[[str], str]) -> str:
    """Untrusted text as part of a sentence. Secrets are redacted before blanks are joined, since a secret may hold several blanks."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in hide(text).replace("\ufffd", "")).split())
    return re.sub(r"[.!?]+ ", "; ", line).rstrip(".!?;: ")
