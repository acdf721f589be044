# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lint the YAML examples of the README, the manual, the roles and the modules, with the linters that users run on copied text.

Run it as `python tools/lint_examples.py` in the laid-out collection. It ends with the status of yamllint and ansible-lint.

Each block becomes a file in a temporary folder, named after its page and line. A block that is neither a playbook, nor tasks, variables or
a rulebook (for example a result) is only parsed.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "roles/*/README.md", "docs/docsite/rst/*.rst", "plugins/modules/*.py")
MARKDOWN = re.compile(r"^```ya?ml\n(.*?)^```", re.DOTALL | re.MULTILINE)
# The directive with its options, an empty line, then all lines that are indented at least as deep as the first one.
SPHINX = re.compile(r"^ *\.\. code-block:: ya?ml\n(?: +:.*\n)*\n+(?P<text>( +)\S.*\n(?:(?:\2.*)?\n)*)", re.MULTILINE)
VARIABLE = re.compile(r"(maintenance|quiesce|probe)_\w+")


@dataclass(frozen=True)
class Example:
    """A block of YAML: its page, the line where it begins, and its text."""

    page: str
    line: int
    text: str

    @property
    def file(self) -> str:
        """The path under which ansible-lint recognises the kind of the block. Empty if the block can't be linted."""
        name = f"{re.sub(r'[^a-z0-9]+', '_', self.page.lower())}_line_{self.line}.yml"
        kind = kind_of(yaml.load(self.text, _Loader))
        return f"{kind}/{name}" if kind else ""

    def linted(self) -> str:
        """The text of the linted file."""
        document = self.text if self.text.startswith("---") else f"---\n{self.text}"
        if isinstance(yaml.load(self.text, _Loader), Mapping) and "module_defaults:" in self.text:
            play = "- name: A play\n  hosts: localhost\n  gather_facts: false\n"
            return f"---\n{play}{textwrap.indent(self.text, '  ')}  tasks: []\n"
        return document


class _Loader(yaml.SafeLoader):
    """A loader that reads tags of Ansible as plain text."""


def _as_text(loader: yaml.SafeLoader, node: yaml.Node) -> str:
    return str(loader.construct_scalar(node)) if isinstance(node, yaml.ScalarNode) else ""


for tag in ("!vault", "!unsafe"):
    _Loader.add_constructor(tag, _as_text)


def kind_of(content: Any) -> str:
    """The folder in which ansible-lint expects such content."""
    if isinstance(content, Mapping):
        if "module_defaults" in content:
            return "playbooks"
        return "vars" if content and all(VARIABLE.fullmatch(str(name)) for name in content) else ""
    entries = [entry for entry in content if isinstance(entry, Mapping)] if isinstance(content, list) else []
    if any("rules" in entry for entry in entries):
        return "extensions/eda/rulebooks"
    if any("hosts" in entry for entry in entries):
        return "playbooks"
    return "tasks" if any("." in str(key) for entry in entries for key in entry) else ""


def examples() -> Iterator[Example]:
    for pattern in PAGES:
        for path in sorted(ROOT.glob(pattern)):
            text = path.read_text(encoding="utf-8")
            page = str(path.relative_to(ROOT))
            for begin, block in _blocks(path.suffix, text):
                yield Example(page, text.count("\n", 0, begin) + 1, textwrap.dedent(block).strip("\n") + "\n")


def _blocks(suffix: str, text: str) -> Iterator[tuple[int, str]]:
    """The line of each block, and its text."""
    if suffix == ".py":
        for node in ast.parse(text).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXAMPLES":
                shown = str(ast.literal_eval(node.value))
                yield text.index(shown), shown
    for found in (MARKDOWN if suffix == ".md" else SPHINX).finditer(text) if suffix != ".py" else ():
        group: int | str = 1 if suffix == ".md" else "text"
        yield found.start(group), found[group]


def main() -> int:
    found = list(examples())
    with tempfile.TemporaryDirectory() as place:
        files = sorted(example.file for example in found if example.file)
        for example in found:
            if example.file:
                file = Path(place, example.file)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(example.linted(), encoding="utf-8")
        programs = (
            ["yamllint", "--strict", "--config-file", str(ROOT / ".yamllint"), "."],
            ["ansible-lint", "--offline", "--profile", "production", "--strict", "--config-file", str(ROOT / ".ansible-lint"), *files],
        )
        print(f"{len(files)} of {len(found)} blocks of YAML are linted")
        return max(subprocess.run(program, cwd=place, check=False).returncode for program in programs)


if __name__ == "__main__":
    sys.exit(main())
