# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input: one sentence, and nothing was changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tests.integration.windows import ID, Window, actions, ended

from .conftest import Make

Change = Callable[[dict[str, Any]], object]


def newest_alone(names: Iterable[str], *others: str) -> list[Any]:
    """These parameters, of which the newest core alone gets all but the others."""
    return [name if name in others else pytest.param(name, marks=pytest.mark.wire) for name in names]


def _option(name: str, value: Any) -> Change:
    return lambda target: target["options"].update({name: value})


BAD: dict[str, tuple[Change, str]] = {
    "an unknown vendor": (
        lambda target: target.update(vendor="hitaci"),
        "target scripts: value of vendor must be one of: totalcontrol, huawei, ctrlapi, hitachi, iotda, airflow, got: hitaci.",
    ),
    "a key that targets don't have": (
        lambda target: target.update(stages=3),
        "target scripts has no option stages (did you mean stage?).",
    ),
    "a stage that is no number": (lambda target: target.update(stage="soon"), "target scripts: argument 'stage' is of type "),
    "options that aren't any": (lambda target: target.update(options=["url"]), "target scripts: argument 'options' is of type "),
    "an option of another type": (_option("poll_interval", "often"), "target scripts: argument 'poll_interval' is of type "),
    "an option of no vendor": (
        _option("pol_interval", 3),
        "target scripts: the vendor's module has no option pol_interval (did you mean poll_interval?).",
    ),
    "an option of another vendor": (_option("tokn_type", "hsso"), "target scripts: the vendor's module has no option tokn_type; it knows"),
    "no tasks": (lambda target: (target.pop("select"), target.update(tasks=[])), "target scripts has no tasks; name some, or give select."),
    "what the window decides": (_option("wait", False), "target scripts gives wait among its options; a window decides on it"),
    "an option that its system hasn't": (
        _option("dialect", "live"),
        "target scripts: the vendor's module has no option dialect; it knows ca_path, client_cert,",
    ),
}


# Ansible's own check of options refuses these, in its own words.
BY_ANSIBLE = ("an unknown vendor", "a key that targets don't have", "a stage that is no number", "options that aren't any")


@pytest.mark.parametrize("case", newest_alone(BAD, *BY_ANSIBLE))
def test_a_target_that_is_wrong_is_told_in_one_sentence(window: Window, case: str) -> None:
    change, sentence = BAD[case]
    change(window.targets[0])

    run = window.open("-vvvv")

    assert ended(run).startswith(sentence) and "\n" not in ended(run)
    assert (actions(window.fleet), window.ledger.exists(), window.lock.exists()) == ({}, False, False)
    assert window.leaks() == []


VARIABLES: dict[str, tuple[dict[str, Any], str]] = {
    "no id": ({"maintenance_id": None}, "maintenance_id is missing; give it the window's id, such as the number of the change."),
    "a misspelt one": (
        {"maintenance_id": None, "maintenance_ids": "CHG1"},
        "maintenance_id is missing; give it the window's id, such as the number of the change; maintenance_ids is given, which no role "
        "takes, and may have been meant for it.",
    ),
    "targets that are no list": ({"maintenance_targets": {"name": "a"}}, "maintenance_targets is a dictionary; write a list."),
    "a target that is a text": (
        {"maintenance_targets": ["scripts"]},
        "target 1 of maintenance_targets is a text; write a dictionary with name, vendor and state.",
    ),
    "a lease that is no number": ({"maintenance_ledger_lease": "soon"}, "maintenance_ledger_lease is 'soon'; write a number of seconds"),
    "a misspelt end": (
        {"maintenance_fro": "2h"},
        "nothing here reads the variable maintenance_fro (did you mean maintenance_for?); correct the name, or choose another one for a "
        "variable of your own.",
    ),
    "a misspelt folder": (
        {"maintenance_ledger_dir": None, "maintenance_ledger_dri": "/srv"},
        "nothing here reads the variable maintenance_ledger_dri (did you mean maintenance_ledger_dir?);",
    ),
    "an id that is no text": (
        {"maintenance_id": 2026.10},
        "maintenance_id is a number (2026.1), and its original spelling is lost",
    ),
    "a misspelt host": ({"maintenance_host": "jump"}, "nothing here reads the variable maintenance_host (did you mean maintenance_hosts?)"),
}


# What is read depends on how Ansible gives variables to the check.
AS_GIVEN = ("no id", "targets that are no list", "a misspelt end", "an id that is no text")


@pytest.mark.parametrize("case", newest_alone(VARIABLES, *AS_GIVEN))
def test_a_variable_that_is_wrong_is_told_in_one_sentence_and_little_is_printed(window: Window, case: str) -> None:
    changes, sentence = VARIABLES[case]

    run = window.open(**changes)

    assert ended(run).startswith(sentence) and run.results[-1]["failure"] == {"code": "usage"}
    assert (actions(window.fleet), window.ledger.exists(), len(run.printed) < 2500) == ({}, False, True)


@pytest.mark.wire
def test_a_misspelt_work_is_told_before_the_window_opens(window: Window) -> None:
    run = window.run("window", maintenance_work_playbok="update.yml")

    assert ended(run).startswith("nothing here reads the variable maintenance_work_playbok (did you mean maintenance_work_playbook?)")
    assert (actions(window.fleet), window.ledger.exists()) == ({}, False)


@pytest.mark.parametrize("playbook", newest_alone(["open", "plan", "window", "windows", "close_overdue"], "open"))
def test_a_value_with_blanks_needs_quotes(window: Window, playbook: str) -> None:
    """Ansible itself takes the first word, and ignores the rest: the window would end after an hour."""
    run = window.run(playbook, "-e", "maintenance_for=1h 30m")

    assert ended(run).startswith("an option -e has words that belong to no variable, and Ansible ignores them; put a value with blanks ")
    assert (actions(window.fleet), window.ledger.exists()) == ({}, False)


@pytest.mark.parametrize("playbook", newest_alone(["plan", "open", "close", "window", "windows", "close_overdue"], "open"))
def test_a_host_that_is_in_no_inventory_is_no_success(window: Window, playbook: str) -> None:
    """Ansible itself would do nothing and end with status 0."""
    run = window.run(playbook, maintenance_hosts="nosuch")

    assert run.status != 0 and run.results == []
    assert "the inventory has no host nosuch, where this playbook should run; check its name and the inventory." in run.printed
    assert (actions(window.fleet), window.ledger.exists()) == ({}, False)


def test_variables_of_the_user_s_own_may_begin_with_the_same_word(window: Window) -> None:
    own = {"maintenance_team": "night shift", "maintenance_force": True, "maintenance_ids": ["CHG1", "CHG2"], "maintenance_format": "2h"}

    opened, closed = window.open(**own), window.close(**own)

    assert (ended(opened), ended(closed)) == ("", "")
    assert "nothing here reads" not in " ".join((opened.printed + closed.printed).split())


def test_closing_is_not_held_up_by_a_misspelt_variable(window: Window) -> None:
    assert ended(window.open()) == ""

    closed = window.close(maintenance_report_dri="/srv", maintenance_host="jump")

    assert ended(closed) == ""
    # Before ansible-core 2.19, warnings are wrapped.
    printed = " ".join(closed.printed.split())
    both = "maintenance_report_dri (did you mean maintenance_report_dir?) or maintenance_host (did you mean maintenance_hosts?)"
    assert f"nothing here reads the variables {both}; correct the name" in printed


@pytest.mark.wire
@pytest.mark.parametrize("playbook", ["windows", "close_overdue"])
def test_a_list_of_the_wrong_folder_is_no_list(window: Window, playbook: str) -> None:
    run = window.run(playbook, maintenance_ledger_dir=None, maintenance_ledger_dri=str(window.folder))

    assert ended(run).startswith("nothing here reads the variable maintenance_ledger_dri (did you mean maintenance_ledger_dir?)")


def test_secrets_beside_a_wrong_option_are_not_shown(window: Window) -> None:
    window.targets[0]["options"].update(username="sigma", password="3D391497", poll_intervall=1)

    run = window.open("-vvvv", environment={})

    assert "target scripts: the vendor's module has no option poll_intervall" in ended(run)
    assert window.leaks() == []


@pytest.mark.wire
def test_two_targets_that_name_the_same_task_are_refused(window: Window) -> None:
    window.targets.append({**window.targets[0], "name": "again"})

    sentence = ended(window.open())

    assert "the targets scripts and again both name task script-0; leave it to one" in sentence
    assert sentence.startswith(f"the window {ID} isn't opened, and nothing was changed: ")
    assert (actions(window.fleet), window.ledger.exists(), window.lock.exists()) == ({}, False, False)


@pytest.mark.wire
def test_a_task_that_the_system_does_not_know_is_refused(window: Window) -> None:
    del window.targets[0]["select"]
    window.targets[0]["tasks"] = ["script-0", "nobody"]

    assert "target scripts: Total Control knows no task nobody" in ended(window.open())
    assert (actions(window.fleet), window.ledger.exists()) == ({}, False)


def test_check_mode_tells_the_plan_and_what_would_be_refused(make_window: Make) -> None:
    window = make_window(
        "hitachi", others={"hitachi": [{"instanceID": 1, "status": "inProgress"}, {"instanceID": 2, "status": "inProgress"}]}
    )

    run = window.run("plan")

    assert f"The window {ID} would be refused: target backups: " in ended(run)
    assert [result["failure"] for result in run.results if result.outcome == "failed"] == [{"code": "unreachable_state"}]
    assert "can't be done: " in run.stdout and ended(run).count("; target backups: ") == 1
    assert (actions(window.fleet), list(window.folder.glob("ledger"))) == ({}, [])


LEDGERS: dict[str, tuple[str, str]] = {
    "half of one": ('{"format": 1, "targets"', "is damaged; repair it, or remove it to begin a new window"),
    "another window": ('{"format": 1, "window": "CHG1", "targets": []}', "is that of the window CHG1; it was copied or renamed"),
}


@pytest.mark.wire
@pytest.mark.parametrize("playbook", ["open", "close"])
@pytest.mark.parametrize("case", LEDGERS)
def test_a_ledger_that_is_none_is_left_alone(window: Window, case: str, playbook: str) -> None:
    text, sentence = LEDGERS[case]
    window.ledger.parent.mkdir()
    window.ledger.write_text(text)

    assert sentence in ended(window.run(playbook))
    assert (actions(window.fleet), window.ledger.read_text()) == ({}, text)


@pytest.mark.wire
def test_a_ledger_that_cannot_be_written_is_found_before_anything_is_paused(window: Window) -> None:
    # Not even root can create a folder there.
    sentence = ended(window.open(maintenance_ledger_dir="/proc/quiesce"))

    assert sentence.startswith(f"can't write the ledger /proc/quiesce/{ID}.json (No such file or directory); give a folder that")
    assert actions(window.fleet) == {}


@pytest.mark.wire
def test_closing_what_was_never_opened_is_told(window: Window) -> None:
    sentence = ended(window.close())

    assert sentence.startswith(f"the window {ID} was never opened: there is no ledger {window.ledger}; check maintenance_id and ")
    assert (actions(window.fleet), window.ledger.parent.exists()) == ({}, False)


@pytest.mark.wire
def test_closing_with_a_misspelt_id_names_the_window_that_was_probably_meant(window: Window) -> None:
    assert ended(window.open()) == ""

    sentence = ended(window.close(maintenance_id=ID.lower()))

    assert f"there is no ledger {window.ledger.parent}/{ID.lower()}.json (but that of the window {ID} is there); check" in sentence
    assert window.document()["status"] == "open"


@pytest.mark.wire
def test_a_filter_that_the_system_does_not_have_is_told_once(window: Window) -> None:
    window.targets[0]["select"] = {"nam": "script-0"}

    what = "target scripts: select: the vendor's module has no option nam; it knows none"
    assert ended(window.open()) == f"the window {ID} isn't opened, and nothing was changed: {what}."
    assert (actions(window.fleet), window.ledger.exists()) == ({}, False)


@pytest.mark.wire
def test_an_id_that_can_name_no_file_is_refused(window: Window) -> None:
    assert "the window's id is '../CHG'" in ended(window.open(maintenance_id="../CHG"))
    assert actions(window.fleet) == {}


CHANGED: dict[str, tuple[Callable[[list[dict[str, Any]]], object], str]] = {
    "another state": (lambda targets: targets[0].update(state="stopped"), "its ledger has another definition of the target scripts"),
    "another name": (lambda targets: targets[0].update(name="jobs"), "its ledger has no target jobs"),
    "a lost target": (lambda targets: targets.clear(), "its ledger has the target scripts too, which isn't given"),
}


@pytest.mark.wire
def test_a_window_that_is_open_keeps_its_targets(window: Window) -> None:
    assert ended(window.open()) == ""
    document = window.document()
    had = json.dumps(window.targets)

    for change, sentence in CHANGED.values():
        window.targets = json.loads(had)
        change(window.targets)
        assert sentence in ended(window.open())
        assert window.document() == document
