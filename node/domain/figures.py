"""The names of what is counted and found over the tree: choices of the API, of the page of counts and of its files.

What each measure counts stands in `node/store/measures.py`; a test holds the two together.
"""

from __future__ import annotations

from node.domain.cases.awaits import ROLES

MEASURES = ("cases", "filed", "concluded", "decided", "on_time", "late", "unlimited", "unknown", "overdue", "overdue_open")
VIEWS = (
    "open", "due_today", "overdue", "unknown", "past_overdue", "in_transit", "transit_long", "stopped", "unanswered_reminders", "unheard",
    "unassigned", "abnormal", "turned_away", "drawn",
)  # fmt: skip
GROUPS = ("status", "node", "filed_at", "item", "tier", "day", "step")
RATE = ("on_time", "late", "overdue_open")  # of which the first by all is the share in time
MONITORS = ("time", "process", "logic", "anomaly", "fee", "disclosure")
STATES = ("suspected", "checking", "confirmed", "dismissed")  # of a finding
TRANSIT, NO_STEP = "transit", "none"  # what a case waits for on its way, and when it is over
STEPS = (*ROLES, TRANSIT, NO_STEP)
