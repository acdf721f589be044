# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Until when a window is to be open: what counts as a time or a duration, and what is refused."""

from __future__ import annotations

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._deadline import as_text, deadline, for_people
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure

# 2026-11-21, 22:00:00 UTC
NOW = 1795298400.0


@pytest.mark.parametrize(
    "until",
    [
        "2026-12-01T04:00:00+01:00",
        "2026-12-01T03:00:00Z",
        "2026-12-01t03:00z",
        # As YAML hands over a time that isn't quoted.
        "2026-12-01 03:00:00+00:00",
        "2026-11-30T22:30:00-0430",
        "2026-12-01T03:00:00.25+00:00",
    ],
)
def test_a_time_with_its_zone_is_one_moment(until: str) -> None:
    moment = deadline(until, None, NOW)

    assert moment is not None
    assert (as_text(moment), for_people(moment)) == ("2026-12-01T03:00:00Z", "2026-12-01 03:00 UTC")
    assert deadline(as_text(moment), None, NOW) == moment


@pytest.mark.parametrize(
    ("duration", "seconds"), [("2h", 7200), ("90m", 5400), ("1d", 86400), ("1h30m", 5400), ("1d 2h 3m 4s", 93784), ("45s", 45)]
)
def test_a_duration_counts_from_now(duration: str, seconds: int) -> None:
    assert deadline(None, duration, NOW) == NOW + seconds


@pytest.mark.parametrize(("until", "duration"), [(None, None), ("", ""), (" ", "")])
def test_an_empty_text_counts_as_not_given(until: str | None, duration: str | None) -> None:
    assert deadline(until, duration, NOW) is None


@pytest.mark.parametrize(
    ("until", "duration", "told"),
    [
        ("2026-12-01T04:00:00", "", "has no time zone"),
        ("2026-11-21T23:00:00+01:00", "", "has passed (it's 2026-11-21T22:00:00Z now)"),
        ("tomorrow", "", "isn't a time"),
        ("2026-02-30T04:00:00Z", "", "isn't a time"),
        ("2026-12-01T04:00:00+25:00", "", "isn't a time"),
        ("9999-12-31T23:59:59-10:00", "", "isn't a time"),
        ("1795298500", "", "isn't a time"),
        ("", "90", "isn't a duration"),
        ("", "0h", "isn't a duration"),
        ("", "-2h", "isn't a duration"),
        ("", "2 hours", "isn't a duration"),
        ("", "1m2h", "isn't a duration"),
        ("", "9999999d", "isn't a duration"),
        ("2026-12-01T04:00:00Z", "2h", "give one of them"),
    ],
)
def test_anything_else_is_refused_in_one_sentence(until: str, duration: str, told: str) -> None:
    with pytest.raises(Failure) as refused:
        deadline(until, duration, NOW)

    assert refused.value.code == "usage"
    assert told in refused.value.message and ". " not in refused.value.message
