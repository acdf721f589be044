#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The official Huawei Cloud SDK takes a proxy's sign-in page, and a redirect to one, for a stop that succeeded.
#
# Seen with huaweicloudsdkcore and huaweicloudsdkiotda 3.1.219: an answer of HTTP 200 with a web page, and one of HTTP 302, return a response
# object whose fields are all None, for reads and for writes, without an error. Only the status code of the 302 betrays it.
# For us: an answer that isn't JSON, and a redirect, end as a failure that names the page or the place (_http.py).
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

pages = {
    "a web page": {"status": 200, "headers": {"Content-Type": "text/html"}, "body": b"<html><title>Sign in</title></html>"},
    "a redirect": {"status": 302, "headers": {"Location": f"{address}/sign-in"}, "body": b""},
}
for what, page in pages.items():
    answer.update(page)
    for call in (show, stop):
        seen.clear()
        response = call(client())
        fields = {name: value for name, value in response.to_dict().items() if value is not None}
        print(f"{seen} was answered with {what}: {type(response).__name__} {fields}, status {response.status_code}")
        assert not fields and response.status_code == page["status"] and len(seen) == 1
PYTHON
