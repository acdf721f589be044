# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The credential types as data: complete, accepted by AWX, and rendered to variables that the modules read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleFallbackNotFound
from ansible_collections.taskops.quiesce.plugins.module_utils._options import specification
from ansible_collections.taskops.quiesce.plugins.module_utils._run import connection_arguments
from ansible_collections.taskops.quiesce.plugins.module_utils._systems import SYSTEMS
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .data import AIRFLOW, BORO, HITACHI, HUAWEI, KINDS, TOTALCONTROL, TYPES, environment, field_of, fields, inject

TYPE_OF = {"totalcontrol": TOTALCONTROL, "huawei": HUAWEI, "iotda": HUAWEI, "ctrlapi": BORO, "hitachi": HITACHI, "airflow": AIRFLOW}
OPTIONS = [(vendor, option) for vendor, system in SYSTEMS.items() for option in connection_arguments(system).environment]
FILES = ("ca_path", "client_cert", "client_key")
PEM = "-----BEGIN THING-----\nbGluZXM=\n-----END THING-----\n"


def spec_of(vendor: str, option: str) -> Mapping[str, Any]:
    return specification(connection_arguments(SYSTEMS[vendor]))[0][option]


def read(vendor: str, option: str, variables: Mapping[str, str]) -> str:
    """The value of an option that the module gets from the environment. Raises `AnsibleFallbackNotFound` if there is none."""
    find, names = spec_of(vendor, option)["fallback"]
    with environment(variables):
        found: str = find(*names)
    return found


def variable_of(vendor: str, option: str) -> str:
    return str(connection_arguments(SYSTEMS[vendor]).environment[option][0])


def empty_forms(name: str) -> Iterator[dict[str, Any]]:
    """The inputs of an empty credential in AWX: no key at all, or empty texts and switches that are off."""
    yield {}
    yield {id_: False if field["type"] == "boolean" else "" for id_, field in fields(name).items()}


@pytest.mark.parametrize(("vendor", "option"), OPTIONS)
def test_each_connection_option_can_be_given_by_the_credential(vendor: str, option: str, tmp_path: Path) -> None:
    name, variable = TYPE_OF[vendor], variable_of(vendor, option)
    id_ = field_of(name, variable)
    is_switch = fields(name)[id_]["type"] == "boolean"
    value = True if is_switch else PEM if option in FILES else (spec_of(vendor, option).get("choices") or [f"the {option}"])[-1]

    got = read(vendor, option, inject({name: {id_: value}}, tmp_path).env)

    if option in FILES:
        assert Path(got).read_text() == PEM
        assert Path(got).stat().st_mode & 0o077 == 0
    else:
        assert got == ("false" if is_switch else value)


@pytest.fixture(scope="module")
def of_empty_credentials(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Mapping[str, str]]]:
    """The variables of each empty credential, by the names of the types. AWX compiles dozens of templates for one."""
    return {name: [inject({name: empty}, tmp_path_factory.mktemp("empty")).env for empty in empty_forms(name)] for name in KINDS}


@pytest.mark.parametrize(("vendor", "option"), OPTIONS)
def test_a_field_that_is_left_empty_is_an_option_that_is_not_given(
    of_empty_credentials: dict[str, list[Mapping[str, str]]], vendor: str, option: str
) -> None:
    for variables in of_empty_credentials[TYPE_OF[vendor]]:
        with pytest.raises(AnsibleFallbackNotFound):
            read(vendor, option, variables)


def test_a_credential_in_which_nothing_is_switched_checks_certificates(tmp_path: Path) -> None:
    assert {inject({name: {}}, tmp_path / name[:4]).env.get(variable, "") for name in KINDS for variable in checks(name)} == {""}


def checks(name: str) -> list[str]:
    return [variable for variable in TYPES[name]["injectors"]["env"] if variable.endswith("_VALIDATE_CERTS")]


@pytest.mark.parametrize("name", KINDS)
def test_no_variable_is_left_over(name: str) -> None:
    wanted = {variable_of(vendor, option) for vendor, option in OPTIONS if TYPE_OF[vendor] == name}

    assert set(TYPES[name]["injectors"]["env"]) == wanted


@pytest.mark.parametrize("name", KINDS)
def test_no_field_is_left_over(name: str) -> None:
    assert sorted(field_of(name, variable) for variable in TYPES[name]["injectors"]["env"]) == sorted(fields(name))


def test_no_two_types_set_the_same_variable() -> None:
    """A job may have one credential of each type, and the last one would override the others."""
    variables = [variable for kind in TYPES.values() for variable in kind["injectors"]["env"]]

    assert len(variables) == len(set(variables))


@pytest.mark.parametrize(("vendor", "option"), OPTIONS)
def test_secret_options_are_secret_fields(vendor: str, option: str) -> None:
    field = fields(TYPE_OF[vendor])[field_of(TYPE_OF[vendor], variable_of(vendor, option))]

    if spec_of(vendor, option).get("no_log") or option in ("client_key", "proxy"):
        assert field["secret"] is True


@pytest.mark.parametrize("name", KINDS)
def test_what_awx_shows_of_a_job_holds_no_secret(name: str, tmp_path: Path) -> None:
    secrets = {id_: f"hush-{id_}" for id_, field in fields(name).items() if field.get("secret")}

    shown = inject({name: secrets}, tmp_path).shown

    assert secrets and not [value for value in shown.values() if "hush" in value]


# The rules by which AWX accepts a custom credential type (its CredentialTypeInputField and CredentialTypeInjectorField).
@pytest.mark.parametrize("name", KINDS)
def test_awx_takes_the_inputs(name: str) -> None:
    inputs = TYPES[name]["inputs"]
    known = {"id", "label", "type", "help_text", "secret", "multiline", "choices"}

    assert set(inputs) == {"fields"}
    assert len(fields(name)) == len(inputs["fields"])
    for field in inputs["fields"]:
        assert {"id", "label", "type"} <= set(field) <= known
        assert re.fullmatch("[a-zA-Z_]+[a-zA-Z0-9_]*", field["id"]) and field["id"] not in ("tower", "awx")
        assert field["type"] in ("string", "boolean")
        assert field["type"] == "string" or not {"choices", "multiline", "secret"} & set(field)
        assert all(isinstance(choice, str) for choice in field.get("choices", ()))


@pytest.mark.parametrize("name", KINDS)
def test_awx_takes_the_injectors(name: str) -> None:
    injectors = TYPES[name]["injectors"]
    files = {label.removeprefix("template."): "EXAMPLE_FILENAME" for label in injectors["file"]}
    namespace = {**dict.fromkeys(fields(name), "EXAMPLE"), "tower": {"filename": files}}
    sandbox = ImmutableSandboxedEnvironment(undefined=StrictUndefined)

    assert set(injectors) == {"file", "env"}
    assert all(re.fullmatch(r"template\.[a-zA-Z_]+[a-zA-Z0-9_]*", label) for label in injectors["file"])
    assert not [variable for variable in injectors["env"] if variable.startswith("ANSIBLE_")]
    assert all(sandbox.from_string(text).render(namespace) for part in injectors.values() for text in part.values())
