# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lists of all vendors, generated from the vendors' files, so that a new vendor isn't added to any of them by hand.

Ansible packs the modules that imports name, and reads documentation and metadata without running code. So the lists can't be computed when
the collection runs.

A vendor is a file in `_vendors`. Its modules are those that pass its class on. It has a probe if a file in `_probe` has its name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLLECTION = "taskops.quiesce"
UTILS = Path("plugins/module_utils")
# In each kind of file that contains a list, such lines mark its begin and end.
PART = re.compile(
    r"^(?P<begin>(?P<indent> *)# begin (?P<kind>[a-z ]+), by tools/fragments\.py\n)"
    r".*?"
    r"^(?P<end> *# end (?P=kind), by tools/fragments\.py\n)",
    re.MULTILINE | re.DOTALL,
)
# Imports are sorted together with their neighbours, so a marker could not keep its place.
IMPORTS = re.compile(r"^(from \._vendors\.\w+ import \w+\n)+", re.MULTILINE)
PROBE_IMPORTS = re.compile(r"^from \. import [\w, ]+\n", re.MULTILINE)
DESCRIPTION = "Use C(group/taskops.quiesce.all) or the group of the vendor in C(module_defaults) to set options for all of its modules."
FILES = (
    UTILS / "_systems.py",
    UTILS / "_probe/_finding.py",
    Path("plugins/doc_fragments/_attributes.py"),
    Path("plugins/modules/system_probe.py"),
    Path("extensions/eda/plugins/event_source/task_state.py"),
    Path("meta/runtime.yml"),
    Path("antsibull-nox.toml"),
)


@dataclass(frozen=True)
class Entry:
    """A vendor: the name of its file, its class, and its modules, with the state module first."""

    name: str
    system: str
    modules: Sequence[str]
    has_probe: bool

    @property
    def prefix(self) -> str:
        """The prefix of the names of its modules."""
        return self.modules[0].partition("_")[0]


def files() -> dict[Path, str]:
    """Each file that contains a list of vendors, and the text that it should have."""
    entries = vendors()
    return {ROOT / path: _filled((ROOT / path).read_text(encoding="utf-8"), entries) for path in FILES}


def vendors() -> list[Entry]:
    """All vendors: the listed ones in their order, then the new ones."""
    found = {path.stem: _entry(path) for path in sorted((ROOT / UTILS / "_vendors").glob("[a-z]*.py"))}
    listed = re.findall(r'^    "(\w+)": \w+,$', (ROOT / UTILS / "_systems.py").read_text(encoding="utf-8"), re.MULTILINE)
    return [found[name] for name in dict.fromkeys([*(name for name in listed if name in found), *found])]


def _entry(path: Path) -> Entry:
    # The vendor's class is the one with a prefix for environment variables.
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and any(isinstance(one, ast.Assign) and _is_named(one, "prefix") for one in node.body):
            modules = [module for kind in ("state", "info") for module in _modules(f"run_{kind}_module({node.name})")]
            return Entry(path.stem, node.name, modules, (ROOT / UTILS / "_probe" / path.name).exists())
    raise ValueError(f"{path} has no class with a prefix")


def _is_named(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def _modules(call: str) -> list[str]:
    return [path.stem for path in sorted((ROOT / "plugins" / "modules").glob("*.py")) if call in path.read_text(encoding="utf-8")]


def _filled(text: str, entries: Sequence[Entry]) -> str:
    def part(found: re.Match[str]) -> str:
        lines = KINDS[found["kind"]](entries)
        indented = (line.removeprefix(UNINDENTED) if not line or line.startswith(UNINDENTED) else found["indent"] + line for line in lines)
        return found["begin"] + "".join(f"{line}\n" for line in indented) + found["end"]

    text = IMPORTS.sub(lambda _found: _imports(entries), text)
    text = PROBE_IMPORTS.sub(lambda _found: _probe_imports(entries), text)
    return PART.sub(part, text)


def _imports(entries: Sequence[Entry]) -> str:
    return "".join(f"from ._vendors.{entry.name} import {entry.system}\n" for entry in sorted(entries, key=lambda entry: entry.name))


def _systems(entries: Sequence[Entry]) -> Iterable[str]:
    return [f'"{entry.name}": {entry.system},' for entry in entries]


def _probe_imports(entries: Sequence[Entry]) -> str:
    return f"from . import {', '.join(sorted(entry.name for entry in entries if entry.has_probe))}\n"


def _probes(entries: Sequence[Entry]) -> Iterable[str]:
    return [f'"{entry.name}": {entry.name}.PROBE,' for entry in entries if entry.has_probe]


def _choices(entries: Sequence[Entry]) -> Iterable[str]:
    return [f"choices: [{', '.join(entry.name for entry in entries)}]"]


def _probe_choices(entries: Sequence[Entry]) -> Iterable[str]:
    return _choices([entry for entry in entries if entry.has_probe])


def _info_modules(entries: Sequence[Entry]) -> Iterable[str]:
    return [f"- module: {COLLECTION}.{entry.modules[1]}" for entry in entries]


def _groups(entries: Sequence[Entry]) -> Iterable[str]:
    groups = {"all": sorted(module for entry in entries for module in entry.modules), **{entry.name: entry.modules for entry in entries}}
    return [line for group, modules in groups.items() for line in (f"{group}:", *(f"  - {module}" for module in modules))]


def _group_attributes(entries: Sequence[Entry]) -> Iterable[str]:
    for index, entry in enumerate(entries):
        yield from [""] if index else []
        yield f'ACTIONGROUP_{entry.name.upper()} = r"""'
        members = [f"      - {COLLECTION}.{group}" for group in ("all", entry.name)]
        for line in ("attributes:", "  action_group:", f"    description: {DESCRIPTION}", "    support: full", "    membership:", *members):
            # The indentation of the class is removed from the text.
            yield f"{UNINDENTED}{line}"
        yield f'{UNINDENTED}"""'


def _group_checks(entries: Sequence[Entry]) -> Iterable[str]:
    by_name = sorted(entries, key=lambda entry: entry.name)
    prefixes = "|".join(sorted(entry.prefix for entry in entries))
    groups = [("all", f"({prefixes})", "_common")]
    groups += [(entry.name, entry.prefix, f"_attributes.actiongroup_{entry.name}") for entry in by_name]
    for index, (name, prefix, fragment) in enumerate(groups):
        yield from [""] if index else []
        yield "[[sessions.extra_checks.action_groups_config]]"
        yield f'name = "{name}"'
        yield f'pattern = "^{prefix}_.*$"'
        yield f'doc_fragment = "{COLLECTION}.{fragment}"'


UNINDENTED = "\0"
KINDS: dict[str, Callable[[Sequence[Entry]], Iterable[str]]] = {
    "systems": _systems,
    "probes": _probes,
    "choices": _choices,
    "probe choices": _probe_choices,
    "info modules": _info_modules,
    "groups": _groups,
    "group attributes": _group_attributes,
    "group checks": _group_checks,
}
