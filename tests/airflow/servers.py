# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Airflow's own servers as processes on loopback: each part started by itself, on SQLite, with the Dags of the folder `dags`.

Every process is bounded in time by `timeout`, whatever becomes of the tests, and is ended by its id.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import TracebackType

from .by_hand import ByHand, wait_for
from .kinds import ALL

HERE = Path(__file__).parent
# In seconds: what a start may take, and when a process ends by itself.
START, LONGEST = 240.0, 1500
USERS = {"admin": "admin-password", "viewer": "viewer-password"}
ROLES = {"admin": "Admin", "viewer": "Viewer"}
SECRET = "a-secret-of-the-tests-that-is-as-long-as-the-algorithm-wants-it-to-be"

COMMON = {
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
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "5",
    "AIRFLOW__DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL": "2",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "900",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{user}:{role.lower()}" for user, role in ROLES.items()),
}
OF_2 = {
    "_AIRFLOW__SKIP_DATABASE_EXECUTOR_COMPATIBILITY_CHECK": "1",
    "AIRFLOW__API__AUTH_BACKENDS": "airflow.providers.fab.auth_manager.api.auth.backend.basic_auth",
    "AIRFLOW__SCHEDULER__DAG_DIR_LIST_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__MIN_FILE_PROCESS_INTERVAL": "900",
    "AIRFLOW__WEBSERVER__SECRET_KEY": SECRET,
    "AIRFLOW__WEBSERVER__WORKERS": "1",
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


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
    """``with Server(3, environment, folder) as server: ...``: `environment` is the folder of the virtual environment with Airflow."""

    generation: int
    environment: Path
    folder: Path
    port: int = 0
    parts: dict[str, Part] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def scheduler(self) -> int:
        """The process of the scheduler itself, which `timeout` has started."""
        parent = self.parts["scheduler"].process.pid
        (child,) = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="utf-8").split()
        return int(child)

    def variables(self) -> dict[str, str]:
        started = datetime.now(timezone.utc).replace(microsecond=0, tzinfo=None) - timedelta(minutes=3)
        own = OF_3 if self.generation == 3 else OF_2
        return {
            "PATH": os.pathsep.join([str(self.environment / "bin"), "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "AIRFLOW_HOME": str(self.folder),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.folder / 'airflow.db'}",
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.folder / "dags"),
            "QUIESCE_AIRFLOW_PROCESSES": str(self.folder / "processes"),
            "QUIESCE_AIRFLOW_STARTED": started.isoformat(),
            **COMMON,
            **own,
            **({
                "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
                "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self.folder / "passwords.json"),
            } if self.generation == 3 else {}),
        }  # fmt: skip

    def __enter__(self) -> Server:
        try:
            self._start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._end()

    def _start(self) -> None:
        self.folder.mkdir(parents=True)
        (self.folder / "processes").mkdir()
        shutil.copytree(HERE / "dags", self.folder / "dags", ignore=shutil.ignore_patterns("__pycache__"))
        (self.folder / "passwords.json").write_text(json.dumps(USERS), encoding="utf-8")
        self.port = free_port()
        self._variables = self.variables()
        self._run("airflow", "db", "migrate")
        if self.generation == 2:
            self._run("python", str(HERE / "users_of_2.py"), json.dumps({user: [USERS[user], ROLES[user]] for user in USERS}))
        address = ["--port", str(self.port)]
        if self.generation == 3:
            self._begin("api-server", *address, "--host", "127.0.0.1", "--workers", "1")
            self._begin("dag-processor")
        else:
            self._begin("webserver", *address, "--hostname", "127.0.0.1")
        self._begin("scheduler", "--skip-serve-logs")
        self._begin("triggerer", "--skip-serve-logs")
        self._await_dags()

    def _run(self, program: str, *words: str) -> None:
        with open(self.folder / "start.log", "ab") as log:
            subprocess.run(
                [str(self.environment / "bin" / program), *words],
                env=self._variables,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=START,
                check=True,
            )

    def _begin(self, part: str, *words: str) -> None:
        command = ["timeout", "--kill-after=10", str(LONGEST), str(self.environment / "bin" / "airflow"), part, *words]
        with open(self.folder / f"{part}.log", "wb") as log:
            process = subprocess.Popen(
                command,
                env=self._variables,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.parts[part] = Part(part, process)

    def _await_dags(self) -> None:
        """All Dags are there, one has lost its file, and the file of another is broken."""
        by_hand = ByHand(self.url, self.generation, "admin", USERS["admin"])
        signed_in = wait_for(lambda: self._is_up(by_hand), f"Airflow {self.generation} answers; see {self.folder}", START)
        assert signed_in
        wait_for(lambda: self._count(by_hand) == ALL, f"the Dags of Airflow {self.generation}; see {self.folder}", START)
        (self.folder / "dags" / "gone.py").unlink()
        broken = self.folder / "dags" / "broken.py"
        broken.write_text(
            broken.read_text(encoding="utf-8") + 'raise RuntimeError("this file is broken as it should be")\n', encoding="utf-8"
        )
        wait_for(lambda: self._are_seen(by_hand), f"the Dags without a good file; see {self.folder}", START)

    @staticmethod
    def _are_seen(by_hand: ByHand) -> bool:
        with suppress(OSError):
            gone, broken = by_hand.dag("gone"), by_hand.dag("broken")
            return bool(gone.get("is_stale", not gone.get("is_active"))) and bool(broken["has_import_errors"])
        return False

    def _is_up(self, by_hand: ByHand) -> bool:
        ended = [part.name for part in self.parts.values() if part.process.poll() is not None]
        if ended:
            raise AssertionError(f"Airflow {self.generation}: {', '.join(ended)} ended; see {self.folder}")
        with suppress(OSError):
            by_hand.sign_in()
            return by_hand.ask("GET", "/dags", limit=1).ok
        return False

    @staticmethod
    def _count(by_hand: ByHand) -> int:
        with suppress(OSError):
            return by_hand.count()
        return -1

    def _end(self) -> None:
        # The scheduler first: it ends what it has started.
        for part in reversed(self.parts.values()):
            part.end()
        end = time.monotonic() + 8
        for part in self.parts.values():
            part.kill(max(0.0, end - time.monotonic()))
        self.parts.clear()
        for file in (self.folder / "processes").glob("*/*"):
            # What a worker still had under way, in a session of its own.
            with suppress(ProcessLookupError, ValueError):
                if is_ours(int(file.name), self.folder):
                    os.kill(int(file.name), signal.SIGKILL)


def is_ours(process: int, folder: Path) -> bool:
    """Whether this process lives and works in the folder of that server: another may have its id by now. What stands in its environment
    tells nothing, since Airflow 3 writes the title of a process over that.
    """
    with suppress(OSError):
        return Path(f"/proc/{process}/cwd").readlink().is_relative_to(folder)
    return False
