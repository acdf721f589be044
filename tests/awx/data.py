# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The AWX objects that the collection ships, and AWX's own code that renders a credential."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import yaml
from awx_plugins.interfaces import _temporary_private_container_api as container
from awx_plugins.interfaces._temporary_private_api import ManagedCredentialType
from awx_plugins.interfaces._temporary_private_credential_api import Credential as Inputs
from awx_plugins.interfaces._temporary_private_inject_api import inject_credential

TREE = Path(__file__).resolve().parents[2]
PLAYBOOKS = TREE / "playbooks"


class Loader(yaml.SafeLoader):
    """A loader that reads YAML as Ansible does: `!unsafe` is a text that isn't rendered."""


def _text(loader: Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


Loader.add_constructor("!unsafe", _text)


def load(name: str) -> Any:
    """Load a file from the collection's playbooks."""
    return yaml.load((PLAYBOOKS / name).read_text(encoding="utf-8"), Loader)


TYPES: Mapping[str, Mapping[str, Any]] = {kind["name"]: kind for kind in load("awx/credential_types.yml")["quiesce_awx_credential_types"]}
TOTALCONTROL, HUAWEI, BORO, HITACHI, AIRFLOW = TYPES
KINDS = tuple(TYPES)


@dataclass
class Injected:
    """What a job gets from its credentials: its environment, and the same as AWX stores and shows it."""

    env: dict[str, Any] = field(default_factory=dict)
    shown: dict[str, Any] = field(default_factory=dict)


def inject(credentials: Mapping[str, Mapping[str, Any]], folder: Path) -> Injected:
    """Render credentials, by the names of their types, for a job whose private data directory is `folder`.

    AWX mounts that directory into the job's container as /runner. Here, the job has no container and uses the directory itself.
    """
    (folder / "env").mkdir(parents=True, exist_ok=True)
    injected = Injected()
    with mock.patch.object(container, "CONTAINER_ROOT", str(folder)):
        for name, inputs in credentials.items():
            kind = TYPES[name]
            managed = ManagedCredentialType(
                namespace=name, name=name, kind=kind["kind"], inputs=kind["inputs"], injectors=kind["injectors"]
            )
            arguments: list[str] = []
            inject_credential(managed, Inputs(dict(inputs)), injected.env, injected.shown, arguments, str(folder))
            assert arguments == []
    return injected


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """The environment of a process with these variables and no others."""
    with mock.patch.dict(os.environ, variables, clear=True):
        yield


def fields(name: str) -> dict[str, dict[str, Any]]:
    """The fields of a type by their ids."""
    return {field["id"]: field for field in TYPES[name]["inputs"]["fields"]}


def field_of(name: str, variable: str) -> str:
    """The field that sets an environment variable."""
    words = set(re.findall(r"[a-z_]+", TYPES[name]["injectors"]["env"][variable])) & set(fields(name))
    (found,) = words
    return str(found)
