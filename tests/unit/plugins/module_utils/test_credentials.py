# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one session is told of a key holds for all of the process, so that a window over many targets doesn't lock it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils import _credentials, _targets
from ansible_collections.taskops.quiesce.plugins.module_utils._clock import SystemClock
from ansible_collections.taskops.quiesce.plugins.module_utils._credentials import AT_ONCE, OF_THIS_PROCESS, Credentials, Lockable
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import AnswerLost, Failure, Refused, TryLater

from tests.emulator.threaded import ThreadedEmulator
from tests.emulator.vendors.huawei import Huawei
from tests.emulator.vendors.iotda import Iotda
from tests.unit.huawei import KEY, PROJECT, without_environment
from tests.unit.support import FakeClock

WRONG = {**KEY, "project_id": PROJECT, "secret_key": "not-the-right-one", "retries": 0}


def survey(url: str, vendor: str, count: int, **options: Any) -> list[dict[str, Any]]:
    given = [
        {
            "name": f"{vendor} {number}",
            "vendor": vendor,
            "state": "stopped",
            "stage": 10,
            "tasks": ["a"],
            "options": {**WRONG, "url": url, **options},
        }
        for number in range(count)
    ]
    hidden: set[str] = set()
    return _targets.survey([_targets.resolve(its, hidden.add) for its in given], SystemClock(), hidden.add)


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    without_environment(monkeypatch)


def test_a_window_over_many_targets_with_a_wrong_key_is_refused_once() -> None:
    with ThreadedEmulator(Huawei()) as emulator:
        targets = survey(emulator.control.url, "huawei", 8)
        asked = len(emulator.vendor.journal.since())

    assert asked == 1
    assert {target["error"]["code"] for target in targets} == {"authentication"}
    told = [target["error"]["message"] for target in targets]
    (first,) = [target["name"] for target in targets if "http_status" in target["error"]]
    assert sum(f"the access key was refused (target {first} got the refusal), and nothing more is sent with it" in one for one in told) == 7


def test_sessions_that_come_one_after_the_other_know_it_too_and_so_does_another_service() -> None:
    with ThreadedEmulator(Huawei()) as vias, ThreadedEmulator(Iotda()) as iotda:
        survey(vias.control.url, "huawei", 1)
        later = survey(vias.control.url, "huawei", 1) + survey(iotda.control.url, "iotda", 1, signature="standard")
        asked = [len(emulator.vendor.journal.since()) for emulator in (vias, iotda)]

    assert asked == [1, 0]
    assert all("target huawei 0 got the refusal" in target["error"]["message"] for target in later[1:])


def test_a_login_that_was_refused_is_not_tried_by_the_other_targets() -> None:
    login = {
        "access_key": None,
        "secret_key": None,
        "project_id": None,
        "username": "iam-user",
        "password": "wrong",
        "domain_name": "account",
    }
    with ThreadedEmulator(Huawei()) as emulator:
        targets = survey(emulator.control.url, "huawei", 6, iam_url=emulator.control.url, **login)
        asked = len(emulator.vendor.journal.since())

    assert asked == 1 and {target["error"]["code"] for target in targets} == {"authentication"}


def test_nothing_of_a_key_is_kept() -> None:
    with ThreadedEmulator(Huawei()) as emulator:
        survey(emulator.control.url, "huawei", 2)

    kept = repr(vars(OF_THIS_PROCESS))
    assert KEY["access_key"] not in kept and WRONG["secret_key"] not in kept


# The turns


ONE = Lockable.of("a key", name="the key", rule="that locks it", advice="check it")


def refused(credentials: Credentials, clock: Any, caller: str = "target a", status: int = 401) -> None:
    with pytest.raises(Refused), credentials.turn(ONE, caller, clock, 1):
        raise Refused("authentication", "no", http_status=status)


def test_a_refusal_holds_as_long_as_a_lock_does() -> None:
    credentials, clock = Credentials(), FakeClock()
    refused(credentials, clock)

    with pytest.raises(Failure, match=r"the key was refused \(target a got the refusal\)"), credentials.turn(ONE, "target b", clock, 1):
        raise AssertionError("it was sent")
    with pytest.raises(Failure, match="the key was refused, and nothing"), credentials.turn(ONE, "target a", clock, 1):
        raise AssertionError("it was sent")
    clock.sleep(_credentials.REFUSAL_HOLDS)
    with credentials.turn(ONE, "target b", clock, 1):
        pass


def test_what_is_forbidden_says_nothing_against_the_key() -> None:
    credentials, clock = Credentials(), FakeClock()
    refused(credentials, clock, status=403)

    with credentials.turn(ONE, "target b", clock, 1):
        pass


def test_another_key_is_another_matter() -> None:
    credentials, clock = Credentials(), FakeClock()
    refused(credentials, clock)

    with credentials.turn(Lockable.of("another", name="", rule="", advice=""), "target b", clock, 1):
        pass


def test_while_the_first_request_has_no_answer_others_wait_and_then_may_try_later() -> None:
    credentials, is_there, may_end = Credentials(), threading.Event(), threading.Event()

    def first() -> None:
        with credentials.turn(ONE, "target a", SystemClock(), 1):
            is_there.set()
            may_end.wait(timeout=30)

    thread = threading.Thread(target=first)
    thread.start()
    is_there.wait(timeout=30)
    with (
        pytest.raises(TryLater, match="it isn't known yet whether the key is valid, since 1 request with it still waits for an answer"),
        credentials.turn(ONE, "target b", SystemClock(), 0.05),
    ):
        raise AssertionError("it was sent")
    may_end.set()
    thread.join()

    with credentials.turn(ONE, "target b", SystemClock(), 1):
        pass


def test_a_good_key_is_used_by_all_at_once() -> None:
    credentials, all_present = Credentials(), threading.Barrier(8)
    with credentials.turn(ONE, "", SystemClock(), 1):
        pass

    def one(_number: int) -> int:
        with credentials.turn(ONE, "", SystemClock(), 60):
            return all_present.wait(timeout=30)

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(one, range(8))) == list(range(8))


def test_one_of_which_nothing_is_known_though_it_was_tried_is_used_by_fewer_than_lock_it() -> None:
    credentials, tried = Credentials(), 0
    lock, there = threading.Lock(), threading.Barrier(AT_ONCE)
    with pytest.raises(AnswerLost), credentials.turn(ONE, "", SystemClock(), 1):
        raise AnswerLost("timeout", "no answer")

    def one() -> None:
        nonlocal tried
        try:
            with credentials.turn(ONE, "", SystemClock(), 60):
                with lock:
                    tried += 1
                there.wait(timeout=30)
                raise Refused("authentication", "no", http_status=401)
        except Failure:
            pass

    threads = [threading.Thread(target=one) for _number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert tried == AT_ONCE < 5
