# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fixed words of the Control API. Sections named in these files are those of the vendor page ``ctrlapi.md``."""

from __future__ import annotations

# Section 2.1: one address for everything.
PATH = "/ctrl_api/v1/json"

LIVE, VOD = "live", "vod"

# Sections 4.1 and 4.2: written exactly so.
SCHEDULED, STARTED, STOPPED, STALLED, REJECTED = "Scheduled", "Started", "Stopped", "Stalled", "Rejected"
EXPLORE, RUNNING, COMPLETED, CANCELED = "Explore", "Running", "Completed", "Canceled"
LIVE_STATES = (SCHEDULED, STARTED, STOPPED, STALLED, REJECTED)
VOD_STATES = (SCHEDULED, EXPLORE, RUNNING, COMPLETED, REJECTED, CANCELED, STALLED)
# Sections 3.7 and 3.8: "*" means all running and queued tasks.
UNDER_WAY = (SCHEDULED, EXPLORE, RUNNING)

# Sections 3.4 and 3.9.
SENT = "Stop request was sent"
UNAVAILABLE = "Stopping task is unavailable"

EVERYTHING = "*"

# Section 2.5: roles in a project, as ProjectsList returns them; ``unknown`` is a superuser of the whole Solution.
ROLES = ("owner", "admin", "user", "engineer", "operator", "unknown")
SUPERUSERS = ("Superadmin", "Supervisor")

# Sections 3.2, 3.6 and 3.10. What isn't a known read counts as a change.
READS = frozenset({"AppList", "AppTasks", "ProjectsList", "TaskInfo", "TaskEvents", "TaskStatus", "TaskReport"})

# Section 3.10.
PRIORITIES = ("low", "normal", "high", "urgent", "immediate")
# Section 3.7.
CHAIN_PARTS = ("first", "last", "exact", "all")
RESULT_GROUPS = ("file_summary", "container_validation", "video_parameters", "audio_parameters", "video_quality", "audio_quality")
# Section 3.7: on by default, three attempts, 1 to 10.
ATTEMPTS, MOST_ATTEMPTS = 3, 10
# Section 3.6: TaskEvents names a largest page, ProjectsList only the default.
PAGE_SIZE, LARGEST_EVENTS_PAGE = 25, 100

# Section 8, T12: the key of the public signing vector.
VECTOR_KEY = "AGnO/VenzHB9xkLYZG1i70kQ9iyFBBvugGXSFyTQaB0="
# Section 2.4: a signature is good for a minute.
WINDOW = 60
