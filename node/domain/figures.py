"""The names of what is counted and found over the tree: choices of the API, of the page of counts and of its files.

What each measure counts stands in `node/store/measures.py`; a test holds the two together.
"""

from __future__ import annotations

MEASURES = ("cases", "filed", "concluded", "decided", "on_time", "late", "unlimited", "overdue", "overdue_open")
VIEWS = ("open", "due_today", "overdue", "past_overdue", "in_transit", "stopped", "unanswered_reminders")
GROUPS = ("status", "node", "filed_at", "item", "tier", "day")
RATE = ("on_time", "late", "overdue_open")  # of which the first by all is the share in time
MONITORS = ("time", "process", "logic", "anomaly", "fee", "disclosure")
STATES = ("suspected", "checking", "confirmed", "dismissed")  # of a finding
