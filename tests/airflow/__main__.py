# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tests.airflow [words for pytest]``: the tests of Airflow, against its own servers and against the emulator.

QUIESCE_AIRFLOW_3 and QUIESCE_AIRFLOW_2 name the virtual environments of the two generations. The emulators are up at once, and the servers
start while the first tests already run. All are ended whatever becomes of the tests. With `--bench` the speed is measured instead, on
Airflow 3 alone (see speed.py).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.emulator.client import running
from tests.emulator.vendors._airflow_switches import VERSION_2, VERSION_3

from .emulated import dags
from .servers import Server
from .world import BROKEN, CLAIMS, EMULATORS, SERVERS, UP, WORLDS

ENVIRONMENTS = {3: "QUIESCE_AIRFLOW_3", 2: "QUIESCE_AIRFLOW_2"}
VERSIONS = {3: VERSION_3, 2: VERSION_2}


def main(words: Sequence[str]) -> int:
    is_bench = "--bench" in words
    generations = [generation for generation, name in ENVIRONMENTS.items() if os.environ.get(name) and (generation == 3 or not is_bench)]
    for generation in (3,) if is_bench else ENVIRONMENTS:
        if generation not in generations:
            print(f"{ENVIRONMENTS[generation]} names no environment: Airflow {generation} isn't started (see noxfile.py)", file=sys.stderr)
    # So that the servers are ended where this is told to end.
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(143))
    root = Path(tempfile.mkdtemp(prefix="airflow-"))
    emulators = {} if is_bench else EMULATORS
    folders = {name: _make_folder(root, name) for name in [*emulators.values(), *(SERVERS[generation] for generation in generations)]}
    with ExitStack() as stack:
        for generation, name in emulators.items():
            stack.enter_context(_emulator(generation, folders[name]))
        for generation in generations:
            stack.enter_context(_server(generation, folders[SERVERS[generation]]))
        module = ["tests.airflow.speed"] if is_bench else ["pytest"]
        rest = [word for word in words if word != "--bench"]
        told = json.dumps({name: str(folder) for name, folder in folders.items()})
        status = subprocess.run([sys.executable, "-m", *module, *rest], env={**os.environ, WORLDS: told}, check=False).returncode
        ending = time.monotonic()
    print(f"the servers had ended after {time.monotonic() - ending:.1f} s", flush=True)
    if status:
        print(f"what the servers have written is kept in {root}", file=sys.stderr)
    else:
        shutil.rmtree(root, ignore_errors=True)
    return status


def _make_folder(root: Path, name: str) -> Path:
    folder = root / name.replace(" ", "-")
    (folder / CLAIMS).mkdir(parents=True)
    return folder


@contextmanager
def _emulator(generation: int, folder: Path) -> Iterator[None]:
    file = folder / "dags.json"
    file.write_text(json.dumps(list(dags(generation))), encoding="utf-8")
    with running("airflow", "--tasks", str(file), "--switch", f"version={VERSIONS[generation]}") as control:
        _tell(folder, {"generation": generation, "url": control.url, "control": control.control})
        yield


@contextmanager
def _server(generation: int, folder: Path) -> Iterator[None]:
    """Airflow's own server, which is started beside. Where it can't be, the tests that want it say why."""
    server = Server(generation, Path(os.environ[ENVIRONMENTS[generation]]), folder)

    def start() -> None:
        begun = time.monotonic()
        try:
            server.start()
        except BaseException as error:
            (folder / BROKEN).write_text(f"{type(error).__name__}: {error}", encoding="utf-8")
            raise
        print(f"Airflow {generation} was up after {time.monotonic() - begun:.1f} s", flush=True)
        _tell(folder, {"generation": generation, "url": server.url, "scheduler": server.scheduler})

    starting = threading.Thread(target=start, name=f"Airflow {generation}", daemon=True)
    starting.start()
    try:
        yield
    finally:
        server.end()
        starting.join()


def _tell(folder: Path, facts: dict[str, object]) -> None:
    """Tell the tests that this Airflow is up, and where."""
    file = folder / "facts.json"
    file.write_text(json.dumps(facts), encoding="utf-8")
    file.replace(folder / UP)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
