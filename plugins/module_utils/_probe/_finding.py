# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""A whole probe: read from a system, compare, and return the finding as plain data and as a short page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .._clock import Clock
from .._http import USER_AGENT
from .._run import connect
from .._systems import SYSTEMS
from . import airflow, ctrlapi, hitachi, huawei, iotda, totalcontrol
from ._evidence import Evidence, Probe

PROBES: Mapping[str, Probe] = {
    # begin probes, by tools/fragments.py
    "totalcontrol": totalcontrol.PROBE,
    "huawei": huawei.PROBE,
    "ctrlapi": ctrlapi.PROBE,
    "hitachi": hitachi.PROBE,
    "iotda": iotda.PROBE,
    "airflow": airflow.PROBE,
    # end probes, by tools/fragments.py
}
# Deviations come first, since a reader has to look at them.
VERDICTS = ("differs", "not observed", "as assumed")

Finding = dict[str, Any]


def probe(
    name: str, params: Mapping[str, Any], ids: Sequence[str], clock: Clock, hide: Callable[[str], None], is_awaited: Callable[[], bool]
) -> tuple[Finding, Sequence[str]]:
    """The finding about the system in the options, and the warnings of the run.

    Raises `Failure` if the system can't list its tasks, since then there is nothing to compare.
    """
    its = PROBES[name]
    evidence = Evidence(its.open_fields, [*ids, *_texts(params)])
    vendor, connection = connect(SYSTEMS[name], params, clock, float("inf"), hide, watch=evidence.note, is_awaited=is_awaited)
    its.look(vendor, evidence, ids)
    if failure := evidence.failures.get("list"):
        raise failure
    evidence.keep_private(connection.secrets)
    rows = []
    for assumption in its.assumptions(vendor, params):
        judged = assumption.judge(evidence)
        rows.append({"section": assumption.section, "assumption": assumption.text, "verdict": judged.verdict, "seen": judged.seen})
    finding = {
        "written_by": USER_AGENT.partition(" ")[0],
        "vendor": name,
        "dialect": params.get("dialect"),
        "page": its.page,
        "tasks": evidence.tasks,
        "requests": len(evidence.exchanges),
        "summary": {verdict: sum(row["verdict"] == verdict for row in rows) for verdict in VERDICTS},
        "assumptions": rows,
        # The message is left out, since it contains addresses.
        "broken_off": {step: {"code": failure.code, "http_status": failure.http_status} for step, failure in evidence.failures.items()},
    }
    return finding, vendor.warnings


def markdown(finding: Finding) -> str:
    """The finding as a page, differences first."""
    return "\n".join(_lines(finding)) + "\n"


def _lines(finding: Finding) -> Iterator[str]:
    of = f"{finding['vendor']}, dialect {finding['dialect']}" if finding["dialect"] else finding["vendor"]
    counts = ", ".join(f"{count} {verdict}" for verdict, count in finding["summary"].items())
    yield f"# Probe of a real system: {of}"
    yield ""
    yield f"{counts}. Page `{finding['page']}`, {finding['tasks']} tasks listed, {finding['requests']} reads, {finding['written_by']}."
    yield ""
    yield "| Section | Assumption | Verdict | Observed |"
    yield "| --- | --- | --- | --- |"
    for verdict in VERDICTS:
        for row in finding["assumptions"]:
            if row["verdict"] == verdict:
                found = f"**{verdict}**" if verdict == "differs" else verdict
                yield f"| {row['section']} | {row['assumption']} | {found} | {row['seen']} |"
    for step, failure in finding["broken_off"].items():
        status = f", HTTP {failure['http_status']}" if failure["http_status"] else ""
        yield ""
        yield f"The step `{step}` failed ({failure['code']}{status})."


def _texts(value: Any) -> Iterator[str]:
    """All values of the options as text, and the parts of addresses."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, (str, int)) and not isinstance(value, bool):
        text = str(value)
        yield text
        if "//" in text:
            yield from text.partition("//")[2].replace(":", "/").split("/")
