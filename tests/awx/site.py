# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site as the setup playbook creates it: its job templates, their surveys, its credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.window.fleet import Fleet

from .credentials import PROJECTS, credentials
from .data import load
from .jobs import Awx, Ended

TEMPLATES = {template["name"].split()[0].lower(): template for template in load("awx/job_templates.yml")["quiesce_awx_job_templates"]}
QUESTIONS = {name: value for name, value in load("awx/job_templates.yml").items() if name.startswith("quiesce_awx_question_")}


def asked(template: str) -> list[str]:
    """The variables that the survey of a template asks for."""
    return [QUESTIONS[question.strip("{} ")]["variable"] for question in TEMPLATES[template]["questions"]]


@dataclass
class Site:
    """The objects that the setup creates, with one site's credentials. The ledger is on a host that all jobs reach."""

    awx: Awx
    fleet: Fleet
    ledgers: Path

    def launch(self, template: str, answers: Mapping[str, Any], **more: Any) -> Ended:
        """Run a job of a template. Unanswered questions arrive as empty texts."""
        empty = {variable: "" for variable in asked(template)}
        inventory = {"maintenance_ledger_host": "localhost", "maintenance_ledger_dir": str(self.ledgers)}
        return self.awx.launch(
            TEMPLATES[template]["playbook"],
            credentials(self.fleet.systems),
            extra_vars={**empty, **answers},
            **{"inventory": inventory, "check": TEMPLATES[template]["job_type"] == "check", **more},
        )

    def targets(self) -> str:
        """The answer to the question for the targets. It contains nothing from a credential."""
        targets = [{"name": vendor, "vendor": vendor, "state": "paused", "select": {}} for vendor in self.fleet.systems]
        for target in targets:
            target.update({"options": {"project_id": PROJECTS[str(target["vendor"])]}} if target["vendor"] in PROJECTS else {})
        return yaml.safe_dump(targets)
