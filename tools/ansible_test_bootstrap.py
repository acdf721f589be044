# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible_test_bootstrap.py HOME: make HOME a home folder in which ansible-test can set up its virtual environments.

Run it with the Python that has ansible-core. ansible-test makes a virtual environment for each sanity test. Two things can be in the way:

* It hides the environment's variables from pip, so PIP_INDEX_URL and the like don't count. Here pip's settings, wherever they came from,
  are written to HOME's own configuration of pip.
* It downloads the script that brings pip into an empty environment from its makers' host, which can't be reached from everywhere. Where
  it can't, a script is put into its cache that does the same with what Python and a package index offer.
"""

from __future__ import annotations

import ast
import configparser
import importlib.util
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

PATIENCE = 5  # seconds for the host to answer

BOOTSTRAP = '''\
"""Bring pip into an empty virtual environment and have it install what ansible-test asks for; no other host than a package index is needed.

Made by tools/ansible_test_bootstrap.py of the Ansible collection taskops.quiesce. Once it's deleted, ansible-test downloads its own again.
"""
import subprocess
import sys

wanted = [word for word in sys.argv[1:] if not word.startswith("-")]
pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
subprocess.check_call([sys.executable, "-m", "ensurepip", "--upgrade"], stdout=subprocess.DEVNULL)
subprocess.check_call(pip + ["install"] + (wanted or ["pip=={version}"]))
'''


class Unfamiliar(Exception):
    """This ansible-test isn't built as those that we know."""


def find(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if not found:
        raise Unfamiliar(pattern)
    return found.group(1)


def bootstrap_script(ansible_test: Path) -> tuple[str, str, str]:
    """Return the address, the name in the cache and the pip version of the script that this ansible-test downloads."""
    versions = (ansible_test / "_internal" / "python_requirements.py").read_text(encoding="utf-8")
    # The defaults come first; what overrides them concerns Pythons that are older than any we run on.
    version = find(r"default_packages\s*=\s*dict\(\s*pip='([0-9.]+)'", versions)
    downloader = (ansible_test / "_util" / "target" / "setup" / "requirements.py").read_text(encoding="utf-8")
    url = find(r"url = '(https://[^']*%s[^']*)' % pip_version", downloader) % version
    name = find(r"expanduser\('~/\.ansible/test/cache/([^'/]*%s[^'/]*)'", downloader) % version.replace(".", "_")
    return url, name, version


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=PATIENCE).close()
    except (urllib.error.URLError, OSError):
        return False
    return True


def provide_script(home: Path, ansible_test: Path) -> None:
    try:
        url, name, version = bootstrap_script(ansible_test)
    except (Unfamiliar, OSError) as error:
        print(f"ansible-test is left to get pip by itself, since its ways are unknown: {error}", file=sys.stderr)
        return
    script = home / ".ansible" / "test" / "cache" / name
    if script.exists() or answers(url):
        return
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(BOOTSTRAP.replace("{version}", version), encoding="utf-8")
    print(f"ansible-test's host doesn't answer; put an equivalent into its cache: {script}")


def pip_says(*words: str) -> str:
    return subprocess.run([sys.executable, "-m", "pip", *words], check=True, capture_output=True, text=True).stdout


def pip_settings() -> configparser.RawConfigParser:
    """Return what files and variables tell pip, the stronger ones last."""
    settings = configparser.RawConfigParser()
    lines = [line for line in pip_says("config", "list").splitlines() if "=" in line]
    for line in sorted(lines, key=lambda line: line.startswith(":env:")):
        key, value = line.split("=", 1)
        section, option = key.replace(":env:", "global").split(".", 1)
        if option == "config-file":
            continue
        if not settings.has_section(section):
            settings.add_section(section)
        settings.set(section, option, str(ast.literal_eval(value)))
    if not settings.has_section("global"):
        settings.add_section("global")
    if not settings.has_option("global", "cache-dir") and not settings.has_option("global", "no-cache-dir"):
        settings.set("global", "cache-dir", pip_says("cache", "dir").strip())
    settings.set("global", "quiet", "2")
    return settings


def provide_settings(home: Path) -> None:
    file = home / ".config" / "pip" / "pip.conf"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)  # an index's address may hold a password
    with open(file, "w", encoding="utf-8") as stream:
        pip_settings().write(stream)


def main() -> int:
    home = Path(sys.argv[1]).resolve()
    found = importlib.util.find_spec("ansible_test")
    if found is None or found.origin is None:
        print(f"{sys.executable} has no ansible-core.", file=sys.stderr)
        return 2
    provide_settings(home)
    provide_script(home, Path(found.origin).parent)
    return 0


if __name__ == "__main__":
    sys.exit(main())
