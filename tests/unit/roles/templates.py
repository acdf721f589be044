# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's templates, rendered as by the action plugin."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from ansible_collections.taskops.quiesce.plugins.module_utils import _report
from ansible_collections.taskops.quiesce.plugins.plugin_utils._report_page import report_files

TEMPLATES = Path(__file__).parents[3] / "roles" / "maintenance_report" / "templates"


def facts(document: dict[str, Any]) -> dict[str, Any]:
    """The facts as a role has them: they have passed through JSON, which needn't keep the order of keys."""
    data = json.loads(json.dumps(_report.facts(document), sort_keys=True))
    assert isinstance(data, dict)
    return data


def render(kind: str, report: dict[str, Any]) -> str:
    """`kind` is html, md or json. The same facts are rendered once."""
    return _once(json.dumps(report))[kind]


def render_anew(report: dict[str, Any]) -> dict[str, str]:
    """Each form, by its kind."""
    return {name.rsplit(".", 1)[-1]: text for name, text in report_files(report, str(TEMPLATES)).items()}


@cache
def _once(report: str) -> dict[str, str]:
    return render_anew(json.loads(report))
