# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VIAS client with Huawei's official SDK core: it gets the project from IAM, signs and sends.

Arguments: address, AK, SK, security token or an empty text, method, path below the project, a query parameter as name=value or none.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import Any

# By name, since the SDK has no type hints.
SdkResponse: Any = import_module("huaweicloudsdkcore.sdk_response").SdkResponse


class Answer(SdkResponse):  # type: ignore[misc]
    """The SDK requires a class with at least one member. The raw answer is stored in addition."""

    openapi_types = {"state": "str"}  # noqa: RUF012 - as the SDK's own classes have it
    attribute_map = {"state": "state"}  # noqa: RUF012
    sensitive_list: list[str] = []  # noqa: RUF012

    def __init__(self, state: str | None = None) -> None:
        super().__init__()
        self.state = state


def ask(url: str, ak: str, sk: str, security_token: str, method: str, path: str, *query: str) -> Any:
    sdk: Any = import_module("huaweicloudsdkcore.client")
    credentials: Any = import_module("huaweicloudsdkcore.auth.credentials").BasicCredentials(ak, sk).with_iam_endpoint(url)
    if security_token:
        credentials = credentials.with_security_token(security_token)
    region = import_module("huaweicloudsdkcore.region.region").Region(id="cn-north-4", endpoint=url)
    client = sdk.ClientBuilder(sdk.Client).with_credentials(credentials).with_region(region).build()
    asked = [tuple(pair.split("=", 1)) for pair in query]
    return client.do_http_request(method, "/v2/{project_id}" + path, {}, asked, {}, response_type=Answer)


def main(*arguments: str) -> None:
    failures: Any = import_module("huaweicloudsdkcore.exceptions.exceptions")
    try:
        answer = {"status": 200, "body": ask(*arguments).to_json_object()}
    except failures.ServiceResponseException as error:
        answer = {"status": error.status_code, "code": error.error_code, "message": error.error_msg, "request_id": error.request_id}
    except failures.SdkException as error:
        answer = {"status": None, "message": str(error)}
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
