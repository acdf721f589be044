#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The check for trailing white space fails for each file that isn't text, such as the picture in a README.
#
# Seen with antsibull-nox 1.10.0: a collection with one PNG of a single pixel fails the session extra-checks, "cannot parse file as UTF-8". The
# file has no line that could end in white space, and the check offers no rule for kinds of files but a list of paths to leave out.
# For us: antsibull-nox.toml leaves out the picture of the report by its path.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" --quiet --disable-pip-version-check install antsibull-nox==1.10.0
mkdir -p "$folder/some/where"
cd "$folder/some/where"
base64 --decode >pixel.png <<<"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
printf 'namespace: some\nname: where\nversion: 1.0.0\nauthors: [somebody]\nreadme: README.md\n' >galaxy.yml
echo "# A collection" >README.md
printf 'import antsibull_nox\n\nantsibull_nox.load_antsibull_nox_toml()\n' >noxfile.py
cat >antsibull-nox.toml <<'TOML'
[collection_sources]

[sessions.extra_checks]
default = true
run_no_trailing_whitespace = true
TOML
git init --quiet && git add --all
run() { PATH="$folder/env/bin:$PATH" HOME="$folder" nox --force-venv-backend none --session extra-checks >"$folder/log" 2>&1 && echo passed || echo failed; }
with=$(run)
told=$(grep --text 'UTF-8' "$folder/log" | head -1)
git rm --quiet --cached pixel.png && rm pixel.png
without=$(run)
echo "antsibull-nox 1.10.0: with the picture it $with ($told), without it $without"
[ "$with $without" = "failed passed" ]
