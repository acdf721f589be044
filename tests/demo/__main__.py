# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration: real playbooks pause and start tasks of an emulated Total Control, over real sockets.

Each claim of a playbook is checked by a plain HTTP client that shares nothing with the collection, and by the emulator's journal of
all requests. Every process that is started here is ended here, also on Ctrl-C.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from base64 import b64encode
from contextlib import suppress
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

from tests.emulator.client import Control, running

HERE = Path(__file__).parent
USER, PASSWORD = "sigma", "3D391497"
STATES = {-1: "running", -4: "paused", -6: "scheduled", -2: "ended", -3: "ended by an error", -5: "stopped", 0: "without its script"}
TASKS = [
    {"task_name": "nightly-test", "status": -1},
    {"task_name": "soak-test", "status": -1},
    {"task_name": "weekly-report", "status": -6, "schedule": "2026-12-01 06:00:00"},
    {"task_name": "install-apps", "status": -2},
]


def main() -> int:
    # A real script pauses at a safe point: the change shows half a second after Total Control has accepted it.
    with tempfile.TemporaryDirectory() as home, running("totalcontrol", "--switch", "change_delay=0.5", "--max-seconds", "600") as emulator:
        Path(home, "ansible.cfg").touch()
        emulator.put_tasks(TASKS)
        emulator.clear_journal()
        say(f"An emulated Total Control listens at {emulator.url}. Its scripts run on Android devices, or so they think.")
        show(emulator, home)
        preview(emulator, home)
        pause(emulator, home)
        pause_again(emulator, home)
        start(emulator, home)
    say("That was all: the tasks are as they were found, and every process that was started has ended.")
    return 0


def show(emulator: Control, home: str) -> None:
    step(1, "What runs there?")
    playbook(emulator, home, "show.yml")


def preview(emulator: Control, home: str) -> None:
    step(2, "What would pausing do? Check mode tells, and sends nothing but reads.")
    playbook(emulator, home, "bring.yml", "--extra-vars", "wanted=paused", "--check")
    expect(emulator, writes=0, nightly_test="running", soak_test="running")


def pause(emulator: Control, home: str) -> None:
    step(3, "Pause what is under way, and wait until Total Control itself shows it paused.")
    playbook(emulator, home, "bring.yml", "--extra-vars", "wanted=paused")
    expect(emulator, writes=2, nightly_test="paused", soak_test="paused")


def pause_again(emulator: Control, home: str) -> None:
    step(4, "The same once more: nothing is left to do, so nothing is sent.")
    playbook(emulator, home, "bring.yml", "--extra-vars", "wanted=paused")
    expect(emulator, writes=0, nightly_test="paused", soak_test="paused")


def start(emulator: Control, home: str) -> None:
    step(5, "The work is done: start them again.")
    playbook(emulator, home, "bring.yml", "--extra-vars", "wanted=started")
    expect(emulator, writes=2, nightly_test="running", soak_test="running")


def playbook(emulator: Control, home: str, name: str, *options: str) -> None:
    """Run a playbook as a user does, with the address and the credentials in the environment."""
    say(f"$ ansible-playbook {name} {' '.join(options)}".rstrip())
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "TOTALCONTROL_"))},
        "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
        "ANSIBLE_CONFIG": f"{home}/ansible.cfg",
        "ANSIBLE_HOME": home,
        "ANSIBLE_REMOTE_TEMP": f"{home}/tmp",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "TOTALCONTROL_URL": emulator.url,
        "TOTALCONTROL_USERNAME": USER,
        "TOTALCONTROL_PASSWORD": PASSWORD,
    }
    program = shutil.which("ansible-playbook")
    if program is None:
        stop("ansible-playbook isn't in PATH; run `make demo`")
    # In a session of its own: a Ctrl-C at the terminal would interrupt Ansible's inner processes in the middle of whatever they do.
    with subprocess.Popen(
        [program, str(HERE / name), *options], env=environment, stdin=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            status = process.wait(timeout=120)
        finally:
            end(process)
    if status:
        stop(f"the playbook failed with {status}")


def end(process: subprocess.Popen[bytes]) -> None:
    """Interrupt Ansible if it still runs, which ends its own processes then; whatever is left after that is killed."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def expect(emulator: Control, writes: int, **states: str) -> None:
    """Compare with what an independent client reads, and with what the emulator noted; then begin a new journal."""
    sent = [f"{entry['method']} {entry['path'].rsplit('/', 1)[-1]} {entry['action']}" for entry in emulator.writes()]
    seen = plain_read(emulator.url)
    say("A plain HTTP client reads: " + ", ".join(f"{name} is {state}" for name, state in seen.items()))
    say(f"The emulator's journal of this step holds {len(sent) or 'no'} requests that change something{': ' * bool(sent)}{', '.join(sent)}")
    wanted = {name.replace("_", "-"): state for name, state in states.items()}
    if {name: seen.get(name) for name in wanted} != wanted or len(sent) != writes:
        stop(f"expected were {wanted} and {writes} such requests")
    emulator.clear_journal()


def plain_read(url: str) -> dict[str, str]:
    """Log in and list by the standard library alone."""
    base = f"{url}/TotalControl/v1"
    bare = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(f"{base}/login", headers={"Authorization": bare}), timeout=10) as answer:
        token = json.load(answer)["value"]["token"]
    with opener.open(f"{base}/tasks?token={quote(token)}", timeout=10) as answer:
        return {task["task_name"]: STATES.get(task["status"], str(task["status"])) for task in json.load(answer)["value"]}


def step(number: int, title: str) -> None:
    say(f"\n=== {number}. {title}")


def say(text: str) -> None:
    print(text, flush=True)


def stop(why: str) -> NoReturn:
    raise SystemExit(f"The demonstration failed: {why}.")


if __name__ == "__main__":
    # Also where whoever started us ignores these, as a shell does for what it puts into the background.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        say("\nInterrupted; every process that was started has ended.")
        sys.exit(130)
