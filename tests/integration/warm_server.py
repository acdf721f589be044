# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -P warm_server.py DESCRIPTOR`: load ansible-core, and run one of its programs for each order, in a process forked for it.

An order arrives as JSON on the socket of that descriptor, with the descriptors for the output. The answers are the process id and, at its
end, the exit status. The server ends when the other end of the socket is closed. See warm.py.
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

# The other imports of a usual run. Nothing of them is executed.
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
    """In the new process: run the program as if it had been started by its name, to its end."""
    os.setsid()
    for descriptor, wanted in zip(descriptors, (1, 2), strict=True):
        os.dup2(descriptor, wanted)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    sys.argv = [str(Path(sys.executable).with_name(order["program"])), *order["args"]]
    # The interpreter that Ansible uses for modules on this machine.
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
    """The folder for temporary files was created with the settings, and is removed at the end of a run."""
    atexit._clear()
    constants.DEFAULT_LOCAL_TMP = tempfile.mkdtemp(prefix=f"ansible-local-{os.getpid()}", dir=os.path.dirname(constants.DEFAULT_LOCAL_TMP))
    atexit.register(shutil.rmtree, constants.DEFAULT_LOCAL_TMP, ignore_errors=True)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
