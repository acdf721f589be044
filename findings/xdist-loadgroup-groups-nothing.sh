#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# With pytest 9.2, pytest-xdist's --dist loadgroup distributes the tests of one group over all workers, without a word.
#
# Seen with pytest-xdist 3.8.0: 40 tests with the mark xdist_group(name="one") ran on one worker with pytest 8.4.2, and on two workers with
# pytest 9.2.0. xdist appends the group to the private attribute of a test's id, which the newer pytest doesn't read any more. Tests that
# share a server by such a group then run side by side.
# For us: the tests of Airflow's own servers don't rely on groups. Each test claims its Dags by files (tests/airflow).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/test_group.py" <<'PYTHON'
import time
from pathlib import Path

import pytest


@pytest.mark.xdist_group(name="one")
@pytest.mark.parametrize("number", range(40))
def test_of_one_group(number: int, worker_id: str) -> None:
    time.sleep(0.05)
    Path(__file__).with_name(f"ran-on-{worker_id}").touch()
PYTHON
workers() {
  python3 -m venv "$folder/env-$1"
  "$folder/env-$1/bin/pip" --quiet --disable-pip-version-check install "pytest==$1" pytest-xdist==3.8.0
  rm -f "$folder"/ran-on-*
  "$folder/env-$1/bin/python" -m pytest -q --rootdir "$folder" --numprocesses 2 --dist loadgroup "$folder/test_group.py" >"$folder/log"
  find "$folder" -name 'ran-on-*' | wc -l
}
old=$(workers 8.4.2)
new=$(workers 9.2.0)
echo "pytest-xdist 3.8.0: the one group ran on $old worker with pytest 8.4.2, on $new workers with pytest 9.2.0"
[ "$old $new" = "1 2" ]
