# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No key stands twice in a module's documentation: YAML takes the last one without a word, and ansible-doc loses the rest."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

PLUGINS = Path(__file__).resolve().parents[4] / "plugins"
BLOCKS = ("DOCUMENTATION", "RETURN")


def _documents() -> Iterator[tuple[str, str]]:
    for path in sorted([*PLUGINS.glob("modules/*.py"), *PLUGINS.glob("doc_fragments/*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
                names = [target.id for target in node.targets if isinstance(target, ast.Name)]
                if path.parent.name == "doc_fragments" or names[0] in BLOCKS:
                    yield f"{path.stem} {names[0]}", node.value.value


DOCUMENTS = dict(_documents())


def _repeated(node: yaml.Node | None) -> Iterator[str]:
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _value in node.value]
        yield from (f"{key} in line {node.start_mark.line + 1}" for key in set(keys) if keys.count(key) > 1)
        for _key, value in node.value:
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated(value)


def test_all_modules_are_documented() -> None:
    assert {f"{path.stem} DOCUMENTATION" for path in PLUGINS.glob("modules/*.py")} <= set(DOCUMENTS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_key_stands_twice(name: str) -> None:
    assert list(_repeated(yaml.compose(DOCUMENTS[name]))) == []
