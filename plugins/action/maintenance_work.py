# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the work of a maintenance window before anything is paused, and runs work that is a playbook of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ansible import context
from ansible.plugins.action import ActionBase
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.plugin_utils._awaiting import worker_awaited
from ansible_collections.taskops.quiesce.plugins.plugin_utils._child_playbook import ABOVE, ChildPlaybook, exit_status_text
from ansible_collections.taskops.quiesce.plugins.plugin_utils._role_tags import is_left_out
from ansible_collections.taskops.quiesce.plugins.plugin_utils._work_review import Review, find_file, find_playbook, first_paragraph

Plain = dict[str, Any]

# The prefix of each line that the work prints.
MARK = "work | "


class ActionModule(ActionBase):  # type: ignore[misc]
    """The action `maintenance_work`."""

    _supports_check_mode = True
    _supports_async = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: Plain | None = None) -> Plain:
        result: Plain = super().run(tmp, task_vars)
        del tmp
        _validated, options = self.validate_argument_spec(
            {
                "step": {"type": "str", "choices": ["check", "run"], "default": "check"},
                "file": {"type": "str", "default": ""},
                "roles": {"type": "list", "elements": "str", "default": []},
                "playbook": {"type": "str", "default": ""},
            }
        )
        variables = task_vars or {}
        try:
            if options["step"] == "run":
                return {**result, **self._run(options["playbook"])}
            if self._task._role and is_left_out(self._task, variables):
                return {**result, "changed": False, "skipped": True, "skip_reason": "the tags leave this role out"}
            return {**result, **self._check(options, variables)}
        except Failure as failure:
            return {**result, "failed": True, "msg": f"{failure.message}.", "failure": failure.details()}

    # Before anything is paused

    def _check(self, options: Mapping[str, Any], variables: Plain) -> Plain:
        review = Review(self._task, self._loader, variables)
        file = self._file(options["file"]) if options["file"] else ""
        if file:
            review.file(file)
        for name in options["roles"]:
            review.role(name)
        playbook = self._playbook(options["playbook"]) if options["playbook"] else ""
        if playbook:
            self._check_playbook(playbook)
        found: Plain = {"changed": False, "file": file, "playbook": playbook}
        if review.ends:
            where = ", ".join(review.ends)
            found["warnings"] = [
                f"the work may end by {where}, after which Ansible skips everything, including closing, so that the window would stay "
                "open; make the work a playbook and name it in maintenance_work_playbook, after which the window is always closed."
            ]
        return found

    def _file(self, name: str) -> str:
        folders = [*self._role_folders(), self._loader.get_basedir(), os.getcwd()]
        if path := find_file(name, folders):
            return path
        raise Failure("usage", f"maintenance_work names {name}, and there is no such file in {_named(folders)}; nothing was paused")

    def _role_folders(self) -> list[str]:
        """The folders of the roles around this one. A user's role may name a file within its own folder."""
        roles: list[str] = []
        around = self._task._parent
        while around is not None:
            role = getattr(around, "_role", None)
            if role is not None and role is not self._task._role and role._role_path not in roles:
                roles.append(role._role_path)
            around = around._parent
        return [os.path.join(path, folder) for path in roles for folder in ("tasks", "")]

    def _playbook(self, name: str) -> str:
        folders = [os.getcwd(), self._loader.get_basedir()]
        if not (path := find_playbook(name, folders)):
            raise Failure(
                "usage", f"maintenance_work_playbook names {name}, and there is no such playbook in {_named(folders)}, nor in a collection"
            )
        if path in os.environ.get(ABOVE, "").split(os.pathsep):
            raise Failure("usage", f"maintenance_work_playbook names {name}, which is the playbook that runs here; it would run for ever")
        return path

    def _check_playbook(self, playbook: str) -> None:
        status, printed = self._child(playbook).check(worker_awaited())
        if status:
            raise Failure("usage", f"the playbook {playbook} can't be loaded, so nothing was paused: {load_error(printed)}")

    # The work

    def _run(self, name: str) -> Plain:
        playbook = self._playbook(name)
        if self._task.check_mode:
            return {"changed": False, "skipped": True, "skip_reason": "the work is left out in check mode"}
        display = self._display.display
        status = self._child(playbook).run(lambda line: display((MARK + line).rstrip()), worker_awaited())
        result: Plain = {"changed": True, "playbook": playbook, "rc": status}
        if outcome_text := exit_status_text(status):
            result.update(failed=True, msg=f"The work {playbook} {outcome_text}; what it printed stands above.")
        return result

    def _child(self, playbook: str) -> ChildPlaybook:
        environment: Plain = {}
        self._compute_environment_string(environment)
        return ChildPlaybook(playbook, self._loader, self._passwords(), self._display.verbosity, environment)

    def _passwords(self) -> dict[str, str]:
        """The passwords that the user gave for all hosts, at a prompt or by a file."""
        given = context.CLIARGS
        play = self._play_context
        passwords = {}
        if given.get("ask_pass") or given.get("connection_password_file"):
            passwords["--connection-password-file"] = play.password
        if given.get("become_ask_pass") or given.get("become_password_file"):
            passwords["--become-password-file"] = play.become_pass
        return {option: str(password) for option, password in passwords.items() if password}


def load_error(printed: str) -> str:
    """Ansible's complaint about a playbook that it can't load, as one sentence."""
    error = printed.partition("ERROR")[2]
    return first_paragraph(error.lstrip("]!: ") or printed, printed) or "Ansible doesn't say why"


def _named(folders: Sequence[str]) -> str:
    return " or ".join(dict.fromkeys(folder.rstrip("/") or "/" for folder in folders))
