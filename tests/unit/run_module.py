# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a module's main() in this process, as ansible-core would, and get its result."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common import warnings
from ansible_collections.taskops.quiesce.plugins.module_utils._credentials import OF_THIS_PROCESS

try:
    from ansible.module_utils import _internal, testing
except ImportError:  # before ansible-core 2.19
    _internal = testing = None

Run = Callable[..., dict[str, Any]]


@contextmanager
def _away_from_the_controller() -> Iterator[None]:
    """Normally, a module has a process of its own. In a process that has loaded the controller's code, as for tests of plugins, its
    warnings would go there instead of into its result.
    """
    with mock.patch.object(_internal, "is_controller", False):
        yield


@contextmanager
def module_args(arguments: Mapping[str, Any]) -> Iterator[None]:
    """Make these the arguments of the next AnsibleModule, in the way of the present ansible-core. The state of credentials from an earlier
    module is removed, since a module has a process of its own.
    """
    OF_THIS_PROCESS.forget()
    if testing is not None:
        with _away_from_the_controller(), testing.patch_module_args(dict(arguments)):
            yield
    else:
        encoded = json.dumps({"ANSIBLE_MODULE_ARGS": dict(arguments)}).encode()
        with mock.patch.object(basic, "_ANSIBLE_ARGS", encoded):
            yield


def run_main(
    main: Callable[[], None], capsys: pytest.CaptureFixture[str], module: str, *, check: bool, diff: bool, **options: Any
) -> dict[str, Any]:
    """The module's result. `failed` says how it ended. A traceback, or output beside the result, fails the test."""
    internal = {"_ansible_check_mode": check, "_ansible_diff": diff, "_ansible_module_name": f"taskops.quiesce.{module}"}
    # Warnings accumulate in this process. Normally, each module has a process of its own.
    vars(warnings)["_global_warnings"].clear()
    with module_args({**options, **internal}), pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert printed.err == ""
    result: dict[str, Any] = json.loads(printed.out)
    assert bool(result.get("failed")) == bool(ended.value.code)
    assert "exception" not in result
    return result
