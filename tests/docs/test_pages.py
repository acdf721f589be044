# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The built manual in Debian's Chromium: pages are opened in the sizes of a desktop and of a phone, measured, and photographed.

The pictures are in `.nox/screenshots`, and their paths are printed. QUIESCE_MANUAL is the folder of the built pages (nox session `docs`).
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser.chromium import Look, View, look_at

from .pages import PAGES

MANUAL = Path(os.environ.get("QUIESCE_MANUAL", ".nox/manual/html"))
PICTURES = Path(os.environ.get("QUIESCE_SCREENSHOTS", ".nox/screenshots"))
SHOWN = ("getting_started", "guide_hitachi", "window")
DESKTOP = Look("desktop", 1280, 900, "light")
PHONE = Look("phone", 390, 844, "light", is_phone=True)
# The right edge of each element, unless something around it scrolls by itself.
MEASURE = """
(() => {
  const scrolls = (element) => {
    for (let above = element; above && above !== document.body; above = above.parentElement) {
      if (["auto", "scroll", "hidden"].includes(getComputedStyle(above).overflowX)) return true;
    }
    return false;
  };
  const inside = [...document.querySelectorAll(".wy-nav-content *")].filter((element) => !scrolls(element));
  const wide = inside.filter((element) => element.getBoundingClientRect().right > innerWidth + 1);
  return {
    width: document.documentElement.scrollWidth,
    wide: wide.slice(0, 5).map((element) => element.outerHTML.slice(0, 200)),
    title: document.title,
    tables: document.querySelectorAll(".wy-nav-content table").length,
    menu: [...document.querySelectorAll(".wy-menu-vertical a")].map((link) => link.textContent.trim()),
    broken: [...document.images].filter((image) => !image.complete || !image.naturalWidth).map((image) => image.src),
  };
})()
"""


@dataclass(frozen=True)
class Seen:
    """One view of a page."""

    page: str
    look: Look
    view: View


@pytest.fixture(scope="module")
def seen() -> list[Seen]:
    if not (MANUAL / "index.html").is_file():
        pytest.fail(f"{MANUAL} holds no built manual; run the nox session docs, which builds it and then comes here")
    PICTURES.mkdir(parents=True, exist_ok=True)
    found = []
    for page in SHOWN:
        views = look_at((MANUAL / "docsite" / f"{page}.html").resolve(), [DESKTOP, PHONE], MEASURE)
        for look, view in zip((DESKTOP, PHONE), views, strict=True):
            found.append(Seen(page, look, view))
            picture = PICTURES / f"manual-{page}-{look.name}.png"
            picture.write_bytes(view.picture)
    return found


def measured(one: Seen) -> dict[str, Any]:
    return dict(one.view.measured)


def test_the_pages_are_photographed(seen: list[Seen], capsys: pytest.CaptureFixture[str]) -> None:
    for one in seen:
        picture = PICTURES / f"manual-{one.page}-{one.look.name}.png"
        image = Image.open(io.BytesIO(one.view.picture)).convert("L")
        with capsys.disabled():
            print(f"\nscreenshot of the manual: {picture.resolve()} ({image.width} x {image.height})", end="")
        assert image.width == one.look.width * (2 if one.look.is_phone else 1)
        # A blank page has one shade, a page of text many.
        assert len(image.resize((200, 200)).getcolors() or ()) > 20


def test_nothing_sticks_out_to_the_right(seen: list[Seen]) -> None:
    assert {(one.page, one.look.name): measured(one)["wide"] for one in seen if measured(one)["wide"]} == {}
    assert {(one.page, one.look.name): measured(one)["width"] for one in seen if measured(one)["width"] > one.look.width} == {}


def test_nothing_is_fetched_from_elsewhere_and_nothing_is_missing(seen: list[Seen]) -> None:
    assert [request for one in seen for request in one.view.requests if not request.startswith(("file:", "data:"))] == []
    assert [broken for one in seen for broken in measured(one)["broken"]] == []
    assert [complaint for one in seen for complaint in one.view.complaints] == []


def test_each_page_says_what_it_is_and_a_guide_has_its_state_table(seen: list[Seen]) -> None:
    titles = {"getting_started": "Getting started", "guide_hitachi": "Hitachi JP1/AO", "window": "Maintenance windows"}
    for one in seen:
        assert measured(one)["title"].startswith(titles[one.page])
    assert all(measured(one)["tables"] >= 2 for one in seen if one.page == "guide_hitachi")


def test_every_page_can_be_reached_from_the_menu(seen: list[Seen]) -> None:
    written = {path.read_text(encoding="utf-8").split("\n====", 1)[0].rsplit("\n", 1)[1] for path in PAGES.glob("*.rst")}
    assert written <= {title.replace("\u2019", "'") for title in measured(seen[0])["menu"]}
