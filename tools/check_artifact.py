# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""check_artifact.py TARBALL COLLECTIONS: check that a built artifact contains what users need and nothing else, and is documented.

Run it with the Python that has ansible-core, after the tarball was installed into the folder COLLECTIONS.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import yaml

NAME = "taskops.quiesce"
NEEDED = {
    *("README.md", "CHANGELOG.md", "COPYING", "LICENSES/GPL-3.0-or-later.txt", "MANIFEST.json"),
    *("changelogs/changelog.yaml", "meta/runtime.yml", "meta/execution-environment.yml", "meta/ee-requirements.txt"),
    *("playbooks/awx_setup.yml", "playbooks/awx/credential_types.yml", "playbooks/awx/job_templates.yml", "playbooks/awx/workflow.yml"),
    *("playbooks/awx/schedules.yml", "playbooks/windows.yml", "playbooks/close_overdue.yml", "playbooks/tasks/close_one.yml"),
}
# Only these may be at the top of the artifact. The name of a folder ends in a slash.
ALLOWED = (
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "COPYING", "REUSE.toml", "SECURITY.md", "MANIFEST.json", "FILES.json"),
    # Galaxy uses this file to lint imported collections.
    ".ansible-lint",
    *("LICENSES/", "changelogs/", "docs/", "extensions/", "meta/", "playbooks/", "plugins/", "roles/"),
)
LEFTOVERS = ("__pycache__", ".pyc", ".retry", ".orig", ".swp", "/fragments/", "/output/")


def is_allowed(name: str) -> bool:
    return name.startswith(ALLOWED) and not any(part in name for part in LEFTOVERS)


def content_errors(tarball: Path) -> list[str]:
    with tarfile.open(tarball) as archive:
        files = {member.name for member in archive.getmembers() if not member.isdir()}
    errors = [f"{name} is missing" for name in sorted(NEEDED - files)]
    errors += [f"{name} has no place in an artifact" for name in sorted(files) if not is_allowed(name)]
    if not any(name.startswith("plugins/modules/") for name in files):
        errors.append("there is no module")
    print(f"{tarball.name}: {len(files)} files")
    return errors


def changelog_errors(collections: Path) -> list[str]:
    """The changelog has to list the version of the artifact, and each module."""
    folder = collections / "ansible_collections" / "taskops" / "quiesce"
    version = json.loads((folder / "MANIFEST.json").read_text(encoding="utf-8"))["collection_info"]["version"]
    releases = yaml.safe_load((folder / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))["releases"]
    if version not in releases:
        return [f"changelogs/changelog.yaml has no entry for {version}; run antsibull-changelog release"]
    released = {module["name"] for release in releases.values() for module in release.get("modules", ())}
    untold = {path.stem for path in (folder / "plugins" / "modules").glob("*.py")} - released
    return [f"the changelog doesn't mention {name}; run antsibull-changelog release --update-existing" for name in sorted(untold)]


def documentation_errors(collections: Path) -> list[str]:
    folder = collections / "ansible_collections" / "taskops" / "quiesce" / "plugins" / "modules"
    modules = sorted(f"{NAME}.{path.stem}" for path in folder.glob("*.py"))
    shown = subprocess.run(
        ["ansible-doc", "--json", "--type", "module", *modules],
        env=os.environ | {"ANSIBLE_COLLECTIONS_PATH": str(collections)},
        check=False,
        capture_output=True,
        text=True,
    )
    if shown.returncode or shown.stderr.strip():
        return [f"ansible-doc ended with {shown.returncode}: {shown.stderr.strip()}"]
    documented = json.loads(shown.stdout)
    print(f"ansible-doc shows {', '.join(sorted(documented))}")
    parts = ("doc", "examples", "return")
    return [f"{module} has no {part}" for module in modules for part in parts if not documented.get(module, {}).get(part)]


def main() -> int:
    tarball, collections = map(Path, sys.argv[1:])
    errors = content_errors(tarball) + changelog_errors(collections) + documentation_errors(collections)
    for error in errors:
        print(error, file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
