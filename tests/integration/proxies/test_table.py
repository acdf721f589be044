# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table on the page about proxies describes the real behaviour. QUIESCE_PROXY_PAGE is a page into which the table is written."""

from __future__ import annotations

import os
from pathlib import Path

from ..processes import TREE
from .conftest import ProxyOutcome, Through
from .table import BEGIN, END, as_compared, rendered

PAGE = TREE / "docs" / "docsite" / "rst" / "proxies.rst"


def test_the_table_of_the_page_is_what_happens(through: Through) -> None:
    page = Path(os.environ.get("QUIESCE_PROXY_PAGE", PAGE))
    before, _begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    shown, _end, after = rest.partition(END)

    table = rendered(through, ProxyOutcome.check_truth)

    if "QUIESCE_PROXY_PAGE" in os.environ:
        page.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")
    else:
        assert as_compared(shown) == as_compared(table)
