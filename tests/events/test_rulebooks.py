# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebook that opens tickets, started by its name as a user starts it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.integration.totalcontrol import ENDED, FAILED, RUNNING, script, scripts

from .conftest import Start
from .systems import USER, emulator, kept

Ticket = dict[str, Any]


@contextmanager
def ticket_system() -> Iterator[tuple[str, list[Ticket]]]:
    """An address that accepts tickets. Yields the received tickets, each with its token."""
    tickets: list[Ticket] = []

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            tickets.append({**body, "token": self.headers.get("Authorization")})
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Write nothing, so that the test's output stays clean."""

    server = HTTPServer(("127.0.0.1", 0), Desk)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tickets", tickets
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def test_a_ticket_is_opened_for_a_failed_task_and_for_nothing_else(start: Start, tmp_path: Path) -> None:
    state_file = tmp_path / "state.json"
    with ticket_system() as (address, tickets), emulator("totalcontrol", *scripts(good=RUNNING, bad=RUNNING)) as system:
        variables = {
            "ticket_url": address,
            "watch_vendor": "totalcontrol",
            "watch_options": {"url": system.control.url},
            "watch_interval": 0.2,
            "watch_state_file": str(state_file),
        }
        watch = start(
            "taskops.quiesce.open_ticket_on_failure", variables=variables, environment={**USER, "TICKET_TOKEN": "t0ken-of-the-desk"}
        )
        watch.wait_for(lambda: kept(state_file), "first look")
        system.control.add_tasks(script("good", ENDED), script("bad", FAILED))
        watch.wait_for(lambda: tickets, "ticket")
        watch.wait_for(lambda: kept(state_file)["bad"]["state"] == "failed", "state kept")
        watch.terminate()

    (ticket,) = tickets
    assert ticket["title"] == "totalcontrol: task bad is failed"
    assert ticket["token"] == "Bearer t0ken-of-the-desk"
    assert ticket["event"]["task"] == {
        "id": "bad",
        "id_encoded": "bad",
        "name": "bad",
        "state": "failed",
        "vendor_state": FAILED,
        "before": {"state": "started", "vendor_state": RUNNING},
    }
    assert "t0ken-of-the-desk" not in watch.printed


# Each delimiter of a template, and the text that a ticket would show if it were evaluated. The expressions are harmless.
NAMES = (
    "sum {{ 6 * 7 }}",
    "half {{ x",
    "if {% if true %}42{% endif %}",
    "note {# 42 #}",
    "#jinja2:variable_start_string:'[[',variable_end_string:']]'",
)


def harmless(name: str) -> str:
    """The name as the manual says that an event shows it."""
    shown = "".join(letter if letter.isprintable() else " " for letter in name)
    return shown.replace("{", "\uff5b").replace("jinja2:", "jinja2\uff1a")


def test_no_name_of_a_task_is_evaluated_on_its_way_into_a_ticket(start: Start, tmp_path: Path) -> None:
    state_file = tmp_path / "state.json"
    names = [*NAMES, "lookup {{ lookup('env', 'QUIESCE_PROBE') }}", "escape \x1b[31m and\nline"]
    with ticket_system() as (address, tickets), emulator("totalcontrol", *[script(name, RUNNING) for name in names]) as system:
        variables = {
            "ticket_url": address,
            "watch_vendor": "totalcontrol",
            "watch_options": {"url": system.control.url},
            "watch_interval": 0.2,
            "watch_state_file": str(state_file),
        }
        environment = {**USER, "QUIESCE_PROBE": "value-of-the-probe"}
        watch = start("taskops.quiesce.open_ticket_on_failure", variables=variables, environment=environment)
        watch.wait_for(lambda: kept(state_file), "first look")
        system.control.add_tasks(*[script(name, FAILED) for name in names])
        watch.wait_for(lambda: len(tickets) == len(names), "ticket for each")
        watch.terminate()

    assert sorted(ticket["title"] for ticket in tickets) == sorted(f"totalcontrol: task {harmless(name)} is failed" for name in names)
    assert sorted(unquote(ticket["event"]["task"]["id_encoded"]) for ticket in tickets) == sorted(names)
    assert "42" not in str([{**ticket, "event": None} for ticket in tickets]).replace(harmless(NAMES[2]), "").replace(
        harmless(NAMES[3]), ""
    )
    assert "value-of-the-probe" not in str(tickets) + watch.printed
