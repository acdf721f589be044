# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apache Airflow 3.3.2 and 2.11.2, their REST APIs. Sections and numbers named here are those of the vendor page ``airflow.md``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar, NamedTuple
from urllib.parse import unquote

from ..messages import BadOrder, Call, Reply, Request
from ..vendor import Vendor
from . import _airflow_put as putting
from . import _airflow_query as query
from ._airflow_dag import Dag, Instance, Run
from ._airflow_gate import Gate
from ._airflow_life import Life, moment
from ._airflow_outside import Outside
from ._airflow_refusals import PAGE, Refused, forbidden, invalid, no_such_dag, no_such_instance, no_such_run
from ._airflow_seeds import SEEDS
from ._airflow_states import FAILED, QUEUED, RUN_STATES, SUCCESS
from ._airflow_switches import SWITCHES
from ._airflow_wire import Wire

ANY = "~"


class Place(NamedTuple):
    """The call of the API that a request addresses."""

    action: str
    dag_id: str = ""
    run_id: str = ""
    task_id: str = ""


# By the shape of the path below /api/v2 (a lower-case word stands for itself, a capital for an id) and the method.
CALLS: Mapping[tuple[str, ...], Mapping[str, str]] = {
    ("version",): {"GET": "version"},
    ("health",): {"GET": "health"},
    ("monitor", "health"): {"GET": "health"},
    ("dags",): {"GET": "list", "PATCH": "patch_many"},
    ("dags", "D"): {"GET": "show", "PATCH": "patch", "DELETE": "delete"},
    ("dags", "D", "details"): {"GET": "details"},
    ("dags", "D", "dagRuns"): {"GET": "runs", "POST": "trigger", "PATCH": "patch_runs"},
    ("dags", "D", "dagRuns", "list"): {"POST": "list_runs"},
    ("dags", "D", "dagRuns", "R"): {"GET": "run", "PATCH": "patch_run"},
    ("dags", "D", "dagRuns", "R", "taskInstances"): {"GET": "instances"},
    ("dags", "D", "dagRuns", "R", "taskInstances", "list"): {"POST": "list_instances"},
    ("dags", "D", "dagRuns", "R", "taskInstances", "T"): {"GET": "instance", "PATCH": "patch_instance"},
    ("dagStats",): {"GET": "stats"},
    ("importErrors",): {"GET": "import_errors"},
}
WRITES = frozenset({"patch", "delete", "patch_many", "trigger", "patch_run", "patch_runs", "patch_instance"})
ONLY_3 = frozenset({"patch_runs"})


def _method_not_allowed() -> Refused:
    return Refused(405, "Method Not Allowed")


def _truth_of(value: object, generation: int) -> bool | None:
    """The value of `is_paused`: 2.11.2 accepts a JSON boolean only."""
    if isinstance(value, bool):
        return value
    if generation == 3 and isinstance(value, (int, str)):
        text = str(value).lower()
        if text in query.TRUE or text in query.FALSE:
            return text in query.TRUE
    return None


class Airflow(Vendor):
    name: ClassVar[str] = "airflow"
    switch_table = SWITCHES

    _dags: dict[str, Dag]

    # --- for the framework ----------------------------------------------------------------------------------------

    def seeds(self) -> list[dict[str, Any]]:
        return SEEDS

    def forget(self) -> None:
        self._gate = Gate(self)
        self._life = Life(self.agenda, self.clock, self.switches)
        self._outside = Outside(self._life, self.clock.now)
        self._putter = putting.Putter(self._life, self.clock)
        self._dags = {}

    def expire_tokens(self) -> None:
        self._gate.expire_tokens()

    def tasks(self) -> list[dict[str, Any]]:
        return [self._putter.view(dag) for dag in self._dags.values()]

    def load(self, tasks: list[dict[str, Any]], *, keep: bool) -> None:
        for fields in tasks:
            putting.check(fields)
        if not keep:
            self._dags = {}
        for fields in tasks:
            self._dags[fields["dag_id"]] = self._putter.put(fields, self._dags.get(fields["dag_id"]))

    def act(self, task: str, action: str, details: Mapping[str, Any]) -> None:
        dag = self._dags.get(task)
        if dag is None:
            raise BadOrder(f"no Dag {task!r}")
        if action == "delete":
            del self._dags[task]
        else:
            self._outside.act(dag, action, details)

    def set_switches(self, changes: Mapping[str, Any]) -> None:
        with self.lock:
            super().set_switches(changes)
            # A restarted scheduler processes everything.
            for dag in self._dags.values():
                self._life.wake(dag, self.now)

    @property
    def generation(self) -> int:
        return self._life.generation

    # --- requests -------------------------------------------------------------------------------------------------

    def _place(self, request: Request) -> Place:
        # Both servers decode the path before they split it, so an encoded slash is a slash.
        parts = unquote(request.path).split("/")[1:]
        if parts[:1] == ["auth"] and parts[1:] in (["token"], ["token", "cli"]):
            return Place("token")
        if parts[:2] != ["api", "v2" if self.generation == 3 else "v1"]:
            return Place("elsewhere")
        rest = parts[2:]
        for shape, methods in CALLS.items():
            if len(shape) == len(rest) and all(word.isupper() or word == part for word, part in zip(shape, rest, strict=True)):
                action = methods.get(request.method, "no_method")
                ids = {word: part for word, part in zip(shape, rest, strict=True) if word.isupper()}
                return Place(action, ids.get("D", ""), ids.get("R", ""), ids.get("T", ""))
        return Place("nowhere")

    def describe(self, request: Request) -> Call:
        place = self._place(request)
        if place.action not in WRITES:
            is_write = place.action in ("elsewhere", "nowhere", "no_method") and request.method not in ("GET", "HEAD", "OPTIONS")
            return Call(place.action, is_write, (place.dag_id,) if place.dag_id else ())
        body = request.json if isinstance(request.json, dict) else {}
        if place.action == "patch":
            paused = _truth_of(body.get("is_paused"), self.generation)
            return Call("patch" if paused is None else "pause" if paused else "unpause", True, (place.dag_id,))
        if place.action == "patch_runs":
            return Call("fail_run", True, tuple(dict.fromkeys(str(entity.get("dag_id")) for entity in self._entities(body))))
        if place.action == "patch_run":
            return Call("fail_run" if body.get("state") == FAILED else "patch_run", True, (place.dag_id,))
        names = {"patch_instance": "fail_task_instance"}
        return Call(names.get(place.action, place.action), True, (place.dag_id,))

    @staticmethod
    def _entities(body: Mapping[str, Any]) -> list[dict[str, Any]]:
        actions = body.get("actions")
        found = [
            entity
            for action in (actions if isinstance(actions, list) else [])
            if isinstance(action, dict) and isinstance(action.get("entities"), list)
            for entity in action["entities"]
        ]
        return [entity for entity in found if isinstance(entity, dict)]

    def respond(self, request: Request, call: Call) -> Reply:
        place = self._place(request)
        try:
            return self._serve(request, place, call)
        except Refused as refused:
            return refused.reply(self.generation)

    def _serve(self, request: Request, place: Place, call: Call) -> Reply:
        action = place.action
        if action == "token":
            return self._token(request)
        if action == "elsewhere":
            return self._elsewhere(request)
        if action == "nowhere":
            raise Refused(404, "Not Found")
        if action == "no_method" or (action in ONLY_3 and self.generation == 2):
            raise _method_not_allowed()
        if action in ("version", "health"):
            return self._about_itself(action, request)
        role = self._gate.role(request, self.generation)
        if action in WRITES and role != "admin":
            raise forbidden()
        self._wire = Wire(self.generation, self._life.wall)
        handlers: Mapping[str, Callable[[], Reply]] = {
            "list": partial(self._list, request),
            "show": partial(self._show, place),
            "details": partial(self._details, place),
            "patch": partial(self._patch, request, place, call),
            "delete": partial(self._delete, place),
            "patch_many": partial(self._patch_many, request),
            "runs": partial(self._runs, request, place),
            "trigger": partial(self._trigger, request, place),
            "list_runs": partial(self._list_runs, request, place),
            "run": partial(self._run, place),
            "patch_run": partial(self._patch_run, request, place),
            "patch_runs": partial(self._patch_runs, request, place),
            "instances": partial(self._instances, place),
            "list_instances": partial(self._list_instances, request, place),
            "instance": partial(self._instance, place),
            "patch_instance": partial(self._patch_instance, request, place),
            "stats": partial(self._stats, request),
            "import_errors": partial(self._import_errors),
        }
        return handlers[action]()

    def _token(self, request: Request) -> Reply:
        if self.generation == 2 or not self.switches["token_call"]:
            return self._page()
        if request.method == "GET":
            words = "This method is only allowed if ``[core] simple_auth_manager_all_admins`` is True"
            raise Refused(403, words)
        if request.method != "POST":
            raise _method_not_allowed()
        return self._gate.issue(request, cli=request.path.endswith("/cli"))

    def _elsewhere(self, request: Request) -> Reply:
        """The other generation's API, or none."""
        if self.generation == 2:
            return self._page()
        if not request.path.startswith("/api/"):
            return Reply.of_text("<!DOCTYPE html><html><head><title>Airflow</title></head></html>", media_type="text/html; charset=utf-8")
        if request.path.startswith("/api/v1"):
            if request.method != "GET":
                raise _method_not_allowed()
            return Reply.of_json({"error": "/api/v1 has been removed in Airflow 3, please use its upgraded version /api/v2 instead."}, 404)
        raise Refused(404, "Not Found")

    @staticmethod
    def _page() -> Reply:
        return Reply.of_text(PAGE, 404, media_type="text/html; charset=utf-8")

    def _about_itself(self, action: str, request: Request) -> Reply:
        """Both answer without credentials."""
        if action == "version":
            return Reply.of_json({"version": self.switches["version"], "git_version": None})
        if (self.generation == 3) != request.path.endswith("/monitor/health"):
            raise Refused(404, "Not Found")
        parts: dict[str, Any] = {"metadatabase": {"status": "healthy"}}
        for part in ("scheduler", "triggerer"):
            dead = self.switches[part] == "dead"
            parts[part] = {"status": "unhealthy" if dead else "healthy", f"latest_{part}_heartbeat": moment(self.clock.wall())}
        parts["dag_processor"] = {"status": "healthy", "latest_dag_processor_heartbeat": moment(self.clock.wall())}
        return Reply.of_json(parts)

    # --- Dags -----------------------------------------------------------------------------------------------------

    def _visible(self) -> list[Dag]:
        hidden = self.switches["hidden"]
        return [dag for _id, dag in sorted(self._dags.items()) if dag.dag_id not in hidden]

    def _dag(self, dag_id: str, doing: str) -> Dag:
        if dag_id in self.switches["hidden"]:
            raise forbidden()
        dag = self._dags.get(dag_id)
        if dag is None:
            raise no_such_dag(dag_id, doing)
        return dag

    def _editable(self, dag_id: str, doing: str) -> Dag:
        if dag_id in self.switches["denied"]:
            raise forbidden()
        return self._dag(dag_id, doing)

    def _dag_object(self, dag: Dag) -> dict[str, Any]:
        return self._wire.dag(dag, self._life.parsed_tick(dag, self.now))

    def _list(self, request: Request) -> Reply:
        given = query.parameters(request, query.OF_DAGS[self.generation], self.generation)
        page = query.page(given, self.generation, self.switches["maximum_page_limit"])
        wanted = query.dags_filter(given, self.generation)
        found = [dag for dag in self._visible() if wanted(dag)]
        return Reply.of_json({"dags": [self._dag_object(dag) for dag in page.of(found)], "total_entries": len(found)})

    def _show(self, place: Place) -> Reply:
        return Reply.of_json(self._dag_object(self._dag(place.dag_id, "get")))

    def _details(self, place: Place) -> Reply:
        dag = self._dag(place.dag_id, "get")
        if self.generation == 2 and dag.is_stale:
            raise no_such_dag(place.dag_id, "get")
        return Reply.of_json({**self._dag_object(dag), "catchup": dag.catchup, "concurrency": 16, "is_paused_upon_creation": None})

    def _wish(self, request: Request) -> bool:
        """The body of a PATCH of Dags."""
        body = request.json
        if not isinstance(body, dict):
            raise invalid(["body"], "Input should be a valid dictionary", words="Request body is not valid JSON")
        if body == {} and self.generation == 2:
            raise Refused(500, "", title="Internal Server Error")
        extra = [name for name in body if name != "is_paused"]
        if extra:
            raise invalid(["body", extra[0]], "Extra inputs are not permitted", words=f"{{'{extra[0]}': ['Unknown field.']}}")
        if "is_paused" not in body:
            raise invalid(["body", "is_paused"], "Field required")
        paused = _truth_of(body["is_paused"], self.generation)
        if paused is None:
            raise invalid(["body", "is_paused"], "Input should be a valid boolean", words=f"{body['is_paused']!r} is not of type 'boolean'")
        mask = [value for name, value in request.query if name == "update_mask"]
        if any(value != "is_paused" for value in mask):
            raise Refused(400, "Only `is_paused` field can be updated through the REST API")
        return paused

    def _set_paused(self, dag: Dag, paused: bool) -> bool:
        """Returns whether anything changes, now or after the lag."""
        action = "pause" if paused else "unpause"
        if self.switches["ignore_action"] in (True, action):
            return False
        changes = dag.is_paused != paused

        def take_hold(at: float) -> None:
            if paused and not dag.is_paused:
                self._life.pause(dag, at, action)
            elif not paused:
                self._life.unpause(dag, at, action)

        if self.switches["pause_lag"]:
            self.agenda.at(self.now + self.switches["pause_lag"], take_hold)
        else:
            take_hold(self.now)
        return changes

    def _patch(self, request: Request, place: Place, _call: Call) -> Reply:
        query.parameters(request, ("update_mask",), self.generation)
        paused = self._wish(request)
        dag = self._editable(place.dag_id, "patch")
        changes = self._set_paused(dag, paused)
        # The answer shows the desired value, also if it takes effect later.
        return Reply.of_json({**self._dag_object(dag), "is_paused": paused}, took_effect=changes)

    def _delete(self, place: Place) -> Reply:
        """Delete all data of a Dag. If its file still exists, a parse restores it, which takes longer than tests do."""
        dag = self._editable(place.dag_id, "get")
        del self._dags[dag.dag_id]
        return Reply(204, took_effect=True)

    def _patch_many(self, request: Request) -> Reply:
        """(7): the parameters, effects and answers of the bulk call, which differ between the generations."""
        given = query.parameters(request, query.OF_DAGS[self.generation] | {"update_mask"}, self.generation)
        paused = self._wish(request)
        if self.generation == 2 and "dag_id_pattern" not in given:
            raise Refused(400, "", words="Missing query parameter 'dag_id_pattern'")
        page = query.page(given, self.generation, self.switches["maximum_page_limit"])
        wanted = query.dags_filter({"dag_id_pattern": ["None"], **given}, self.generation)
        found = [dag for dag in self._visible() if wanted(dag) and dag.dag_id not in self.switches["denied"]]
        shown = page.of(found)
        changes = [self._set_paused(dag, paused) for dag in (found if self.generation == 3 else shown)]
        dags = [{**self._dag_object(dag), "is_paused": paused} for dag in shown]
        return Reply.of_json({"dags": dags, "total_entries": len(found)}, took_effect=any(changes))

    def _stats(self, request: Request) -> Reply:
        given = query.parameters(request, ("dag_ids",), self.generation)
        if self.generation == 2:
            if "dag_ids" not in given:
                raise Refused(400, "", words="Missing query parameter 'dag_ids'")
            ids = given["dag_ids"][-1].split(",")
        else:
            ids = given.get("dag_ids", [])
        rows = []
        for dag in self._visible():
            if dag.runs and (not ids or dag.dag_id in ids):
                counts = Counter(run.state for run in dag.runs)
                stats = [{"state": state, "count": counts[state]} for state in sorted(RUN_STATES)]
                rows.append({"dag_id": dag.dag_id, **({"dag_display_name": dag.dag_id} if self.generation == 3 else {}), "stats": stats})
        return Reply.of_json({"dags": rows, "total_entries": len(rows)})

    def _import_errors(self) -> Reply:
        rows = [
            {
                "import_error_id": number,
                "timestamp": moment(self.clock.wall()),
                "filename": f"{dag.dag_id}.py",
                "stack_trace": "emulator: the file is broken",
            }
            for number, dag in enumerate(self._visible(), 1)
            if dag.has_import_errors
        ]
        return Reply.of_json({"import_errors": rows, "total_entries": len(rows)})

    # --- runs -----------------------------------------------------------------------------------------------------

    def _runs(self, request: Request, place: Place) -> Reply:
        given = query.parameters(request, query.OF_RUNS, self.generation)
        page = query.page(given, self.generation, self.switches["maximum_page_limit"])
        if place.dag_id == ANY:
            dags = self._visible()
        elif self.generation == 2 and place.dag_id not in self._dags:
            dags = []
        else:
            dags = [self._dag(place.dag_id, "runs")]
        states = given.get("state", [])
        found = [(dag, run) for dag in dags for run in dag.runs if not states or run.state in states]
        rows = [self._wire.run(dag, run) for dag, run in page.of(found)]
        return Reply.of_json({"dag_runs": rows, "total_entries": len(found)})

    def _tilde(self, *ids: str) -> None:
        """Only ~ in the path of a list by POST."""
        if any(id_ != ANY for id_ in ids):
            raise Refused(422, [{"type": "literal_error", "loc": ["path"], "msg": "Input should be '~'"}], status_2=405)

    def _list_runs(self, request: Request, place: Place) -> Reply:
        self._tilde(place.dag_id)
        wanted = query.body_filter(request, query.BODY_OF_RUNS, self.generation)
        found = [
            (dag, run)
            for dag in self._visible()
            if (not wanted.dag_ids or dag.dag_id in wanted.dag_ids) and not wanted.nothing
            for run in dag.runs
            if not wanted.states or run.state in wanted.states
        ]
        rows = [self._wire.run(dag, run) for dag, run in wanted.page.of(found)]
        return Reply.of_json({"dag_runs": rows, "total_entries": len(found)})

    def _there(self, place: Place, doing: str) -> tuple[Dag, Run]:
        dag = self._editable(place.dag_id, doing) if doing == "patch_run" else self._dag(place.dag_id, doing)
        for run in dag.runs:
            if run.run_id == place.run_id:
                return dag, run
        raise no_such_run(place.dag_id, place.run_id)

    def _run(self, place: Place) -> Reply:
        return Reply.of_json(self._wire.run(*self._there(place, "get")))

    def _trigger(self, request: Request, place: Place) -> Reply:
        body = request.json
        if not isinstance(body, dict):
            raise invalid(["body"], "Input should be a valid dictionary")
        if self.generation == 3 and "logical_date" not in body:
            raise Refused(422, [{"type": "missing", "loc": ["body", "logical_date"], "msg": "Field required"}])
        dag = self._dags.get(place.dag_id)
        if place.dag_id in self.switches["denied"]:
            raise forbidden()
        if dag is None or dag.is_stale or (dag.has_import_errors and self.generation == 3):
            raise no_such_dag(place.dag_id, "trigger")
        run_id = body.get("dag_run_id") or f"manual__{moment(self.clock.wall())}_{len(dag.runs)}"
        if any(run.run_id == run_id for run in dag.runs):
            words = f"DAGRun with DAG ID: '{dag.dag_id}' and DAGRun ID: '{run_id}' already exists"
            raise Refused(409, {"reason": "Unique constraint violation", "statement": "hidden", "orig_error": "hidden"}, words=words)
        run = self._life.trigger(dag, run_id, self.now, "manual")
        return Reply.of_json(self._wire.run(dag, run), took_effect=True)

    def _change_run(self, dag: Dag, run: Run, state: str) -> bool:
        """Returns whether anything changes."""
        if self.switches["ignore_action"] in (True, "fail_run"):
            return False
        before = (run.state, [instance.state for instance in run.instances])
        change = {FAILED: self._life.stop_run, SUCCESS: self._life.finish_run, QUEUED: self._life.queue_run}[state]
        change(dag, run, self.now, "fail_run" if state == FAILED else f"run {state}")
        return before != (run.state, [instance.state for instance in run.instances])

    @staticmethod
    def _new_state(body: object, name: str, known: list[str]) -> str:
        value = body.get(name) if isinstance(body, dict) else None
        if value not in known:
            text = f"Input should be {', '.join(map(repr, known))}"
            raise invalid(["body", name], text, words=f"{value!r} is not one of {known!r} - {name!r}")
        return str(value)

    def _patch_run(self, request: Request, place: Place) -> Reply:
        state = self._new_state(request.json, "state", [SUCCESS, FAILED, QUEUED])
        dag, run = self._there(place, "patch_run")
        took_effect = self._change_run(dag, run, state)
        return Reply.of_json(self._wire.run(dag, run), took_effect=took_effect)

    def _patch_runs(self, request: Request, place: Place) -> Reply:
        """Errors inside of a 200."""
        self._tilde(place.dag_id)
        body = request.json if isinstance(request.json, dict) else {}
        entities = self._entities(body)
        if not entities or any(action.get("action") != "update" for action in body["actions"]):
            raise invalid(["body", "actions"], "Field required")
        if any(entity.get("dag_id") in self.switches["denied"] for entity in entities):
            raise forbidden()
        for entity in entities:
            self._new_state(entity, "state", [SUCCESS, FAILED, QUEUED])
        done, errors, took_effect = [], [], False
        for entity in entities:
            try:
                dag, run = self._there(Place("run", str(entity.get("dag_id")), str(entity.get("dag_run_id"))), "get")
            except Refused as refused:
                errors.append({"error": refused.detail, "status_code": refused.status})
                continue
            took_effect |= self._change_run(dag, run, entity["state"])
            done.append(f"{dag.dag_id}.{run.run_id}")
        return Reply.of_json({"create": None, "update": {"success": done, "errors": errors}, "delete": None}, took_effect=took_effect)

    # --- task instances -----------------------------------------------------------------------------------------------

    def _instances(self, place: Place) -> Reply:
        try:
            dag, run = self._there(place, "get")
        except Refused:
            if self.generation == 2:
                return Reply.of_json({"task_instances": [], "total_entries": 0})
            raise
        rows = [self._wire.instance(dag, run, instance) for instance in run.instances]
        return Reply.of_json({"task_instances": rows, "total_entries": len(rows)})

    def _list_instances(self, request: Request, place: Place) -> Reply:
        self._tilde(place.dag_id, place.run_id)
        wanted = query.body_filter(request, query.BODY_OF_INSTANCES, self.generation)
        found = [
            (dag, run, instance)
            for dag in self._visible()
            if not wanted.dag_ids or dag.dag_id in wanted.dag_ids
            for run in dag.runs
            if not wanted.run_ids or run.run_id in wanted.run_ids
            for instance in run.instances
            if (not wanted.task_ids or instance.definition.task_id in wanted.task_ids)
            and (not wanted.states or instance.state in wanted.states)
        ]
        rows = [self._wire.instance(*each) for each in wanted.page.of(found)]
        return Reply.of_json({"task_instances": rows, "total_entries": len(found)})

    def _instance_there(self, place: Place, doing: str) -> tuple[Dag, Run, Instance]:
        dag, run = self._there(place, doing)
        for instance in run.instances:
            if instance.definition.task_id == place.task_id:
                return dag, run, instance
        raise no_such_instance(place.dag_id, place.run_id, place.task_id)

    def _instance(self, place: Place) -> Reply:
        return Reply.of_json(self._wire.instance(*self._instance_there(place, "get")))

    def _patch_instance(self, request: Request, place: Place) -> Reply:
        state = self._new_state(request.json, "new_state", [SUCCESS, FAILED, "skipped"])
        dag, run, instance = self._instance_there(place, "patch_run")
        changes = instance.state != state and self.switches["ignore_action"] not in (True, "fail_task_instance")
        if changes:
            self._life.set_instance(dag, instance, state, self.now, "fail_task_instance")
        row = self._wire.instance(dag, run, instance)
        return Reply.of_json({"task_instances": [row], "total_entries": 1} if self.generation == 3 else row, took_effect=changes)
