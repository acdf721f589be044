#!/usr/bin/env bash
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# requests raises ProxyError for a request that the server has read to its end.
#
# Seen with requests 2.34.2 and urllib3 2.8.0, and with urllib3 1.26.20: where a proxy has passed on the whole POST and then closes,
# the exception is the same ProxyError as for a proxy that can't be reached, "Unable to connect to proxy" included. Its name
# suggests that nothing was sent, so that a retry looks safe, and the server acts twice.
# For us: whether a request was begun is watched at the connection (_transport.py), and never read from the name of an exception.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >try.py <<'PYTHON'
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import requests
import urllib3

read = []


class Server(BaseHTTPRequestHandler):
    def do_POST(self):
        read.append(self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, *words):
        pass


def closing_proxy(listener, port):
    """Pass one request on, wait until the server has read it, and close without an answer."""
    client, _address = listener.accept()
    with client, socket.create_connection(("127.0.0.1", port)) as server:
        request = client.recv(65536)
        while b"\r\n\r\nstop" not in request:
            request += client.recv(65536)
        server.sendall(request.replace(b"http://127.0.0.1:%d" % port, b""))
        server.recv(65536)


server = HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=closing_proxy, args=(listener, server.server_port), daemon=True).start()
session = requests.Session()
session.trust_env = False
address = f"http://127.0.0.1:{listener.getsockname()[1]}"
error = None
try:
    session.post(f"http://127.0.0.1:{server.server_port}/tasks/7", data=b"stop", proxies={"http": address}, timeout=10)
except requests.RequestException as raised:
    error = raised
print(f"requests {requests.__version__}, urllib3 {urllib3.__version__}: the server has read {read}, and requests says {error!r}")
assert read == [b"stop"]
assert type(error) is requests.exceptions.ProxyError, type(error)
PYTHON
for urllib3 in 2.8.0 1.26.20; do
  python3 -m venv "venv-$urllib3"
  "venv-$urllib3/bin/pip" --quiet --disable-pip-version-check install requests==2.34.2 "urllib3==$urllib3"
  "venv-$urllib3/bin/python" try.py
done
