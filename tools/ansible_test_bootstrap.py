# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible_test_bootstrap.py HOME PYTHON: prepare HOME as a home folder in which the ansible-test of this PYTHON can set up its
environments.

ansible-test creates a virtual environment for each sanity test. This script solves three problems:

* ansible-test hides environment variables from pip, such as PIP_INDEX_URL. The script writes pip's settings, whatever their source, to
  the pip configuration in HOME.
* ansible-test downloads the script that installs pip from a host that isn't reachable everywhere. This script puts a replacement into
  its cache, which installs pip from the package index.
* That replacement takes five seconds for each of nine environments. If uv is installed with the Python that runs this script, it uses
  uv, which takes no noticeable time.
"""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from pathlib import Path

# `make` runs this file by its path, before any environment exists.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.environment import SETTINGS
from tools.package_index import for_uv, pip_output, pip_settings

BOOTSTRAP = '''\
"""Bring pip into an empty virtual environment and have it install what ansible-test asks for; no other host than a package index is needed.

Made by tools/ansible_test_bootstrap.py of the Ansible collection taskops.quiesce. Once it's deleted, ansible-test downloads its own again.
"""
import os
import subprocess
import sys
import sysconfig

UV = {uv!r}
VARIABLES = {variables!r}
wanted = [word for word in sys.argv[1:] if not word.startswith("-")] or ["pip=={version}"]


def with_uv():
    env = dict(os.environ, UV_NO_CONFIG="1", **VARIABLES)
    try:
        return subprocess.call([UV, "pip", "install", "--quiet", "--python", sys.executable] + wanted, env=env) == 0
    except OSError:
        return False


with open(os.path.join(sysconfig.get_path("purelib"), "quiesce.pth"), "w") as file:
    file.write({settings!r})
if not with_uv():
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.check_call([sys.executable, "-m", "ensurepip", "--upgrade"], stdout=subprocess.DEVNULL)
    subprocess.check_call(pip + ["install"] + wanted)
'''


class UnknownAnsibleTest(Exception):
    """The structure of this ansible-test isn't one of the known ones."""


def find(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if not found:
        raise UnknownAnsibleTest(pattern)
    return found.group(1)


def bootstrap_script(ansible_test: Path) -> tuple[str, str]:
    """Return the name in the cache and the pip version of the script that this ansible-test downloads."""
    versions = (ansible_test / "_internal" / "python_requirements.py").read_text(encoding="utf-8")
    # The defaults come first. The entries that override them are for older Pythons than the supported ones.
    version = find(r"default_packages\s*=\s*dict\(\s*pip='([0-9.]+)'", versions)
    downloader = (ansible_test / "_util" / "target" / "setup" / "requirements.py").read_text(encoding="utf-8")
    name = find(r"expanduser\('~/\.ansible/test/cache/([^'/]*%s[^'/]*)'", downloader) % version.replace(".", "_")
    return name, version


def provide_script(home: Path, ansible_test: Path) -> None:
    try:
        name, version = bootstrap_script(ansible_test)
    except (UnknownAnsibleTest, OSError) as error:
        print(f"ansible-test is left to get pip by itself, since its ways are unknown: {error}", file=sys.stderr)
        return
    script = home / ".ansible" / "test" / "cache" / name
    script.parent.mkdir(parents=True, exist_ok=True)
    script.touch(mode=0o600)  # an index's address may hold a password
    uv = str(Path(sys.executable).with_name("uv"))
    script.write_text(BOOTSTRAP.format(uv=uv, variables=for_uv(pip_settings()), version=version, settings=SETTINGS), encoding="utf-8")


def provide_settings(home: Path) -> None:
    file = home / ".config" / "pip" / "pip.conf"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)  # an index's address may hold a password
    settings = configparser.RawConfigParser()
    cache = pip_output("cache", "dir").strip()
    settings["global"] = {**({"cache-dir": cache} if cache else {}), **pip_settings(), "quiet": "2"}
    with open(file, "w", encoding="utf-8") as stream:
        settings.write(stream)


def ansible_test_of(python: str) -> Path | None:
    question = "import importlib.util as u; print(u.find_spec('ansible_test').origin)"
    process = subprocess.run([python, "-c", question], capture_output=True, text=True, check=False)
    return None if process.returncode else Path(process.stdout.strip()).parent


def main() -> int:
    home, python = Path(sys.argv[1]).resolve(), sys.argv[2]
    ansible_test = ansible_test_of(python)
    if ansible_test is None:
        print(f"{python} has no ansible-core.", file=sys.stderr)
        return 2
    provide_settings(home)
    provide_script(home, ansible_test)
    return 0


if __name__ == "__main__":
    sys.exit(main())
