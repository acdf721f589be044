# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tree.py ROOT: copy this checkout to ROOT/ansible_collections/taskops/quiesce, the layout that Ansible and its tools expect.

Only changed files are copied, with their times, so that the tools can reuse their caches. Files that were removed here are removed there.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
COLLECTION = Path("ansible_collections", "taskops", "quiesce")

# Files that the tools create in the laid-out tree.
KEPT = {".git", ".ansible", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache", "__pycache__", "output"}
# Files that don't belong to the project, for a copy without git.
NOT_OURS = KEPT | {".demo", ".nox", ".tox", ".venv", ".venv-demo"}


def git(folder: Path, *words: str) -> str | None:
    # Variables such as GIT_DIR, which git sets for hooks, would select another repository.
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        return subprocess.run(["git", "-C", str(folder), *words], env=env, check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


def walk(checkout: Path) -> list[Path]:
    found = []
    for folder, folders, names in os.walk(checkout):
        folders[:] = [name for name in folders if name not in NOT_OURS]
        found += [Path(folder, name).relative_to(checkout) for name in names if not name.endswith((".pyc", ".tar.gz", ".lock"))]
    return found


def project_files(checkout: Path) -> set[Path]:
    """The files that git would commit. In a copy without .git, all files except obvious leftovers."""
    listed = git(checkout, "ls-files", "-z", "--cached", "--others", "--exclude-standard") if (checkout / ".git").exists() else None
    paths = walk(checkout) if listed is None else [Path(name) for name in listed.split("\0") if name]
    return {path for path in paths if os.path.lexists(checkout / path)}


def is_same(source: Path, target: Path) -> bool:
    if source.is_symlink() or target.is_symlink() or not target.exists():
        return False
    original, present = source.stat(), target.stat()
    return (original.st_size, original.st_mtime_ns, original.st_mode) == (present.st_size, present.st_mtime_ns, present.st_mode)


def copy(source: Path, target: Path) -> None:
    if is_same(source, target):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    target.unlink(missing_ok=True)
    shutil.copy2(source, target, follow_symlinks=False)


def remove_others(root: Path, kept: set[Path]) -> None:
    folders_wanted = {parent for path in kept for parent in path.parents}
    for folder, folders, names in os.walk(root):
        relative = Path(folder).relative_to(root)
        for name in [name for name in folders if relative / name not in folders_wanted]:
            folders.remove(name)
            if name not in KEPT:
                vanished = root / relative / name
                vanished.unlink() if vanished.is_symlink() else shutil.rmtree(vanished)
        for name in names:
            if relative / name not in kept:
                (root / relative / name).unlink()


def lay_out(checkout: Path, root: Path) -> Path:
    target = root / COLLECTION
    target.mkdir(parents=True, exist_ok=True)
    with open(root / "tree.lock", "w", encoding="utf-8") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        files = project_files(checkout)
        for path in sorted(files):
            copy(checkout / path, target / path)
        remove_others(target, files)
        # ansible-test takes the list of files from the nearest git repository above. Without this one, it would use the checkout's, which
        # ignores the folder of the tree, so nothing would be tested.
        if not (target / ".git").exists():
            git(target, "init", "--quiet")
    return target


if __name__ == "__main__":
    print(lay_out(CHECKOUT, Path(sys.argv[1]).resolve()))
