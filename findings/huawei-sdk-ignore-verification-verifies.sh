#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# In the official Huawei Cloud SDK, ignore_ssl_verification together with ssl_ca_cert verifies, and not against that file.
#
# Seen with huaweicloudsdkcore 3.1.219: with ssl_ca_cert alone, a server whose certificate that file holds is accepted; with
# ignore_ssl_verification=True beside it, the same server is refused, since True then means "verify against the public CAs".
# For us: validate_certs: false wins over ca_path, and is told as what it is.
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

import ssl
import subprocess

words = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out ca.pem -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
subprocess.run(words.split(), check=True, capture_output=True)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("ca.pem", "key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
answer.update(status=200, headers={"Content-Type": "application/json"}, body=b'{"batchtask": {"task_id": "7"}}')


def outcome(**settings):
    try:
        result = str(show(client(f"https://localhost:{server.server_port}", **settings)).status_code)
    except SdkException as error:
        result = type(error).__name__
    print(f"{settings}: {result}")
    return result


assert outcome(ssl_ca_cert="ca.pem") == "200"
assert outcome(ignore_ssl_verification=True) == "200"
assert outcome(ssl_ca_cert="ca.pem", ignore_ssl_verification=True) == "SslHandShakeException"
PYTHON
