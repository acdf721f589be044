# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Whether the user's tags select a role's tasks. A task of the role that is tagged `always` checks this, since it runs in any case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.playbook.role_include import IncludeRole
from ansible.playbook.task import Task

from ..module_utils._errors import Failure


def is_left_out(task: Task, variables: Mapping[str, Any]) -> bool:
    """Whether the user's tags leave out the role to which this task belongs.

    Raises `Failure` (`usage`) if they select an include of the role and none of its tasks, as `include_role` with tags does: the window
    wouldn't be opened, without any message. `task` is at the top of the role's tasks.
    """
    around = task._parent
    play = around._play
    if _one_without_tags(task).evaluate_tags(play.only_tags, play.skip_tags, variables):
        return False
    if _is_included(around):
        role = task._role.get_name()
        tags = ", ".join(sorted(map(str, play.only_tags)))
        raise Failure(
            "usage",
            f"the tags {tags} choose the include of the role {role} and none of its tasks, as an include doesn't hand its tags on; give "
            "the include apply with these tags as well, or take import_role",
        )
    return True


def _one_without_tags(task: Task) -> Task:
    """A task beside this one that has only the tags that all tasks of the role inherit: from `apply`, from blocks, from a static role.

    A running task and its parents no longer show what they inherit, since Ansible has finalized them (`Base.post_validate`). A block then
    returns only its own tags, and the task returns its own and the inherited ones in one list.
    """
    other = Task(block=task._parent, role=task._role)
    other._loader = task._loader
    return other


def _is_included(around: Any) -> bool:
    """Whether `include_role` brought the role while the play ran. Ansible applies the user's tags to static roles before that."""
    while around is not None:
        if isinstance(around, IncludeRole):
            return not around.statically_loaded
        around = around._parent
    return False
