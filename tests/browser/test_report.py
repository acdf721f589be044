# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report in a real browser: in the widths of a desktop and of a phone, light, dark and printed."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageStat

from tests.browser.chromium import Look, View, look_at
from tests.unit.roles import windows
from tests.unit.roles.templates import facts, render

DESK, PHONE = (1280, 900), (390, 844)
LOOKS = [
    Look("desk-light", *DESK, "light"),
    Look("desk-dark", *DESK, "dark"),
    Look("phone-light", *PHONE, "light", is_phone=True),
    Look("phone-dark", *PHONE, "dark", is_phone=True),
]
PRINT = Look("print", 800, 1130, "dark", is_print=True)

# The contrast of all painted text as WCAG 2 defines it, the elements that exceed the width, and the positions of elements.
MEASURE = """
(() => {
  const light = (channel) => channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  const luminance = ([red, green, blue]) => 0.2126 * light(red / 255) + 0.7152 * light(green / 255) + 0.0722 * light(blue / 255);
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parts(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const contrasts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, element = text.parentElement;
    if (!text.data.trim() || !element.checkVisibility()) continue;
    const [low, high] = [luminance(parts(getComputedStyle(element).color)), luminance(ground(element))].sort((a, b) => a - b);
    contrasts.push({text: text.data.trim(), ratio: (high + 0.05) / (low + 0.05)});
  }
  const width = document.documentElement.clientWidth;
  const sticking = [...document.querySelectorAll("main *")].filter((element) => element.getBoundingClientRect().right > width + 1);
  return {
    width: document.documentElement.scrollWidth,
    height: document.documentElement.scrollHeight,
    sticking: sticking.map((element) => element.outerHTML.slice(0, 200)),
    contrasts,
    verdict: document.querySelector(".verdict").getBoundingClientRect().bottom,
    failures: document.querySelector(".failures").getBoundingClientRect().top,
  };
})()
"""


def seen(document: dict[str, Any], looks: list[Look], folder: Path) -> dict[str, View]:
    page = folder / "report.html"
    page.write_text(render("html", facts(document)), encoding="utf-8")
    views = look_at(page, looks, MEASURE)
    return {look.name: view for look, view in zip(looks, views, strict=True)}


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> dict[str, View]:
    return seen(windows.closed_with_failures(), [*LOOKS, PRINT], tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, View]:
    return seen(windows.hostile(), LOOKS, tmp_path_factory.mktemp("hostile"))


def picture(view: View) -> Image.Image:
    return Image.open(io.BytesIO(view.picture)).convert("RGB")


def brightness(view: View) -> float:
    """The mean over all pixels, 0 (black) to 255 (white)."""
    return ImageStat.Stat(picture(view).convert("L")).mean[0]


def check_fits(view: View, look: Look) -> None:
    assert view.measured["width"] == look.width
    assert view.measured["sticking"] == []


def test_the_screenshots_are_kept_for_people(views: Mapping[str, View], capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(os.environ["QUIESCE_SCREENSHOTS"])
    folder.mkdir(parents=True, exist_ok=True)
    for look in LOOKS:
        path = folder / f"report-{look.name}.png"
        path.write_bytes(views[look.name].picture)
        with capsys.disabled():
            print(f"\nscreenshot: {path}", end="")
        assert picture(views[look.name]).width == look.width * (2 if look.is_phone else 1)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
class TestEachLook:
    def test_the_browser_asks_for_nothing_but_the_page(self, views: Mapping[str, View], look: Look) -> None:
        (address,) = views[look.name].requests
        assert address.startswith("file:///")

    def test_the_browser_has_nothing_to_complain_of(self, views: Mapping[str, View], look: Look) -> None:
        assert views[look.name].complaints == []

    def test_nothing_has_to_be_scrolled_sideways(self, views: Mapping[str, View], look: Look) -> None:
        check_fits(views[look.name], look)

    def test_hostile_texts_change_neither_the_layout_nor_what_is_loaded(self, hostile: Mapping[str, View], look: Look) -> None:
        check_fits(hostile[look.name], look)
        assert len(hostile[look.name].requests) == 1
        assert hostile[look.name].complaints == []

    def test_all_text_is_readable(self, views: Mapping[str, View], look: Look) -> None:
        contrasts = views[look.name].measured["contrasts"]
        assert len(contrasts) > 100
        assert [text for text in contrasts if text["ratio"] < 4.5] == []

    def test_the_verdict_is_on_the_first_screen(self, views: Mapping[str, View], look: Look) -> None:
        assert views[look.name].measured["verdict"] < look.height

    def test_the_picture_shows_something(self, views: Mapping[str, View], look: Look) -> None:
        colours = picture(views[look.name]).getcolors(maxcolors=1 << 24)
        assert colours is not None
        whole = sum(count for count, _colour in colours)
        assert len(colours) > 100
        # Text and marks cover some of the page, so no single colour covers nearly all of it.
        assert max(count for count, _colour in colours) < 0.9 * whole

    def test_the_picture_shows_the_whole_page(self, views: Mapping[str, View], look: Look) -> None:
        scale = 2 if look.is_phone else 1
        assert picture(views[look.name]).height == pytest.approx(views[look.name].measured["height"] * scale, abs=scale)


def test_the_failures_are_on_the_first_screen_of_a_desk(views: Mapping[str, View]) -> None:
    assert views["desk-light"].measured["failures"] < DESK[1] / 2


@pytest.mark.parametrize("device", ["desk", "phone"])
def test_dark_is_dark_and_light_is_light(views: Mapping[str, View], device: str) -> None:
    assert brightness(views[f"{device}-light"]) > 200
    assert brightness(views[f"{device}-dark"]) < 60


def test_a_printed_page_is_light_whatever_the_screen_was(views: Mapping[str, View]) -> None:
    assert brightness(views["print"]) > 200
    check_fits(views["print"], PRINT)


def test_a_printed_page_has_the_folded_tasks_too(tmp_path: Path) -> None:
    printed = seen(windows.large(200), [LOOKS[0], PRINT], tmp_path)
    assert printed["desk-light"].measured["height"] < 2_000
    assert printed["print"].measured["height"] > 10_000
