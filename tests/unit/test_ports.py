# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports that the tests keep for servers which can't choose one by themselves."""

from __future__ import annotations

import socket

import pytest

from tests.ports import ReservedPort

pytestmark = pytest.mark.wire


def test_nobody_else_can_take_it_and_connections_are_refused() -> None:
    with ReservedPort() as port, socket.socket() as other:
        with pytest.raises(OSError, match="Address already in use"):
            other.bind(("127.0.0.1", port))
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))


def test_a_server_may_listen_there_also_a_second_time() -> None:
    with ReservedPort() as port:
        for _time in range(2):
            with socket.create_server(("127.0.0.1", port)) as server, socket.create_connection(("127.0.0.1", port)) as client:
                accepted, _address = server.accept()
                with accepted:
                    client.sendall(b"x")
                    assert accepted.recv(1) == b"x"
