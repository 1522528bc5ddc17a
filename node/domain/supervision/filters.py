"""By what lists of supervision are narrowed: the names in an address, the same on pages and in the API."""

CASES = (
    "view", "measure", "holder", "unit", "under", "filed_at", "tier", "item", "department", "kind", "status", "step", "over", "month", "rule",
    "decision", "unassigned", "staff", "from", "to", "cursor",
)  # fmt: skip
DESK = (
    "holder",
    "unit",
    "under",
    "item",
    "department",
    "kind",
    "over",
    "step",
    "month",
    "unassigned",
)  # a person goes on with it from view to view
SIGNALS = ("rung", "rule", "state", "node", "under", "item", "department", "kind", "case_no", "cursor")
FINDINGS = ("node", "under", "monitor", "rule", "state", "data_error", "item", "department", "kind", "cursor")
