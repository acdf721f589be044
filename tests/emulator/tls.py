# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate authority that is created for a test, with files in a temporary directory."""

from __future__ import annotations

import importlib
import ssl
import tempfile
from pathlib import Path
from types import TracebackType

NAMES = ("localhost", "127.0.0.1", "::1")


class OwnAuthority:
    """A context manager. The files are deleted at its end."""

    def __init__(self, *, ask_client: bool = False, names: tuple[str, ...] = NAMES) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="taskops-emulator-")
        folder = Path(self._folder.name)
        # Imported late, since most emulators speak plain HTTP and start faster without it.
        authority = importlib.import_module("trustme").CA()
        self.ca = str(folder / "ca.pem")
        authority.cert_pem.write_to_path(self.ca)
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(*names).configure_cert(self.context)
        self.client_cert: str | None = None
        self.client_key: str | None = None
        if ask_client:
            client = authority.issue_cert("client@emulator.example")
            self.client_cert, self.client_key = str(folder / "client.pem"), str(folder / "client.key")
            client.cert_chain_pems[0].write_to_path(self.client_cert)
            client.private_key_pem.write_to_path(self.client_key)
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(self.ca)

    def __enter__(self) -> OwnAuthority:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._folder.cleanup()
