# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWX credential types, generated from the vendors' connection options, so that none is forgotten or misspelled.

An empty field leads to an empty variable, which the modules treat as not set. AWX creates a file for each file injector, also for an empty
field. So the variable contains the file's name only if the field has a value.
"""

from __future__ import annotations

import importlib
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from tools.role_options import PACKAGE, ROOT, _modules, documented_options

TARGET = ROOT / "playbooks" / "awx" / "credential_types.yml"
HEADER = """---
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/fragments.py from the modules' options.
# AWX renders the injectors, and Ansible mustn't: hence !unsafe.
quiesce_awx_credential_types:
"""

# The credential contains the text of the file, and the variable its name, since the job's container has no other files.
FILES = {
    "ca_path": ("CA certificates", "Certificates, as PEM, by which the system's TLS certificate is checked in place of the usual ones."),
    "client_cert": ("TLS client certificate", "The client certificate as PEM, if the system asks for one."),
    "client_key": ("TLS client key", "The key of the client certificate as PEM, without a passphrase."),
}
# AWX reads an untouched switch as off. The certificate would not be verified.
INVERTED = {
    "validate_certs": ("skip_certificate_check", "Skip the certificate check", "Don't check the system's TLS certificate. For tests only.")
}
# The address of a proxy may contain its password.
SECRETS = {"client_key", "proxy"}
WORDS = {"url": "URL", "id": "ID", "api": "API", "iam": "IAM", "vias": "VIAS", "iotda": "IoTDA"}


@dataclass(frozen=True)
class Kind:
    """A credential type, and the vendors whose modules use it."""

    name: str
    description: str
    vendors: Sequence[str]


# Both Huawei modules share one type: they use the same account and variables, and two credentials would overwrite each other's variables.
KINDS = (
    Kind("Sigma-RT Total Control", "For taskops.quiesce.totalcontrol_task and its information module.", ["totalcontrol"]),
    Kind("Huawei Cloud VIAS and IoTDA", "For taskops.quiesce.huawei_task, iotda_batchtask and information modules.", ["huawei", "iotda"]),
    Kind("Elecard Boro", "For taskops.quiesce.ctrlapi_task and its information module.", ["ctrlapi"]),
    Kind("Hitachi JP1/Automatic Operation", "For taskops.quiesce.hitachi_task and its information module.", ["hitachi"]),
)


@dataclass(frozen=True)
class Entry:
    """One field, and the variable or file that it's injected as."""

    id: str
    label: str
    help_text: str
    variable: str
    template: str
    is_switch: bool = False
    is_secret: bool = False
    is_file: bool = False
    choices: Sequence[str] = ()


def files(systems: Mapping[str, tuple[Any, Any]]) -> dict[Path, str]:
    """The file of all credential types, and the text that it should have."""
    kinds = [*KINDS, *(_own(name, its) for name, (_module, its) in systems.items() if not any(name in kind.vendors for kind in KINDS))]
    return {TARGET: HEADER + "\n".join(line for kind in kinds for line in _kind(kind, [systems[name][1] for name in kind.vendors])) + "\n"}


def _own(vendor: str, system: Any) -> Kind:
    """The credential type of a vendor that isn't listed above."""
    table = next(iter(system.tables.values()), None) or system.table
    return Kind(str(table.system), f"For taskops.quiesce.{_modules(system.__name__)[0]} and its information module.", [vendor])


def _kind(kind: Kind, systems: Sequence[Any]) -> Iterable[str]:
    entries = list(_entries(systems))
    yield f"  - name: {kind.name}"
    yield f"    description: {kind.description}"
    yield "    kind: cloud"
    yield "    inputs:"
    yield "      fields:"
    for entry in entries:
        yield from _field(entry)
    yield "    injectors:"
    yield "      file:"
    for entry in entries:
        if entry.is_file:
            yield f'        template.{entry.id}: !unsafe "{{{{ {entry.id} }}}}"'
    yield "      env:"
    for entry in entries:
        yield f'        {entry.variable}: !unsafe "{entry.template}"'


def _field(entry: Entry) -> Iterable[str]:
    yield f"        - id: {entry.id}"
    yield f"          label: {entry.label}"
    yield f"          type: {'boolean' if entry.is_switch else 'string'}"
    yield "          help_text: >-"
    yield from textwrap.wrap(
        entry.help_text, 138, initial_indent=" " * 12, subsequent_indent=" " * 12, break_on_hyphens=False, break_long_words=False
    )
    yield from ["          secret: true"] if entry.is_secret else []
    yield from ["          multiline: true"] if entry.is_file else []
    if entry.choices:
        yield "          choices:"
        yield from (f"            - {choice}" for choice in entry.choices)


def _entries(systems: Sequence[Any]) -> Iterable[Entry]:
    """The connection options of these systems. The common options come once and first."""
    reading = importlib.import_module(f"{PACKAGE}.module_utils._run").connection_arguments
    arguments = {system: reading(system) for system in systems}
    variables = [set(chain(*its.environment.values())) for its in arguments.values()]
    shared = set.intersection(*variables) if len(systems) > 1 else set()
    done: set[str] = set()
    for wants_shared in (True, False):
        for system, its in arguments.items():
            documented = documented_options(_modules(system.__name__)[0])
            for option, (variable, *_others) in its.environment.items():
                if (variable in shared) == wants_shared and variable not in done:
                    done.add(variable)
                    prefix = "" if wants_shared or len(systems) == 1 else system.prefix.lower() + "_"
                    yield _entry(prefix, option, its.options[option], variable, documented[option])


def _entry(prefix: str, option: str, spec: Mapping[str, Any], variable: str, documented: str) -> Entry:
    if option in FILES:
        label, help_text = FILES[option]
        id_ = prefix + option
        template = f"{{% if {id_} %}}{{{{ tower.filename.{id_} }}}}{{% endif %}}"
        return Entry(id_, _labelled(prefix, label), help_text, variable, template, is_secret=option in SECRETS, is_file=True)
    if spec["type"] == "bool":
        name, label, help_text = INVERTED[option]
        id_ = prefix + name
        return Entry(id_, _labelled(prefix, label), help_text, variable, f"{{% if {id_} %}}false{{% endif %}}", is_switch=True)
    id_ = prefix + option
    default = f" Without it: {spec['default']}." if "default" in spec else ""
    secret = bool(spec.get("no_log")) or option in SECRETS
    label = _labelled(prefix, " ".join(WORDS.get(word, word) for word in option.split("_")))
    return Entry(id_, label, _plain(documented) + default, variable, f"{{{{ {id_} }}}}", is_secret=secret, choices=spec.get("choices", ()))


def _labelled(prefix: str, label: str) -> str:
    words = f"{WORDS.get(prefix.rstrip('_'), '')} {label if label[1:2].isupper() or not prefix else label[0].lower() + label[1:]}".strip()
    return words[0].upper() + words[1:]


def _plain(sentence: str) -> str:
    """The sentence without Ansible's markup."""
    sentence = re.sub(r"[OVE]\((?:[\w.]+#module:)?([^()]+)\)", r"\1", sentence)
    return re.sub(r"M\(([^()]+)\)", r"\1", sentence)
