# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The systems under fire. Each module describes one."""

from __future__ import annotations

from . import airflow, ctrlapi, hitachi, huawei, iotda, totalcontrol

SYSTEMS = (
    totalcontrol.SYSTEM,
    huawei.SYSTEM,
    huawei.BATCHED,
    iotda.SYSTEM,
    iotda.DEVICES,
    hitachi.SYSTEM,
    ctrlapi.LIVE,
    ctrlapi.VOD,
    airflow.SYSTEM,
)
