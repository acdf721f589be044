# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ad hoc calls: a misspelled option is answered with what was probably meant, and lists may be texts. In windows' targets likewise."""

from __future__ import annotations

import importlib

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils import _http
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.module_utils._options import validated
from ansible_collections.taskops.quiesce.plugins.module_utils._run import state_arguments
from ansible_collections.taskops.quiesce.plugins.module_utils._systems import SYSTEMS

from tests.unit.run_module import run_main

MODULES = ("totalcontrol_task", "huawei_task", "ctrlapi_task", "hitachi_task", "iotda_batchtask", "airflow_dag")


def told(capsys: pytest.CaptureFixture[str], module: str, **options: object) -> str:
    """The sentence of a module that is called with these options, and never gets to send anything."""
    main = importlib.import_module(f"ansible_collections.taskops.quiesce.plugins.modules.{module}").main
    result = run_main(main, capsys, module, check=False, diff=False, **options)
    assert result["failed"] and result["failure"] == {"code": "usage"}
    return str(result["msg"])


@pytest.fixture(autouse=True)
def _nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def unwanted(**_pool: object) -> None:
        raise AssertionError("a session was made")

    monkeypatch.setattr(_http, "HTTPAdapter", unwanted)


@pytest.mark.parametrize("module", [name for base in MODULES for name in (base, f"{base}_info")])
def test_every_module_names_what_was_meant(capsys: pytest.CaptureFixture[str], module: str) -> None:
    assert f"taskops.quiesce.{module} has no option concurency (did you mean concurrency?); " in told(capsys, module, concurency=2)


@pytest.mark.parametrize(
    ("module", "given", "meant"),
    [
        ("hitachi_task", "task_idss", "task_ids"),
        ("hitachi_task", "taskid", "task_id"),
        ("hitachi_task", "force_stop", "force"),
        ("hitachi_task_info", "serviceid", "serviceID"),
        ("totalcontrol_task", "poll-interval", "poll_interval"),
        ("totalcontrol_task", "task_ids", "names"),
        ("totalcontrol_task", "host", "url"),
        ("ctrlapi_task", "names", "task_ids"),
        ("ctrlapi_task", "name", "task_ids"),
        ("ctrlapi_task", "username", "user_id"),
        ("iotda_batchtask", "names", "task_ids"),
        ("iotda_batchtask", "ak", "access_key"),
        ("huawei_task", "verify", "validate_certs"),
        ("huawei_task", "id", "task_ids"),
    ],
)
def test_the_name_that_comes_nearest_is_told(capsys: pytest.CaptureFixture[str], module: str, given: str, meant: str) -> None:
    assert f"no option {given} (did you mean {meant}?)" in told(capsys, module, **{given: "1", "state": "paused"})


def test_the_misspelled_name_is_told_before_the_option_that_is_missing_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    message = told(capsys, "totalcontrol_task", url="http://localhost", token="T", nmaes=["a"], state="paused")

    assert "no option nmaes (did you mean names?)" in message and "missing" not in message


def test_several_wrong_names_are_told_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    message = told(capsys, "hitachi_task", task_idd="1", zzz=1, usrname="u", state="paused")

    assert "has no option task_idd (did you mean task_id?), no option zzz and no option usrname (did you mean username?); " in message
    assert message.count(". ") == 0 and message.endswith(".")


def test_where_nothing_comes_near_the_known_ones_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    message = told(capsys, "totalcontrol_task_info", zzz=1)

    assert "has no option zzz; it knows ca_path, client_cert, " in message and "did you mean" not in message


def test_a_value_that_is_wrong_is_told_in_the_words_of_ansible(capsys: pytest.CaptureFixture[str]) -> None:
    message = told(capsys, "totalcontrol_task", url="http://localhost", token="T", names=["a"], state="pause")

    assert "paused, started, stopped" in message and "no option" not in message


@pytest.mark.parametrize("vendor", list(SYSTEMS))
def test_a_target_s_wrong_option_is_answered_likewise(vendor: str) -> None:
    with pytest.raises(Failure) as failed:
        validated(state_arguments(SYSTEMS[vendor]), {"wait_timout": 5}, "streams")

    assert failed.value.code == "usage"
    assert failed.value.message == "target streams: the vendor's module has no option wait_timout (did you mean wait_timeout?)"


@pytest.mark.parametrize(
    ("vendor", "option", "given", "meant"),
    [
        ("hitachi", "task_ids", "11, 13", ["11", "13"]),
        ("hitachi", "task_id", "11,13", ["11", "13"]),
        ("hitachi", "task_ids", "11", ["11"]),
        ("totalcontrol", "name", "task 4 ,  task01", ["task 4", "task01"]),
        ("totalcontrol", "names", ["a, b"], ["a, b"]),
        ("ctrlapi", "task_ids", "1, 2,3", [1, 2, 3]),
    ],
)
def test_a_list_may_be_one_text_with_commas(vendor: str, option: str, given: object, meant: list[object]) -> None:
    system = SYSTEMS[vendor]
    access: dict[str, dict[str, object]] = {
        "hitachi": {"username": "u", "password": "p"},
        "totalcontrol": {"token": "T"},
        "ctrlapi": {"dialect": "live", "user_id": 4, "project_id": "23, 24"},
    }
    params = validated(state_arguments(system), {"url": "http://h", "state": "paused", option: given, **access[vendor]}, "streams")

    assert params[system.ids] == meant
    assert params.get("project_id", [23, 24]) == [23, 24]
