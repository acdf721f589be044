# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tests.airflow [words for pytest]``: the tests of Airflow, against its own servers and against the emulator.

QUIESCE_AIRFLOW_3 and QUIESCE_AIRFLOW_2 name the virtual environments of the two generations. Their servers are started side by side, serve
all the tests, and are ended whatever becomes of these. With `--bench` the speed is measured instead (see speed.py), on Airflow 3 alone.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from .servers import Server
from .world import SERVERS

ENVIRONMENTS = {3: "QUIESCE_AIRFLOW_3", 2: "QUIESCE_AIRFLOW_2"}


def main(words: Sequence[str]) -> int:
    generations = [3] if "--bench" in words else [generation for generation, name in ENVIRONMENTS.items() if os.environ.get(name)]
    if not all(os.environ.get(ENVIRONMENTS[generation]) for generation in generations or [3]):
        print(f"{' and '.join(ENVIRONMENTS.values())} must name environments that have Airflow (see noxfile.py)", file=sys.stderr)
        return 2
    # So that the servers are ended where this is told to end.
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="airflow-"))
    with ExitStack() as stack:
        begun = time.monotonic()
        servers = [Server(generation, Path(os.environ[ENVIRONMENTS[generation]]), folder / str(generation)) for generation in generations]
        with ThreadPoolExecutor() as pool:
            # Each is left behind by the stack from where it's up; one that fails to come up has ended itself.
            for started in [pool.submit(stack.enter_context, server) for server in servers]:
                started.result()
        print(f"the servers were up after {time.monotonic() - begun:.1f} s", flush=True)
        told = {
            str(server.generation): {"url": server.url, "folder": str(server.folder), "scheduler": server.scheduler} for server in servers
        }
        module = ["tests.airflow.speed"] if "--bench" in words else ["pytest"]
        rest = [word for word in words if word != "--bench"]
        status = subprocess.run(
            [sys.executable, "-m", *module, *rest], env={**os.environ, SERVERS: json.dumps(told)}, check=False
        ).returncode
        ending = time.monotonic()
    print(f"the servers had ended after {time.monotonic() - ending:.1f} s", flush=True)
    if status:
        print(f"what the servers have written is kept in {folder}", file=sys.stderr)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
