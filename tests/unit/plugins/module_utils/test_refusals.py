# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of refusals: which row holds, what it makes of an answer, and what becomes of what no row knows."""

from __future__ import annotations

from typing import get_args

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._answer import Answer
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import AnswerLost, Code, Failure, Refused, TryLater, Unauthorized
from ansible_collections.taskops.quiesce.plugins.module_utils._refusals import Row, Told, failure_of, plain
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors import _hitachi_answers, _huawei, ctrlapi, huawei, iotda

ROWS = (
    Row("rate_limited", TryLater, "wait", code="X[.]9.*", statuses=(403,)),
    Row("usage", Refused, "mend {what}", code="X[.]1"),
    Row("authentication", Refused, "sign otherwise", text="Missing .* header", statuses=(400,)),
    Row("authentication", Unauthorized, "{suspects}", statuses=(401,), any_body=True),
)
HINTS = {"what": "app_id", "suspects": "check the key"}


def answer(status: int, shown: str = "") -> Answer:
    return Answer(status, {}, shown.encode(), "The system", "GET http://h/x", lambda: shown)


def fate(status: int, told: Told, shown: str = "") -> Failure:
    return failure_of(answer(status, shown), told, ROWS, hints=HINTS)


@pytest.mark.parametrize(
    ("status", "told", "means", "kind", "message"),
    [
        (400, Told("X.1", "no", "r1"), "usage", Refused, "GET http://h/x was refused (HTTP 400, X.1 no); mend app_id"),
        (500, Told("X.1", "no"), "usage", Refused, "GET http://h/x was refused (HTTP 500, X.1 no); mend app_id"),
        (403, Told("X.91"), "rate_limited", TryLater, "GET http://h/x was refused (HTTP 403, X.91); wait"),
        (
            400,
            Told("Y", "Missing a header"),
            "authentication",
            Refused,
            "GET http://h/x was refused (HTTP 400, Y Missing a header); sign otherwise",
        ),
        (401, Told(), "authentication", Unauthorized, "GET http://h/x was refused (HTTP 401); check the key"),
        # A code is the whole code, and a row for a status holds for no other.
        (400, Told("X.11", "no"), "refused", Refused, "GET http://h/x was refused (HTTP 400, X.11 no)"),
        (400, Told("X.9", "no"), "refused", Refused, "GET http://h/x was refused (HTTP 400, X.9 no)"),
    ],
)
def test_the_first_row_that_fits_tells_what_it_means(status: int, told: Told, means: str, kind: type[Failure], message: str) -> None:
    failure = fate(status, told)

    assert (failure.code, type(failure), failure.message) == (means, kind, message)
    assert (failure.vendor_code, failure.http_status, failure.request_id) == (told.code, status, told.request_id)


@pytest.mark.parametrize(
    ("status", "means", "kind"),
    [
        (403, "permission", Refused),
        (404, "not_found", Refused),
        (409, "refused", Refused),
        (408, "refused", AnswerLost),
        (425, "refused", AnswerLost),
        (500, "refused", AnswerLost),
        (599, "refused", AnswerLost),
    ],
)
def test_a_code_that_no_row_knows_is_judged_by_its_status(status: int, means: str, kind: type[Failure]) -> None:
    failure = fate(status, Told("Z.1", "said the system"))

    assert (failure.code, type(failure), failure.vendor_code) == (means, kind, "Z.1") and "Z.1 said the system" in failure.message


@pytest.mark.parametrize("status", [400, 403, 404, 500, 502])
def test_where_the_system_said_nothing_the_answer_is_judged_as_anybody_s(status: int) -> None:
    """It may be a proxy's."""
    bare = answer(status, "any words")

    ours, anybodys = fate(status, Told(), "any words"), bare.refusal()

    assert (type(ours), ours.code, ours.message) == (type(anybodys), anybodys.code, anybodys.message)


def test_what_a_system_says_is_no_template_and_its_markup_isn_t_shown() -> None:
    told = fate(500, Told("X.1", "{suspects} {0} {{x}}"))
    page = fate(401, Told(), "<html><title>{suspects}</title>")

    assert "X.1 {suspects} {0} {{x}}); mend app_id" in told.message
    assert page.message == "GET http://h/x was refused (HTTP 401); check the key"


def test_a_sentence_may_begin_otherwise() -> None:
    failure = failure_of(answer(409), Told("K", "busy"), (), "JP1/AO refused to stop task 7")

    assert failure.message == "JP1/AO refused to stop task 7 (HTTP 409, K busy)"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("One.  Two.\nThree!", "One; Two; Three"),
        ("a.b", "a.b"),
        (None, ""),
        (7, ""),
        ("x" * 500, "..."),
        ("secret " * 100, ("secret " * 56) + "..."),
    ],
)
def test_foreign_words_become_a_part_of_one_sentence(text: object, told: str) -> None:
    assert plain(text) == told


TABLES = {
    "Huawei Cloud": (*_huawei.GATEWAY, *_huawei.SERVICE),
    "VIAS": huawei.REFUSALS,
    "IoTDA": iotda.REFUSALS,
    "JP1/AO": _hitachi_answers.REFUSALS,
    "Boro": ctrlapi.REFUSALS,
}


@pytest.mark.parametrize("table", TABLES)
def test_each_row_of_each_vendor_makes_sense(table: str) -> None:
    for row in TABLES[table]:
        assert row.means in get_args(Code) and issubclass(row.kind, (Refused, AnswerLost))
        assert row.code or row.statuses or row.text, "it would hide all rows behind it"
        assert not row.advice.endswith(".") and "\n" not in row.advice
        # A token or a key is all that a new login can mend.
        assert row.kind is not Unauthorized or row.means in ("authentication", "permission")
        assert (row.kind is TryLater) == (row.means == "rate_limited")
