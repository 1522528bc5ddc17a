"""What a link says of its failure, as a code for which the pages have plain words."""

from __future__ import annotations

import re

_REASONS = (  # what a link says of its failure (federation.transport.dialling, protocol.session) -> the code of its plain words
    ("revoked", "revoked"), ("clock of this machine|not yet valid|expired", "clock"), ("not our parent|names another node|wrong_p", "stranger"),
    ("does not speak our protocol|knows no protocol|needs_upgrade|no protocol version", "protocol"), ("hangs up", "hangs_up"),
    ("nobody listens", "nobody"), ("is not an address", "address"), ("is not found", "name"), ("there is no way", "no_way"),
    ("does not greet|greeting", "no_greeting"), ("copy of it run|talks to a newer connection", "copy"), ("started anew", "restarted"),
    ("no key proves", "unproven"),
    ("not enrolled", "not_enrolled"), ("knows more of our chain|another generation|entries were skipped|changed under", "recovering"),
    ("failed here|an internal error", "trouble"), ("closed the link|of the child ended|line to|the line|is down|cut|stopp", "line"),
)  # fmt: skip


def reason_of(error: str | None) -> str:
    """The code of a link's failure in plain words; "other" when nobody knows it, "" without one."""
    if not error:
        return ""
    return next((code for pattern, code in _REASONS if re.search(pattern, error)), "other")
