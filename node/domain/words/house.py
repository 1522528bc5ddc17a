"""The words the code uses about itself, for whoever reads it first: `docs/glossary.md` is made from this table.

What people see on pages and papers stands in `terms`; here are the words of the journal, of custody and of the links.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Word:
    """`means` in plain words; `file` is where to read on."""

    means: str
    file: str


HOUSE: Mapping[str, Word] = MappingProxyType(
    {
        # the journal
        "entry": Word(
            "One signed line of a journal: a header, its signature, and perhaps a body.", "federation/protocol/envelope.py"
        ),
        "header": Word(
            "The signed bytes of an entry: who, when, what kind, the facts, and the hash of the body. It travels to every node above.",
            "federation/protocol/envelope.py",
        ),
        "fact": Word(
            "A code, number, date or hash in a header. A fact never holds free text or personal data.",
            "node/domain/cases/schema.py",
        ),
        "body": Word(
            "The personal data and free text of an entry. Only nodes that have to do with the case may fetch it.",
            "node/store/objects.py",
        ),
        "blob": Word("A photograph or file, kept under the hash of its bytes.", "node/store/objects.py"),
        "arrival": Word("The local number of an entry: the order in which this node stored it.", "node/store/journal.py"),
        "standing": Word(
            "Whether a stored entry counts: good, quarantined, or of the branch of a fork that lost.", "node/store/journal.py"
        ),
        "evidence": Word(
            "An entry kept because it could not be proven. It is judged again when a new key may prove it.",
            "node/store/evidence.py",
        ),
        "finding": Word(
            "Something wrong that an auditor must see. A finding changes nothing by itself.", "node/store/findings.py"
        ),
        "fork": Word(
            "Two entries of one author at one place. One branch stands, the other is evidence.", "node/store/journal.py"
        ),
        "cited": Word(
            "The revisions of catalog, calendar and rules that the author of an entry went by. They stand in its header.",
            "federation/protocol/envelope.py",
        ),
        # lives of a node
        "epoch": Word(
            "One unbroken run of a node's numbering. A restore, or a neighbour that knows more of us than we do, opens the next.",
            "node/services/tree/recovery.py",
        ),
        "generation": Word(
            "The name of one state of a store. A new one tells neighbours to send everything again.",
            "node/services/tree/inbound.py",
        ),
        "life": Word(
            "What a node wrote between two restores, when a key of its own was forgotten in between.",
            "node/services/tree/lives.py",
        ),
        "witnessed": Word(
            "Between two times that somebody else signed: the last receipt before an act, and the first that covers it.",
            "federation/protocol/receipts.py",
        ),
        "receipt": Word(
            "A parent's signature under the head of its child's journal, with the time.", "federation/protocol/receipts.py"
        ),
        # custody of a case
        "custodian": Word(
            "The one node that may act on a case. Everybody else may only ask. Nobody is, while the case is on its way.",
            "node/services/cases/custody.py",
        ),
        "offer": Word(
            "The custodian's entry that gives a case to a neighbour. From then on the case is in transit.", "node/domain/model.py"
        ),
        "take": Word(
            "The mechanical answer to an offer, once every body of the case is here. Files may follow.",
            "node/services/cases/custody.py",
        ),
        "hop": Word("One stay of a case at a node: from whom, why, from when until when.", "node/domain/model.py"),
        "term": Word("The number of the present stay. Each take raises it by one.", "node/domain/model.py"),
        "request": Word(
            "What a node that is not the custodian asks of it: withdraw, supply, remind, recall. Answered exactly once.",
            "node/store/requests.py",
        ),
        "parked": Word("An event of a case whose predecessor has not come yet.", "node/domain/cases/casefold.py"),
        "void": Word(
            "An event that lost against a rival, or follows one that did. It is kept and has no effect.",
            "node/domain/cases/casefold.py",
        ),
        # the screens
        "desk": Word("The part of the table of cases from which lists of work are read.", "node/store/desk.py"),
        "turn": Word(
            "What a case waits for at this node, as one word. Also the writer's turn: the moment in which one command may write.",
            "node/domain/cases/awaits.py",
        ),
        "pulse": Word("The question an open page asks every few seconds: has anything arrived?", "edge_ui/web/live.py"),
        "projection": Word("Query tables made from the journal. They can always be made anew.", "node/store/projections.py"),
        "backlog": Word("Entries that are stored and acknowledged, and not yet in the query tables.", "node/store/backlog.py"),
    }
)
