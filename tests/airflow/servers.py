# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Airflow's own servers as processes on loopback: each part started by itself, on SQLite, with the Dags of the folder `dags`.

Every process is bounded in time by `timeout`, whatever becomes of the tests, and is ended by its id. The database is made once for each
environment and kept there; a server starts with a copy.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

import requests

from tests.ports import ReservedPort

from . import kinds
from .by_hand import ByHand, wait_for
from .emulated import dags

HERE = Path(__file__).parent
# In seconds: what a start may take, and when a process ends by itself.
START, LONGEST = 400.0, 1500
USERS = {"admin": "admin-password", "viewer": "viewer-password"}
# The folder, in that of the server, with a file for each Dag whose work may end.
LET_GO = "let-go"
ROLES = {"admin": "Admin", "viewer": "Viewer"}
SECRET = "a-secret-of-the-tests-that-is-as-long-as-the-algorithm-wants-it-to-be"

COMMON = {
    # Parts that start together would each make a key, and not read what another has written.
    "AIRFLOW__CORE__FERNET_KEY": base64.urlsafe_b64encode(SECRET[:32].encode()).decode(),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    "AIRFLOW__CORE__PARALLELISM": "8",
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.3",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
    "PYTHONUNBUFFERED": "1",
}
# Each file is parsed once, and the folder is looked at every five seconds, so that a file that goes or changes is seen soon.
OF_3 = {
    "AIRFLOW__API_AUTH__JWT_SECRET": SECRET,
    # A task fails for good where it can't tell in time that it begins; on a busy machine that takes a while.
    "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "30",
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "5",
    "AIRFLOW__DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL": "2",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "900",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{user}:{role.lower()}" for user, role in ROLES.items()),
}
OF_2 = {
    "_AIRFLOW__SKIP_DATABASE_EXECUTOR_COMPATIBILITY_CHECK": "1",
    # Those are in the database that a server starts with.
    "AIRFLOW__FAB__UPDATE_FAB_PERMS": "False",
    "AIRFLOW__API__AUTH_BACKENDS": "airflow.providers.fab.auth_manager.api.auth.backend.basic_auth",
    "AIRFLOW__SCHEDULER__DAG_DIR_LIST_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__MIN_FILE_PROCESS_INTERVAL": "900",
    "AIRFLOW__WEBSERVER__SECRET_KEY": SECRET,
    "AIRFLOW__WEBSERVER__WORKERS": "1",
    # On a busy machine, 2.11.2 may wait for one more worker than there will be, and end the web server when this time is over. See
    # findings/airflow-croniter-ends-webserver.sh.
    "AIRFLOW__WEBSERVER__WEB_SERVER_MASTER_TIMEOUT": str(LONGEST),
}


@dataclass
class Part:
    name: str
    process: subprocess.Popen[bytes]

    def end(self) -> None:
        """With all that it has started: they share its session."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGCONT)
            os.killpg(self.process.pid, signal.SIGTERM)

    def kill(self, patience: float) -> None:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(patience)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)


@dataclass
class Server:
    """`environment` is the folder of the virtual environment with Airflow, `folder` that of the server. Whatever becomes of `start`, `end`
    is to be called, also while another thread starts.
    """

    generation: int
    environment: Path
    folder: Path
    parts: dict[str, Part] = field(default_factory=dict)
    _port: ReservedPort = field(default_factory=ReservedPort)
    _execution_port: ReservedPort = field(default_factory=ReservedPort)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_ending: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port.number}"

    @property
    def _execution_url(self) -> str:
        return f"http://127.0.0.1:{self._execution_port.number}/execution"

    @property
    def scheduler(self) -> int:
        """The process of the scheduler itself, which `timeout` has started."""
        parent = self.parts["scheduler"].process.pid
        (child,) = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="utf-8").split()
        return int(child)

    def start(self) -> None:
        """Raises `AssertionError` or `OSError`."""
        (self.folder / "processes").mkdir(parents=True)
        (self.folder / LET_GO).mkdir()
        shutil.copytree(HERE / "dags", self.folder / "dags", ignore=shutil.ignore_patterns("__pycache__"))
        (self.folder / "passwords.json").write_text(json.dumps(USERS), encoding="utf-8")
        shutil.copyfile(self._made_database(), self.folder / "airflow.db")
        variables = self._variables(self.folder)
        address = ["--port", str(self._port.number)]
        if self.generation == 3:
            # What the tasks tell about themselves comes to a process of its own (see turns.py).
            self._begin("api-server", variables, "--apps", "core", *address, "--host", "127.0.0.1", "--workers", "1")
            address = ["--port", str(self._execution_port.number)]
            self._begin("execution-api", variables, "--apps", "execution", *address, "--host", "127.0.0.1", "--workers", "1")
            self._begin("dag-processor", variables)
        else:
            self._begin("webserver", variables, *address, "--hostname", "127.0.0.1")
        self._begin("scheduler", variables, "--skip-serve-logs")
        self._begin("triggerer", variables, "--skip-serve-logs")
        self._await_dags()

    def end(self) -> None:
        with self._lock:
            self._is_ending = True
        # The scheduler first: it ends what it has started.
        for part in reversed(self.parts.values()):
            part.end()
        end = time.monotonic() + 8
        for part in self.parts.values():
            part.kill(max(0.0, end - time.monotonic()))
        for file in (self.folder / "processes").glob("*/*"):
            # What a worker still had under way, in a session of its own.
            with suppress(ProcessLookupError, ValueError):
                if is_ours(int(file.name), self.folder):
                    os.kill(int(file.name), signal.SIGKILL)
        self._port.close()
        self._execution_port.close()

    def _variables(self, folder: Path) -> dict[str, str]:
        """The environment of a part that works in that folder."""
        started = datetime.now(timezone.utc).replace(microsecond=0, tzinfo=None) - timedelta(minutes=3)
        settings = {name: value for name, value in vars(kinds).items() if name.isupper()}
        return {
            "PATH": os.pathsep.join([str(self.environment / "bin"), "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "AIRFLOW_HOME": str(folder),
            # SQLite has one writer, and a scheduler that has waited for it in vain ends.
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder / 'airflow.db'}?timeout=30",
            "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "dags"),
            "QUIESCE_AIRFLOW_PROCESSES": str(folder / "processes"),
            "QUIESCE_AIRFLOW_LET_GO": str(folder / LET_GO),
            "QUIESCE_AIRFLOW_STARTED": started.isoformat(),
            "QUIESCE_AIRFLOW_KINDS": json.dumps(settings),
            **COMMON,
            **(OF_3 if self.generation == 3 else OF_2),
            **({
                "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self._execution_url}/",
                "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(folder / "passwords.json"),
            } if self.generation == 3 else {}),
        }  # fmt: skip

    def _made_database(self) -> Path:
        """The database of this environment: with all tables, and with the users and permissions that Airflow 2.11 keeps there."""
        contents = HERE / "database_of_2.py"
        its = [json.dumps({user: [USERS[user], ROLES[user]] for user in USERS}), json.dumps([dag["dag_id"] for dag in dags(2)])]
        key = hashlib.sha256("\n".join([contents.read_text(encoding="utf-8"), *its]).encode()).hexdigest()[:12]
        made = self.environment / f"quiesce-{key}.db"
        with open(made.with_suffix(".lock"), "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                with tempfile.TemporaryDirectory(prefix="airflow-database-") as name:
                    folder = Path(name)
                    self._run("migrate", folder, "airflow", "db", "migrate")
                    # As Airflow 3 has it: who reads doesn't wait for the one who writes. 2.11 takes the file as it is.
                    database = sqlite3.connect(folder / "airflow.db")
                    database.execute("pragma journal_mode=wal").close()
                    database.close()
                    if self.generation == 2:
                        self._run("contents", folder, "python", str(contents), *its)
                    copy = made.with_suffix(".new")
                    shutil.copyfile(folder / "airflow.db", copy)
                    copy.replace(made)
        return made

    def _run(self, name: str, folder: Path, program: str, *words: str) -> None:
        """Run a program of the environment to its end."""
        part = self._begin_program(name, self._variables(folder), folder, program, *words)
        assert part.process.wait(START) == 0, f"{program} {words[0]} ended with {part.process.returncode}; see {self.folder / name}.log"
        del self.parts[name]

    def _begin(self, name: str, variables: Mapping[str, str], *words: str) -> None:
        part = "api-server" if name == "execution-api" else name
        self._begin_program(name, variables, self.folder, "airflow", part, *words)

    def _begin_program(self, name: str, variables: Mapping[str, str], folder: Path, program: str, *words: str) -> Part:
        command = ["timeout", "--kill-after=10", str(LONGEST), str(self.environment / "bin" / program), *words]
        with self._lock, open(self.folder / f"{name}.log", "wb") as log:
            assert not self._is_ending, f"Airflow {self.generation} is ended before it was up"
            process = subprocess.Popen(
                command,
                env=dict(variables),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            part = self.parts[name] = Part(name, process)
        return part

    def _await_dags(self) -> None:
        """All parts work, and all Dags are there. Then one loses its file, and the file of another breaks, which Airflow sees some seconds
        later.
        """
        by_hand = ByHand(self.url, self.generation, "admin", USERS["admin"])
        wait_for(lambda: self._is_up(by_hand), f"Airflow {self.generation} with all Dags; see {self.folder}", START, 0.5)
        (self.folder / "dags" / "gone.py").unlink()
        broken = self.folder / "dags" / "broken.py"
        broken.write_text(
            broken.read_text(encoding="utf-8") + 'raise RuntimeError("this file is broken as it should be")\n', encoding="utf-8"
        )

    def _is_up(self, by_hand: ByHand) -> bool:
        ended = [part.name for part in self.parts.values() if part.process.poll() is not None]
        assert not ended, f"Airflow {self.generation}: {', '.join(ended)} ended; see {self.folder}"
        with suppress(OSError):
            by_hand.sign_in()
            health = by_hand.get("/monitor/health" if self.generation == 3 else "/health")
            work = all(health[part]["status"] == "healthy" for part in ("scheduler", "triggerer"))
            # Its first answer takes long, and tasks that begin before it would fail.
            answers = self.generation == 2 or requests.get(f"{self._execution_url}/health", timeout=60).ok
            return answers and work and by_hand.count() == kinds.ALL
        return False


def is_ours(process: int, folder: Path) -> bool:
    """Whether this process lives and works in the folder of that server: another may have its id by now. What stands in its environment
    tells nothing, since Airflow 3 writes the title of a process over that.
    """
    with suppress(OSError):
        return Path(f"/proc/{process}/cwd").readlink().is_relative_to(folder)
    return False
