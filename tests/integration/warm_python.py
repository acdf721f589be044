# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python interpreter for modules that is forked from one that has imported their requirements. Ansible uses it as
ansible_python_interpreter.

Nine tenths of the time of a module's process are the start of Python, the import of `requests`, and compilation, since the code in a packed
module was never compiled before. Here, a server (warm_python_server.py) has done that once. Ansible starts a small program, which passes
its descriptors, environment and folder to the server and ends like the forked process; if it is killed, that process is killed. Ansible
still sends and unpacks the module, and its parts come from that package: nothing of ansible-core or of the collection is loaded before.
"""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

SERVER = Path(__file__).with_name("warm_python_server.py")
# Only built-in modules of Python's library are imported, so that it starts quickly. It passes on a program that arrives as input or is the
# only argument; other arguments are for Python itself.
PROGRAM = """\
#!{python} -IS
import posix
import sys
from _socket import AF_UNIX, SCM_RIGHTS, SOCK_SEQPACKET, SOL_SOCKET, socket

if sys.argv[2:] or sys.argv[-1].startswith("-"):
    posix.execv({python!r}, [{python!r}, *sys.argv[1:]])
server = socket(AF_UNIX, SOCK_SEQPACKET)
server.connect({address!r})
words = [posix.getcwdb(), *map(str.encode, sys.argv[1:] or [""]), *(name + b"=" + value for name, value in posix.environ.items())]
descriptors = b"".join(number.to_bytes(4, "little") for number in (0, 1, 2))
server.sendmsg([b"\\0".join(words)], [(SOL_SOCKET, SCM_RIGHTS, descriptors)])
posix._exit(int(server.recv(16) or b"1"))
"""


class Interpreter:
    """``with Interpreter(folder, environment) as python: ... {"ansible_python_interpreter": python.path}``; `folder` is its own."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        address = str(folder / "socket")
        self.path = str(folder / "python3")
        program = Path(self.path)
        program.write_text(PROGRAM.format(python=sys.executable, address=address), encoding="utf-8")
        program.chmod(0o755)
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
            listening.bind(address)
            listening.listen(16)
            # The server ends when the other end of this pipe is closed.
            theirs, self._pipe = os.pipe()
            try:
                words = [sys.executable, "-P", str(SERVER), str(listening.fileno()), str(theirs)]
                descriptors = [listening.fileno(), theirs]
                self._process = subprocess.Popen(words, env=dict(environment), stdin=subprocess.DEVNULL, pass_fds=descriptors)
            finally:
                os.close(theirs)

    def __enter__(self) -> Interpreter:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        os.close(self._pipe)
        self._process.wait(timeout=10)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({shlex.quote(self.path)})"
