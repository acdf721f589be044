# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All checks and tests: `make test` runs the default sessions, `make help` tells the others.

The environments are made by tools/environment.py from the lock files in requirements/, not by nox: sessions share them, and one that is
good already costs no call of pip. Whatever needs the collection in its place runs in a copy of the checkout (tools/tree.py).
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import nox
from nox.command import CommandFailed

CHECKOUT = Path(__file__).resolve().parent
WORK = CHECKOUT / ".nox"
COLLECTION = Path("ansible_collections", "taskops", "quiesce")

# Each ansible-core with the oldest and the newest Python 3 that its controller runs on.
CORES = {"2.16": (10, 12), "2.17": (10, 12), "2.18": (11, 13), "2.19": (11, 13), "2.21": (12, 14)}
ALLOWED = [core for core, (oldest, newest) in CORES.items() if oldest <= sys.version_info.minor <= newest]
if not ALLOWED:
    raise SystemExit(f"No ansible-core that is tested here runs on Python {sys.version.split()[0]}: {CORES}")
ENDS = list(dict.fromkeys([ALLOWED[0], ALLOWED[-1]]))
WANTED = ALLOWED if os.environ.get("QUIESCE_CORES") == "all" else ENDS

nox.needs_version = ">=2026.10"
nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", *(f"{name}({core})" for name in ("sanity", "unit", "integration") for core in WANTED), "build"]

LINTERS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    # Twice, since a file has but one name: the collection's code is ansible_collections.taskops.quiesce..., that of the tests is tests...
    ("mypy", "--package", "ansible_collections.taskops.quiesce.plugins"),
    ("mypy", "tests", "tools", "noxfile.py"),
    ("python", "tools/fragments.py", "--check"),
    ("yamllint", "--strict", "."),
    ("ansible-lint", "--offline", "--profile", "production", "--strict"),
    ("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs=all", "."),
    ("antsibull-changelog", "lint"),
    ("reuse", "lint", "--lines"),
)

Variables = dict[str, str]


def each_core(tag: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Parametrize a session over the cores; the tag selects those of them that `make test` runs."""
    return nox.parametrize("core", [nox.param(core, id=core, tags=[tag] if core in WANTED else []) for core in ALLOWED])


def environment(session: nox.Session, *names: str) -> Variables:
    """Make sure of the environment that these lock files pin; return the variables with which its programs run."""
    folder = WORK / "env" / names[-1]
    locks = [f"requirements/{name}.txt" for name in names]
    session.run(sys.executable, "tools/environment.py", str(folder), *locks, log=False, external=True)
    empty = WORK / "empty.cfg"
    empty.touch()
    return {
        "PATH": os.pathsep.join([str(folder / "bin"), os.environ["PATH"]]),
        # What a user has configured for Ansible must not decide a test.
        "ANSIBLE_CONFIG": str(empty),
        "ANSIBLE_HOME": str(WORK / "ansible"),
        "NO_COLOR": "1",
    }


def core_environment(session: nox.Session, core: str) -> Variables:
    return environment(session, "test", f"core-{core}")


def lay_out(session: nox.Session, root: Path, env: Variables) -> Path:
    """Lay the collection out below `root`, let the programs find it there, and go there."""
    session.run(sys.executable, "tools/tree.py", str(root), silent=True, log=False, external=True)
    env["PYTHONPATH"] = env["ANSIBLE_COLLECTIONS_PATH"] = str(root)
    session.chdir(root / COLLECTION)
    return root / COLLECTION


def run(session: nox.Session, env: Variables, program: str, *words: str) -> None:
    """Run a program of the environment. nox itself would look for it in its own PATH."""
    session.run(shutil.which(program, path=env["PATH"]) or program, *words, env=env, external=True)


@nox.session(allow_parallel=True)
def lint(session: nox.Session) -> None:
    """Format, style, types, playbooks, documentation, changelog, licences, generated parts."""
    env = environment(session, "test", "lint")
    lay_out(session, WORK / "tree-lint", env)
    env["MYPYPATH"] = env["PYTHONPATH"]
    # antsibull-docs writes a log into the home folder.
    home = WORK / "home" / "lint"
    home.mkdir(parents=True, exist_ok=True)
    env["HOME"] = str(home)
    # reuse looks at every file, and would ask compiled ones for their licence.
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    failed = []
    for words in LINTERS:
        try:
            run(session, env, *words)
        except CommandFailed:
            failed.append(" ".join(words))
    if failed:
        session.error("; ".join(failed))


@nox.session(allow_parallel=True)
@each_core("sanity")
def sanity(session: nox.Session, core: str) -> None:
    """All sanity tests of ansible-test, with no ignore file."""
    env = core_environment(session, core)
    home = WORK / "home" / core
    run(session, env, "python", "tools/ansible_test_bootstrap.py", str(home))
    lay_out(session, WORK / f"tree-{core}", env)
    # A home for each core: side by side, two ansible-tests would make the same virtual environment at the same time.
    # The Python that we run on and no other: what else lies about on a machine must not decide a test.
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    run(session, env | {"HOME": str(home)}, "ansible-test", "sanity", "--color", "no", "--python", python, *session.posargs)


def pytest(session: nox.Session, core: str, folder: str) -> None:
    env = core_environment(session, core)
    lay_out(session, WORK / "tree", env)
    run(session, env, "python", "-m", "pytest", "--numprocesses", "auto", folder, *session.posargs)


@nox.session
@each_core("unit")
def unit(session: nox.Session, core: str) -> None:
    """Tests of the parts, without processes."""
    pytest(session, core, "tests/unit")


@nox.session
@each_core("integration")
def integration(session: nox.Session, core: str) -> None:
    """Real ansible processes against the emulator."""
    pytest(session, core, "tests/integration")


@nox.session(allow_parallel=True)
def build(session: nox.Session) -> None:
    """Build the artifact, look into it, install it, and run what was installed."""
    env = core_environment(session, ALLOWED[-1])
    tree = lay_out(session, WORK / "tree-build", env)
    artifact, installed = WORK / "artifact", WORK / "installed"
    for folder in (artifact, installed):
        shutil.rmtree(folder, ignore_errors=True)
    del env["PYTHONPATH"]
    env["ANSIBLE_COLLECTIONS_PATH"] = env["QUIESCE_COLLECTIONS_PATH"] = str(installed)

    run(session, env, "ansible-galaxy", "collection", "build", "--output-path", str(artifact))
    (tarball,) = artifact.glob("*.tar.gz")
    run(session, env, "ansible-galaxy", "collection", "install", "--offline", str(tarball), "-p", str(installed))
    run(session, env, "python", "tools/check_artifact.py", str(tarball), str(installed))
    # The tests come from the tree, the collection from its installed artifact alone.
    env["PYTHONPATH"] = os.pathsep.join([str(installed), str(tree)])
    run(session, env, "python", "-m", "pytest", "tests/artifact", *session.posargs)
