# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases: each measures something against a reference, and has a ratio as its goal."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.emulator.client import Control, running

from . import playbooks
from .apis import APIS, Api
from .by_sdk import ACCESS_KEY, SECRET_KEY
from .measure import Contender, Row, Times, take_turns
from .processes import Programs, processor_seconds

ALL = ("totalcontrol", "huawei", "ctrlapi", "hitachi", "iotda")
# Boro takes a thousand tasks in one call, so threads have nothing to do.
ONE_CALL_EACH = ("totalcontrol", "huawei", "hitachi", "iotda")
# Nobody has thousands of batch tasks, but one has thousands of devices.
MANY = ("totalcontrol", "huawei", "ctrlapi", "hitachi", "iotda devices")
CONCURRENCY = 16
# A loop of `uri` is measured with so few items, since all measurements with 100 items would take an hour. Only its cost per item counts.
FEW, MORE, PROOF = 1, 4, 20
TEN = 10
# A case whose net time is shorter than the variation of Ansible's start has so many times more runs.
SHORT = 2
# The variable that makes a module run in a process of its own.
SWITCH = "quiesce_in_worker"
COUNTS = (1, 10, 100, 1000, 10_000)
CONCURRENCIES = (1, 2, 4, 8, 16, 32, 64)


@dataclass
class Bench:
    """The common arguments of all cases. `done` is called with each row as soon as it is measured. `growth` collects times for curves, by
    curve, system and size.
    """

    programs: Programs
    runs: int
    done: Callable[[Row], None]
    growth: dict[str, dict[str, dict[str, list[float]]]] = field(default_factory=dict)


class Stage:
    """One emulated system with a fixed delay, and the contenders for it."""

    def __init__(self, bench: Bench, api: Api, control: Control, delay: float) -> None:
        self._bench = bench
        self.api = api
        self.control = control
        self.delay = delay
        self.exchanges: dict[str, int] = {}
        self.busy: dict[str, float] = {}

    def contender(self, name: str, count: int, run: Callable[[], float], *, is_right: bool = False) -> Contender:
        """A contender with so many new tasks. It records the number of exchanges, and the part of the time in which the emulator worked."""

        def prepare() -> None:
            self.control.put_tasks(self.api.tasks(count, is_right=is_right))
            self.control.clear_journal()

        def timed() -> float:
            used, begun = processor_seconds(self.control.pid or 0), time.perf_counter()
            seconds = run()
            lasted = time.perf_counter() - begun
            self.busy[name] = round((processor_seconds(self.control.pid or 0) - used) / lasted, 3)
            self.exchanges[name] = int(self.control.about()["journal"])
            return seconds

        return Contender(timed, prepare)

    def ours(self, count: int, *, name: str = "ours", is_right: bool = False, **options: Any) -> Contender:
        play = f"{name} {count}"
        self._bench.programs.write_play(play, playbooks.ours(self.api, self.control.url, self.api.ids(count), **options))
        return self.contender(name, count, lambda: self._bench.programs.play(play).seconds, is_right=is_right)

    def playbook(self, name: str, count: int, tasks: list[dict[str, Any]]) -> Contender:
        self._bench.programs.write_play(name, tasks)
        return self.contender(name, count, lambda: self._bench.programs.play(name).seconds)

    def by_hand(self, count: int, what: str, concurrency: int, *, whole_process: bool) -> Contender:
        """The script with `requests`: the whole process, or only the time of its exchanges."""

        def run() -> float:
            ended = self._bench.programs.python("by_hand", self.api.name, self.control.url, str(count), str(concurrency), what)
            return ended.seconds if whole_process else float(json.loads(ended.printed)["seconds"])

        return self.contender("by hand", count, run, is_right=what == "read")

    def alone(self, name: str, count: int, concurrency: int, megabytes: list[float]) -> Contender:
        """The module as a process of its own. Its largest memory is recorded."""
        options = {**self.api.options(self.control.url, self.api.ids(count)), "concurrency": concurrency}

        def run() -> float:
            seconds, most = self._bench.programs.module_alone(self.api.module, options)
            megabytes.append(round(most, 1))
            return seconds

        return self.contender(name, count, run)

    def empty(self) -> Contender:
        return self.plain("empty", [])

    def plain(self, name: str, tasks: list[dict[str, Any]]) -> Contender:
        """A play that sends no request."""
        self._bench.programs.write_play(name, tasks)
        return Contender(lambda: self._bench.programs.play(name).seconds)

    def job(self, contender: Contender, play: str, megabytes: list[float]) -> Contender:
        """The same play. The largest memory of all its processes is recorded."""

        def run() -> float:
            ended, most = self._bench.programs.play_with_memory(play)
            megabytes.append(round(most, 1))
            return ended.seconds

        return Contender(run, contender.prepare)

    def only_requests(self) -> Contender:
        return self.plain("only requests", [{"only_requests": {}}])

    def bare_action(self) -> Contender:
        """One change by an action plugin of nothing but its exchanges."""
        self._bench.programs.write_play("bare action", [{"bare_requests": {"system": self.api.name, "url": self.control.url}}])
        return self.contender("bare action", 1, lambda: self._bench.programs.play("bare action").seconds)

    def only_rows(self, count: int) -> Contender:
        return self.plain("only rows", [{"only_rows": {"ids": self.api.ids(count)}}])

    def check_exchanges(self) -> None:
        """Check the number of exchanges, since a comparison with a script that needs fewer or more would be meaningless. Raises
        `RuntimeError`.
        """
        if self.exchanges["ours"] != self.exchanges["by hand"]:
            raise RuntimeError(f"{self.api.name}: not the same number of exchanges: {self.exchanges}")

    def row(self, case: str, against: str, ratio: float, goal: float | None, seconds: float, times: Times, **more: Any) -> Row:
        measured = {"delay": self.delay, "exchanges": dict(self.exchanges), "emulator_busy": dict(self.busy), "seconds": times.all, **more}
        row = Row(case, self.api.name, against, ratio, goal, "faster" in against, seconds, measured)
        self._bench.done(row)
        return row


@contextmanager
def stage(bench: Bench, name: str, delay: float) -> Iterator[Stage]:
    api = APIS[name]
    switches = [word for key, value in {**api.switches, "latency": delay}.items() for word in ("--switch", f"{key}={json.dumps(value)}")]
    with running(api.vendor, *switches) as control:
        yield Stage(bench, api, control, delay)


def ten_in_a_play(bench: Bench) -> None:
    """The cost of a task in a play with several tasks, which share the costs of the play."""
    case = f"one task, one change, 0 ms, {TEN} in a play"
    for name in ALL:
        with stage(bench, name, 0) as on:
            on_ids = on.api.ids(TEN)
            tasks = [task for id_ in on_ids for task in playbooks.ours(on.api, on.control.url, [id_])]
            times = take_turns(
                {
                    "empty play": on.empty(),
                    "ping": on.plain("ping", [{"ansible.builtin.ping": {}}] * TEN),
                    "ours": on.playbook("ours in the worker", TEN, tasks),
                    "by module": on.playbook("ours as modules", TEN, [{**task, "vars": {SWITCH: False}} for task in tasks]),
                },
                bench.runs,
            )
            net = times.net("ours")
            on.row(case, "ansible.builtin.ping, as many", net / times.net("ping"), 0.25, net / TEN, times)
            on.row(case, "the same in a process of its own", net / times.net("by module"), 0.2, net / TEN, times)


def one_task(bench: Bench) -> None:
    case = "one task, one change, 20 ms"
    for name in ALL:
        with stage(bench, name, 0.02) as on:
            url, ids = on.control.url, on.api.ids(1)
            times = take_turns(
                {
                    "empty play": on.empty(),
                    "only requests": on.only_requests(),
                    "ours": on.ours(1),
                    "by hand": on.by_hand(1, "change", 1, whole_process=False),
                    "by uri": on.playbook("by uri", 1, playbooks.by_uri(on.api, url, ids)),
                    "bare action": on.bare_action(),
                },
                bench.runs * SHORT,
            )
            on.check_exchanges()
            net = times.net("ours")
            least = times.net("only requests") + times["by hand"]
            on.row(case, "a module that only imports requests, and the same exchanges by bare requests", net / least, 1.15, net, times)
            on.row(case, "a playbook of uri tasks (times faster)", times.net("by uri") / net, 8, net, times)
            bare = times.net("bare action")
            on.row(f"{case}, by bare requests in an action", "that playbook (times faster)", times.net("by uri") / bare, None, bare, times)


def hundred_tasks(bench: Bench) -> None:
    for name in ALL:
        with stage(bench, name, 0.05) as on:
            # If one call acts on all tasks, nothing can run in parallel, and the better playbook has no loop to compare with.
            has_loop = not on.api.one_call_for_all
            contenders = {"empty play": on.empty(), "ours": on.ours(100)}
            if has_loop:
                contenders["ours at 16"] = on.ours(100, name="ours at 16", concurrency=CONCURRENCY)
            for way in (playbooks.by_uri, playbooks.by_list)[: 2 if has_loop else 1]:
                for count in (FEW, MORE):
                    label = f"{way.__name__} {count}"
                    contenders[label] = on.playbook(label, count, way(on.api, on.control.url, on.api.ids(count)))
            times = take_turns(contenders, bench.runs)
            more: dict[str, Any] = {}
            if name == ALL[0]:
                # A longer loop proves that its cost grows linearly.
                proof = on.playbook("by_uri proof", PROOF, playbooks.by_uri(on.api, on.control.url, on.api.ids(PROOF)))
                seconds = take_turns({"proof": proof}, 1)["proof"] - times["empty play"]
                more = {"proof_items": PROOF, "proof_of_straight_line": round(seconds / _line(times, "by_uri", PROOF), 3)}
            # If one call acts on all tasks, the concurrency changes nothing.
            goals = (60, 25) if has_loop else (90, 35)
            _hundred(on, times, "100 tasks, 50 ms", "ours", goals, has_loop, more)
            if has_loop:
                _hundred(on, times, f"100 tasks, 50 ms, concurrency {CONCURRENCY}", "ours at 16", (90, 35), has_loop, {})


def _hundred(on: Stage, times: Times, case: str, ours: str, goals: tuple[float, float], has_loop: bool, more: dict[str, Any]) -> None:
    net = times.net(ours)
    on.row(case, "a playbook of uri tasks, looping (times faster)", _line(times, "by_uri", 100) / net, goals[0], net, times, **more)
    if has_loop:
        on.row(case, "one list, a loop of actions, one list (times faster)", _line(times, "by_list", 100) / net, goals[1], net, times)


def _line(times: Times, contender: str, count: int) -> float:
    """The net time for so many items, on the straight line through the two measured ones."""
    few, more = times.net(f"{contender} {FEW}"), times.net(f"{contender} {MORE}")
    return few + (more - few) / (MORE - FEW) * (count - FEW)


def thousand_tasks(bench: Bench) -> None:
    case = f"1,000 tasks, 20 ms, concurrency {CONCURRENCY}"
    for name in ONE_CALL_EACH:
        with stage(bench, name, 0.02) as on:
            times = take_turns(
                {
                    "empty play": on.empty(),
                    "ours": on.ours(1000, concurrency=CONCURRENCY),
                    "by hand": on.by_hand(1000, "change", CONCURRENCY, whole_process=True),
                },
                bench.runs,
            )
            on.check_exchanges()
            net = times.net("ours")
            on.row(case, "a hand-written threaded script with requests", net / times["by hand"], 1.1, net, times)


def all_right_already(bench: Bench) -> None:
    case = "1,000 tasks already right, 20 ms"
    for name in MANY:
        with stage(bench, name, 0.02) as on:
            times = take_turns(
                {
                    "empty play": on.empty(),
                    "only requests": on.only_requests(),
                    "only rows": on.only_rows(1000),
                    "ours": on.ours(1000, is_right=True),
                    "by hand": on.by_hand(1000, "read", 1, whole_process=False),
                },
                bench.runs * SHORT,
            )
            on.check_exchanges()
            net = times.net("ours")
            least = times.net("only requests") + times["by hand"]
            on.row(case, "a module that only imports requests, and the fewest reads by bare requests", net / least, 0.8, net, times)
            # The part of it that is Ansible's own work on a result with a thousand rows.
            least = times.net("only rows") + times["by hand"]
            on.row(case, "one that also returns a row for each task, and the same reads", net / least, None, net, times)


def ten_thousand_tasks(bench: Bench) -> None:
    """Only the module's process, since its growth doesn't include the engine's work on its result."""
    case = f"10,000 tasks, 0 ms, concurrency {CONCURRENCY}"
    for name in MANY:
        with stage(bench, name, 0) as on:
            megabytes: dict[int, list[float]] = {count: [] for count in COUNTS}
            contenders = {str(count): on.alone(str(count), count, CONCURRENCY, megabytes[count]) for count in COUNTS}
            times = take_turns(contenders, bench.runs)
            bench.growth.setdefault("tasks", {})[name] = times.all
            ratio = times["10000"] / 10 / times["1000"]
            on.row(case, "1,000 tasks, time for each task", ratio, 1.05, times["10000"], times)
            on.row(case, "200 MB of memory", max(megabytes[10_000]) / 200, 1, times["10000"], times, megabytes=megabytes)


def ten_thousand_in_a_job(bench: Bench) -> None:
    """The whole job, parent and workers, compared with one whose module only returns as many rows."""
    case = f"10,000 tasks, 0 ms, concurrency {CONCURRENCY}, the whole job"
    for name in MANY:
        with stage(bench, name, 0) as on:
            few, many = COUNTS[-2:]
            megabytes: dict[str, list[float]] = {"ours": [], "only rows": []}
            times = take_turns(
                {
                    "empty play": on.empty(),
                    str(few): on.ours(few, concurrency=CONCURRENCY),
                    str(many): on.job(on.ours(many, name="job", concurrency=CONCURRENCY), f"job {many}", megabytes["ours"]),
                    "only rows": on.job(on.only_rows(many), "only rows", megabytes["only rows"]),
                },
                bench.runs,
            )
            net = times.net(str(many))
            on.row(case, "1,000 tasks, time for each task", net / (many / few) / times.net(str(few)), 1.05, net, times)
            ratio = statistics.median(megabytes["ours"]) / statistics.median(megabytes["only rows"])
            on.row(case, "memory of a play whose module returns as many rows", ratio, 1.3, net, times, megabytes=megabytes)


def more_at_a_time(bench: Bench) -> None:
    """The time by concurrency, for the chart. It has no goal."""
    for name in MANY:
        with stage(bench, name, 0.02) as on:
            contenders = {str(number): on.alone(str(number), 100, number, []) for number in CONCURRENCIES}
            bench.growth.setdefault("concurrency", {})[name] = take_turns(contenders, bench.runs).all


def one_stop_by_the_sdk(bench: Bench) -> None:
    case = "one stop, 20 ms, from the shell"
    with stage(bench, "iotda", 0.02) as on:
        url, (id_,) = on.control.url, on.api.ids(1)
        access = {"url": url, "region": "cn-north-4", "project_id": on.api.options(url, [id_])["project_id"]}
        options = {**access, "access_key": ACCESS_KEY, "secret_key": SECRET_KEY, "task_ids": [id_], "state": "stopped"}
        bare = {"system": on.api.name, "url": url}
        times = take_turns(
            {
                "ours": on.contender("ours", 1, lambda: bench.programs.ad_hoc(f"taskops.quiesce.{on.api.module}", options).seconds),
                "by the SDK": on.contender("by the SDK", 1, lambda: bench.programs.python("by_sdk", url, id_).seconds),
                # The least that a command of `ansible` takes: without a request, and with the fewest in an action plugin.
                "debug": Contender(lambda: bench.programs.ad_hoc("ansible.builtin.debug", {"msg": "none"}).seconds),
                "bare action": on.contender("bare action", 1, lambda: bench.programs.ad_hoc("bare_requests", bare).seconds),
            },
            bench.runs * SHORT,
        )
        on.row(case, "a script with the official SDK", times["ours"] / times["by the SDK"], 1.5, times["ours"], times)
        floor = times["debug"] / times["by the SDK"]
        on.row("ansible localhost -m ansible.builtin.debug", "that script", floor, None, times["debug"], times)
        bare_floor = times["bare action"] / times["by the SDK"]
        on.row(f"{case}, by bare requests in an action", "that script", bare_floor, None, times["bare action"], times)


_ALL_CASES = (
    ten_in_a_play,
    one_task,
    hundred_tasks,
    thousand_tasks,
    all_right_already,
    one_stop_by_the_sdk,
    ten_thousand_tasks,
    ten_thousand_in_a_job,
    more_at_a_time,
)
CASES = {case.__name__: case for case in _ALL_CASES}
