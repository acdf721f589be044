# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Load the work of a window with Ansible's own loader before anything is paused, so that files that can't be loaded are reported now.

A name that is a template is known only when the work runs, and isn't checked.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import yaml
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.block import Block
from ansible.playbook.helpers import load_list_of_blocks
from ansible.playbook.role_include import IncludeRole
from ansible.playbook.task import Task
from ansible.playbook.task_include import TaskInclude
from ansible.utils.collection_loader._collection_finder import _get_collection_playbook_path

from ..module_utils._errors import Failure

# After these, Ansible skips `always:` too.
ENDS = ("end_play", "end_host", "end_batch", "end_role")
# The name of a playbook within a collection.
_IN_COLLECTION = re.compile(r"\w+\.\w+(\.\w+)+", re.ASCII)
_PLACES = (re.compile(r"The error appears to be in '(.+?)': line (\d+)"), re.compile(r"Origin: (\S+?):(\d+)"))


class Review:
    """What was checked so far. `task` is the one that checks: the work is loaded as if it stood in its place.

    `ends` are the places where the work may end in a way that the window can't catch.
    """

    def __init__(self, task: Task, loader: DataLoader, variables: Mapping[str, Any]) -> None:
        self._around = task._parent
        self._role = task._role
        self._play = task._parent._play
        self._loader = loader
        self._variables = _Variables(variables)
        self._seen: set[str] = set()
        self.ends: list[str] = []

    def file(self, path: str) -> None:
        """Check a file of tasks. Raises `Failure` (`usage`)."""
        with _translating_errors(f"the file {path} of maintenance_work"):
            self._include(path, self._around)

    def role(self, name: str) -> None:
        """Check a role. Raises `Failure` (`usage`)."""
        if _is_template(name):
            return
        with _translating_errors(f"the role {name} of maintenance_work_roles"):
            given = {"name": name, "ansible.builtin.include_role": {"name": name}}
            self._role_of(IncludeRole.load(given, block=self._around, role=self._role, **self._loading))

    @property
    def _loading(self) -> dict[str, Any]:
        return {"variable_manager": self._variables, "loader": self._loader}

    def _include(self, path: str, around: Block) -> None:
        if path in self._seen:
            return
        self._seen.add(path)
        tasks = _read(self._loader, path)
        if tasks is None:
            return
        if not isinstance(tasks, list):
            raise AnsibleError(f"{path} holds no list of tasks")
        given = {"name": path, "ansible.builtin.include_tasks": path}
        include = TaskInclude.load(given, block=around, role=self._role, **self._loading)
        blocks = load_list_of_blocks(
            tasks, play=self._play, parent_block=include.build_parent_block(), role=self._role, use_handlers=False, **self._loading
        )
        self._blocks(blocks, os.path.dirname(path))

    def _role_of(self, include: IncludeRole) -> None:
        if include._role_name in self._seen:
            return
        self._seen.add(include._role_name)
        blocks, _handlers = include.get_block_list(play=self._play, **self._loading)
        self._blocks(blocks, os.path.join(include._role_path, "tasks"))

    def _blocks(self, blocks: Iterable[Block], folder: str) -> None:
        for block in blocks:
            for item in (*block.block, *block.rescue, *block.always):
                if isinstance(item, Block):
                    self._blocks([item], folder)
                elif isinstance(item, TaskInclude) and not item.statically_loaded:
                    self._included(item, folder)
                elif item.action.rpartition(".")[2] == "meta":
                    self._meta(item)

    def _included(self, include: TaskInclude, folder: str) -> None:
        """Check what an include within the work would load. An include under a condition or in a loop may never run, so its file may be
        missing.
        """
        name = str(include._role_name if isinstance(include, IncludeRole) else include.args.get("_raw_params") or include.args.get("file"))
        if _is_template(name):
            return
        try:
            if isinstance(include, IncludeRole):
                self._role_of(include)
            elif path := find_file(name, [folder, self._loader.get_basedir()]):
                self._include(path, include._parent)
            elif not (include.when or include.loop):
                raise AnsibleError(f"the file {name}, which it includes, is neither in {folder} nor in {self._loader.get_basedir()}")
        except AnsibleError:
            if not (include.when or include.loop):
                raise

    def _meta(self, task: Task) -> None:
        action = task.args.get("_raw_params")
        if action in ENDS:
            self.ends.append(f"{action} in {task.get_path()}")


class _Variables:
    """The variables where the work is included, in the form that Ansible's loader asks for."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        self._variables = variables

    def get_vars(self, *_args: Any, **_names: Any) -> dict[str, Any]:
        return dict(self._variables)


def _is_template(name: str) -> bool:
    return "{{" in name or "{%" in name


def find_file(name: str, folders: Iterable[str]) -> str:
    """The path of a file, in the first of the folders that has it; empty if none has."""
    paths = (os.path.join(folder, os.path.expanduser(name)) for folder in folders)
    return next((os.path.abspath(path) for path in paths if os.path.isfile(path)), "")


def find_playbook(name: str, folders: Iterable[str]) -> str:
    """The path of a playbook, or its name if an installed collection has it; empty if it doesn't exist."""
    if path := find_file(name, folders):
        return path
    if _IN_COLLECTION.fullmatch(name):
        return name if _get_collection_playbook_path(name) else ""
    return ""


def _read(loader: DataLoader, path: str) -> Any:
    # From ansible-core 2.19 on, a text that isn't marked as trusted is no template.
    more = {"trusted_as_template": True} if "trusted_as_template" in inspect.signature(loader.load_from_file).parameters else {}
    return loader.load_from_file(path, **more)


@contextmanager
def _translating_errors(what: str) -> Iterator[None]:
    """Raise whatever error Ansible's loader raises as one sentence."""
    try:
        yield
    except (AnsibleError, yaml.YAMLError) as error:
        raise Failure("usage", f"{what} can't be loaded, so nothing was paused: {error_text(error)}") from error


def error_text(error: BaseException) -> str:
    """An error of Ansible in one sentence, with the place where it was found."""
    while isinstance(error.__cause__, AnsibleError):
        error = error.__cause__
    whole = "\n".join([str(error), str(getattr(error, "_formatted_source_context", None) or "")])
    message = str(getattr(error, "_original_message", None) or getattr(error, "_message", None) or error)
    return first_paragraph(message, whole)


def first_paragraph(message: str, whole: str) -> str:
    """The first paragraph of a message as one sentence, with the place that `whole` names."""
    first = re.split(r"\n\s*\n|\nOrigin: ", message.strip())[0]
    sentence = " ".join(first.split()).rstrip(". ")
    sentence = re.sub(r"([.!?]) +(?=[A-Z])", "; ", sentence)
    for pattern in _PLACES:
        if found := pattern.search(whole):
            return f"{sentence} ({found[1]}, line {found[2]})"
    return sentence
