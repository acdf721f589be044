# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""uv looks where the user's pip looks."""

from __future__ import annotations

from pathlib import Path

from tools.package_index import OTHERS, for_uv


def test_the_indexes_of_pip_are_those_of_uv(tmp_path: Path) -> None:
    settings = {
        "index-url": "https://index.example.com/simple",
        "extra-index-url": f"file://{tmp_path} https://more.example.com/simple",
        "find-links": f"{tmp_path} https://files.example.com/",
        "cert": "/etc/ssl/ours.pem",
    }

    assert for_uv(settings) == {
        **OTHERS,
        "UV_DEFAULT_INDEX": "https://index.example.com/simple",
        "UV_INDEX": f"file://{tmp_path} https://more.example.com/simple",
        "UV_FIND_LINKS": f"{tmp_path},https://files.example.com/",
        "SSL_CERT_FILE": "/etc/ssl/ours.pem",
    }


def test_a_folder_that_is_missing_is_left_out_since_pip_passes_over_it() -> None:
    assert for_uv({"extra-index-url": "file:///no/such/folder", "find-links": "/nor/this"}) == OTHERS


def test_without_settings_uv_has_its_own_way_and_takes_the_best_of_all_indexes() -> None:
    assert for_uv({"timeout": "15", "constraint": "/etc/pip/constraints.txt"}) == OTHERS


def test_who_forbids_pip_the_index_forbids_it_uv() -> None:
    assert for_uv({"no-index": "true"})["UV_NO_INDEX"] == "true"
    assert "UV_NO_INDEX" not in for_uv({"no-index": "false"})
