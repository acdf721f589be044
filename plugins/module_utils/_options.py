# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Our option groups in the form in which Ansible checks them: for a module's own options, and for those of a target within a window."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import combinations, product
from typing import Any, NamedTuple
from urllib.parse import unquote

from ansible.module_utils.basic import AnsibleFallbackNotFound
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError

from ._arguments import Arguments
from ._errors import Failure

Spec = dict[str, dict[str, Any]]

# Names that mean the same in some module, ours or another collection's. The first name that a module knows is suggested.
_MEANS_THE_SAME = (
    ("task_ids", "names", "task_id", "name", "task_name", "task_names", "ids", "id", "task", "tasks"),
    ("url", "host", "hostname", "endpoint", "base_url", "api_url", "address", "server"),
    ("username", "user_id", "user", "login", "login_user", "url_username"),
    ("password", "api_key", "token", "pass", "passwd", "login_password", "url_password", "key"),
    ("access_key", "ak", "access_key_id"),
    ("secret_key", "sk", "secret_access_key"),
    ("validate_certs", "verify", "verify_ssl", "ssl_verify", "insecure"),
    ("ca_path", "ca_cert", "cafile", "cacert", "ca_file"),
    ("project_id", "project", "project_name"),
    ("state", "action", "desired_state"),
    ("wait_timeout", "max_wait", "deadline"),
    ("poll_interval", "delay", "interval"),
)
_FEW = 12


def specification(arguments: Arguments) -> tuple[Spec, dict[str, Any]]:
    """The options and the rules between them, as AnsibleModule and its validator take them.

    Options that may come from the environment are never required for Ansible. ansible-lint checks a task by these rules, and sees neither
    the environment nor module_defaults. `missing_options` reports what is missing once all sources are known.
    """
    spec = {name: dict(option) for name, option in arguments.options.items()}
    for name, variables in arguments.environment.items():
        spec[name]["fallback"] = (_from_environment, list(variables))
        spec[name].pop("required", None)
    connecting = _connection_choices(arguments)
    fixed = [choice for choice in arguments.choices if choice not in connecting]
    rules = {
        "required_one_of": [[option_set[0] for option_set in choice] for choice in fixed],
        "mutually_exclusive": [
            list(pair)
            for choice in arguments.choices
            for option_set, other in combinations(choice, 2)
            for pair in product(option_set, other)
        ],
        "required_together": [list(option_set) for choice in fixed for option_set in choice if len(option_set) > 1],
        "required_by": {name: its for name, its in arguments.required_by.items() if name not in arguments.environment},
    }
    return spec, rules


def missing_options(arguments: Arguments, params: Mapping[str, Any], group: str, place: str = "the task") -> str:
    """The required connection options that are missing, with the places where to give them; empty if none is missing.

    An option is required by itself or by another one. `params` holds what the playbook, module_defaults and the environment give. `group`
    is the vendor's action group, empty if module_defaults don't count; `place` is where else options are written.
    """
    given = {name for name, value in params.items() if value is not None}
    missing = [name for name in arguments.environment if arguments.options[name].get("required") and name not in given]
    complaints = [f"{enumeration(missing)} {'is' if len(missing) == 1 else 'are'} missing"] if missing else []
    leaders = {name: leader for leader, its in arguments.required_by.items() if leader in given for name in its if name not in given}
    for choice in _connection_choices(arguments):
        partly_given = [option_set for option_set in choice if given.intersection(option_set)]
        leaders |= {
            name: next(filter(given.__contains__, option_set)) for option_set in partly_given for name in option_set if name not in given
        }
        if not partly_given:
            missing += [name for option_set in choice for name in option_set]
            complaints.append(f"neither {' nor '.join(_authentication_text(option_set) for option_set in choice)} is given")
    complaints += [f"{name} is missing, which {leader} requires" for name, leader in leaders.items()]
    if not complaints:
        return ""
    missing += leaders
    variables = [names[0] for name, names in arguments.environment.items() if name in missing]
    where = [f"in {place}", f"by module_defaults of group/taskops.quiesce.{group}", f"in the environment as {enumeration(variables, 'or')}"]
    if not group:
        del where[1]
    return f"{', and '.join(complaints)}; give {'it' if len(missing) == 1 else 'them'} {enumeration(where, 'or')}"


def _authentication_text(names: Sequence[str]) -> str:
    return f"{names[0]} with {enumeration(names[1:])}" if names[1:] else names[0]


def _connection_choices(arguments: Arguments) -> list[Sequence[tuple[str, ...]]]:
    """The choices between ways to connect: those between options that may come from the environment."""
    return [choice for choice in arguments.choices if any(name in arguments.environment for option_set in choice for name in option_set)]


def enumeration(words: Iterable[str], last: str = "and") -> str:
    """The words as an enumeration; `last` joins the last one."""
    *most, final = words
    return f"{', '.join(most)} {last} {final}" if most else final


def non_empty(params: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given. An empty text counts as not given, since AWX sends empty texts for empty fields."""
    return {name: value for name, value in params.items() if value not in ("", None)}


def split_lists(params: Mapping[str, Any], spec: Spec) -> dict[str, Any]:
    """Split lists that are given as one text with commas, as in ad hoc calls. A blank after a comma isn't part of an item."""
    lists = {name for option, its in spec.items() if its.get("type") == "list" for name in (option, *its.get("aliases", ()))}
    return {
        name: [part.strip() for part in value.split(",")] if name in lists and isinstance(value, str) and "," in value else value
        for name, value in params.items()
    }


def drop_overridden_environment(arguments: Arguments, spec: Spec, params: Mapping[str, Any]) -> None:
    """Remove the environment's values that the playbook overrides, including those of another way to authenticate."""
    silent: set[str] = set()
    for choice in arguments.choices:
        chosen = [option_set for option_set in choice if any(name in params for name in option_set)]
        silent |= {name for option_set in choice if chosen and option_set not in chosen for name in option_set}
    silent |= {name for name, leader in arguments.companions.items() if leader in params or leader in silent}
    for name in silent:
        spec[name].pop("fallback", None)


def validated(arguments: Arguments, options: Mapping[str, Any], whose: str, noun: str = "target", group: str = "") -> dict[str, Any]:
    """The options of one target (or of what `whose` names), converted and completed as in a module. Raises `Failure` (`usage`).

    `group` is the action group whose defaults are among the options; empty if there are none.
    """
    spec, rules = specification(arguments)
    options = split_lists(non_empty(options), spec)
    if unknown := unknown_options(options, spec):
        raise Failure("usage", f"{noun} {whose}: the vendor's module has {unknown}")
    drop_overridden_environment(arguments, spec, options)
    result = ArgumentSpecValidator(spec, **rules).validate(options)
    if result.error_messages:
        errors = "; ".join(str(message).rstrip(".") for message in result.error_messages)
        raise Failure("usage", f"{noun} {whose}: {errors}")
    params: dict[str, Any] = result.validated_parameters
    if missing := missing_options(arguments, params, group, "its options"):
        raise Failure("usage", f"{noun} {whose}: {missing}")
    return params


class Checked(NamedTuple):
    """A module's options as AnsibleModule would return them. `error` is one sentence, empty if they are valid. `secrets` are the secret
    values. `deprecations` have the keys of those in a result of Ansible.
    """

    params: dict[str, Any]
    error: str
    secrets: set[str]
    warnings: list[str]
    deprecations: list[dict[str, Any]]


def checked(arguments: Arguments, written: Mapping[str, Any], module: str) -> Checked:
    """The options of an Ansible task, checked by the rules that AnsibleModule applies in a module's own process."""
    spec, rules = specification(arguments)
    options = split_lists(non_empty(written), spec)
    drop_overridden_environment(arguments, spec, options)
    result = ArgumentSpecValidator(spec, **rules).validate(options)
    params: dict[str, Any] = {**options, **result.validated_parameters}
    error = ""
    if result.error_messages:
        error = str(result.errors.msg)
        if isinstance(result.errors[0], UnsupportedError):
            error = f"Unsupported parameters for ({module}) module: {error}"
        error = usage_sentence(module, error, written, spec)
    # These have no public names; AnsibleModule reads them from the same places.
    secrets = {*getattr(result, "_no_log_values", ()), *secret_values(arguments, params), *passwords(options)}
    both = "Both option {option} and its alias {alias} are set."
    warnings = [both.format(**names) for names in getattr(result, "_warnings", ())]
    return Checked(params, error, secrets, warnings, list(getattr(result, "_deprecations", ())))


def usage_sentence(module: str, message: str, given_: Mapping[str, Any], spec: Spec) -> str:
    """Ansible's complaint about a module's options, as one sentence that says where to read on."""
    # ansible-lint makes these checks too, and passes the module's file name in place of its name.
    is_named = not module.endswith(".py")
    named = f"taskops.quiesce.{module.rsplit('.', 1)[-1]}" if is_named else "this module"
    # Reported first: an option that ansible-core reports as missing is often one that was misspelt.
    unknown = unknown_options(given_, spec)
    complaint = f"{named} has {unknown}" if unknown else "; ".join(message.rstrip(".").split(". "))
    page = f"ansible-doc {named}" if is_named else "its documentation"
    return f"{complaint}; {page} describes each option and its environment variable."


def unknown_options(options: Mapping[str, Any], spec: Spec) -> str:
    """The unknown names among `options`, each with a suggestion; empty if all are known."""
    known = [*spec, *(alias for option in spec.values() for alias in option.get("aliases", ()))]
    unknown = [str(name) for name in options if name not in known and not str(name).startswith("_ansible_")]
    if not unknown:
        return ""
    suggestions = {name: _suggest_option(name, known) for name in unknown}
    phrases = [f"no option {name}{f' (did you mean {suggestions[name]}?)' if suggestions[name] else ''}" for name in unknown[:_FEW]]
    phrases += [f"{len(unknown) - _FEW} other unknown options"] if len(unknown) > _FEW else []
    sentence = " and ".join(filter(None, [", ".join(phrases[:-1]), phrases[-1]]))
    return sentence if any(suggestions.values()) else f"{sentence}; it knows {', '.join(sorted(spec)) or 'none'}"


def _suggest_option(name: str, known: Sequence[str]) -> str:
    """The known option, or alias, that is most similar to a wrong name; empty if none is similar."""
    plain = {word.casefold(): word for word in known}
    written = name.casefold().replace("-", "_")
    for candidate in (written, f"{written}s"):
        if candidate in plain:
            return plain[candidate]
    for group in _MEANS_THE_SAME:
        if written in group and (same := next((word for word in group if word in known), "")):
            return same
    return next((plain[match] for match in get_close_matches(written, plain, 1)), "")


def secret_values(arguments: Arguments, params: Mapping[str, Any]) -> set[str]:
    """The values of secret options."""
    found = {str(params[name]) for name in arguments.secrets if params.get(name)} | set(passwords(params))
    # Ansible writes nested options to syslog in Python's syntax, so their escaped form is secret too.
    return found | {repr(secret)[1:-1] for secret in found}


def passwords(params: Mapping[str, Any]) -> Iterator[str]:
    """Passwords within addresses. In a proxy's address a password is allowed; in another one it's a mistake, yet still secret."""
    for name, value in params.items():
        # The address of a proxy has no path, so its password is found even if the address is malformed.
        pattern = r"^(?:\w*://)?[^:]*:(?!//)(.*)@" if name == "proxy" else r"//[^/]*?:([^/]*)@"
        found = re.search(pattern, value) if isinstance(value, str) else None
        if found and found[1]:
            yield from (found[1], unquote(found[1]))


def _from_environment(*variables: str) -> str:
    """The first environment variable that isn't empty. AWX sets variables of empty fields too."""
    for variable in variables:
        if os.environ.get(variable):
            return os.environ[variable]
    raise AnsibleFallbackNotFound
