# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""check_environment.py COLLECTIONS FOLDER: check that an execution environment with the installed collection gets its requirements.

ansible-builder lists the requirements of the collections in COLLECTIONS, and writes the build context of our definition to FOLDER. No
container is built.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import yaml

NAME = "taskops.quiesce"


def builder(*words: str) -> str:
    done = subprocess.run(["ansible-builder", *words], check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"ansible-builder {' '.join(words)} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def introspection_errors(collections: Path) -> list[str]:
    """The collection has to require exactly what its modules import, and ansible-builder must not drop any of it."""
    introspected = yaml.safe_load(builder("introspect", "--sanitize", str(collections)))
    print(f"ansible-builder introspect tells {introspected}")
    python = [line.split("#")[0].replace(" ", "") for line in introspected.get("python") or []]
    is_right = len(python) == 1 and python[0].startswith("requests>=")
    errors = [] if is_right else [f"the collection asks for {python}, and it should for requests with a lower bound alone"]
    return errors + ([f"packages of the system are required: {introspected['system']}"] if introspected.get("system") else [])


def definition_errors(collections: Path, folder: Path) -> list[str]:
    """ansible-builder has to accept our definition with this collection."""
    definition = collections / "ansible_collections" / "taskops" / "quiesce" / "playbooks" / "awx" / "execution-environment.yml"
    shutil.rmtree(folder, ignore_errors=True)
    builder("create", "--file", str(definition), "--context", str(folder), "--output-filename", "Containerfile")
    required = yaml.safe_load((folder / "_build" / "requirements.yml").read_text(encoding="utf-8"))
    steps = (folder / "Containerfile").read_text(encoding="utf-8")
    base = yaml.safe_load(definition.read_text(encoding="utf-8"))["images"]["base_image"]["name"]
    print(f"ansible-builder create asks for {required} on {base}")
    errors = [] if NAME in [collection["name"] for collection in required["collections"]] else [f"{NAME} isn't among {required}"]
    return errors + ([] if base in steps else [f"the Containerfile isn't built on {base}"])


def main() -> int:
    collections, folder = map(Path, sys.argv[1:])
    errors = introspection_errors(collections) + definition_errors(collections, folder)
    for error in errors:
        print(error, file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
