# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All checks and tests. `make test` runs the default sessions, and `make help` lists the others.

tools/environment.py, and not nox, creates the environments from the lock files in tools/requirements. Sessions share them, and an existing
environment is reused at once. Sessions that need the collection in Ansible's layout run in a copy of the checkout (tools/tree.py). Each
ansible-core runs on the Python that runs nox, or on another Python of this machine (tools/pythons.py). Tests that depend on the core run on
the oldest and on the newest one, all others only on the newest. With QUIESCE_CORES=all, they run on all cores, including those that have
sessions of their own.
"""

from __future__ import annotations

import glob
import importlib
import importlib.util
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import nox
from nox.command import CommandFailed

CHECKOUT = Path(__file__).resolve().parent
sys.path.insert(0, str(CHECKOUT))

from tools.pythons import CORES, choose, how_to_get, pythons  # noqa: E402

WORK = CHECKOUT / ".nox"
COLLECTION = Path("ansible_collections", "taskops", "quiesce")

CHOICE = choose(pythons())
if not CHOICE.pythons:
    raise SystemExit(f"None of the Pythons here can run an ansible-core that is tested: {how_to_get(list(CORES)[-1])}.")
NEWEST = CHOICE.newest
ENDS = list(dict.fromkeys([CHOICE.oldest, NEWEST]))
EVERY_CORE = os.environ.get("QUIESCE_CORES") == "all"
WANTED = list(CHOICE.pythons) if EVERY_CORE else ENDS

# Unit tests that load nothing of ansible-core, which the session `unit` proves each time: they run on the newest one only.
NO_CORE = (
    "tests/unit/benchmark",
    "tests/unit/emulator",
    "tests/unit/roles",
    "tests/unit/tools",
    *(
        f"tests/unit/plugins/module_utils/test_{name}.py"
        for name in (
            "awaited",
            "converge",
            "deadline",
            "delivery",
            "gateway",
            "hmac",
            "http",
            "ledger",
            "lifecycle",
            "page",
            "pages",
            "promises",
            "redaction",
            "refusals",
            "refused_actions",
            "results",
            "signing",
            "text",
            "threads",
            "throttle",
            "transport",
            "window",
        )
    ),
    *(
        f"tests/unit/plugins/plugin_utils/test_{name}.py"
        for name in ("background", "changes", "group_defaults", "reaction", "similar_names", "state_file", "supervisor")
    ),
)
# These tests call modules through ansible-core, but they vary answers and options, and no core decides on those.
HOSTILE = "tests/unit/hostile"
# Of the integration tests, the newest core alone runs these, and those with the mark `wire` and neither `core` nor `quick`; of the unit
# tests, those with the mark `wire`.
LONG = ("tests/integration/hostile", "tests/integration/proxies", "tests/integration/test_crash.py", "tests/integration/test_demo.py")
# Unit tests of what no module needs, each with the folder that it's about: `make quick` runs them where something of either has changed.
SUBJECTS = {
    "tests/unit/benchmark": "tests/benchmark",
    "tests/unit/emulator": "tests/emulator",
    "tests/unit/tools": "tools",
}
# `make bench` compares windows with this build, the last one whose windows were implemented in YAML.
EARLIER = "5322a44"

# The generations of Airflow, each with the newest Python 3 that it supports. The lock files begin with 3.11.
AIRFLOWS = {3: 13, 2: 12}

nox.needs_version = ">=2026.10"
nox.options.default_venv_backend = "none"
# The longest sessions come first, so that nothing waits for one of them in the end. The integration tests leave a sixth of two processors
# idle, which sessions that yield use. Airflow's tests leave more than half idle, but the more runs beside them, the more its servers do.
nox.options.sessions = [
    f"integration({NEWEST})",
    *(f"sanity({core})" for core in (WANTED if EVERY_CORE else [NEWEST])),
    "lint",
    "checks",
    *(f"integration({core})" for core in reversed(WANTED) if core != NEWEST),
    "airflow",
    "events",
    *(f"unit({core})" for core in reversed(WANTED)),
    "fire",
    "docs",
    "awx",
    "browser",
    "build",
]
# These measure no time and have no time limits, so that they leave the processors to those beside them.
YIELDING = ("lint", "sanity", "checks")

LINTERS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    # Two calls, since mypy accepts only one module name for a file: the collection's modules begin with
    # ansible_collections.taskops.quiesce, those of the tests with tests.
    ("mypy", "--package", "ansible_collections.taskops.quiesce.plugins"),
    ("mypy", "tests", "tools", "noxfile.py", "extensions"),
    ("python", "tools/fragments.py", "--check"),
    ("yamllint", "--strict", "."),
    ("ansible-lint", "--offline", "--profile", "production", "--strict"),
    ("python", "tools/lint_examples.py"),
    # The version of antsibull-nox for plugins and references that the session `checks` uses.
    ("antsibull-docs", "lint-collection-docs", "."),
    ("antsibull-changelog", "lint"),
    ("reuse", "lint", "--lines"),
)

Variables = dict[str, str]
RECORDS: Counter[str] = Counter()


def each_core(tag: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Parametrize a session over the cores. The tag selects the cores that `make test` runs."""
    return nox.parametrize("core", [nox.param(core, id=core, tags=[tag] if core in WANTED else []) for core in CORES])


def environment(session: nox.Session, *names: str, python: str = sys.executable) -> Variables:
    """Create the environment that these lock files pin, if necessary. Return the environment variables for its programs."""
    folder = WORK / "env" / names[-1]
    locks = [f"tools/requirements/{name}.txt" for name in names]
    words = (sys.executable, "tools/environment.py", "--python", python, str(folder), *locks)
    session.run(*words, log=False, external=True)
    empty = WORK / "empty.cfg"
    empty.touch()
    return {
        "PATH": os.pathsep.join([str(folder / "bin"), os.environ["PATH"]]),
        # The user's own configuration of Ansible must not affect a test.
        "ANSIBLE_CONFIG": str(empty),
        "ANSIBLE_HOME": str(WORK / "ansible"),
        "NO_COLOR": "1",
        # uv doesn't compile. Python compiles each imported module once, whatever the caller has set.
        "PYTHONDONTWRITEBYTECODE": "",
    }


def core_environment(session: nox.Session, core: str) -> Variables:
    if core not in CHOICE.pythons:
        session.error(how_to_get(core))
    return environment(session, "test", f"core-{core}", python=CHOICE.pythons[core])


def record(session: nox.Session, count: int, what: str) -> None:
    """Record how many tests this session ran, for the table at the end. `what` is the word for them."""
    file = results(session, ".json")
    file.write_text(json.dumps({"count": count, "what": what}), encoding="utf-8")


def results(session: nox.Session, suffix: str) -> Path:
    """A new file for the results of this session. The first one of a run removes the results of earlier runs."""
    folder = WORK / "results"
    folder.mkdir(parents=True, exist_ok=True)
    if not RECORDS[session.name]:
        for file in folder.glob(f"{glob.escape(session.name)}+*"):
            file.unlink()
    RECORDS[session.name] += 1
    return folder / f"{session.name}+{RECORDS[session.name]}{suffix}"


def debian_packages(session: nox.Session, *programs: str) -> None:
    """Install programs that no package index has, if necessary."""
    session.run(sys.executable, str(CHECKOUT / "tools" / "debian_packages.py"), *programs, log=False, external=True)


def lay_out(session: nox.Session, root: Path, env: Variables) -> Path:
    """Lay the collection out below `root`, make the programs find it there, and change to that folder."""
    session.run(sys.executable, "tools/tree.py", str(root), silent=True, log=False, external=True)
    env["PYTHONPATH"] = env["ANSIBLE_COLLECTIONS_PATH"] = str(root)
    session.chdir(root / COLLECTION)
    return root / COLLECTION


def run(session: nox.Session, env: Variables, program: str, *words: str, silent: bool = False) -> str:
    """Run a program of the environment. (nox would search its own PATH.) If `silent`, the output is returned."""
    if session.parallel and session.name.partition("(")[0] in YIELDING:
        yield_processors()
    words = (shutil.which(program, path=env["PATH"]) or program, *words)
    output = session.run(*words, env=env, silent=silent, external=True)
    return str(output) if silent else ""


def yield_processors() -> None:
    """Let this process and those that it starts have a tenth of what other sessions get while these use all processors.

    nox starts each session with `setsid`, and Linux may schedule such a session as one group (sched_autogroup). The niceness of a process
    then counts only within its group, which has a niceness of its own.
    """
    os.setpriority(os.PRIO_PROCESS, 0, 10)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text("10", encoding="ascii")


def install(session: nox.Session, env: Variables, suffix: str) -> tuple[Path, Path]:
    """Build the artifact from the tree and install it. From here on, the programs only find this installed collection."""
    artifact, installed = WORK / f"artifact{suffix}", WORK / f"installed{suffix}"
    for folder in (artifact, installed):
        shutil.rmtree(folder, ignore_errors=True)
    del env["PYTHONPATH"]
    env["ANSIBLE_COLLECTIONS_PATH"] = env["QUIESCE_COLLECTIONS_PATH"] = str(installed)
    run(session, env, "ansible-galaxy", "collection", "build", "--output-path", str(artifact))
    (tarball,) = artifact.glob("*.tar.gz")
    run(session, env, "ansible-galaxy", "collection", "install", "--offline", str(tarball), "-p", str(installed))
    return tarball, installed


def pytest(session: nox.Session, env: Variables, *words: str, workers: int = os.cpu_count() or 1) -> None:
    """Run tests in the current folder with so many workers, and record their times for the table at the end.

    Tests that are named after `--` replace those of the session. Options after `--` are added to those of the session.
    """
    if any(word.startswith("tests/") for word in session.posargs):
        words = tuple(word for word in words if not word.startswith("tests/"))
    side_by_side = ("--numprocesses", str(workers)) if workers > 1 else ()
    run(session, env, "python", "-m", "pytest", f"--junit-xml={results(session, '.xml')}", *side_by_side, *words, *session.posargs)


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
    # In the compiled files beside the sources, reuse would look for a licence.
    env["PYTHONPYCACHEPREFIX"] = str(WORK / "bytecode" / "lint")
    failed = []
    for words in LINTERS:
        try:
            run(session, env, *words)
        except CommandFailed:
            failed.append(" ".join(words))
    record(session, len(LINTERS), "linters")
    if failed:
        session.error("; ".join(failed))


def git(*words: str) -> str:
    """The output of git about the checkout. Empty if git fails."""
    try:
        return subprocess.run(["git", *words], cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


def changed() -> list[str]:
    """The files that differ from the commit at which this checkout left the branch `main`. All files if git can't list them."""
    bases = (git("merge-base", "HEAD", branch).strip() for branch in ("origin/main", "main"))
    base = next((found for found in bases if found), "")
    if not base:
        return ["."]
    names = git("diff", "--name-only", "--diff-filter=d", "-z", base) + git("ls-files", "-z", "--others", "--exclude-standard")
    return sorted({name for name in names.split("\0") if (CHECKOUT / name).is_file() and not (CHECKOUT / name).is_symlink()})


@nox.session
def quick(session: nox.Session) -> None:
    """The checks to run while you work: the linters for changed files, the unit tests except the longest, and one integration test for each
    vendor.
    """
    env = environment(session, "test", "lint")
    lay_out(session, WORK / "tree-lint", env)
    env |= {"MYPYPATH": env["PYTHONPATH"], "PYTHONPYCACHEPREFIX": str(WORK / "bytecode" / "lint")}
    names = changed()
    code = [name for name in names if name.endswith(".py") or name == "."]
    if code:
        run(session, env, "ruff", "check", *code)
        run(session, env, "ruff", "format", "--check", *code)
        for words in LINTERS:
            if words[0] == "mypy" or "tools/fragments.py" in words:
                run(session, env, *words)
    if texts := [name for name in names if name.endswith((".yml", ".yaml")) or name == "."]:
        run(session, env, "yamllint", "--strict", *texts)
    env = core_environment(session, NEWEST) | {"QUIESCE_FIRE_CASES": "100"}
    lay_out(session, WORK / "tree", env)
    # Whatever uses the emulator and the tools proves them, too; their own unit tests are for those who change them.
    left_out = [tests for tests, subject in SUBJECTS.items() if not any(is_in(name, tests, subject) for name in names)]
    if left_out:
        session.log("Nothing has changed of what these test, so they're left out: %s", ", ".join(left_out))
    pytest(session, env, "-m", "not long", "tests/unit", *(f"--ignore={tests}" for tests in left_out))
    # By one process, whose plays are forked from one that has loaded Ansible; collecting all files would take longer than the tests.
    pytest(session, env, "-m", "quick", *quick_tests(), workers=1)


def is_in(name: str, *folders: str) -> bool:
    """Whether a file that changed is in one of the folders. "." is any file."""
    return name == "." or any(name.startswith(f"{folder}/") for folder in folders)


def quick_tests() -> list[str]:
    """The files that have tests with the mark `quick`."""
    files = (CHECKOUT / "tests" / "integration").rglob("test_*.py")
    return sorted(str(file.relative_to(CHECKOUT)) for file in files if "@pytest.mark.quick" in file.read_text(encoding="utf-8"))


@nox.session(allow_parallel=True)
@each_core("sanity")
def sanity(session: nox.Session, core: str) -> None:
    """All sanity tests of ansible-test, with no ignore file."""
    env = core_environment(session, core)
    # Each core needs its own home: two ansible-tests that run in parallel would create the same virtual environment at the same time.
    home = WORK / "home" / core
    python = shutil.which("python", path=env["PATH"]) or ""
    session.run(sys.executable, "tools/ansible_test_bootstrap.py", str(home), python, log=False, external=True)
    lay_out(session, WORK / f"tree-{core}", env)
    # Only the Python of this core, so that other Pythons of the machine don't change the result.
    version = session.run(python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])", silent=True, log=False, external=True)
    words = ("ansible-test", "sanity", "--color", "no", "--python", str(version).strip(), *session.posargs)
    output = run(session, env | {"HOME": str(home)}, *words, silent=True)
    print(output)
    record(session, len(re.findall('^Running sanity test "', output, re.MULTILINE)), "sanity tests")


@nox.session(allow_parallel=True)
@each_core("unit")
def unit(session: nox.Session, core: str) -> None:
    """Unit tests. They start no processes, except curl, which sends the requests that a vendor documents."""
    debian_packages(session, "curl")
    env = core_environment(session, core)
    lay_out(session, WORK / "tree", env)
    if core == NEWEST and not any(word.startswith("tests/") for word in session.posargs):
        pytest(session, env, "-p", "tests.unit.without_ansible", *NO_CORE)
    left_out = [*NO_CORE] if core == NEWEST else [*NO_CORE, HOSTILE]
    of_any_core = () if core == NEWEST else ("-m", "not wire")
    pytest(session, env, "tests/unit", *of_any_core, *(f"--ignore={path}" for path in left_out))


# On all cores, these sessions take turns. Their tests have time limits, and each session uses most of the processors.
@nox.session(allow_parallel=not EVERY_CORE)
@each_core("integration")
def integration(session: nox.Session, core: str) -> None:
    """Real ansible processes against the emulator."""
    left_out = [] if core == NEWEST else ["-m", "not wire or core or quick", *(f"--ignore={path}" for path in LONG)]
    if not left_out:
        debian_packages(session, "haproxy", "nginx", "squid", "tinyproxy")
    env = core_environment(session, core)
    lay_out(session, WORK / "tree", env)
    # More workers than there are processors, since each test also waits for its system.
    pytest(session, env, "tests/integration", *left_out, workers=3 * (os.cpu_count() or 1))


@nox.session(allow_parallel=True)
def fire(session: nox.Session) -> None:
    """Model-based tests: 2,500 random storms of faults over all systems, some in sequences, some over sockets. The seed is fixed."""
    env = core_environment(session, NEWEST)
    lay_out(session, WORK / "tree", env)
    pytest(session, env, "tests/fire")


@nox.session
def soak(session: nox.Session) -> None:
    """50,000 storms and as many hostile answers, from a random seed that is printed.

    QUIESCE_FIRE_SEED and QUIESCE_FIRE_CASES repeat a run.
    """
    os.environ.setdefault("QUIESCE_FIRE_CASES", "50000")
    os.environ.setdefault("QUIESCE_FIRE_SEED", str(random.randrange(10**9)))
    session.log("QUIESCE_FIRE_SEED=%s QUIESCE_FIRE_CASES=%s", os.environ["QUIESCE_FIRE_SEED"], os.environ["QUIESCE_FIRE_CASES"])
    env = core_environment(session, NEWEST)
    lay_out(session, WORK / "tree", env)
    pytest(session, env, "tests/fire", "tests/unit/hostile")


@nox.session
def crash(session: nox.Session) -> None:
    """The long crash test, on the newest core."""
    env = core_environment(session, NEWEST)
    lay_out(session, WORK / "tree", env)
    run(session, env, "python", "-m", "tests.crash", *(session.posargs or ("--kills", "200")))


@nox.session(allow_parallel=True)
def events(session: nox.Session) -> None:
    """The event source in the real ansible-rulebook, from an installed artifact. It needs Java 17."""
    rulebook_tests(session, "tests/events")


@nox.session(allow_parallel=True)
def airflow(session: nox.Session) -> None:
    """The modules of Airflow against real servers 3 and 2.11 and against the emulator of both, by the same tests."""
    env, left_out = airflow_environment(session, 3, 2)
    left_out.append("windows over Airflow 2.11 and over the emulators, but for those that stop Dags; run make airflow-whole")
    results(session, ".json").write_text(json.dumps({"left_out": left_out}), encoding="utf-8")
    airflow_tests(session, env)


@nox.session(name="airflow-whole")
def airflow_whole(session: nox.Session) -> None:
    """The session `airflow` with the windows that it leaves out."""
    env, left_out = airflow_environment(session, 3, 2)
    if left_out:
        session.error("; ".join(left_out))
    airflow_tests(session, env | {"QUIESCE_AIRFLOW_WHOLE": "1"})


@nox.session(name="airflow-speed")
def airflow_speed(session: nox.Session) -> None:
    """Measure how long it takes to pause 200 active Dags out of 300 on a real Airflow server, compared with a threaded script and a loop of
    `uri`.
    """
    env, left_out = airflow_environment(session, 3)
    if left_out:
        session.error(left_out[0])
    lay_out(session, WORK / "tree", env)
    run(session, env, "python", "-m", "tests.airflow", "--bench", *session.posargs)


def airflow_tests(session: nox.Session, env: Variables) -> None:
    lay_out(session, WORK / "tree", env)
    # The tests wait more than they work.
    words = (f"--junit-xml={results(session, '.xml')}", "--numprocesses", str(4 * (os.cpu_count() or 1)), "tests/airflow", *session.posargs)
    run(session, env, "python", "-m", "tests.airflow", *words)


def airflow_environment(session: nox.Session, *generations: int) -> tuple[Variables, list[str]]:
    """The environment of the newest core, with the variables that name those of the servers; and why a server is left out."""
    env, left_out = core_environment(session, NEWEST), []
    for generation in generations:
        found = [minor for minor in pythons() if 11 <= minor <= AIRFLOWS[generation]]
        if not found:
            left_out.append(f"the server of Airflow {generation} needs a Python from 3.11 to 3.{AIRFLOWS[generation]}, and none was found")
            continue
        environment(session, f"airflow-{generation}", python=pythons()[max(found)])
        env[f"QUIESCE_AIRFLOW_{generation}"] = str(WORK / "env" / f"airflow-{generation}")
    if len(left_out) == len(generations):
        session.error("; ".join(left_out))
    return env, left_out


@nox.session
def closing(session: nox.Session) -> None:
    """Kill the rulebook that closes a window at 30 random moments, and check the window each time.

    QUIESCE_CLOSING_KILLS sets another number, and QUIESCE_SEED repeats the same moments.
    """
    os.environ.setdefault("QUIESCE_CLOSING_KILLS", "30")
    rulebook_tests(session, "-s", "tests/events/test_closing.py", "-k", "killed", workers=1)


def rulebook_tests(session: nox.Session, *words: str, workers: int = os.cpu_count() or 1) -> None:
    env = environment(session, "test", "events")
    if "JAVA_HOME" not in os.environ:
        debian_packages(session, "java")
    tree = lay_out(session, WORK / "tree", env)
    install(session, env, "-events")
    env["PYTHONPATH"] = str(tree)
    pytest(session, env, *words, workers=workers)


@nox.session(allow_parallel=True)
def browser(session: nox.Session) -> None:
    """Open the report of a window in Debian's Chromium, and write screenshots to .nox/screenshots."""
    debian_packages(session, "chromium")
    env = core_environment(session, NEWEST) | {"QUIESCE_SCREENSHOTS": str(WORK / "screenshots")}
    lay_out(session, WORK / "tree", env)
    pytest(session, env, "tests/browser", workers=1)


@nox.session(allow_parallel=True)
def docs(session: nox.Session) -> None:
    """Build the manual (a warning is a failure), open it in Debian's Chromium, and run the commands that it shows. Fetches nothing."""
    debian_packages(session, "chromium")
    env = environment(session, "test", "docs")
    tree = lay_out(session, WORK / "tree-docs", env)
    home, manual = WORK / "home" / "docs", WORK / "manual"
    home.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(manual, ignore_errors=True)
    # antsibull-docs requires a folder to which no other user can write.
    (manual / "rst").mkdir(parents=True, mode=0o700)
    words = ("--use-current", "--squash-hierarchy", "--cleanup", "everything", "--fail-on-error", "--dest-dir", str(manual / "rst"))
    run(session, env | {"HOME": str(home)}, "antsibull-docs", "collection", *words, "taskops.quiesce")
    if (pictures := tree / "docs/docsite/rst/images").is_dir():
        shutil.copytree(pictures, manual / "rst/images")
    places = (str(manual / "rst"), str(manual / "html"))
    run(session, env, "sphinx-build", "-W", "--keep-going", "--quiet", "--jobs", "auto", "--conf-dir", "tools/manual", *places)
    session.log("The manual is in %s", manual / "html" / "index.html")
    env |= {"QUIESCE_MANUAL": str(manual / "html"), "QUIESCE_SCREENSHOTS": str(WORK / "screenshots")}
    # Run separately, since it prints the paths of the screenshots.
    pytest(session, env, "tests/docs/test_pages.py", workers=1)
    pytest(session, env, "--ignore=tests/docs/test_pages.py", "tests/docs")


def lay_out_earlier() -> Path | None:
    """Lay out the earlier build with which windows are compared. None if the history of this checkout doesn't contain it."""
    root = WORK / "tree-earlier"
    place = root / COLLECTION
    if not place.is_dir():
        archive = subprocess.run(["git", "archive", EARLIER], cwd=CHECKOUT, check=False, capture_output=True)
        if archive.returncode:
            return None
        place.mkdir(parents=True)
        subprocess.run(["tar", "-x", "-C", str(place)], input=archive.stdout, check=True)
    return root


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the collection against the alternatives that users have. Writes figures, chart and table into the docs of the checkout."""
    env = environment(session, "test", f"core-{NEWEST}", "bench", python=CHOICE.pythons[NEWEST])
    lay_out(session, WORK / "tree-bench", env)
    if earlier := lay_out_earlier():
        env["QUIESCE_BASELINE"] = str(earlier)
    # The results of a session with arguments are only printed.
    docs = [] if session.posargs else ["--docs", str(CHECKOUT / "docs" / "docsite" / "rst")]
    run(session, env, "python", "-m", "tests.benchmark", *docs, *session.posargs)


@nox.session(allow_parallel=True)
def build(session: nox.Session) -> None:
    """Build the artifact, check it, install it, and run the installed collection."""
    env = core_environment(session, NEWEST)
    tree = lay_out(session, WORK / "tree-build", env)
    tarball, installed = install(session, env, "")
    run(session, env, "python", "tools/check_artifact.py", str(tarball), str(installed))
    # The tests come from the tree, the collection only from its installed artifact.
    env["PYTHONPATH"] = os.pathsep.join([str(installed), str(tree)])
    pytest(session, env, "tests/artifact", workers=1)


@nox.session(allow_parallel=True)
def awx(session: nox.Session) -> None:
    """Jobs as AWX runs them: its own code renders the credentials, and its engine runs the playbooks."""
    env = environment(session, "test", f"core-{NEWEST}", "awx", python=CHOICE.pythons[NEWEST])
    lay_out(session, WORK / "tree", env)
    pytest(session, env, "--dist", "loadfile", "tests/awx")


@nox.session(allow_parallel=True)
def checks(session: nox.Session) -> None:
    """The checks of Galaxy, ansible-builder and the Ansible community. They must report no error and no warning."""
    env, of_galaxy = environment(session, "checks"), environment(session, "galaxy")
    home = WORK / "home" / "checks"
    home.mkdir(parents=True, exist_ok=True)
    env["HOME"] = of_galaxy["HOME"] = str(home)
    env["PYTHONPYCACHEPREFIX"] = str(WORK / "bytecode" / "checks")
    lay_out(session, WORK / "tree-checks", env)
    run(session, env, "nox", "--session", "docs-check", "license-check", "extra-checks")
    # Galaxy's importer and the newest nox can't be installed in the same environment.
    program = shutil.which("nox", path=env["PATH"]) or "nox"
    env["PATH"] = of_galaxy["PATH"]
    output = run(session, env, program, "--session", "build-import-check", silent=True)
    print(output)
    if found := [line for line in output.splitlines() if line.strip().startswith(("WARNING:", "ERROR:"))]:
        session.error("Galaxy's importer complains:\n" + "\n".join(found))
    _tarball, installed = install(session, env, "-checks")
    run(session, env, "python", "tools/check_environment.py", str(installed), str(WORK / "execution-environment"))


# The session `checks` runs the sessions that antsibull-nox.toml describes, in the environment that has their requirements.
if importlib.util.find_spec("antsibull_nox"):
    importlib.import_module("antsibull_nox").load_antsibull_nox_toml()
