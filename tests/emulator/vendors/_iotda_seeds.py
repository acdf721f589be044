# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The batch tasks of a new IoTDA: enough for every pair of ``iotda.md``, section 8.2."""

from __future__ import annotations

from typing import Any

# Section 8.1.
PROJECT = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"

SEEDS: list[dict[str, Any]] = [
    # Section 3.2's example, with the device of the vendor's own stop example (section 8.2, V7) in the second place.
    {"task_id": "5c8ba99030344005c02316ad", "task_name": "fw_2025_01", "task_type": "firmwareUpgrade", "status": "Processing",
     "document": {"package_ids": ["32822e5744a45ede319d2c50"]}, "task_policy": {"retry_count": 2, "retry_interval": 5},
     "create_time": "20250102T030405Z",
     "subtasks": [{"target": "dev_a", "status": "Success"},
                  {"target": "e495cf17-ff79-4294-8f64-4d367919d677", "status": "Waitting"},
                  {"target": "dev_c", "status": "Processing"}]},
    {"task_id": "6576f1a030344005c0231701", "task_name": "sw_running", "task_type": "softwareUpgrade", "status": "Processing",
     "create_time": "20250103T030405Z", "targets": ["dev_d", "dev_e"]},
    {"task_id": "6576f1a030344005c0231702", "task_name": "sw_held", "task_type": "softwareUpgrade", "status": "Waitting",
     "create_time": "20250103T030406Z", "need_confirm": True, "targets": ["dev_f", "dev_g"]},
    {"task_id": "6576f1a030344005c0231703", "task_name": "sw_scheduled", "task_type": "softwareUpgrade", "status": "Waitting",
     "create_time": "20250103T030407Z", "targets": ["dev_h"], "starts_in": 86400},
    # Section 8.2, V11.
    {"task_id": "6576f1a030344005c0231704", "task_name": "sw_partial", "task_type": "softwareUpgrade", "status": "PartialSuccess",
     "create_time": "20250103T030408Z",
     "subtasks": [{"target": "dev_i", "status": "Fail",
                   "error": {"error_code": "IOTDA.0142ZZ", "error_msg": "Waiting for the device online timeout"}},
                  {"target": "dev_j", "status": "Stopped"},
                  {"target": "dev_k", "status": "Success"},
                  {"target": "dev_l", "status": "Success"}]},
    {"task_id": "6576f1a030344005c0231705", "task_name": "sw_stopped", "task_type": "softwareUpgrade", "status": "Stopped",
     "create_time": "20250103T030409Z", "targets": ["dev_m"]},
    {"task_id": "6576f1a030344005c0231706", "task_name": "fw_success", "task_type": "firmwareUpgrade", "status": "Success",
     "create_time": "20250103T030410Z", "targets": ["dev_n"]},
    # Section 3.6: a Fail without subtasks.
    {"task_id": "6576f1a030344005c0231707", "task_name": "fw_no_group", "task_type": "firmwareUpgrade", "status": "Fail",
     "create_time": "20250103T030411Z", "targets_filter": {"group_ids": ["nosuch"]}, "targets": None, "subtasks": [],
     "status_desc": "emulator: the group doesn't exist"},
    # Section 8.2, V9.
    {"task_id": "6576f1a030344005c0231708", "task_name": "freeze", "task_type": "freezeDevices", "status": "Processing",
     "create_time": "20250103T030412Z", "targets": ["dev_o"]},
    # Section 3.2: the output of such a subtask holds a device's secret.
    {"task_id": "6576f1a030344005c0231709", "task_name": "create_devices", "task_type": "createDevices", "status": "Success",
     "create_time": "20250103T030413Z",
     "subtasks": [{"target": "dev_p", "status": "Success",
                   "output": '{"device_id":"dev_p","secret":"emulator-device-secret-3b935a250c50dc2c6d481d048cefdc3c"}'}]},
]  # fmt: skip
