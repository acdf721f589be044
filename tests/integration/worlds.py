# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated systems for the modules' examples, so that each example does what it describes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .ctrlapi import LIVE_KEY, check, stream
from .hitachi import RECURRING, USER, service_run
from .huawei import BATCH, analysis
from .huawei import KEY as VIAS_KEY
from .iotda import CN_NORTH_4, KEY, firmware
from .totalcontrol import ENDED, RUNNING, script


@dataclass(frozen=True)
class World:
    """The world of a module's examples. `host` is the address in the examples. `variables` and `environment` are the parts that the user
    provides, and `meanwhile` are events during the examples (see cases.py). `beside` is a second system of some examples.
    """

    vendor: str
    host: str
    tasks: Sequence[Mapping[str, Any]]
    variables: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    meanwhile: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    switches: Mapping[str, Any] = field(default_factory=dict)
    beside: World | None = None


# "{url}" stands for the emulator's address.
TOTALCONTROL = World(
    vendor="totalcontrol",
    host="http://totalcontrol.example.com:8090",
    tasks=[script("nightly-test", RUNNING), script("soak-test", RUNNING), script("already-finished", ENDED)],
    variables={"totalcontrol_password": "3D391497"},
    environment={"TOTALCONTROL_URL": "{url}", "TOTALCONTROL_USERNAME": "sigma", "TOTALCONTROL_PASSWORD": "3D391497"},
    # nightly-test ends within the ten minutes of the third example. The first two examples read it twice each.
    meanwhile={"list 6": ("nightly-test", "end")},
)

# Credentials, and the address unless an example has one, come from the environment. IAM, which knows the project, is emulated as well.
IOTDA = World(
    vendor="iotda",
    host="https://9bc34a1b2c.st1.iotda-app.cn-north-4.myhuaweicloud.com",
    tasks=[
        firmware("5c8ba99030344005c02316ad", project_id=CN_NORTH_4),
        firmware("5c8ba99030344005c02316ae", project_id=CN_NORTH_4),
        firmware("5c8ba99030344005c02316af", "Waitting", need_confirm=True, project_id=CN_NORTH_4),
        firmware("5c8ba99030344005c02316b0", "PartialSuccess", project_id=CN_NORTH_4),
    ],
    variables={"huawei_access_key": KEY["access_key"], "huawei_secret_key": KEY["secret_key"]},
    environment={
        "IOTDA_URL": "{url}",
        "HUAWEICLOUD_SDK_IAM_ENDPOINT": "{url}",
        "HUAWEICLOUD_SDK_AK": KEY["access_key"],
        "HUAWEICLOUD_SDK_SK": KEY["secret_key"],
    },
)

# As with IoTDA. The address of VIAS is built from the region, unless the environment has another one.
HUAWEI = World(
    vendor="huawei",
    host="https://vias.cn-north-4.myhuaweicloud.com",
    tasks=[
        analysis("20690c67d71549c39085a3b28c18f24f", "RUNNING", name="gate-intrusion"),
        analysis("61761681a6014e7c9024d642a0d4d412", "RUNNING", name="yard-smoke"),
        analysis("7c1de0a4a9b84f6f8e3b5d2c1f0a9e81", "RUNNING", name="night-1", batch_id=BATCH),
        analysis("7c1de0a4a9b84f6f8e3b5d2c1f0a9e82", "STOPPED", name="night-2", batch_id=BATCH),
    ],
    variables={"huawei_access_key": VIAS_KEY["access_key"], "huawei_secret_key": VIAS_KEY["secret_key"]},
    environment={
        "VIAS_URL": "{url}",
        "HUAWEICLOUD_SDK_IAM_ENDPOINT": "{url}",
        "HUAWEICLOUD_SDK_AK": VIAS_KEY["access_key"],
        "HUAWEICLOUD_SDK_SK": VIAS_KEY["secret_key"],
    },
)

BORO_VOD = World(
    vendor="ctrlapi",
    host="http://boro-vod.example.com",
    switches={"dialect": "vod"},
    # The first two end within the ten minutes of the example.
    tasks=[
        check(63, runs_for="2 reads"),
        check(64, runs_for="3 reads"),
        check(80, "Stalled", stays=True),
        check(81, initial_task_id=80),
    ],
)
BORO = World(
    vendor="ctrlapi",
    host="http://boro.example.com",
    tasks=[stream(241458), stream(241456), stream(199498), stream(310001, project_id=24), stream(241555, "Stopped")],
    variables={"boro_api_key": LIVE_KEY},
    beside=BORO_VOD,
)

HITACHI = World(
    vendor="hitachi",
    host="http://automation.example.com:22015",
    tasks=[
        service_run("2026"),
        service_run("3043", "waiting", serviceID=2020, **RECURRING),
        service_run("5381"),
        service_run("5382", "failed"),
        service_run("6001", "waiting", serviceID=2020),
        service_run("6002", "waiting"),
        service_run("6003", serviceID=2020),
    ],
    variables={"hitachi_password": USER["password"]},
    environment={"HITACHI_URL": "{url}", "HITACHI_USERNAME": USER["username"], "HITACHI_PASSWORD": USER["password"]},
    # 5381 ends within the ten minutes of an example, which reads it first.
    meanwhile={"read 2": ("5381", "complete")},
)

AIRFLOW = World(
    vendor="airflow",
    host="https://airflow.example.com",
    tasks=[
        {"dag_id": "load_orders", "tags": ["orders"], "schedule": "0 * * * *", "every": 3600, "next_in": 3600},
        {"dag_id": "load_stock", "tags": ["stock"]},
    ],
    variables={"airflow_password": "admin-password"},
    environment={"AIRFLOW_URL": "{url}", "AIRFLOW_USERNAME": "admin", "AIRFLOW_PASSWORD": "admin-password"},
    # The examples use another user name than the emulated system.
    switches={"users": {name: {"password": "admin-password", "role": "admin"} for name in ("admin", "operator")}},
)

# The modules of the roles. The ledger of the window in the examples exists, too.
WINDOW = replace(TOTALCONTROL, meanwhile={})

WORLDS = {
    "airflow_dag": AIRFLOW,
    "airflow_dag_info": AIRFLOW,
    "ctrlapi_task": BORO,
    "ctrlapi_task_info": BORO,
    "totalcontrol_task": TOTALCONTROL,
    "totalcontrol_task_info": TOTALCONTROL,
    "hitachi_task": HITACHI,
    "hitachi_task_info": HITACHI,
    "huawei_task": HUAWEI,
    "huawei_task_info": HUAWEI,
    "iotda_batchtask": IOTDA,
    "iotda_batchtask_info": IOTDA,
    "maintenance_ledger": WINDOW,
    "maintenance_report": WINDOW,
    "maintenance_variables": WINDOW,
    "maintenance_window": WINDOW,
    "maintenance_window_info": WINDOW,
    "maintenance_work": WINDOW,
    "system_probe": HITACHI,
}
