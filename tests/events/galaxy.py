# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An `ansible-galaxy` that gives the answer of the real one again, as long as the installed collections don't change.

ansible-rulebook asks it for the place of each collection at each start, which takes as long as ansible-rulebook itself.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

# The name of a file with an answer contains the question. The file appears whole, since another process may ask the same.
PROGRAM = """\
#!/bin/sh
answer={answers}/$(printf '%s ' "$ANSIBLE_COLLECTIONS_PATH" "$@" | tr ' /' '+-')
if [ ! -f "$answer" ]; then
  {real} "$@" > "$answer.$$" || exit
  mv "$answer.$$" "$answer"
fi
exec cat "$answer"
"""


def remember_answers(folder: Path) -> None:
    """Put the program and its answers into this folder, for PATH."""
    answers = folder / "answers"
    answers.mkdir()
    real = Path(sys.executable).with_name("ansible-galaxy")
    program = folder / "ansible-galaxy"
    program.write_text(PROGRAM.format(answers=shlex.quote(str(answers)), real=shlex.quote(str(real))), encoding="utf-8")
    program.chmod(0o755)
