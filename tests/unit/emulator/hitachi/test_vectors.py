# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test vectors of vendors/hitachi.md, section 8, one by one and over real sockets."""

from __future__ import annotations

import re
from typing import Any

from tests.emulator.client import Control
from tests.unit.emulator.hitachi.api import OBJECTS, body
from tests.unit.emulator.wire import Answer, send

B = "Authorization: Basic c3lzdGVtOm1hbmFnZXI="
SAMPLE_HOST = "10.196.184.238:22015"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
JOB_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+09:00")


def get(emulator: Control, path: str) -> Answer:
    return send(emulator.port, f"GET {path}\nAccept: application/json\n{B}")


def post(emulator: Control, path: str, sent: bytes) -> Answer:
    return send(emulator.port, f"POST {path}\nAccept: application/json\nContent-Type: application/json\n{B}", sent)


def invoke(emulator: Control, resource: str, id_: int, action: str) -> Answer:
    path = f"{OBJECTS}/{resource}/{id_}/actions/{action}/invoke"
    return post(emulator, path, body(action, path, SAMPLE_HOST))


def status(emulator: Control, task: int) -> str:
    return str(get(emulator, f"{OBJECTS}/Tasks/{task}").json["status"])


def check_job(emulator: Control, answer: Answer, resource: str, *, result: bool = False) -> None:
    """The job object that every action is answered with."""
    job: dict[str, Any] = answer.json
    assert answer.status == 200
    members = ["instanceID", "created", "updated", "completed", "state", "affectedResource", *(["result"] if result else [])]
    assert list(job) == members
    assert UUID.fullmatch(job["instanceID"]) and JOB_DATE.fullmatch(job["created"])
    assert job["created"] == job["updated"] == job["completed"]
    assert (job["state"], job["affectedResource"]) == ("success", [f"http://localhost:{emulator.port}{OBJECTS}/{resource}"])


def test_1_forced_stop_with_the_wrong_href_of_the_sample(hitachi: Control) -> None:
    sample = body("forceStop", f"{OBJECTS}/Tasks/5338/actions/forceStop/invoke", "192.168.146.132:22015")
    assert len(sample) == 175
    answer = post(hitachi, f"{OBJECTS}/Tasks/5381/actions/forceStop/invoke", sample)
    check_job(hitachi, answer, "Tasks/5381", result=True)
    assert answer.json["result"] == []
    assert re.fullmatch(r"HSSO [0-9a-f]{40}_[A-Za-z0-9+/]+=_V0810", answer.headers["WWW-Authenticate"])
    assert [status(hitachi, 5381) for _time in range(2)] == ["terminating", "failed"]


def test_1_the_headers_of_every_answer(hitachi: Control) -> None:
    headers = get(hitachi, "/Automation/v1/configuration/version").headers
    assert headers["Server"] == "Cosminexus HTTP Server"
    assert headers["Access-Control-Expose-Headers"] == "WWW-Authenticate"
    assert headers["Access-Control-Allow-Methods"] == "GET, POST, DELETE, PUT, HEAD, OPTIONS"
    assert (headers["Access-Control-Allow-Origin"], headers["Access-Control-Allow-Credentials"]) == ("*", "true")
    assert (headers["Cache-Control"], headers["Content-Type"]) == ("no-cache", "application/json")


def test_2_a_task_that_is_not_there(hitachi: Control) -> None:
    answer = get(hitachi, f"{OBJECTS}/Tasks/555")
    assert answer.status == 404
    assert answer.json == {
        "errorSource": f"http://localhost:{hitachi.port}{OBJECTS}/Tasks/555",
        "message": (
            "The specified resource does not exist or you do not have access. After reviewing the content of the following, "
            "please re-run.\n- The presence or absence of resources\n- Access rights to the resource"
        ),
        "messageID": "KNAE02102-E",
        "application": "Automation",
    }


def test_3_version(hitachi: Control) -> None:
    answer = get(hitachi, "/Automation/v1/configuration/version")
    assert answer.status == 200
    assert answer.text == '{"productName":"JP1/Automatic Operation","productVersion":"11-00-00","apiVersion":"01.01.00"}'


def test_4_a_task(hitachi: Control) -> None:
    answer = get(hitachi, f"{OBJECTS}/Tasks/3042")
    assert answer.status == 200
    assert answer.text == (
        '{"instanceID":3042,"name":"testService1_20140714044426","status":"completed","startTime":"2014-07-14T13:44:30.500+0900",'
        '"completionTime":"2014-07-14T13:45:01.000+0900","scheduledStartTime":null,"submitter":"System",'
        '"submitTime":"2014-07-14T13:44:26.000+0900","modifyTime":"2014-07-14T13:45:01.000+0900","serviceState":"release",'
        '"scheduleType":"immediate","description":"","serviceName":"testService1","tags":"","recurrenceInterval":null,'
        '"recurrenceTime":null,"recurrenceStartDate":null,"serviceGroupName":"DefaultServiceGroup","toDo":false,"notes":"",'
        '"stepTime":null,"serviceTemplateID":1900,"scheduleID":2193,"serviceGroupID":3,"serviceID":2015,"supportedActionType":null}'
    )


def test_5_the_tasks_of_a_service(hitachi: Control) -> None:
    answer = get(hitachi, f"{OBJECTS}/Tasks?serviceID=2015")
    assert answer.status == 200
    assert list(answer.json) == ["data", "count"]
    assert ([row["instanceID"] for row in answer.json["data"]], answer.json["count"]) == ([3042, 3043], 2)


def test_5_many_tasks_by_one_filter(hitachi: Control) -> None:
    answer = get(hitachi, f"{OBJECTS}/Tasks?HQL%3A%3Afilter=instanceID%20in%20%5B3042%2C3043%2C555%5D")
    assert answer.status == 200
    assert ([row["instanceID"] for row in answer.json["data"]], answer.json["count"]) == ([3042, 3043], 2)


def test_6_pause(hitachi: Control) -> None:
    path = f"{OBJECTS}/Schedules/2193/actions/suspend/invoke"
    sample = body("suspend", path, SAMPLE_HOST)
    assert len(sample) == 174
    check_job(hitachi, post(hitachi, path, sample), "Schedules/2193")
    assert status(hitachi, 3043) == "suspended"
    check_job(hitachi, post(hitachi, path, sample), "Schedules/2193")
    hitachi.act(3043, "start")
    answer = post(hitachi, path, sample)
    assert (answer.status, list(answer.json)) == (409, ["errorSource", "message", "messageID", "application"])


def test_7_resume(hitachi: Control) -> None:
    path = f"{OBJECTS}/Schedules/2302/actions/resume/invoke"
    sample = body("resume", path, SAMPLE_HOST)
    assert len(sample) == 172
    check_job(hitachi, post(hitachi, path, sample), "Schedules/2302")
    assert status(hitachi, 6002) == "waiting"
    hitachi.act(6002, "start")
    assert post(hitachi, path, sample).status == 409


def test_8_cancel(hitachi: Control) -> None:
    for schedule, task in ((2301, 6001), (2302, 6002)):  # Waiting, Suspended
        check_job(hitachi, invoke(hitachi, "Schedules", schedule, "cancel"), f"Schedules/{schedule}")
        assert status(hitachi, task) == "canceled"
    check_job(hitachi, invoke(hitachi, "Schedules", 2301, "cancel"), "Schedules/2301")
    assert invoke(hitachi, "Schedules", 2201, "cancel").status == 409


def test_9_stop(hitachi: Control) -> None:
    check_job(hitachi, invoke(hitachi, "Tasks", 2026, "stop"), "Tasks/2026")
    assert [status(hitachi, 2026) for _time in range(2)] == ["terminating", "failed"]


def test_9_stop_of_a_task_on_its_last_step(hitachi: Control) -> None:
    hitachi.add_tasks({"instanceID": 2026, "stop_ends": "completed"})
    invoke(hitachi, "Tasks", 2026, "stop")
    assert [status(hitachi, 2026) for _time in range(2)] == ["terminating", "completed"]


def test_9_stop_of_a_completed_task(hitachi: Control) -> None:
    hitachi.add_tasks({"instanceID": 2026, "status": "completed"})
    answer = invoke(hitachi, "Tasks", 2026, "stop")
    assert answer.status == 409
    assert answer.json["errorSource"].endswith("/Tasks/2026/actions/stop/invoke")
    assert answer.json["message"].startswith("emulator: ")
    assert re.fullmatch(r"KNAE9\d{4}-E", answer.json["messageID"])
    assert answer.json["application"] == "Automation"


def test_10_the_template_of_stop(hitachi: Control) -> None:
    answer = get(hitachi, f"{OBJECTS}/Tasks/2026/actions/stop")
    assert answer.status == 200
    assert answer.json == {
        "name": "stop",
        "href": f"http://localhost:{hitachi.port}{OBJECTS}/Tasks/2026/actions/stop/invoke",
        "method": "POST",
        "parameters": [],
    }


def test_11_the_operations_of_a_schedule_in_any_status(hitachi: Control) -> None:
    for wanted in ("waiting", "suspended", "inProgress", "completed"):
        hitachi.add_tasks({"instanceID": 3043, "status": wanted})
        answer = get(hitachi, f"{OBJECTS}/Schedules/2193/actions").json
        assert [row["name"] for row in answer["data"]] == ["cancel", "suspend", "resume"]
        assert [(row["method"], row["parameters"]) for row in answer["data"]] == [("POST", [])] * 3
        assert answer["count"] == 3


def test_12_delete_of_an_ordinary_task(hitachi: Control) -> None:
    answer = send(hitachi.port, f"DELETE {OBJECTS}/Tasks/5169\n{B}")
    assert answer.status == 303
    assert answer.headers["Location"] == f"http://localhost:{hitachi.port}{OBJECTS}/Tasks/5169/actions/archive"
    assert answer.headers["Content-Type"] == "text/html;charset=utf-8"
    assert answer.text.startswith("<html><head><title>303 See Other</tit")
    assert get(hitachi, f"{OBJECTS}/Tasks/5169").status == 200


def test_13_an_hsso_token_is_good_for_1000_seconds_and_each_answer_brings_another(hitachi: Control) -> None:
    hitachi.set_switches(clock="manual")
    first = get(hitachi, "/Automation/v1/configuration/version").headers["WWW-Authenticate"]
    hitachi.advance(1000)
    answer = send(hitachi.port, f"GET {OBJECTS}/Tasks/3042\nAuthorization: {first}")
    assert answer.status == 200
    second = answer.headers["WWW-Authenticate"]
    assert second.startswith("HSSO ") and second != first
    hitachi.advance(1)
    assert send(hitachi.port, f"GET {OBJECTS}/Tasks/3042\nAuthorization: {first}").status == 401
    assert send(hitachi.port, f"GET {OBJECTS}/Tasks/3042\nAuthorization: {second}").status == 200


def test_14_no_credentials(hitachi: Control) -> None:
    answer = send(hitachi.port, f"GET {OBJECTS}/Tasks")
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_15_an_archived_task_is_in_the_histories(hitachi: Control) -> None:
    absent = get(hitachi, f"{OBJECTS}/Tasks/5237")
    assert (absent.status, absent.json["messageID"]) == (404, "KNAE02102-E")
    found = get(hitachi, f"{OBJECTS}/TaskHistories?HQL::filter=taskID=5237").json
    assert found["count"] == 1
    assert {name: found["data"][0][name] for name in ("instanceID", "taskID", "status")} == {
        "instanceID": 4006,
        "taskID": 5237,
        "status": "failed",
    }


def test_16_retry(hitachi: Control) -> None:
    assert invoke(hitachi, "Tasks", 5381, "rerunStart").status == 409
    hitachi.add_tasks({"instanceID": 5381, "status": "failed"})
    assert invoke(hitachi, "Tasks", 5381, "rerunStart").status == 200
    assert status(hitachi, 5381) == "inProgress"
    assert invoke(hitachi, "Tasks", 5381, "rerunStart").status == 409


def test_1_answers_come_in_chunks_without_a_length(hitachi: Control) -> None:
    headers = get(hitachi, "/Automation/v1/configuration/version").headers

    assert (headers["Transfer-Encoding"], headers["Content-Length"]) == ("chunked", None)
