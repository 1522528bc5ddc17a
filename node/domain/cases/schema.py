"""Which facts each kind of case event may carry, and of what type (DESIGN "The journal": facts have no free-text type).

`check_facts` is what keeps personal data out of headers: a fact that is not listed, is of another type, or is a code with
any character outside `[A-Za-z0-9._:;+-]` is named. `decide` refuses to produce such an event; `audit` flags one that comes
from elsewhere. A kind that is not listed is of a later version and is not judged.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from node.domain.model import Facts

CODE, NUMBER, FLAG, HASH, DATE, CODES, HASHES = "code", "number", "flag", "hash", "date", "codes", "hashes"
MAX_CODES = 200

_CODE = re.compile(r"[A-Za-z0-9._:;+\-]{0,128}")

_FILING = {
    "item": CODE,
    "item_version": NUMBER,
    "item_hash": HASH,
    "source": CODE,
    "application_no": CODE,
    "channel": CODE,
    "village": CODE,
    "materials": CODES,
    "query_salt": HASH,
    "query_hash": HASH,
    "mandate": CODES,
    "mandate_until": DATE,
    "replaces": CODE,
    "received_on": DATE,
}
_DUE = {"due": DATE}
_DECISION = {"same_person": FLAG, "step": CODE}

_SCHEMA: dict[str, dict[str, str]] = {
    "draft_saved": _FILING,
    "lodged": _FILING,
    "submitted": _FILING,
    "custody_offered": {
        "target": HASH,
        "purpose": CODE,
        "resume_status": CODE,
        "objects": HASHES,
        "blobs": HASHES,
        "reason": CODE,
        "urgent": FLAG,
    },
    "custody_taken": {"giver": HASH, "purpose": CODE, **_DUE},
    "custody_assigned": {"giver": HASH, "receiver": HASH, "base": HASH, "resume_status": CODE},
    "received": {},
    "not_required_found": {"basis": CODE},
    "not_accepted": {"basis": CODE},
    "correction_requested": {"items": CODES, **_DUE},
    "correction_repeated": {"items": CODES, **_DUE},
    "correction_supplied": {"files": CODES, "papers": CODES},
    "terminated": _DUE,
    "accepted": {**_DUE, "provisional": FLAG, "item_version": NUMBER},
    "deemed_accepted": {**_DUE, "provisional": FLAG, "item_version": NUMBER, "accepted_on": DATE},
    "decided_at_once": {**_DECISION, **_DUE},
    "step_completed": {"step": CODE, "tier": CODE},
    "taken_up": {"step": CODE, "assignee": CODE},
    "assigned": {"step": CODE, "assignee": CODE},
    "reassigned": {"step": CODE, "assignee": CODE, "from": CODE},
    "sent_back": {"step": CODE},
    "suspended": {"kind": CODE, "days": NUMBER, "until": DATE},
    "resumed": {"kind": CODE, "over": NUMBER},
    "extended": {"extension_days": NUMBER, **_DUE},
    "withdrawn": {},
    "approved": _DECISION,
    "refused": {**_DECISION, "heard": FLAG, "ground": CODE},
    "concluded": {"result_public": FLAG},
    "delivered": {"mode": CODE},
    "undone": {"kind": CODE},
    "voided": {"kind": CODE, "applicant_told": FLAG},
    "opened": {},
    "refiled": {},
    "reminded": {"to": CODE},
    "request_declined": {"rule": CODE, "asked": CODE},
    "material_added": {"material": CODE, "blob": HASH, "size": NUMBER},
    "urgent_set": {"urgent": FLAG},
    "released": {},
    "requested": {"asked": CODE, "material": CODE, "blob": HASH, "size": NUMBER, "papers": CODES, "blobs": HASHES},
    "paper_issued": {
        "paper": CODE, "basis": HASH, "version": NUMBER, "organ": CODE, "prefix": CODE, "type": CODE, "year": NUMBER, "series": CODE,
        "serial": NUMBER, "day": DATE,
    },
}  # fmt: skip
_NO_EVENTS = ("requested", "paper_issued")
# Any event may answer a request.
SCHEMA: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {kind: MappingProxyType({**facts, "request": HASH} if kind not in _NO_EVENTS else facts) for kind, facts in _SCHEMA.items()}
)


def _is_code(value: object) -> bool:
    if not isinstance(value, str):
        return False
    plain = value.isascii() and value.isalnum() and len(value) <= 128  # most are, and this is quicker to see
    return plain or _CODE.fullmatch(value) is not None


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_TESTS: Mapping[str, Callable[[object], bool]] = {
    CODE: _is_code,
    NUMBER: _is_number,
    FLAG: lambda value: isinstance(value, bool),
    HASH: lambda value: isinstance(value, bytes) and len(value) <= 32,
    DATE: lambda value: isinstance(value, dt.date) and not isinstance(value, dt.datetime),
    CODES: lambda value: isinstance(value, tuple) and len(value) <= MAX_CODES and all(map(_is_code, value)),
    HASHES: lambda value: isinstance(value, tuple) and all(isinstance(one, bytes) and len(one) <= 32 for one in value),
}


def check_facts(kind: str, facts: Facts) -> list[str]:
    """Names of the facts that this kind may not carry, or not so; empty when all is well or the kind is unknown."""
    allowed = SCHEMA.get(kind)
    if allowed is None:
        return []
    return [key for key, value in facts.items() if key not in allowed or not _TESTS[allowed[key]](value)]
