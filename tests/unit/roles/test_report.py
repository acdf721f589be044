# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a maintenance window: what its three forms say, and that no text from outside can do harm in them."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._report import as_markdown
from ansible_collections.taskops.quiesce.plugins.module_utils._text import harmless
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.unit.roles import windows
from tests.unit.roles.templates import facts, render, render_anew

FORMS = ("html", "md", "json")
# What loads something, or leads somewhere, in HTML or CSS.
LOADING = {"src", "href", "srcset", "data", "action", "formaction", "poster", "background", "xlink:href", "ping", "manifest"}
ELEMENTS = {"script", "link", "iframe", "object", "embed", "img", "base", "form", "a", "audio", "video", "source", "template"}


@pytest.fixture(scope="module", params=list(windows.ALL))
def report(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The facts of each window in turn."""
    return facts(windows.ALL[request.param]())


@pytest.fixture(scope="module")
def page(report: dict[str, Any]) -> ElementTree.Element:
    """The page as a tree. It's written so that it's well-formed XML too, whose parsers forgive nothing: not one stray `<` or `&`."""
    return tree(report)


def tree(report: dict[str, Any]) -> ElementTree.Element:
    return ElementTree.fromstring(render("html", report).removeprefix("<!DOCTYPE html>\n"))


def said(element: ElementTree.Element | None) -> str:
    """The words of an element, with single blanks."""
    assert element is not None
    return " ".join("".join(element.itertext()).split())


def rows(page: ElementTree.Element) -> list[ElementTree.Element]:
    return page.findall(".//tbody/tr")


def task_ids(page: ElementTree.Element, place: str = ".//tbody/tr") -> list[str]:
    return [said(found.find(".//*[@class='id']")) for found in page.findall(place)]


def verdict(page: ElementTree.Element) -> str:
    (found,) = (element for element in page.iter("p") if element.get("class", "").startswith("verdict"))
    return said(found.findall("span")[1])


# HTML, of every window


def test_every_task_has_one_row(report: dict[str, Any], page: ElementTree.Element) -> None:
    assert len(rows(page)) == report["total"]


def test_nothing_is_loaded_and_nothing_leads_away(page: ElementTree.Element) -> None:
    for element in page.iter():
        assert element.tag not in ELEMENTS
        for name, value in element.attrib.items():
            assert not name.startswith("on"), name
            assert name not in LOADING or re.fullmatch("#[a-z]+", value), (name, value)


def test_the_style_loads_nothing_and_holds_no_text_from_outside(page: ElementTree.Element) -> None:
    style = page.find("head/style")
    assert style is not None
    assert "url(" not in str(style.text)
    assert "@import" not in str(style.text)
    for element in page.iter():
        assert re.fullmatch(r"width:[\d.]+%|position:absolute", element.get("style", "width:0%"))


def test_the_browser_is_told_to_load_nothing(page: ElementTree.Element) -> None:
    policy = page.find("head/meta[@http-equiv='Content-Security-Policy']")
    assert policy is not None
    assert policy.get("content") == "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def test_whoever_hears_the_page_gets_all_of_it(page: ElementTree.Element) -> None:
    assert page.get("lang") == "en"
    assert [element.tag for element in page.iter() if element.tag in ("h1", "main", "title")] == ["title", "main", "h1"]
    for table in page.iter("table"):
        assert [cell.get("scope") for cell in table.findall("thead/tr/th")] == ["col"] * 4
        assert all(found.find("th").get("scope") == "row" for found in table.findall("tbody/tr"))  # type: ignore[union-attr]
    for picture in page.iter("svg"):
        assert picture.get("aria-hidden") == "true"
    labels = [section.get("aria-labelledby") for section in page.iter("section")]
    assert {element.get("id") for element in page.iter("h2")} >= set(labels)


def test_the_outcome_of_each_task_is_shown(report: dict[str, Any], page: ElementTree.Element) -> None:
    shown = [said(found.findall("td")[1]) for found in rows(page)]
    assert sorted(shown) == sorted(report["labels"][task["fate"]] for target in report["targets"] for task in target["tasks"])


def test_each_mark_is_defined_and_lies_on_the_axis(page: ElementTree.Element) -> None:
    defined = {f"#{element.get('id')}" for element in page.findall(".//defs/g")}
    for mark in page.iter("use"):
        assert mark.get("href") in defined
        assert 0 <= float(str(mark.get("x")).rstrip("%")) <= 100


def test_the_axis_is_as_wide_as_the_page(report: dict[str, Any]) -> None:
    assert sum(part["width"] for part in report["axis"]) == pytest.approx(100, abs=0.1)
    places = [[event["place"] for event in task["events"]] for target in report["targets"] for task in target["tasks"]]
    assert all(one == sorted(one) for one in places)


# Markdown and JSON, of every window


def tables(markdown: str) -> list[list[list[str]]]:
    """The tables of a Markdown text as a reader of change records sees them: rows of cells."""
    found: list[list[list[str]]] = []
    for token, content in _with_content(MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(markdown)):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type in ("th_open", "td_open"):
            assert content is not None
            found[-1][-1].append(words(content))
    return found


def _with_content(tokens: list[Token]) -> Iterator[tuple[Token, Token | None]]:
    yield from zip(tokens, [*tokens[1:], None], strict=True)


def words(token: Token) -> str:
    """The plain text of a cell, which must be all that's in it."""
    kinds = {child.type for child in token.children or ()}
    assert kinds <= {"text", "text_special", "code_inline"}, kinds
    return "".join(child.content for child in token.children or ())


def test_the_markdown_has_one_row_a_task_and_all_its_rows_are_of_one_width(report: dict[str, Any]) -> None:
    _header, counts, *targets = tables(render("md", report))
    assert counts[-1][0] == str(report["total"])
    assert [len(table) - 1 for table in targets] == [len(target["tasks"]) for target in report["targets"] if target["tasks"]]
    lines = [line for line in render("md", report).splitlines() if line.startswith("|")]
    unescaped = {len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in lines}
    assert unescaped <= {3, 4, 9}


def test_the_markdown_has_no_other_blocks_than_its_own(report: dict[str, Any]) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(render("md", report))
    assert {token.type for token in tokens if token.nesting != -1} <= {
        *("heading_open", "inline", "paragraph_open", "bullet_list_open", "list_item_open"),
        *("table_open", "thead_open", "tbody_open", "tr_open", "th_open", "td_open"),
    }
    assert len([token for token in tokens if token.type == "heading_open"]) == 3 + bool(report["recovered"]) + len(report["targets"])


def test_the_json_is_the_facts(report: dict[str, Any]) -> None:
    assert json.loads(render("json", report)) == report


def test_all_forms_say_the_verdict(report: dict[str, Any], page: ElementTree.Element) -> None:
    assert verdict(page) == report["verdict"]
    assert f"**{report['verdict']}**" in render("md", report)


@pytest.mark.parametrize("form", FORMS)
def test_the_same_facts_make_the_same_file(form: str) -> None:
    assert render_anew(facts(windows.closed_well()))[form] == render_anew(facts(windows.closed_well()))[form]


# The verdict


@pytest.mark.parametrize(
    ("window", "tone", "sentence"),
    [
        ("being_opened", "pending", "The window is being opened: 1 of 5 tasks is ready."),
        ("opened", "pending", "The window is open: 50 tasks are held and to be put back."),
        ("closed_well", "good", "All 8 tasks are as they were found."),
        (
            "closed_with_failures",
            "bad",
            "2 tasks could not be put back; 5 of 8 are as found. 1 task was changed by somebody else and left unchanged.",
        ),
        ("not_opened", "bad", "Opening ended too early: 4 of 5 tasks are ready. 1 task failed while the window was opened."),
        ("with_a_final_task", "good", "1 of 2 tasks is as found. 1 task can't be put back, as accept_final allows."),
        ("left_by_others", "good", "1 of 2 tasks is as found. 1 task was changed by somebody else and left unchanged."),
        ("killed_and_taken_up", "pending", "The window is open: 4 tasks are held and to be put back."),
        ("empty", "good", "The window is open and has no task."),
    ],
)
def test_the_verdict_is_the_first_that_is_read(window: str, tone: str, sentence: str) -> None:
    report = facts(windows.ALL[window]())
    assert (report["tone"], report["verdict"]) == (tone, sentence)
    assert f'class="verdict {tone}"' in render("html", report)


def test_closing_that_was_cut_off_tells_what_is_still_owed() -> None:
    window = windows.Window([windows.target("streams", windows.STREAMS)]).open().after(60).begin("close").judge()
    assert facts(window.document)["verdict"] == "The window is being closed: 4 tasks are still to be put back."
    assert facts(window.end("close", complete=False).document)["verdict"] == "Closing ended too early: 4 tasks are still to be put back."


# The time axis


def test_hours_between_opening_and_closing_take_a_quarter_of_the_axis_at_most() -> None:
    axis = facts(windows.closed_well())["axis"]
    assert [(part["what"], part["seconds"]) for part in axis] == [("open", 33), ("held", 7385), ("close", 25)]
    assert axis[1]["width"] == 24


def test_a_moment_lies_where_its_part_of_the_axis_says() -> None:
    report = facts(windows.closed_well())
    (task,) = (task for task in report["targets"][0]["tasks"] if task["id"] == "241458")
    opening, _held, closing = report["axis"]
    assert [event["what"] for event in task["events"]] == ["found", "acted", "reached", "returned", "back"]
    found, acted, reached, returned, back = (event["place"] for event in task["events"])
    assert found == 0
    assert acted == pytest.approx(opening["width"] * 4 / 33, abs=0.02)
    assert reached == pytest.approx(opening["width"] * 31 / 33, abs=0.02)
    assert returned == pytest.approx(closing["place"] + closing["width"] * 5 / 25, abs=0.02)
    assert back == pytest.approx(closing["place"] + closing["width"] * 24 / 25, abs=0.02)


def test_a_run_that_was_killed_lasted_until_the_last_that_it_noted() -> None:
    axis = facts(windows.killed_and_taken_up())["axis"]
    assert [(part["what"], part["seconds"]) for part in axis] == [("open", 4), ("quiet", 300), ("open", 5)]


# What a person looks for


def test_failures_stand_at_the_top_with_their_sentences() -> None:
    page = tree(facts(windows.closed_with_failures()))
    assert [said(item) for item in page.findall(".//section[@class='failures']/ul/li")] == [
        f"streams · 241460: {windows.LOST}.",
        "devices · soak-test: Total Control no longer knows it.",
    ]
    sections = page.findall(".//main/section")
    assert sections[0].get("class") == "failures"


def test_a_task_that_failed_while_the_window_was_opened_is_told_of_after_closing_too() -> None:
    window = windows.Window([windows.target("streams", windows.STREAMS[:2])])
    refused = windows.seen("241456", "Sports HD", "started", error=windows.failure("task 241456 wasn't stopped: it's refused"))
    stopped = windows.seen("241457", "Sports HD, reserve", "stopped", "stop", reached=True)
    window.begin("open").after(4).record("open", {"streams": [refused, stopped]}).end("open")
    assert facts(window.document)["verdict"].startswith("The window is open: 1 task is held and to be put back. 1 task failed while")
    report = facts(window.after(60).close().document)
    assert report["status"] == "closed"
    assert "1 task failed while the window was opened." in report["verdict"]
    assert "241456 wasn't stopped: it's refused." in render("md", report)


def test_failed_and_odd_tasks_come_first() -> None:
    page = tree(facts(windows.closed_with_failures()))
    assert task_ids(page)[:2] == ["241460", "241457"]


def test_of_1000_tasks_only_the_odd_ones_are_unfolded() -> None:
    page = tree(facts(windows.large()))
    assert task_ids(page, ".//section/table/tbody/tr") == ["cam-0007", "cam-0005"]
    assert said(page.find(".//details/summary")) == "998 more tasks"
    assert len(page.findall(".//details/table/tbody/tr")) == 998


@pytest.mark.parametrize("form", ["html", "md"])
def test_what_needs_a_look_is_counted_first(form: str) -> None:
    written = render(form, facts(windows.closed_with_failures()))
    meanings = ["did not reach its state", "was changed by somebody else, and is left unchanged", "is as it was found"]
    places = [written.index(meaning) for meaning in meanings]
    assert places == sorted(places)


def test_a_page_of_1000_tasks_can_be_sent_by_mail() -> None:
    assert len(render("html", facts(windows.large())).encode()) < 2_000_000


def test_a_row_tells_the_states_and_the_times() -> None:
    page = tree(facts(windows.closed_with_failures()))
    (found,) = (found for found in rows(page) if "241456" in said(found))
    assert said(found.findall("td")[0]) == "started → stopped → started"
    assert [said(item) for item in found.findall(".//ol/li")] == [
        "22:00:00 found started",
        "22:00:04 sent stop",
        "22:00:31 reached stopped",
        "22 Nov 00:03:43 sent start",
        "22 Nov 00:04:02 back to started",
    ]


def test_what_the_selection_left_out_is_told() -> None:
    report = facts(windows.empty())
    for form in ("html", "md"):
        assert "3 more selected tasks had ended before and were omitted" in render(form, report)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.4, "0 s"), (59.6, "1 min"), (61, "1 min 1 s"), (3600, "1 h"), (7443, "2 h 4 min"), (172800, "2 days"), (180000, "2 days 2 h")],
)
def test_a_length_of_time_is_told_as_people_say_it(seconds: float, told: str) -> None:
    page = tree({**facts(windows.closed_well()), "seconds": seconds})
    assert said(page.findall(".//dl/div/dd")[-1]) == told


# Hostile texts


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("script", "<script>alert(1)</script>"),
        ("comment", "--><!-- ]]> </style></td></table>"),
        ("attribute", "\" onmouseover='alert(1)' x=\""),
        ("jinja", harmless("{{ lookup('pipe', 'id') }}{% raw %}{# #}")),
        ("lines", "one two # three | four | five six"),
        ("marks", "nul bell escape [31m end"),
        ("right", "שלום txt.exe مرحبا x"),
        ("long", "Ä" * 199 + "…"),
    ],
)
def test_a_hostile_id_is_shown_as_text_on_one_line(key: str, shown: str) -> None:
    report = facts(windows.hostile())
    assert shown in task_ids(tree(report))
    (cells,) = (row for table in tables(render("md", report)) for row in table if row[0] == shown)
    assert len(cells) == 8


def test_markdown_shows_what_means_something_to_it_as_it_is() -> None:
    shown = windows.HOSTILE["markdown"]
    cells = [row[0] for table in tables(render("md", facts(windows.hostile()))) for row in table]
    assert shown in cells


# What GitHub or GitLab make a link, a mention or a picture of, wherever it stands in text that isn't code, escaped or not.
REFERENCES = re.compile(
    r"@\w|[#!%$~^&]\w|\bGH-\d|\b[A-Z][A-Z0-9]+-\d|://|\bwww\.|\w\.\w|:[\w+-]+:(?<!:\d\d:)|\b[0-9a-f]{7,40}\b|[\w.+-]+@|mailto:|/\w|[<>`*_\[\]\\|]"
)
MEANINGFUL = {
    "a mention": "@ops/oncall please",
    "a mention within": "gate(@admin)",
    "an escaped mention": "\\@ops",
    "an entity": "&#64;ops &commat;ops",
    "a number": "see #123, acme/gates#7, GH-7, !12, %3, $4, &5 and JIRA-12",
    "a commit": "20690c67d71549c39085a3b28c18f24f or 2069abc",
    "addresses": "https://example.com/x, www.example.com, ftp://h, mailto:a@example.com, a@example.com, example.com and //h/p",
    "emoji": ":+1: and :tada:",
    "HTML": "<b>bold</b> <img src=x onerror=alert(1)> <!-- --> <https://example.com> &lt;",
    "marks": "*a* **b** _c_ __d__ ~~e~~ [f](g) ![h](i) [j]: k",
    "backticks": "`a` ``b`` ``` c `",
    "only backticks": "```",
    "bars": "a|b || c | d \\| e \\\\| `|` |",
    "a list": "- a",
    "a numbered list": "1. a",
    "another numbered list": "1) a",
    "a heading": "# a",
    "a quotation": "> a",
    "a rule": "---",
    "an action": "/close",
    "a backslash at the end": "C:\\Scripts\\",
    "formulas": "$a$ $$b$$ \\(c\\)",
    "a sentence": "task gate_1 of @ops wasn't put back (HTTP 500; see http://h/1): look at it there.",
}


@pytest.mark.parametrize("case", MEANINGFUL)
def test_markdown_shows_foreign_text_as_it_is_and_makes_nothing_of_it(case: str) -> None:
    text = MEANINGFUL[case]
    told = windows.Window([windows.target(text, [(text, f"{text}!", "started")], system=text)]).open().document

    written = render("md", facts(told))

    tokens = MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(written)
    cells = [row for table in tables(written) for row in table]
    assert [cell for row in cells for cell in row if cell == text], "a cell holds the text and nothing else"
    titles = [
        "".join(child.content for child in after.children or ())
        for token, after in _with_content(tokens)
        if token.type == "heading_open" and after
    ]
    assert f"Target {text}" in titles
    for token in tokens:
        for child in token.children or ():
            assert child.type in ("text", "text_special", "code_inline", "softbreak", "strong_open", "strong_close"), child.type
            if child.type == "text" and child.content not in ("|", "||"):
                assert not REFERENCES.search(re.sub(r"\|+", "", child.content)), child.content


def test_words_that_mean_nothing_to_markdown_stand_as_they_are() -> None:
    sentence = 'JP1 took it and then failed ("no signal"); it wasn\'t put back, look there.'
    assert as_markdown(sentence) == sentence
    assert as_markdown("task gate_1 of @ops wasn't put back.") == "task `gate_1` of `@ops` wasn't put back."
    assert as_markdown("22:00:01 found started, 22:00:05 sent stop") == "22:00:01 found started, 22:00:05 sent stop"


@given(st.text(max_size=40))
def test_whatever_foreign_text_holds_a_reader_sees_it(text: str) -> None:
    line = " ".join(re.sub(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff]+", " ", text).split(" ")).strip(" ")

    (header, _row) = tables(f"| {as_markdown(line)} | x |\n| --- | --- |\n| a | b |\n")[0]

    assert header == [line, "x"]


def test_the_json_has_long_texts_in_full() -> None:
    report = json.loads(render("json", facts(windows.hostile())))
    assert windows.HOSTILE["long"] in [task["id"] for task in report["targets"][0]["tasks"]]


# What a window tells of others, and of what went wrong on the way


def test_a_failure_that_was_made_good_is_told_in_all_forms() -> None:
    report = facts(windows.recovered())

    (sentence,) = report["recovered"]
    assert sentence.startswith("target streams: task 241458 wasn't stopped: Elecard Boro refuses it") and report["failures"] == []
    assert "Failures that a later run corrected" in render("md", report) and "Stopping task is unavailable" in render("md", report)
    assert "Failures that a later run corrected" in render("html", report)


def test_a_task_that_another_window_holds_is_told_with_its_id() -> None:
    report = facts(windows.overlapping())

    fates = {task["id"]: (task["fate"], task["why"]) for task in report["targets"][0]["tasks"]}
    assert fates["241456"] == ("kept", "the window CHG0031338 still holds it")
    assert fates["241457"][0] == "back" and report["sentence"] == "closed, 4 of 5 tasks as found, 1 held by other windows"
    assert "inherited from CHG0031336, found started" in render("md", report)
    assert "1 task is held by another open window." in report["verdict"]


@pytest.mark.long
def test_a_report_grows_in_a_straight_line() -> None:
    """Ten times the tasks take about ten times as long, and not a hundred times."""

    def seconds(count: int) -> float:
        document = windows.large(count)
        began = time.process_time()
        facts(document)
        return time.process_time() - began

    assert seconds(5000) < 30 * seconds(500) + 0.5
