# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The report's files, rendered from its templates.

Plain Jinja takes a tenth of the time that Ansible's templating takes for a window of thousands of tasks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from ..module_utils._report import as_markdown

# The templates of the role, which is part of the collection.
TEMPLATES = str(Path(__file__).resolve().parents[2] / "roles" / "maintenance_report" / "templates")


def report_files(facts: Mapping[str, Any], templates: str = TEMPLATES) -> dict[str, str]:
    """The report's files, by name. Raises `Failure` (`usage`) if these aren't the facts of a window."""
    try:
        return _rendered(facts, templates)
    except (KeyError, TypeError, ValueError, TemplateError) as error:
        missing = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise Failure("usage", f"the report isn't written, since it can't be made of these facts ({missing})") from None


def _rendered(facts: Mapping[str, Any], templates: str) -> dict[str, str]:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", str(facts["window"])):
        raise ValueError("the window's id can't name a file")
    # Ansible marks its values in ways that only its own templating handles.
    plain = json.loads(json.dumps(facts, default=str))
    environment = Environment(
        loader=FileSystemLoader(templates), undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True, autoescape=False
    )
    environment.filters["as_markdown"] = as_markdown
    environment.filters["regex_replace"] = lambda text, pattern, by: re.sub(pattern, by, str(text))
    # No ledger's name has a plus sign, so that reports and ledgers can share a folder.
    stem = f"{plain['window']}+report"
    made = {kind: environment.get_template(f"report.{kind}.j2").render(maintenance_report_facts=plain) for kind in ("html", "md")}
    made["json"] = json.dumps(plain, indent=2, sort_keys=True) + "\n"
    return {f"{stem}.{kind}": text for kind, text in made.items()}
