# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Another `ansible-playbook` below this one, with the same inventory, variables, secrets and limits. Its output is read line by line, and
it ends with its Ansible task.

No secret is in its command line or in a file: it gets its arguments, extra variables among them, by one file descriptor, and each password
by another one.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml
from ansible import constants as C
from ansible import context
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.yaml.dumper import AnsibleDumper
from ansible.utils.vars import load_extra_vars

from . import _supervisor

# The options of ansible-playbook that a child gets unchanged, by Ansible's names for them.
PLAIN = {
    "subset": "--limit",
    "forks": "--forks",
    "remote_user": "--user",
    "private_key_file": "--private-key",
    "connection": "--connection",
    "timeout": "--timeout",
    "ssh_common_args": "--ssh-common-args",
    "ssh_extra_args": "--ssh-extra-args",
    "sftp_extra_args": "--sftp-extra-args",
    "scp_extra_args": "--scp-extra-args",
    "become_method": "--become-method",
    "become_user": "--become-user",
}
FLAGS = {"diff": "--diff", "become": "--become", "force_handlers": "--force-handlers", "flush_cache": "--flush-cache"}
# The defaults of these options. A child finds such a value by itself.
DEFAULTS = {
    "subset": "DEFAULT_SUBSET",
    "forks": "DEFAULT_FORKS",
    "remote_user": "DEFAULT_REMOTE_USER",
    "private_key_file": "DEFAULT_PRIVATE_KEY_FILE",
    "connection": "DEFAULT_TRANSPORT",
    "become_method": "DEFAULT_BECOME_METHOD",
}
# In this variable a child finds the playbooks that it runs under, so that none runs below itself for ever.
ABOVE = "QUIESCE_WORK_PLAYBOOKS"
# The child mustn't import modules from its current folder. The text after the descriptor is for people who list processes.
_START = """\
import json, sys
if sys.path[:1] == [""]:
    del sys.path[0]
with open(int(sys.argv[1]), encoding="utf-8") as arguments:
    sys.argv[:] = json.load(arguments)
from ansible.cli.playbook import main
main()
"""
_TURN = 0.5
_GRACE = 2 * _supervisor.GRACE + 2

PrintLine = Callable[[str], None]


class ChildPlaybook:
    """One playbook as a child of this process. `passwords` are those that apply to all hosts, by the option that takes a file with one."""

    def __init__(
        self, playbook: str, loader: DataLoader, passwords: Mapping[str, str], verbosity: int, environment: Mapping[str, str] | None = None
    ) -> None:
        self._playbook = playbook
        self._loader = loader
        self._passwords = passwords
        self._verbosity = verbosity
        self._environment = child_environment(os.environ, environment or {}, playbook)

    def check(self, is_awaited: Callable[[], bool]) -> tuple[int, str]:
        """Let Ansible check the playbook without running it. Returns the exit status, and the whole output."""
        lines: list[str] = []
        return self._run(["--syntax-check"], lines.append, is_awaited), "\n".join(lines)

    def run(self, print_line: PrintLine, is_awaited: Callable[[], bool]) -> int:
        """Run the playbook to its end. Returns its exit status, or a negated signal.

        Each line of its output is passed to `print_line` at once.
        The child is ended when nobody waits for it any more.
        """
        more = ["-" + "v" * self._verbosity] if self._verbosity else []
        return self._run(more, print_line, is_awaited)

    def _run(self, more: Sequence[str], print_line: PrintLine, is_awaited: Callable[[], bool]) -> int:
        with ExitStack() as stack:
            descriptors: list[int] = []

            def hand_over(secret: bytes) -> int:
                descriptors.append(stack.enter_context(_anonymous_file(secret)))
                return descriptors[-1]

            arguments = ["ansible-playbook", *command_line(context.CLIARGS), *more]
            arguments += _vault(self._loader, hand_over)
            for option, password in self._passwords.items():
                arguments += [option, f"/dev/fd/{hand_over(password.encode())}"]
            arguments += [*_extra_vars(self._loader), self._playbook]
            code = ["-c", _START, str(hand_over(json.dumps(arguments).encode())), self._playbook]
            return self._supervised([sys.executable, *code], descriptors, print_line, is_awaited)

    def _supervised(self, command: Sequence[str], descriptors: Sequence[int], print_line: PrintLine, is_awaited: Callable[[], bool]) -> int:
        lifeline, hold = os.pipe()
        try:
            with subprocess.Popen(
                [sys.executable, "-I", str(Path(_supervisor.__file__)), str(lifeline), *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=self._environment,
                pass_fds=[lifeline, *descriptors],
                start_new_session=True,
            ) as process:
                os.close(lifeline)
                lifeline = -1
                try:
                    _forward_output(process, print_line, is_awaited)
                finally:
                    os.close(hold)
                    hold = -1
                    _wait(process)
                return process.returncode
        finally:
            for end in (lifeline, hold):
                if end >= 0:
                    os.close(end)


def command_line(given: Mapping[str, Any]) -> list[str]:
    """The command line of the child, without secrets: the options of this process that say where and how to run.

    `--tags` has chosen the work already, and would leave out the tasks within it. `--skip-tags` applies to the work too.
    """
    words: list[str] = []
    inventory = given.get("inventory")
    if inventory and list(inventory) != list(C.DEFAULT_HOST_LIST):
        words += [word for source in inventory for word in ("--inventory", source)]
    for name, option in PLAIN.items():
        value = given.get(name)
        default = getattr(C, DEFAULTS[name], None) if name in DEFAULTS else None
        if value not in (None, "", default):
            words.append(f"{option}={value}")
    words += [option for name, option in FLAGS.items() if given.get(name)]
    words += [f"--skip-tags={tag}" for tag in given.get("skip_tags") or () if tag not in (C.TAGS_SKIP or ())]
    paths = given.get("module_path") or ()
    return words + [word for path in paths for word in ("--module-path", path)]


def child_environment(inherited: Mapping[str, str], given: Mapping[str, str], playbook: str) -> dict[str, str]:
    """This process's environment with that of the task, without the variables that make the child ask at a terminal or report to
    ansible-runner.
    """
    whole = {**inherited, **{name: str(value) for name, value in given.items()}}
    if whole.get("ANSIBLE_STDOUT_CALLBACK", "").startswith("awx_display"):
        # This callback writes events for ansible-runner, which would take them for events of this process.
        del whole["ANSIBLE_STDOUT_CALLBACK"]
    # The child gets the passwords that these ask for by a descriptor.
    whole["ANSIBLE_ASK_VAULT_PASS"] = whole["ANSIBLE_ASK_PASS"] = whole["ANSIBLE_BECOME_ASK_PASS"] = "false"
    whole[ABOVE] = os.pathsep.join(filter(None, [inherited.get(ABOVE, ""), playbook]))
    return whole


def _vault(loader: DataLoader, hand_over: Callable[[bytes], int]) -> list[str]:
    """The secrets of Ansible Vault that this process has, whatever their source."""
    secrets = getattr(getattr(loader, "_vault", None), "secrets", None) or []
    return [word for name, secret in secrets for word in ("--vault-id", f"{name}@/dev/fd/{hand_over(secret.bytes)}")]


def _extra_vars(loader: DataLoader) -> list[str]:
    """The extra variables as this process read them, since their source may be readable only once."""
    given = load_extra_vars(loader)
    if not given:
        return []
    text = yaml.dump(dict(given), Dumper=AnsibleDumper, default_flow_style=True, allow_unicode=True, width=1 << 30, sort_keys=False)
    return ["--extra-vars", text.strip()]


@contextmanager
def _anonymous_file(content: bytes) -> Iterator[int]:
    """An unnamed file with this content, readable as /dev/fd/NUMBER by a process that gets the descriptor."""
    with ExitStack() as stack:
        if hasattr(os, "memfd_create"):
            descriptor = os.memfd_create("quiesce")
            stack.callback(os.close, descriptor)
        else:
            descriptor = stack.enter_context(tempfile.TemporaryFile()).fileno()
        # Ansible takes an executable password file for a program that prints a password.
        os.fchmod(descriptor, 0o600)
        os.write(descriptor, content)
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor


def _forward_output(process: subprocess.Popen[bytes], print_line: PrintLine, is_awaited: Callable[[], bool]) -> None:
    """Pass on each line at once until the process has ended. Processes that it started may hold its output open for longer."""
    if process.stdout is None:
        return
    output = process.stdout.fileno()
    os.set_blocking(output, False)
    held = b""
    is_open = True
    while True:
        has_ended = process.poll() is not None
        if is_open and select.select([output], [], [], 0 if has_ended else _TURN)[0]:
            piece = os.read(output, 65536)
            is_open = bool(piece)
            *lines, held = (held + piece).split(b"\n")
            for line in lines:
                print_line(line.decode(errors="replace").rstrip("\r"))
        elif has_ended:
            break
        elif not is_open:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_TURN)
        if not has_ended and not is_awaited():
            return
    if held:
        print_line(held.decode(errors="replace"))


def _wait(process: subprocess.Popen[bytes]) -> None:
    """Wait for the supervisor, which ends with all that it has started, since its lifeline is cut. An exception during the wait leaves no
    process behind.
    """
    try:
        process.wait(_GRACE)
    except BaseException as error:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        if not isinstance(error, subprocess.TimeoutExpired):
            raise
    if process.returncode is not None and process.returncode < 0:
        # If the supervisor itself was killed, the command is still running.
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)


def exit_status_text(status: int) -> str:
    """What an exit status of ansible-playbook means, in words; empty where all went well."""
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    known = {
        1: "ended by an error",
        2: "failed on a host",
        3: "had a host that couldn't be reached",
        4: "had a host that couldn't be reached, or couldn't be loaded",
        5: "got an option that it doesn't know",
        99: "was interrupted",
        250: "failed by a fault of Ansible or a plugin",
    }
    return f"{known.get(status, 'ended')} (exit status {status})" if status else ""
