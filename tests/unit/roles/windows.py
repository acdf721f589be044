# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows for the tests of reports: documents that the steps of `_window` have brought to a certain state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.taskops.quiesce.plugins.module_utils import _overlap, _verdicts, _window
from ansible_collections.taskops.quiesce.plugins.module_utils._items import Direction
from ansible_collections.taskops.quiesce.plugins.module_utils._lifecycle import RESTORING_STATE

Plain = dict[str, Any]

# 2026-11-21, 22:00:00 UTC
TEN_PM = 1795298400.0
LOST = "the session 241460 can't be put back: it failed by itself (code 17: no signal at the input); look at the encoder, then start it"


def target(name: str, tasks: Iterable[tuple[str, str, str]], **other: Any) -> Plain:
    """A surveyed target. A task is its id, its name and the state in which it was found."""
    desired = other.get("state", "stopped")
    return {
        "name": name,
        "vendor": "ctrlapi",
        "system": "Elecard Boro",
        "noun": "task",
        "place": name,
        "state": desired,
        "stage": 10,
        "accept_final": False,
        "options": {},
        "left_out": 0,
        "tasks": [],
        "error": None,
        "found": [row(key, called, state, desired) for key, called, state in tasks],
        **other,
    }


def row(key: str, name: str, state: str, desired: str) -> Plain:
    is_there = state == desired
    return {
        "id": key,
        "name": name,
        "state": state,
        "vendor_state": state,
        "seen": state,
        "actions": [] if is_there else [{"paused": "pause", "stopped": "stop", "started": "start"}[desired]],
        "arrives": desired,
        "vendor_arrives": desired,
        "armed": False,
        "final": "",
        "note": "",
        "skipped": False,
        "error": None,
    }


def seen(key: str, name: str, state: str, action: str = "none", **other: Any) -> Plain:
    """The results of a part of the run for one task."""
    return {
        "id": key,
        "name": name,
        "state": state,
        "vendor_state": state,
        "told": state,
        "action": action,
        "changed": action != "none",
        "reached": False,
        "skipped": False,
        "note": "",
        "error": None,
        "memory": {"before": state, "actions": [], "changed": action != "none", "sends": 1},
        "over": bool(other.get("reached") or other.get("skipped") or other.get("error")),
        **other,
    }


def failure(message: str) -> Plain:
    return {"code": "refused", "message": message}


class Window:
    """A window in progress. `now` is the time in seconds since 1970."""

    def __init__(self, targets: Sequence[Plain], name: str = "CHG0031337") -> None:
        self.now = TEN_PM
        self.document = _window.new_document(name, targets, self.now)
        self._run = 0

    def after(self, seconds: float) -> Window:
        self.now += seconds
        return self

    def begin(self, direction: Direction) -> Window:
        self._run += 1
        _window.begin(self.document, direction, str(self._run), self.now)
        for stage in _window.stages(self.document, direction):
            _window.intend(self.document, direction, stage, self.now)
        return self._noted()

    def record(self, direction: Direction, rows: Mapping[str, Sequence[Plain]]) -> Window:
        """Record these rows of each target."""
        results: list[Plain] = []
        for its in self.document["targets"]:
            found = {item["id"]: item["found"]["state"] for item in its["items"]}
            by_desired: dict[str, list[Plain]] = {}
            for its_row in rows.get(its["name"], ()):
                desired = its["state"] if direction == "open" else RESTORING_STATE[found[its_row["id"]]]
                by_desired.setdefault(desired, []).append(its_row)
            results += [
                {"name": its["name"], "state": desired, "spent": 1.0, "error": None, "over": False, "tasks": group}
                for desired, group in by_desired.items()
            ]
        _window.record(self.document, direction, results, self.now)
        return self._noted()

    def all(self, direction: Direction, make: Callable[[str, Plain], Plain | None]) -> Window:
        """Record what `make` returns for each task that hasn't ended in this direction."""
        made: dict[str, list[Plain]] = {}
        for its in self.document["targets"]:
            rows = (make(its["name"], item) for item in its["items"] if not item[direction].get("over"))
            made[its["name"]] = [one for one in rows if one]
        return self.record(direction, made)

    def judge(self, states: Mapping[str, str] | None = None) -> Window:
        """Judge all tasks before closing: they are as the window left them, except those in `states`."""
        surveyed = [
            {
                "name": its["name"],
                "error": None,
                "found": [
                    {"id": item["id"], "state": (states or {}).get(item["id"], (item["open"].get("row") or item["found"])["state"])}
                    for item in its["items"]
                ],
            }
            for its in self.document["targets"]
        ]
        _verdicts.judge(self.document, surveyed, self.now)
        return self._noted()

    def end(self, direction: Direction, complete: bool = True) -> Window:
        _window.end(self.document, direction, str(self._run), self.now, complete)
        return self._noted()

    def _noted(self) -> Window:
        self.document["updated"] = self.now
        return self

    # The windows of the tests

    def open(self) -> Window:
        """Bring all tasks to the desired state."""
        self.begin("open").after(4).all("open", _sent).after(27).all("open", _arrived)
        return self.after(2).end("open")

    def close(self, states: Mapping[str, str] | None = None) -> Window:
        """Put all tasks back."""
        self.begin("close").after(3).judge(states).after(2).all("close", _sent_back)
        return self.after(19).all("close", _returned).after(1).end("close")


def _sent(_target: str, item: Plain) -> Plain | None:
    actions = item["plan"]["actions"]
    return seen(item["id"], item["name"], f"{item['plan']['arrives'].rstrip('ped')}ping", actions[0]) if actions else None


def _arrived(_target: str, item: Plain) -> Plain:
    action = (item["plan"]["actions"] or ["none"])[0]
    return seen(item["id"], item["name"], item["plan"]["arrives"], action, reached=True)


def _sent_back(_target: str, item: Plain) -> Plain:
    return seen(item["id"], item["name"], "starting", "start")


def _returned(_target: str, item: Plain) -> Plain:
    return seen(item["id"], item["name"], item["found"]["state"], "start", reached=True)


STREAMS = [
    ("241456", "Sports HD, main feed", "started"),
    ("241457", "Sports HD, reserve", "started"),
    ("241458", "News 24", "started"),
    ("241459", "Test card", "stopped"),
    ("241460", "Regional, North", "started"),
]
DEVICES = [("nightly-test", "nightly-test", "started"), ("soak-test", "soak-test", "started"), ("metrics", "metrics", "waiting")]
TOTALCONTROL = {"vendor": "totalcontrol", "system": "Total Control", "state": "paused", "stage": 20}


def being_opened() -> Plain:
    window = Window([target("streams", STREAMS)]).begin("open").after(4).all("open", _sent).after(8)
    return window.record("open", {"streams": [seen("241456", STREAMS[0][1], "stopped", "stop", reached=True)]}).document


def opened(count: int = 50) -> Plain:
    tasks = [(f"{number:04}", f"camera {number}", "started") for number in range(1, count + 1)]
    return Window([target("cameras", tasks)]).open().after(3600).document


def closed_well() -> Plain:
    window = Window([target("streams", STREAMS), target("devices", DEVICES, **TOTALCONTROL)])
    return window.open().after(7385).close().document


def closed_with_failures() -> Plain:
    """Two stages, hours apart. Two tasks can't be put back, one was changed by somebody else."""
    window = Window([target("streams", STREAMS), target("devices", DEVICES, **TOTALCONTROL)]).open().after(7385)
    window.begin("close").after(3).judge({"241457": "failed", "soak-test": "absent"})
    window.after(2).all("close", _sent_back).after(19)
    window.record("close", {"streams": [seen("241460", STREAMS[4][1], "failed", "start", error=failure(LOST))]})
    return window.all("close", _returned).after(1).end("close", complete=False).document


def not_opened() -> Plain:
    """One task failed to reach the desired state, so the window wasn't opened."""
    window = Window([target("streams", STREAMS)]).begin("open").after(4).all("open", _sent).after(60)
    refused = failure("task 241458 wasn't stopped: Elecard Boro refuses it (Stopping task is unavailable); look at it there")
    window.record("open", {"streams": [seen("241458", "News 24", "started", "stop", error=refused)]})
    return window.all("open", _arrived).end("open", complete=False).document


def with_a_final_task() -> Plain:
    its = target("streams", STREAMS[:2], accept_final=True)
    its["found"][0]["final"] = "a session that was stopped can't be started again"
    return Window([its]).open().after(600).close().document


def left_by_others() -> Plain:
    return Window([target("streams", STREAMS[:2])]).open().after(600).close({"241456": "paused"}).document


def killed_and_taken_up() -> Plain:
    """The first run was killed half-way and recorded no end. The second one opened the window."""
    window = Window([target("streams", STREAMS)]).begin("open").after(4).all("open", _sent).after(300)
    return window.begin("open").after(5).all("open", _arrived).end("open").document


def overlapping() -> Plain:
    """The second of two windows. The first one was closed in the meantime, and a third one still holds a task."""
    first = Window([target("streams", STREAMS)], "CHG0031336").open().after(60)
    surveyed = target("streams", [(key, name, "stopped") for key, name, _state in STREAMS])
    targets, meeting = _overlap.inherit_from_neighbours([surveyed], _overlap.Neighbours([first.document]), first.now)
    assert not meeting.refusals
    second = Window(targets).after(120)
    second.open().after(600)
    third = Window([target("streams", STREAMS[:1])], "CHG0031338").open()
    second.begin("close").after(3)
    held, undecidable, _warnings = _overlap.tasks_held_elsewhere(second.document, _overlap.Neighbours([third.document]), second.now)
    surveyed_now = [{"name": "streams", "error": None, "found": [{"id": key, "state": "stopped"} for key, _name, _state in STREAMS]}]
    _verdicts.judge(second.document, surveyed_now, second.now, held, undecidable)
    _overlap.transfer_holds(second.document, _overlap.Neighbours([third.document]), second.now)
    return second.after(9).all("close", _returned).end("close").document


def recovered() -> Plain:
    """A stop was refused at first. Opening again succeeded."""
    window = Window([target("streams", STREAMS)]).begin("open").after(4)
    refused = failure("task 241458 wasn't stopped: Elecard Boro refuses it (Stopping task is unavailable); look at it there")
    window.record("open", {"streams": [seen("241458", "News 24", "started", "stop", error=refused)]})
    window.all("open", _arrived).end("open").after(60)
    return window.open().after(600).close().document


def empty() -> Plain:
    return Window([target("streams", [], left_out=3)]).open().document


def large(count: int = 1000) -> Plain:
    """Many tasks, of which a few aren't as they were found."""
    tasks = [(f"cam-{number:04}", f"camera {number}", "started") for number in range(1, count + 1)]
    window = Window([target("cameras", tasks)]).open().after(1800).begin("close").after(3).judge({"cam-0005": "paused"}).after(2)
    refused = failure("task cam-0007 wasn't started: the system refuses it; look at it there")
    window.record("close", {"cameras": [seen("cam-0007", "camera 7", "stopped", "start", error=refused)]})
    return window.all("close", _returned).end("close", complete=False).document


# Each would do harm if it weren't treated as plain text.
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "comment": "--><!-- ]]> </style></td></table>",
    "attribute": "\" onmouseover='alert(1)' x=\"",
    "jinja": "{{ lookup('pipe', 'id') }}{% raw %}{# #}",
    "markdown": "a | b || `c` **d** _e_ [f](javascript:alert(1)) ![g](x) <h> ~~i~~ &copy; \\| www.example.com http://example.com",
    "lines": "one\r\ntwo\n\n# three\n| four |\u2028five\x85six",
    "marks": "nul\x00bell\x07escape\x1b[31m\ufffe\ud800end",
    "right": "שלום \u202etxt.exe\u202c مرحبا \u2066x",
    "long": "Ä" * 10_000,
    "words": "many words " * 1_000,
    "accents": "z" + "\u0301" * 200,
}


def hostile() -> Plain:
    """Every external text is hostile: names, ids, messages, notes, names of systems."""
    names = [(text, text[::-1] if key == "right" else text + "!", "started") for key, text in HOSTILE.items()]
    window = Window([target(text, names if key == "script" else [], system=text) for key, text in HOSTILE.items()]).open().after(60)
    window.begin("close").after(1).judge({HOSTILE["long"]: "paused", HOSTILE["jinja"]: "absent"})

    def failing(_target: str, item: Plain) -> Plain:
        return seen(item["id"], item["name"], "stopped", "start", error=failure(item["id"]))

    return window.all("close", failing).end("close", complete=False).document


ALL: Mapping[str, Callable[[], Plain]] = {
    make.__name__: make
    for make in (
        being_opened,
        opened,
        closed_well,
        closed_with_failures,
        not_opened,
        with_a_final_task,
        left_by_others,
        overlapping,
        recovered,
        killed_and_taken_up,
        empty,
        large,
        hostile,
    )
}
