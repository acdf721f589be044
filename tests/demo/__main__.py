# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: overlapping maintenance windows over five emulated systems, which are planned, opened, recovered, listed and closed.

A plain HTTP client that shares no code with the collection, the emulators' true states, and their journals of all requests check each
result of a playbook. The demo ends every process that it has started, also on Ctrl-C. The report remains.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from base64 import b64encode
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

from tests.emulator.client import running_all
from tests.window.fleet import VENDORS, Fleet

WINDOW, OTHER = "CHG0031337", "CHG0031400"
USER, PASSWORD = "sigma", "3D391497"
STATES = {-1: "running", -4: "paused"}
TASKS = 3
# The schedule of task 7001. The demo suspends the task through it.
REFUSED = "17001"
NAMES = {"totalcontrol": "Total Control", "huawei": "VIAS", "ctrlapi": "Boro", "hitachi": "JP1/AO", "iotda": "IoTDA"}
# The report remains after the demo.
REPORTS = Path(os.environ.get("QUIESCE_DEMO_FOLDER") or Path(__file__).resolve().parents[2] / ".demo")
REPORT = f"maintenance_report_dir={REPORTS}"


@dataclass(frozen=True)
class Demo:
    """The emulated systems, their first states, and a folder for all files of Ansible."""

    fleet: Fleet
    home: Path
    found: dict[str, dict[str, Any]]


def main() -> int:
    with tempfile.TemporaryDirectory() as home, running_all(VENDORS, "--max-seconds", "600") as systems:
        fleet = Fleet(systems)
        # A real script pauses at a safe point: the change shows half a second after Total Control has accepted it.
        systems["totalcontrol"].set_switches(change_delay=0.5)
        fleet.put(TASKS)
        demo = Demo(fleet, Path(home), fleet.states())
        prepare(demo)
        say(f"Five emulated systems listen, each with {TASKS} tasks: {', '.join(NAMES.values())}.")
        plan(demo)
        open_with_a_failure(demo)
        open_again(demo)
        overlap(demo)
        close(demo)
        close_the_other(demo)
    say("That was all: the tasks are as they were found, and every process that was started has ended.")
    say(f"The report of the window, made to be looked at: {REPORTS / f'{WINDOW}+report.html'}")
    return 0


def prepare(demo: Demo) -> None:
    """Write the file of variables as an operator does, without any credential."""
    (demo.home / "ansible.cfg").touch()
    targets = demo.fleet.targets()
    for name, id_, its in (("change", WINDOW, targets), ("other", OTHER, [target for target in targets if target["name"] == "scripts"])):
        change = {
            "maintenance_id": id_,
            "maintenance_for": "2h",
            "maintenance_ledger_dir": str(demo.home / "ledger"),
            "maintenance_report_dir": str(REPORTS),
            "maintenance_targets": its,
        }
        (demo.home / f"{name}.json").write_text(json.dumps(change, indent=1), encoding="utf-8")


def plan(demo: Demo) -> None:
    step(1, "What would the window do? The plan tells, and sends nothing but reads.")
    playbook(demo, "plan")
    expect(demo, {}, script_0="running")


def open_with_a_failure(demo: Demo) -> None:
    step(2, "Open it. JP1/AO refuses to suspend task 7001: that one fails with its sentence, the others are held.")
    demo.fleet.systems["hitachi"].order_fault("status", match={"action": "suspend", "id": REFUSED}, times=None, status=403)
    playbook(demo, "open", status=2)
    expect(demo, {"totalcontrol": 3, "huawei": 3, "ctrlapi": 1, "hitachi": 3}, script_0="paused", script_1="paused", script_2="paused")


def open_again(demo: Demo) -> None:
    step(3, "Somebody gives the user that right. Open it again: only what is missing is sent, and the first findings stay.")
    demo.fleet.systems["hitachi"].clear_faults()
    playbook(demo, "open")
    expect(demo, {"hitachi": 1}, script_0="paused", script_1="paused", script_2="paused")


def overlap(demo: Demo) -> None:
    step(4, "A colleague's change needs the scripts to rest, too. They do already; both windows are listed with the time when they end.")
    playbook(demo, "open", "@other.json")
    playbook(demo, "windows", _ledger(demo))
    expect(demo, {}, script_0="paused", script_1="paused", script_2="paused")


def close(demo: Demo) -> None:
    step(5, "The work is done: close the first, by its id and its folders. What the colleague's window holds stays as it is.")
    playbook(demo, "close", f"maintenance_id={WINDOW}", _ledger(demo), REPORT)
    expect(demo, {"huawei": 3, "ctrlapi": 1, "hitachi": 3}, script_0="paused", script_1="paused", script_2="paused")


def close_the_other(demo: Demo) -> None:
    step(6, "The colleague closes too. The last one puts back what the first found.")
    playbook(demo, "close", f"maintenance_id={OTHER}", _ledger(demo), REPORT)
    expect(demo, {"totalcontrol": 3}, script_0="running", script_1="running", script_2="running")
    if demo.fleet.states() != demo.found:
        stop(f"found were {demo.found}, and now they are {demo.fleet.states()}")
    say(f"The emulators themselves say: all {sum(map(len, demo.found.values()))} tasks are in the state in which they were found.")


def _ledger(demo: Demo) -> str:
    return f"maintenance_ledger_dir={demo.home / 'ledger'}"


def playbook(demo: Demo, name: str, *given: str, status: int = 0) -> None:
    """Run a playbook of the collection as a user does, with the credentials in the environment."""
    arguments = [f"taskops.quiesce.{name}", *(word for variables in given or ("@change.json",) for word in ("-e", variables))]
    say(f"$ {shlex.join(['ansible-playbook', *arguments])}")
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")},
        "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
        "ANSIBLE_CONFIG": f"{demo.home}/ansible.cfg",
        "ANSIBLE_HOME": str(demo.home),
        "ANSIBLE_REMOTE_TEMP": f"{demo.home}/tmp",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        **demo.fleet.environment(),
    }
    program = shutil.which("ansible-playbook")
    if program is None:
        stop("ansible-playbook isn't in PATH; run `make demo`")
    # A separate session, since Ctrl-C at the terminal would interrupt Ansible's inner processes at any point.
    with subprocess.Popen(
        [program, *arguments],
        env=environment,
        cwd=demo.home,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            ended = process.wait(timeout=120)
        finally:
            end(process)
    if ended != status:
        stop(f"the playbook ended with {ended}, and not with {status}")


def end(process: subprocess.Popen[bytes]) -> None:
    """Interrupt Ansible if it still runs, so that it ends its own processes. Then kill the rest."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def expect(demo: Demo, writes: dict[str, int], **scripts: str) -> None:
    """Compare with the reads of an independent client and with the journals of the emulators, and then begin new journals."""
    sent = {vendor: [str(entry["action"]) for entry in entries] for vendor, entries in demo.fleet.writes().items() if entries}
    seen = plain_read(demo.fleet.systems["totalcontrol"].url)
    told = "; ".join(
        f"{NAMES[vendor]} {', '.join(f'{count} {action}' for action, count in Counter(its).items())}" for vendor, its in sent.items()
    )
    say("A plain HTTP client reads from Total Control: " + ", ".join(f"{name} is {state}" for name, state in seen.items()))
    say(f"The emulators' journals of this step hold {told or 'no'} requests that change something.")
    expected = {name.replace("_", "-"): state for name, state in scripts.items()}
    if {name: seen.get(name) for name in expected} != expected or {vendor: len(its) for vendor, its in sent.items()} != writes:
        stop(f"expected were {expected} and {writes}")
    for system in demo.fleet.systems.values():
        system.clear_journal()


def plain_read(url: str) -> dict[str, str]:
    """Log in and list with the standard library only."""
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
    # Also if the parent process ignores these signals, as a shell does for background processes.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        say("\nInterrupted; every process that was started has ended.")
        sys.exit(130)
