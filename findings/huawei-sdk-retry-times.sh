#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# retry_times of the official Huawei Cloud SDK repeats what it shouldn't and doesn't repeat what it could.
#
# Seen with huaweicloudsdkcore 3.1.219, retry_times=3. After a 429, which has no effect, a POST (such as the stop of a batch task) isn't repeated.
# After a lost answer, which may have had one, a DELETE is sent three times more. And where a GET is repeated after a 429 in vain, the service's
# own error code and request id are gone: the error says code 429 and the text of urllib3.
# For us: a throttled action is sent again, a lost one never before the task was read, whatever the HTTP method; the vendor's code stays.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install huaweicloudsdkcore==3.1.219 huaweicloudsdkiotda==3.1.219 requests==2.34.2
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import SdkException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkiotda.v5 import BatchTargets, DeleteBatchTaskRequest, IoTDAClient, ShowBatchTaskRequest, StopBatchTaskRequest

seen = []
answer = {}


class Server(BaseHTTPRequestHandler):
    def answer_it(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen.append(f"{self.command} {self.path}")
        if not answer:
            return  # The connection ends without an answer.
        self.send_response(answer["status"])
        for name, value in answer["headers"].items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer["body"])

    do_GET = do_POST = do_DELETE = answer_it

    def log_message(self, *words):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}"


def client(endpoint=address, **settings):
    builder = IoTDAClient.new_builder().with_http_config(HttpConfig(**settings))
    return builder.with_credentials(BasicCredentials("key", "secret", "project")).with_endpoint(endpoint).build()


def show(client):
    return client.show_batch_task(ShowBatchTaskRequest(task_id="7"))


def stop(client):
    return client.stop_batch_task(StopBatchTaskRequest(task_id="7", body=BatchTargets(targets=["device"])))


def delete(client):
    return client.delete_batch_task(DeleteBatchTaskRequest(task_id="7"))

def attempts(call):
    seen.clear()
    try:
        call(client(retry_times=3))
    except SdkException as error:
        print(f"{len(seen)} x {seen[0]}: {type(error).__name__}, error_code {getattr(error, 'error_code', None)}")
        return len(seen), getattr(error, "error_code", None)
    raise AssertionError("no error")


body = b'{"error_code": "IOTDA.000006", "error_msg": "slow down"}'
answer.update(status=429, headers={"Content-Type": "application/json", "Retry-After": "0", "Content-Length": str(len(body))}, body=body)
assert attempts(stop) == (1, "IOTDA.000006")
assert attempts(show) == (4, "429")
answer.clear()
assert attempts(stop) == (1, None)
assert attempts(delete) == (4, None)
PYTHON
