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
        "note": Word(
            "An entry beside a case that changes nothing in it: a paper issued, a message, a card, an order.",
            "node/domain/notes.py",
        ),
        "stamp": Word(
            "The status that an entry says the case has after it. By it a node follows a kind that it does not know.",
            "node/domain/cases/casefold.py",
        ),
        "doubt": Word(
            "What a case rests on that its author may not do. Nobody shows such an act as a decision.",
            "node/domain/words/flags.py",
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
        "Status": Word(
            "What a node signs of itself on each line, every ten minutes: how far its journal goes, and after which time of its parent.",
            "node/services/tree/talks.py",
        ),
        "heard": Word(
            "A parent's entry about its children: up to when it knows everything of each, and who is silent.",
            "node/domain/tree/heard.py",
        ),
        "known until": Word(
            "The moment up to which everything of a node is here. What rests on silence counts only before it.",
            "node/services/tree/freshness.py",
        ),
        "revision": Word(
            "One publication of a document by the root, named by number and hash.", "node/domain/catalog/revisions.py"
        ),
        "layer": Word(
            "What one node publishes of the catalog. A lower layer may overlay an item of an upper one, and never loosens it.",
            "node/services/catalog/catalog.py",
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
        "line": Word(
            "One thread of the work on a case, with its step, owner and clocks. Line 0 is the lead's.", "node/domain/model.py"
        ),
        "carrier": Word(
            "A node between an author and whom a note is for. It keeps the words until all beyond it have them.",
            "node/store/carriage.py",
        ),
        "introduction": Word(
            "What a child must be told of a strange author before it can believe it: enrolments and keys, each once.",
            "node/store/introductions.py",
        ),
        # supervision
        "watch": Word(
            "One time limit with one due day, from the entry that set it to the act of a person that meets it.",
            "node/domain/supervision/watches.py",
        ),
        "signal": Word(
            "A step of the ladder that a watch has reached: reminder, warning, overdue, yellow or red card.",
            "node/domain/supervision/signals.py",
        ),
        "served": Word(
            "A card that the parent of the charged node has signed. It is never taken back, only appealed against.",
            "node/services/supervision/cards.py",
        ),
        "story": Word(
            "What each entry of a case counts for in a monthly report, in the order of the case.", "node/domain/reports/story.py"
        ),
        "cut": Word(
            "Up to which entry of which node a report counted. Whoever has these entries counts the same.",
            "node/domain/reports/cut.py",
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
        "roll-up": Word(
            "A count of cases kept with every entry, so that a figure of a city needs no look at its cases.",
            "node/store/rollups.py",
        ),
        # the house
        "wing": Word("The folder of one subject. It has the same name in `domain`, `services` and `edge_ui`.", "DESIGN.md"),
        "room": Word("The file of a group of acts: their fields, guards, facts and effects.", "node/domain/cases/acts/act.py"),
        "port": Word("What the web side uses of a service, with its errors.", "edge_ui/ports/__init__.py"),
        "feature": Word(
            "A code for what a program can do beyond 1.0. Who would write what a neighbour cannot serve is refused first.",
            "node/domain/cases/acts/__init__.py",
        ),
    }
)
