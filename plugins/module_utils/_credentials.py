# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What this process knows of the credentials that it uses. A refusal that one session gets holds for all sessions with the same key.

Huawei Cloud locks an access key for five minutes after more than five refusals in a row (page `huawei_auth`), and a window with many
targets has many sessions with one key. So a key that can be locked is tried by one request at a time until its system has accepted it.
After a refusal, nothing more is sent with it. No credential is kept, only a digest of it with a salt of this process.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from ._clock import Clock
from ._errors import Failure, TryLater

# In seconds: as long as the lock of a key lasts. A longer-lived process may try the key again after that.
REFUSAL_HOLDS = 300.0
# The most requests at once with a key that was tried but neither accepted nor refused: fewer than lock it.
AT_ONCE = 4
# In seconds: how often a waiting request checks whether its time is up.
LOOK = 1.0

_SALT = os.urandom(16)


class Lockable(NamedTuple):
    """A credential that its system locks after too many refusals.

    `digest` identifies it within this process and reveals nothing about it. `name`, `rule` and `advice` fill the message about a refused
    one: what it is, why nothing more is sent with it, and what to do.
    """

    digest: str
    name: str
    rule: str
    advice: str

    def undecided(self, count: int) -> TryLater:
        """The failure of a request that isn't sent while `count` others wait for their answers."""
        waits = f"{count} request{'' if count == 1 else 's'} with it still wait{'s' if count == 1 else ''} for an answer"
        return TryLater(
            "timeout", f"it isn't known yet whether {self.name} is valid, since {waits}; check whether the system is overloaded"
        )

    @classmethod
    def of(cls, *parts: str, name: str, rule: str, advice: str) -> Lockable:
        """The credential that consists of these parts."""
        return cls(hashlib.sha256(_SALT + "\0".join(parts).encode()).hexdigest(), name, rule, advice)

    def refused(self, first: str) -> Failure:
        """The failure of a request that isn't sent, since the credential was refused before. `first` names the session that was refused."""
        first_refused = f" ({first} got the refusal)" if first else ""
        why = f"{self.name} was refused{first_refused}, and nothing more is sent with it in this run, since {self.rule}"
        return Failure("authentication", f"{why}; {self.advice}")


@dataclass
class _Known:
    """What is known of one credential: whether it was ever accepted, how many requests with it are under way, how many are allowed at once,
    and which session was refused, and when.
    """

    is_good: bool = False
    under_way: int = 0
    batch_size: int = 1
    refused_by: str | None = None
    refused_at: float = 0.0


class Credentials:
    """The knowledge about all credentials, shared by all sessions of a process; any thread may use it."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._known: dict[str, _Known] = {}

    def forget(self) -> None:
        """Return to the state of a new process."""
        with self._condition:
            self._known.clear()

    @contextmanager
    def turn(self, key: Lockable, caller: str, clock: Clock, patience: float) -> Iterator[None]:
        """A context in which one request is sent with this credential, for `caller` (a name for sentences, may be empty).

        Waits for up to `patience` seconds while others find out whether the credential is accepted. Raises `Failure` (`authentication`) if
        it was refused, `TryLater` if that isn't known by then, and passes on what is raised within.
        """
        known = self._begin(key, caller, clock, patience)
        is_good = is_refused = False
        try:
            yield
            is_good = True
        except Failure as failure:
            # A 403 is about the permissions of the caller, and a server error is about the server: neither refuses the credential.
            is_refused = failure.code == "authentication" and failure.http_status in (None, 400, 401)
            raise
        finally:
            with self._condition:
                known.under_way -= 1
                known.batch_size = AT_ONCE
                known.is_good = (known.is_good or is_good) and not is_refused
                if is_refused:
                    known.refused_by, known.refused_at = caller, clock.now()
                self._condition.notify_all()

    def _begin(self, key: Lockable, caller: str, clock: Clock, patience: float) -> _Known:
        until = clock.now() + patience
        with self._condition:
            known = self._known.setdefault(key.digest, _Known())
            while True:
                if known.refused_by is not None and clock.now() < known.refused_at + REFUSAL_HOLDS:
                    raise key.refused(known.refused_by if known.refused_by != caller else "")
                if known.is_good or known.under_way < known.batch_size:
                    known.under_way += 1
                    return known
                if clock.now() >= until:
                    raise key.undecided(known.under_way)
                self._condition.wait(min(LOOK, max(0.0, until - clock.now())))


OF_THIS_PROCESS = Credentials()
