# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -P warm_server.py DESCRIPTOR`: load ansible-core, and become on each order one of its programs, in a process forked for it.

An order comes by the socket of that descriptor as JSON, with the descriptors for what is printed. What goes back is the process's id and,
once it has ended, its exit status. The server ends when the other end of the socket is closed. See warm.py.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.cli import adhoc, doc, playbook

# What a usual run imports besides; nothing of it is begun.
IMPORTED = (
    "ansible.executor.module_common",
    "ansible.executor.task_executor",
    "ansible.executor.task_queue_manager",
    "ansible.plugins.action.normal",
    "ansible.plugins.callback.default",
    "ansible.plugins.connection.local",
    "ansible.plugins.filter.core",
    "ansible.plugins.strategy.linear",
    "ansible.plugins.test.core",
    "ansible.template",
)
MAINS = {"ansible-playbook": playbook.main, "ansible": adhoc.main, "ansible-doc": doc.main}
LARGEST = 1 << 20  # bytes of an order, that is of arguments and environment


def serve(control: socket.socket) -> None:
    for name in IMPORTED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    while True:
        order, descriptors, _flags, _address = socket.recv_fds(control, LARGEST, 2)
        if not order:
            return
        pid = os.fork()
        if pid == 0:
            control.close()
            become(json.loads(order), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        control.send(str(pid).encode())
        _pid, status = os.waitpid(pid, 0)
        control.send(str(os.waitstatus_to_exitcode(status)).encode())


def become(order: Mapping[str, Any], descriptors: Sequence[int]) -> None:
    """In the new process: be what would have been started by its name, to its end."""
    os.setsid()
    for descriptor, wanted in zip(descriptors, (1, 2), strict=True):
        os.dup2(descriptor, wanted)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    sys.argv = [str(Path(sys.executable).with_name(order["program"])), *order["args"]]
    # What Ansible gives to modules on this machine as their interpreter.
    sys.executable = order["python"]
    status: Any = 1
    try:
        _have_a_folder_of_its_own()
        sys.exit(MAINS[order["program"]](sys.argv))
    except SystemExit as end:
        status = end.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        atexit._run_exitfuncs()
        os._exit(status if isinstance(status, int) else int(status is not None))


def _have_a_folder_of_its_own() -> None:
    """The one for temporary files was made with the settings; at the end of a run it's removed."""
    atexit._clear()
    constants.DEFAULT_LOCAL_TMP = tempfile.mkdtemp(prefix=f"ansible-local-{os.getpid()}", dir=os.path.dirname(constants.DEFAULT_LOCAL_TMP))
    atexit.register(shutil.rmtree, constants.DEFAULT_LOCAL_TMP, ignore_errors=True)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
