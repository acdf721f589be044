# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Sphinx builds the manual (nox session `docs`). Nothing is fetched from the network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]

project = "taskops.quiesce"
copyright = "2026, taskops.quiesce contributors"
html_title = html_short_title = "taskops.quiesce"

extensions = ["sphinx_antsibull_ext"]
nitpicky = True
default_role = "any"

pygments_style = "ansible"
highlight_language = "YAML+Jinja"

html_theme = "sphinx_ansible_theme"
html_theme_options = {"documentation_home_url": "index.html"}
html_show_sphinx = False
html_use_index = False
html_copy_source = False
html_show_sourcelink = False
html_static_path = [str(Path(__file__).parent / "static")]
html_css_files = ["manual.css"]

PICTURES = "https://raw.githubusercontent.com/taskops/quiesce/main/docs/docsite/rst/images/"

# antsibull-docs refers to some pages of Ansible's documentation. They are listed here, so that no inventory has to be fetched.
ANSIBLE = "https://docs.ansible.com/projects/ansible/latest"
PAGES = {
    "action_plugins": "plugins/action.html#action-plugins",
    "ansible_configuration_settings": "reference_appendices/config.html#ansible-configuration-settings",
    "common_return_values": "reference_appendices/common_return_values.html#common-return-values",
}
BUILTIN = re.compile(r"ansible_collections\.ansible\.builtin\.(?P<name>\w+_(?:module|lookup|filter|callback))")


def resolve(_app: Any, _env: Any, node: nodes.Element, contnode: nodes.Element) -> nodes.reference | None:
    """Resolve a reference to Ansible's own documentation. None for any other, which Sphinx then reports as an error."""
    target = str(node.get("reftarget", ""))
    builtin = BUILTIN.match(target)
    page = f"collections/ansible/builtin/{builtin['name']}.html" if builtin else PAGES.get(target)
    if page is None:
        return None
    return nodes.reference("", "", contnode, internal=False, refuri=f"{ANSIBLE}/{page}")


def take_pictures_from_here(app: Any, _page: str, source: list[str]) -> None:
    """Use local files for pictures. Pages refer to pictures by the address of the repository, since Ansible's docsite doesn't copy them."""
    if Path(app.srcdir, "images").is_dir():
        source[0] = source[0].replace(PICTURES, "/images/")


def setup(app: Any) -> None:
    app.connect("missing-reference", resolve)
    app.connect("source-read", take_pictures_from_here)
