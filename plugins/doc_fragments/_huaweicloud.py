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
      - The region, such as V(cn-north-4). The addresses that aren't given are built from it.
      - Where it isn't given, the environment variable E(HUAWEICLOUD_REGION) is used.
    type: str
  project_id:
    description:
      - The id of the project in which the tasks are. Without it, the login tells it, or the project with the name of O(project_name) or
        O(region) is looked up.
      - Where it isn't given, the environment variable E(HUAWEICLOUD_SDK_PROJECT_ID) is used.
    type: str
  access_key:
    description:
      - The access key (AK) with which requests are signed. Needs O(secret_key).
      - One way to authenticate is needed, which is this pair, or O(username) with O(password) and O(domain_name), or O(token).
        What is given here silences what the environment says of the other ways.
      - After one refusal nothing more is sent with the key in that run, since the vendor locks a key that is refused five times in a row.
      - Where it isn't given, the environment variable E(HUAWEICLOUD_SDK_AK) is used.
    type: str
  secret_key:
    description:
      - The secret key (SK) of O(access_key).
      - Where it isn't given, the environment variable E(HUAWEICLOUD_SDK_SK) is used.
    type: str
  security_token:
    description:
      - The security token that belongs to a temporary O(access_key).
      - Where neither is given, the environment variable E(HUAWEICLOUD_SDK_SECURITY_TOKEN) is used.
    type: str
  username:
    description:
      - The name of an IAM user, in place of a key. A token is got for the run, and a new one when that has expired.
      - Where it isn't given, the environment variable E(HUAWEICLOUD_USERNAME) is used.
    type: str
  password:
    description:
      - The password of O(username).
      - Where it isn't given, the environment variable E(HUAWEICLOUD_PASSWORD) is used.
    type: str
  domain_name:
    description:
      - The name of the account to which O(username) belongs.
      - Where it isn't given, the environment variable E(HUAWEICLOUD_DOMAIN_NAME) is used.
    type: str
  project_name:
    description:
      - The name of the project for which O(username) logs in. Without it, and without O(project_id), it's the name of the region.
      - Where neither it nor O(username) is given, the environment variable E(HUAWEICLOUD_PROJECT_NAME) is used.
    type: str
  token:
    description:
      - A token of IAM for the project, in place of a key or a user. It isn't renewed.
      - Where it isn't given, the environment variable E(HUAWEICLOUD_TOKEN) is used.
    type: str
  iam_url:
    description:
      - The address of IAM, with or without its path V(/v3). Without it, it's built from O(region).
      - Its own Host is signed, whatever O(signed_host) says. Where a proxy in front of IAM changes that, give O(project_id), which spares
        the only request to IAM that is signed.
      - Where it isn't given, the environment variable E(HUAWEICLOUD_SDK_IAM_ENDPOINT) is used.
    type: str
"""
