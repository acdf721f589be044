# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -P warm_python_server.py SOCKET PIPE`: act as `python` for each program that connects, with its output, variables and folder.

Both arguments are descriptors. The server ends when the other end of the pipe is closed. See warm_python.py.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import select
import signal
import socket
import sys
import threading
import types
import zipimport
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec
from pathlib import Path

# The imports of a module outside of its package. The others follow from these.
IMPORTED = ("dataclasses", "decimal", "fcntl", "grp", "pwd", "requests", "runpy", "shlex", "subprocess", "syslog", "tempfile", "zipfile")
COLLECTION = Path(__file__).parents[2]
# The parts of ansible-core that no package of the collection contains.
APART = {"csharp", "facts", "powershell"}
LARGEST = 1 << 20  # bytes of an order, that is of an environment

Code = types.CodeType


def serve(listening: socket.socket, pipe: int) -> tuple[str, str]:
    """In a process forked for it, return the program to run and its file, which is empty if it came as input. The server itself ends
    here.
    """
    for name in IMPORTED:
        importlib.import_module(name)
    _remember(dict(_compiled()))
    gc.collect()
    gc.freeze()
    running: set[int] = set()
    while True:
        readable, _writable, _broken = select.select([listening.fileno(), pipe], [], [])
        if pipe in readable:
            sys.exit()
        client, _address = listening.accept()
        running = {pid for pid in running if os.waitpid(pid, os.WNOHANG) == (0, 0)}
        with client:
            pid = os.fork()
            running.add(pid)
            if pid == 0:
                listening.close()
                os.close(pipe)
                order, descriptors, _flags, _address = socket.recv_fds(client, LARGEST, 3)
                pid = os.fork()
                if pid == 0:
                    client.close()
                    return become(order, descriptors)
                for descriptor in (0, 1, 2, *descriptors):
                    os.close(descriptor)
                tell_end(pid, client)
                os._exit(0)


def tell_end(pid: int, client: socket.socket) -> None:
    """Tell the program that Ansible started how this process ends. If that program is killed, the process is killed as well."""
    ended = os.pidfd_open(pid)
    readable, _writable, _broken = select.select([ended, client.fileno()], [], [])
    if ended not in readable:
        os.kill(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with suppress(BrokenPipeError):
        client.send(str(status if status >= 0 else 128 - status).encode())


def become(order: bytes, descriptors: Sequence[int]) -> tuple[str, str]:
    """Take over the descriptors, environment and folder of the program that Ansible started, and read from its file or its input what to
    run.
    """
    for wanted, descriptor in enumerate(descriptors):
        os.dup2(descriptor, wanted)
        os.close(descriptor)
    folder, file, *variables = order.split(b"\0")
    os.chdir(folder)
    os.environ.clear()
    for name, _equals, value in (variable.partition(b"=") for variable in variables):
        os.environb[name] = value
    path = os.fsdecode(file)
    sys.argv[:] = [path or "-"]
    sys.path.insert(0, os.path.dirname(path))
    return Path(path).read_text(encoding="utf-8") if path else sys.stdin.read(), path


def _compiled() -> Iterator[tuple[bytes, Code]]:
    """The source files of the packages, with their compiled code, which Python caches."""
    spec = find_spec("ansible")
    assert spec and spec.origin
    of_core = Path(spec.origin).with_name("module_utils")
    folders = [path for path in sorted(of_core.iterdir()) if path.is_dir() and path.name not in APART]
    files = [*of_core.glob("*.py"), *(file for folder in folders for file in folder.rglob("*.py"))]
    for name in ("modules", "module_utils"):
        files += (COLLECTION / "plugins" / name).rglob("*.py")
    for file in files:
        code = SourceFileLoader(file.stem, str(file)).get_code(file.stem)
        assert code
        yield file.read_bytes(), code


def _remember(compiled: dict[bytes, Code]) -> None:
    """Let the compiler of packages reuse compiled code."""
    compile_source: Callable[[str, bytes], Code] = zipimport._compile_source  # type: ignore[attr-defined]

    def remembered(path: str, source: bytes) -> Code:
        return compiled.get(source) or compile_source(path, source)

    zipimport._compile_source = remembered  # type: ignore[attr-defined]


def execute(program: str, path: str) -> int:
    """Run the program as the main one. Returns its exit status, after what Python itself does when a program ends.

    All but the end of the interpreter, which would touch and thereby copy every object that this process shares with the server.
    """
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    if path:
        main.__file__ = path
    try:
        exec(compile(program, path or "<stdin>", "exec"), main.__dict__)
        status: object = None
    except SystemExit as end:
        status = end.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    if status is not None and not isinstance(status, int):
        print(status, file=sys.stderr)
        status = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # whoever read it may have ended, and the program may have closed it
            stream.flush()
    return status or 0


if __name__ == "__main__":
    program, path = serve(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]))
    os._exit(execute(program, path) & 0xFF)
