# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that is forked from a loaded ansible-core behaves like one that was started by its name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .processes import Ansible, Run

FIRST = {"name": "show", "ansible.builtin.debug": {"msg": "{{ lookup('ansible.builtin.env', 'QUIESCE_TEST') }}"}}
WHERE = {"name": "where", "ansible.builtin.command": "/bin/sh -c 'pwd; id -u'"}
FAIL = {"name": "fail", "ansible.builtin.fail": {"msg": "on purpose"}}


def printed(run: Run) -> str:
    """The output without the path of the playbook and without times."""
    return re.sub(r"\S+/playbook-\d+|[\d.:]{7,}|\d{4}-\d\d-\d\d", "#", run.stdout)


def test_a_forked_run_does_prints_and_returns_what_a_started_one_does(ansible: Ansible, tmp_path: Path, collections_path: str) -> None:
    forked = ansible.tasks(FIRST, WHERE, FAIL, variables={"QUIESCE_TEST": "x"})
    started = Ansible(tmp_path, collections_path).tasks(FIRST, WHERE, FAIL, variables={"QUIESCE_TEST": "x"})

    assert (forked.status, [result.outcome for result in forked.results]) == (2, ["ok", "ok", "failed"])
    assert (started.status, [result.outcome for result in started.results]) == (2, ["ok", "ok", "failed"])
    assert printed(forked) == printed(started)
    assert forked.results[0]["msg"] == started.results[0]["msg"] == "x"
    assert started.results[1]["stdout_lines"][0] == str(tmp_path) != forked.results[1]["stdout_lines"][0]


def test_nothing_of_a_run_is_left_in_the_next_one(ansible: Ansible) -> None:
    ansible.tasks(FIRST, variables={"QUIESCE_TEST": "x"})

    assert ansible.tasks(FIRST).results[0]["msg"] == ""


def test_a_run_leaves_no_temporary_file(ansible: Ansible, tmp_path: Path) -> None:
    """In ansible-core 2.21, each run has a folder with a socket there."""
    assert ansible.tasks(FIRST, WHERE, variables={"TMPDIR": str(tmp_path)}).status == 0

    assert list(tmp_path.iterdir()) == []


def test_wrong_words_are_a_failure_with_its_own_status(ansible: Ansible, tmp_path: Path, collections_path: str) -> None:
    forked, started = (which.run("ansible-playbook", "--no-such-option") for which in (ansible, Ansible(tmp_path, collections_path)))

    assert (forked.status, forked.stdout, forked.stderr) == (started.status, started.stdout, started.stderr)
    assert forked.status == 2 and forked.stderr.startswith("usage: ansible-playbook")


def test_a_run_that_takes_too_long_is_ended_and_the_next_one_is_none_the_worse(ansible: Ansible) -> None:
    with pytest.raises(AssertionError, match=r"ansible-playbook took over 3 s"):
        ansible.tasks({"name": "sleep", "ansible.builtin.command": "sleep 60"}, patience=3)

    assert ansible.tasks(FIRST).status == 0
