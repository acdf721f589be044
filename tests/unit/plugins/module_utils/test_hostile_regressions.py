# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hostile answers, input and servers have found (tests/unit/hostile, tests/integration/hostile), each as a plain case."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils import _answer, _pages
from ansible_collections.taskops.quiesce.plugins.module_utils._answer import Answer
from ansible_collections.taskops.quiesce.plugins.module_utils._auth import Scheme
from ansible_collections.taskops.quiesce.plugins.module_utils._clock import Deadline
from ansible_collections.taskops.quiesce.plugins.module_utils._connection import Connection
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.module_utils._http import Http
from ansible_collections.taskops.quiesce.plugins.module_utils._pages import Part, by_marker, numbered

from tests.unit.hostile.client import run
from tests.unit.hostile.mutations import Document, Header, Meddling, Status
from tests.unit.hostile.scenes import UPGRADE, Scene
from tests.unit.hostile.test_input import scene
from tests.unit.ordered_calls import Call, exchanges
from tests.unit.support import FakeClock


@pytest.fixture
def way() -> Connection:
    clock = FakeClock()
    return Connection("http://server.example.com", clock, Deadline(clock, 300), retries=0)


def refused(answer: Answer) -> Any:
    """As a vendor does that has words of its own for a refusal."""
    raise Failure("refused", f"it said {answer.document()['said']}")


def ask(way: Connection, monkeypatch: pytest.MonkeyPatch, answer: Any, judge: Any = Answer.document, **more: Any) -> str:
    """The message that the read of this answer fails with."""
    with exchanges(monkeypatch, Call("GET", "/things", answer, **more)):
        http = Http(way, "the server", "")
        http.keep_secret('pässwörd"<1>')
        with pytest.raises(Failure) as caught:
            http.read("/things", judge)
    return caught.value.message


@pytest.mark.parametrize("number", ["1e400", "-1e400", "NaN", "Infinity"])
def test_a_number_that_no_result_could_hold_is_no_json(way: Connection, monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    assert "isn't JSON" in ask(way, monkeypatch, f'{{"value": {number}}}')


@pytest.mark.parametrize("location", ["http://[", "http://\xff\xfe/", "//"])
def test_a_redirect_to_no_address_at_all_is_a_redirect_all_the_same(
    way: Connection, monkeypatch: pytest.MonkeyPatch, location: str
) -> None:
    assert "redirected to" in ask(way, monkeypatch, "", status=302, answer_headers={"Location": location})


@pytest.mark.parametrize("said", ["a\nb", "a\x1b[31mb", "a\u202eb", "a\u2028b", "a\x00b"])
def test_a_vendor_s_words_never_break_a_sentence_into_lines(way: Connection, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    message = ask(way, monkeypatch, {"said": said}, refused)

    assert message.isprintable() and message.startswith("it said a")


@pytest.mark.parametrize(
    "said", ['pässwörd"<1>', json.dumps('pässwörd"<1>')[1:-1], "p%C3%A4ssw%C3%B6rd%22%3C1%3E", "pässwörd&quot;&lt;1&gt;"], ids=ascii
)
def test_a_secret_in_a_vendor_s_own_words_isn_t_told_however_it_s_spelled(
    way: Connection, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    assert ask(way, monkeypatch, {"said": said}, refused) == "it said ********"


def test_the_signature_of_a_request_isn_t_told_where_the_answer_repeats_it(way: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = "0123456789abcdef0123456789abcdef"
    calls = Call("GET", "/things", {"said": f"{proof} is bad"}, headers={"Authorization": f"SDK-HMAC-SHA256 Signature={proof}"})
    with exchanges(monkeypatch, calls), pytest.raises(Failure) as caught:
        Http(way, "the server", "", Scheme("SDK-HMAC-SHA256", f"Signature={proof}")).read("/things", refused)

    assert caught.value.message == "it said ******** is bad"


def test_an_answer_of_very_many_values_is_refused_before_it_fills_the_memory(way: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_answer, "MOST_VALUES", 100)

    assert "over 100 values" in ask(way, monkeypatch, "[" + "{}," * 100 + "{}]")


@pytest.mark.parametrize("depth", [101, 400])
@pytest.mark.parametrize("pair", [("[", "]"), ('{"a":', "}")], ids=["lists", "objects"])
def test_an_answer_nested_so_deep_that_ansible_would_lose_it_is_refused(
    way: Connection, monkeypatch: pytest.MonkeyPatch, pair: tuple[str, str], depth: int
) -> None:
    assert "over 100 levels" in ask(way, monkeypatch, f"{pair[0] * depth}1{pair[1] * depth}")


def test_an_answer_of_as_many_levels_as_may_be_is_read(way: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, Call("GET", "/things", "[" * 100 + '"x"' + "]" * 100)):
        assert Http(way, "the server", "").read("/things", Answer.document)


def test_pages_that_bring_something_new_for_ever_end_at_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_pages, "MOST_ITEMS", 100)

    with pytest.raises(Failure, match="more than 100 items"):
        numbered(lambda number, size: Part([(number - 1) * size + place for place in range(size)]), 10, key=int)


def test_parts_with_ever_new_markers_end_at_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_pages, "MOST_ITEMS", 100)

    with pytest.raises(Failure, match="more than 100 items"):
        by_marker(lambda marker: Part(list(range(10)), marker=f"{marker or ''}x"), 10, key=int)


def test_the_list_of_jp1_ao_that_never_ends_ends_at_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_pages, "MOST_ITEMS", 100)

    def one_more_page(number: int, reply: Any) -> Any:
        rows = [{"instanceID": number * 10 + place, "status": "inProgress", "name": "x"} for place in range(10)]
        reply.body = json.dumps({"data": rows, "count": 10**6}).encode()
        return reply

    ended = run(scene("hitachi_task_info: list"), one_more_page)

    assert ended.result["failure"]["code"] == "protocol" and len(ended.exchanges) == 15


def test_iotda_telling_of_another_task_isn_t_taken_for_the_one_that_was_asked_for() -> None:
    def another(number: int, reply: Any) -> Any:
        reply.body = reply.body.replace(UPGRADE.encode(), b"5c8ba99030344005c0231700")
        return reply

    ended = run(scene("iotda_batchtask: stop"), another)

    assert ended.result["failure"]["code"] == "protocol"
    assert "about the task 5c8ba99030344005c0231700" in ended.result["msg"]


@pytest.mark.parametrize("value", ["\U0001f512", "a\r\nX-Evil: 1", "é"], ids=ascii)
def test_an_instance_id_that_no_header_can_hold_is_refused_before_anything_is_sent(value: str) -> None:
    ended = run(scene("iotda_batchtask: stop", project_id="p"), instance_id=value)

    assert ended.result["failure"]["code"] == "usage" and not ended.exchanges


@pytest.mark.parametrize("value", ["\U0001f512", "a\nb"], ids=ascii)
@pytest.mark.parametrize("kind", ["bearer", "hsso"])
def test_a_token_that_no_header_can_hold_is_refused_before_anything_is_sent(kind: str, value: str) -> None:
    plain = scene("hitachi_task: suspend one")
    options = {name: option for name, option in plain.options.items() if name not in ("username", "password")}
    bare = Scene(**{**vars(plain), "options": {**options, "token": value, "token_type": kind}})

    ended = run(bare)

    assert ended.result["failure"]["code"] == "usage" and not ended.exchanges


@pytest.mark.parametrize(
    "meddling",
    [
        Meddling(0, True, (Status(302), Header("Location", "\xff\xfe"))),
        Meddling(1, False, (Document("replace", 1, 0, "half of a surrogate pair"),)),
    ],
    ids=["a redirect in no encoding", "half of a surrogate pair as an id"],
)
def test_an_answer_that_needs_care_ends_in_a_failure_with_a_code(meddling: Meddling) -> None:
    ended = run(scene("totalcontrol_task_info: list"), meddling)

    assert ended.errors == "" and "exception" not in ended.result
