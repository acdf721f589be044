# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tests.emulator --vendor totalcontrol --port 8090``: start emulated systems. Each prints one line of JSON when it listens."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from . import registry
from .messages import BadOrder
from .server import DEFAULT_HOST, Server
from .switches import Switches
from .tls import OwnAuthority
from .vendor import Vendor


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.emulator", description="The systems this collection talks to, emulated.")
    parser.add_argument("--vendor", action="append", required=True, help=f"one of {', '.join(registry.names())}, or all; repeatable")
    parser.add_argument("--port", action="append", type=int, default=[], help="of the vendor in the same place; 0 or none: a free one")
    parser.add_argument("--host", default=DEFAULT_HOST, help="default: both loopback addresses")
    parser.add_argument("--tls", action="store_true", help="https, with a certificate made on the spot; its CA's file is announced")
    parser.add_argument("--ask-client-cert", action="store_true", help="https, and only for clients with the announced certificate")
    parser.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE", help="VALUE as JSON, else as text; repeatable")
    parser.add_argument("--tasks", type=Path, metavar="FILE", help="JSON: the tasks instead of the seeds; several vendors: {vendor: tasks}")
    parser.add_argument("--seed", type=int, help="makes tokens and ids repeatable")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with the process at the other end of standard input")
    parser.add_argument("--max-seconds", type=float, default=3600, help="end by itself after this (default 3600)")
    return parser


def _switches(given: Sequence[str], kinds: Sequence[type[Vendor]]) -> dict[str, dict[str, Any]]:
    """The positions of switches for each vendor that has them. A switch that no vendor has is an error."""
    known = {kind.name: set(Switches(kind.switch_table)) for kind in kinds}
    found: dict[str, dict[str, Any]] = {vendor: {} for vendor in known}
    for item in given:
        name, equals, text = item.partition("=")
        if not equals:
            raise BadOrder(f"--switch {item}: NAME=VALUE is needed")
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        owners = [vendor for vendor in known if name in known[vendor]]
        if not owners:
            raise BadOrder(f"no switch {name!r}; known: {', '.join(sorted(set().union(*known.values())))}")
        for vendor in owners:
            found[vendor][name] = value
    return found


def _tasks(path: Path | None, kinds: Sequence[type[Vendor]]) -> dict[str, list[dict[str, Any]]]:
    if path is None:
        return {}
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadOrder(f"--tasks {path}: {error}") from error
    if isinstance(value, list) and len(kinds) == 1:
        value = {kinds[0].name: value}
    if not isinstance(value, dict) or not all(isinstance(tasks, list) for tasks in value.values()):
        raise BadOrder(f"--tasks {path}: needs a list of tasks, or an object of such lists by vendor")
    return value


def models(options: argparse.Namespace) -> list[tuple[Vendor, int]]:
    names = [name for given in options.vendor for name in (registry.names() if given == "all" else [given])]
    kinds = [registry.find(name) for name in names]
    if len(options.port) > len(kinds):
        raise BadOrder(f"{len(options.port)} ports for {len(kinds)} vendors")
    ports = options.port + [0] * (len(kinds) - len(options.port))
    switches, tasks = _switches(options.switch, kinds), _tasks(options.tasks, kinds)
    return [
        (kind(switches=switches[kind.name], tasks=tasks.get(kind.name), seed=options.seed), port)
        for kind, port in zip(kinds, ports, strict=True)
    ]


async def serve(options: argparse.Namespace, vendors: Sequence[tuple[Vendor, int]], authority: OwnAuthority | None) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = Server(options.host, authority)
    try:
        for vendor, port in vendors:
            address = await server.add(vendor, port)
            print(json.dumps(asdict(address)), flush=True)
        if options.until_stdin_closes:
            threading.Thread(target=_watch_stdin, args=(loop, stop), daemon=True).start()
        loop.call_later(options.max_seconds, stop.set)
        await stop.wait()
    finally:
        await server.close()


def _watch_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Watch stdin in a thread, since not every event loop can watch a file or a terminal."""
    while os.read(0, 4096):
        pass
    loop.call_soon_threadsafe(stop.set)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        with ExitStack() as stack:
            vendors = models(options)
            authority: OwnAuthority | None = None
            if options.tls or options.ask_client_cert:
                authority = stack.enter_context(OwnAuthority(ask_client=options.ask_client_cert))
            asyncio.run(serve(options, vendors, authority))
    except KeyboardInterrupt:
        pass  # it came before the loop could take it
    except BrokenPipeError:
        # Nobody reads the announcement, so nothing more can be printed there, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except (BadOrder, OSError) as error:
        print(f"tests.emulator: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
