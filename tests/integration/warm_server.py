# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -P warm_server.py DESCRIPTOR`: load ansible-core, and run one of its programs for each order, in a process forked for it.

An order arrives as JSON on the socket of that descriptor, with the descriptors for the output and of a socket for the answers: the process
id and, at its end, the exit status. The server ends when the other end of its own socket is closed. See warm.py.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import inspect
import json
import os
import re
import select
import shutil
import signal
import socket
import sys
import tempfile
import types
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache, partialmethod
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

from ansible import constants
from ansible.cli import adhoc, doc, playbook
from ansible.cli.arguments import option_helpers
from ansible.plugins import loader
from ansible.utils.collection_loader import _collection_finder
from ansible.utils.path import cleanup_tmp_file
from jinja2 import Environment, FileSystemBytecodeCache

# The other imports of a usual run. Nothing of them is executed.
IMPORTED = (
    "ansible.executor.module_common",
    "ansible.executor.task_executor",
    "ansible.executor.task_queue_manager",
    "ansible.playbook.handler_task_include",
    "ansible.plugins.action.normal",
    "ansible.plugins.become.su",
    "ansible.plugins.become.sudo",
    "ansible.plugins.cache.memory",
    "ansible.plugins.callback.default",
    "ansible.plugins.callback.junit",
    "ansible.plugins.callback.minimal",
    "ansible.plugins.callback.oneline",
    "ansible.plugins.callback.tree",
    "ansible.plugins.connection.local",
    "ansible.plugins.connection.psrp",
    "ansible.plugins.connection.ssh",
    "ansible.plugins.connection.winrm",
    "ansible.plugins.filter.core",
    "ansible.plugins.inventory.auto",
    "ansible.plugins.inventory.host_list",
    "ansible.plugins.inventory.ini",
    "ansible.plugins.inventory.script",
    "ansible.plugins.inventory.toml",
    "ansible.plugins.inventory.yaml",
    "ansible.plugins.shell.cmd",
    "ansible.plugins.shell.powershell",
    "ansible.plugins.shell.sh",
    "ansible.plugins.strategy.linear",
    "ansible.plugins.test.core",
    "ansible.plugins.vars.host_group_vars",
    "ansible.template",
    "multiprocessing.popen_fork",
    "multiprocessing.synchronize",
    # What the engine of the collection imports.
    "requests",
)
ROUTING = Path(constants.__file__).with_name("config") / "ansible_builtin_runtime.yml"
PLUGINS = Path(__file__).parents[2] / "plugins"
MAINS = {"ansible-playbook": playbook.main, "ansible": adhoc.main, "ansible-doc": doc.main}
LARGEST = 1 << 20  # bytes of an order, that is of arguments and environment


def serve(control: socket.socket) -> None:
    for name in IMPORTED:
        importlib.import_module(name)
    _keep_options()
    _keep_signatures()
    _keep_templates()
    _keep_compiled()
    _keep_routing()
    Path(constants.DEFAULT_LOCAL_TMP, "packages").mkdir()
    gc.collect()
    gc.freeze()
    # The runs that haven't ended, by the descriptors that become readable at their ends.
    running: dict[int, tuple[int, socket.socket]] = {}
    while True:
        readable, _writable, _broken = select.select([control.fileno(), *running], [], [])
        for ended in running.keys() & readable:
            pid, answers = running.pop(ended)
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            os.close(ended)
            with answers, suppress(OSError):  # the caller may have ended
                answers.send(str(status).encode())
        if control.fileno() not in readable:
            continue
        order, descriptors, _flags, _address = socket.recv_fds(control, LARGEST, 3)
        if not order:
            return
        answers = socket.socket(fileno=descriptors.pop())
        pid = os.fork()
        if pid == 0:
            for other in (control, answers, *(socket_ for _pid, socket_ in running.values())):
                other.close()
            for descriptor in running:
                os.close(descriptor)
            become(json.loads(order), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        with suppress(OSError):
            answers.send(str(pid).encode())
        running[os.pidfd_open(pid)] = pid, answers


def _keep_options() -> None:
    """Have Ansible read the options of its own plugins from their documentation here, as its loader does when a run first uses a plugin."""
    read = loader.PluginLoader._load_config_defs

    def load_options(plugins: Any, name: str, module: Any, path: str) -> None:
        # Ansible remembers a plugin if it has options, and would read the documentation of the others each time.
        documentation = getattr(module, "DOCUMENTATION", "")
        if "options:" in documentation or "extends_documentation_fragment:" in documentation:
            read(plugins, name, module, path)

    for name in IMPORTED:
        if match := re.fullmatch(r"ansible\.plugins\.(\w+)\.(\w+)", name):
            kind, plugin = match.groups()
            plugins = getattr(loader, f"{kind}_loader")
            # Those of filters and tests have no options, and the loader would keep a class of variables as an object.
            if kind not in ("filter", "test", "vars"):
                plugins.get(plugin, class_only=True)
            if kind not in ("filter", "test"):
                module = sys.modules[name]
                read(plugins, plugin, module, module.__file__)
    loader.PluginLoader._load_config_defs = load_options


def _keep_signatures() -> None:
    """Have later versions of ansible-core look at the actions of its command line's options here. It does so for each option."""
    if hasattr(option_helpers, "inspect"):
        option_helpers.inspect = types.SimpleNamespace(signature=lru_cache(inspect.signature))
        for line in (playbook.PlaybookCLI, adhoc.AdHocCLI):
            line([line.name]).init_parser()


def _keep_templates() -> None:
    """Have Jinja keep the compiled templates of the report for the next run. Those of playbooks are no files, so that it keeps none."""
    folder = Path(constants.DEFAULT_LOCAL_TMP, "templates")
    folder.mkdir()
    cache = FileSystemBytecodeCache(str(folder))
    Environment.__init__ = partialmethod(Environment.__init__, bytecode_cache=cache)  # type: ignore[assignment,method-assign]


def _keep_compiled() -> None:
    """Have Ansible take the compiled code of the collection, which Python keeps beside the sources. Ansible itself keeps none, so that each
    run would compile what it loads. Nothing of the collection is loaded here.
    """
    code = {str(file): SourceFileLoader(file.stem, str(file)).get_code(file.stem) for file in PLUGINS.rglob("*.py")}
    sources = {name: Path(name).read_bytes() for name in code}

    def compiled(source: Any, filename: str, **options: Any) -> CodeType:
        found = code.get(filename) if sources.get(filename) == source else None
        return found or compile(source, filename, **options)

    _collection_finder.compile = compiled


def _keep_routing() -> None:
    """Have Ansible take its own table of renamed plugins as it was read here; that is most of what a short run reads."""
    read = _collection_finder._meta_yml_to_dict
    text = ROUTING.read_bytes()
    table = read(text, (None, str(ROUTING)))

    def routing(given: Any, content: Any) -> Any:
        return table if given == text else read(given, content)

    _collection_finder._meta_yml_to_dict = routing


def become(order: Mapping[str, Any], descriptors: Sequence[int]) -> None:
    """In the new process: run the program as if it had been started by its name, to its end."""
    os.setsid()
    # As from a terminal, also if the tests run in the background of a shell, whose children inherit that they ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
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
    """The folder for temporary files was created with the settings, and is removed at the end of a run. The modules of the collection that
    a run has packed are there for the next one, which would pack the same.
    """
    # Only this one. Others clean up after the run itself: multiprocessing removes the folder of a socket that ansible-core 2.21 listens on.
    atexit.unregister(cleanup_tmp_file)
    common = Path(constants.DEFAULT_LOCAL_TMP, "packages")
    constants.DEFAULT_LOCAL_TMP = tempfile.mkdtemp(prefix=f"ansible-local-{os.getpid()}", dir=os.path.dirname(constants.DEFAULT_LOCAL_TMP))
    atexit.register(shutil.rmtree, constants.DEFAULT_LOCAL_TMP, ignore_errors=True)
    own = Path(constants.DEFAULT_LOCAL_TMP, "ansiballz_cache")
    own.mkdir()
    _link_packages(common, own)
    atexit.register(_link_packages, own, common)


def _link_packages(source: Path, target: Path) -> None:
    for file in source.glob("ansible_collections.taskops.quiesce.*"):
        if not file.name.endswith((".lock", "-part")):
            with suppress(FileExistsError):
                os.link(file, target / file.name)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
