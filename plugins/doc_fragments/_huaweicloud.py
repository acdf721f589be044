# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  region:
    description:
      - The region, such as V(cn-north-4). Addresses that aren't set are built from it.
      - If it isn't set, the environment variable E(HUAWEICLOUD_REGION) is used.
    type: str
  project_id:
    description:
      - The id of the project of the tasks. If it isn't set, the id comes from the login, or the module looks up the project that is named
        by O(project_name) or O(region).
      - If it isn't set, the environment variable E(HUAWEICLOUD_SDK_PROJECT_ID) is used.
    type: str
  access_key:
    description:
      - The access key (AK) that signs requests. Requires O(secret_key).
      - One of three ways to authenticate is required, which are this pair, or O(username) with O(password) and O(domain_name), or
        O(token). If the task sets one of them, the environment variables of the others are ignored.
      - After one refusal, the module sends nothing more with this key, since the vendor locks a key that is refused five times in a row.
      - If it isn't set, the environment variable E(HUAWEICLOUD_SDK_AK) is used.
    type: str
  secret_key:
    description:
      - The secret key (SK) of O(access_key).
      - If it isn't set, the environment variable E(HUAWEICLOUD_SDK_SK) is used.
    type: str
  security_token:
    description:
      - The security token that belongs to a temporary O(access_key).
      - If neither is set, the environment variable E(HUAWEICLOUD_SDK_SECURITY_TOKEN) is used.
    type: str
  username:
    description:
      - The name of an IAM user, instead of an access key. The module gets a token for the run, and a new one when it has expired.
      - If it isn't set, the environment variable E(HUAWEICLOUD_USERNAME) is used.
    type: str
  password:
    description:
      - The password of O(username).
      - If it isn't set, the environment variable E(HUAWEICLOUD_PASSWORD) is used.
    type: str
  domain_name:
    description:
      - The name of the account to which O(username) belongs.
      - If it isn't set, the environment variable E(HUAWEICLOUD_DOMAIN_NAME) is used.
    type: str
  project_name:
    description:
      - The name of the project to which O(username) logs in. If neither this nor O(project_id) is set, the name of the region is used.
      - If neither it nor O(username) is set, the environment variable E(HUAWEICLOUD_PROJECT_NAME) is used.
    type: str
  token:
    description:
      - A token of IAM for the project, instead of an access key or a user. It isn't renewed.
      - If it isn't set, the environment variable E(HUAWEICLOUD_TOKEN) is used.
    type: str
  iam_url:
    description:
      - The address of IAM, with or without its path V(/v3). If it isn't set, it is built from O(region).
      - Requests to IAM sign the host of this address, independently of O(signed_host). If a proxy in front of IAM changes the C(Host)
        header, set O(project_id), so that no signed request to IAM is necessary.
      - If it isn't set, the environment variable E(HUAWEICLOUD_SDK_IAM_ENDPOINT) is used.
    type: str
"""
