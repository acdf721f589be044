# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The package indexes that the user's pip is configured for, as pip's settings and as variables for uv, which doesn't read them."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

# uv's variable for each option of pip that takes several places, and the separator between two of them.
PLACES = {"index-url": ("UV_DEFAULT_INDEX", " "), "extra-index-url": ("UV_INDEX", " "), "find-links": ("UV_FIND_LINKS", ",")}
# The same, for options with a single value.
VALUES = {"cert": "SSL_CERT_FILE", "client-cert": "SSL_CLIENT_CERT", "proxy": "ALL_PROXY", "trusted-host": "UV_INSECURE_HOST"}
OTHERS = {
    # pip takes the best release of all its indexes. The hashes of the lock file decide which file is accepted.
    "UV_INDEX_STRATEGY": "unsafe-best-match",
    # The certificate authorities that the machine trusts, as in pip from 24.2 on.
    "UV_SYSTEM_CERTS": "true",
}


def with_pip() -> str | None:
    """A Python with pip: this one, or the one that made its virtual environment. None if neither has it."""
    base = str(Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}"))
    for python in (sys.executable, base):
        try:
            if subprocess.run([python, "-c", "import pip"], capture_output=True, check=False).returncode == 0:
                return python
        except OSError:
            continue
    return None


def pip_output(*words: str) -> str:
    """The output of pip, empty if there is no pip. Raises `subprocess.CalledProcessError`."""
    python = with_pip()
    return subprocess.run([python, "-m", "pip", *words], check=True, capture_output=True, text=True).stdout if python else ""


def pip_settings() -> dict[str, str]:
    """The settings of pip for an installation, by option, from its files and variables. Later ones take precedence."""
    lines = [line for line in pip_output("config", "list").splitlines() if "=" in line]
    settings = {}
    for strength in ("global.", "install.", ":env:."):
        for line in lines:
            key, value = line.split("=", 1)
            if key.startswith(strength):
                settings[key.removeprefix(strength)] = str(ast.literal_eval(value))
    settings.pop("config-file", None)
    return settings


def for_uv(settings: Mapping[str, str]) -> dict[str, str]:
    """The variables with which uv uses the same indexes as pip. (Constraints are omitted, since hashes pin everything.)"""
    variables = dict(OTHERS)
    for option, (variable, between) in PLACES.items():
        if places := [place for place in settings.get(option, "").split() if not _is_missing(place)]:
            variables[variable] = between.join(places)
    for option, variable in VALUES.items():
        if value := settings.get(option):
            variables[variable] = value
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        variables["UV_NO_INDEX"] = "true"
    return variables


def _is_missing(place: str) -> bool:
    """Omit folders that don't exist. pip only warns about them, but uv fails."""
    folder = place.removeprefix("file://")
    return folder.startswith("/") and not os.path.isdir(folder)
