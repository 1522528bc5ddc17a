"""Recompute a card of supervision from its proof file, with nothing of the program that made it.
    python scripts/check_card.py FILE [ROOT]     ROOT: the first characters, in hex, of the hash of the root's first entry
Checks every signature up to the root, the chain of the case, what parents heard, counts the days and says who answers. Exit 0: the card
holds, 1: it does not. "rule not recomputed": signatures, chain and positions hold; the rest is beyond this (other rules than T01 T02 T05-T09,
orders, items, what is done at once, histories that were undone or assigned). It is short so that whoever doubts a card can read all of it."""
# fmt: off

import base64
import datetime as dt
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

DAY, ONE, CST, KINDS = 86_400_000, dt.timedelta(days=1), 8 * 3_600_000, ("signal_served", "order_card_served", "item_card_served")
LAW = dict(notice_days=5, service_days=10, agent_days=1, receipt_days=1, cure_wd=2, lower_share=0.4, default_one=20, default_joint=45)  # noqa: C408
FIXED, TIERS = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)), ("village", "township", "district", "city")
LIMITED = {"T01": "receipt_days", "T02": "notice_days", "T08": "service_days", "T09": "agent_days"}
RUNS = {"T01": "unreceived", "T02": "submitted unreceived", "T05": "accepted suspended", "T06": "accepted suspended", "T07": "suspended",
        "T08": "approved refused", "T09": "with_agent"}
class Wrong(Exception): ...
class Beyond(Exception): ...
def need(holds: object, why: str) -> None:
    if not holds:
        raise Wrong(why)
def varint(data: bytes, at: int) -> tuple[int, int]:
    end = next(n for n in range(at, at + 10) if data[n] < 128)
    return sum((data[n] & 127) << 7 * (n - at) for n in range(at, end + 1)), end + 1
def fields(data: bytes) -> dict[int, Any]:  # the fields of a protobuf message: numbers as they stand, texts and messages as bytes
    found, at = dict[int, Any](), 0
    while at < len(data):
        key, at = varint(data, at)
        found[key >> 3], at = varint(data, at)
        if key & 7:
            need(key & 7 == 2 and at + found[key >> 3] <= len(data), "bytes that are no message")
            found[key >> 3], at = data[at : at + found[key >> 3]], at + found[key >> 3]
    return found
def fact(value: Any) -> Any:
    ((kind, said),) = value.items() if isinstance(value, dict) else (("", value),)
    octets = [base64.urlsafe_b64decode(one + "=" * (-len(one) % 4)) for one in ([said] if kind == "hash" else said if kind == "hashes" else [])]
    return octets if kind == "hashes" else octets[0] if kind == "hash" else dt.date.fromisoformat(said) if kind == "date" else said
class Entry:
    def __init__(self, header: bytes, signature: bytes) -> None:
        f = fields(header)
        c, s = fields(f.get(16, b"")), fields(f.get(21, b""))
        self.hash, self.signature = hashlib.sha256(b"tongban entry 1\0" + header).digest(), signature
        self.author, self.place, self.prev, self.key = f.get(2, b""), (f.get(3, 0), f.get(4, 0)), f.get(5, b""), f.get(6, b"")
        self.kind, self.subject, self.staff = (f.get(n, b"").decode() for n in (8, 11, 12))
        self.claim, self.since = ((n >> 1) ^ -(n & 1) for n in (f.get(13, 0), f.get(15, 0)))
        self.cal, self.rules = (c.get(2, 0), c.get(4, b"")), (c.get(3, 0), c.get(5, b""))
        self.facts = {key: fact(value) for key, value in json.loads(f.get(17, b"") or b"{}").items()}
        self.case, self.version, self.before = s.get(1, b"").decode(), s.get(2, 0), s.get(3, b"")
        self.status, self.holder, self.at = s.get(5, b"").decode(), s.get(6, b""), 0
def authentic(entries: Sequence[Entry], root: str) -> dict[bytes, tuple[bytes | None, str, str]]:  # node -> (parent, tier, code); every signature
    keys, nodes = dict[tuple[bytes, bytes], bytes](), dict[bytes, tuple[bytes | None, str, str]]()
    for one in entries:
        if not nodes:
            need(one.kind == "node_initialised" and one.hash.hex().startswith(root), "another root than the one you trust")
            keys[one.author, one.key], nodes[one.author] = one.facts["key"], (None, one.facts["tier"], one.facts["code"])
        need((one.author, one.key) in keys, "an entry of a node that nobody enrolled")
        Ed25519PublicKey.from_public_bytes(keys[one.author, one.key]).verify(one.signature, b"tongban entry signature 1\0" + one.hash)
        if one.kind in ("node_enrolled", "node_rekeyed", "key_rotated"):
            node = one.author if one.kind == "key_rotated" else one.facts["node"]
            keys[node, hashlib.sha256(one.facts["key"]).digest()[:8]] = one.facts["key"]
            parent = nodes.setdefault(node, (one.author, one.facts.get("tier", ""), one.facts.get("code", "")))[0]
            need(one.kind == "key_rotated" or parent == one.author, "a key from who is not the parent")
    return nodes
def day_of(ms: int) -> dt.date:
    return dt.date.fromordinal(719163 + (ms + CST) // DAY)
def end_of(day: dt.date) -> int:
    return (day.toordinal() - 719162) * DAY - CST
class Days:  # of the calendar that is cited, and from the day after its publication on of each later one
    def __init__(self, said: Sequence[tuple[Any, ...]], cited: tuple[int, bytes]) -> None:
        started, self.days, self.years = not cited[0], dict[dt.date, str](), set[int]()
        for number, mark, published, doc in said:
            later, new, years = started, {dt.date.fromisoformat(d): k for d, k in doc["days"]}, set(doc["years"])
            started = started or (number == cited[0] and cited[1] in (mark, b""))
            first = day_of(published) + ONE if later else dt.date.min
            if started:
                days = {d: k for d, k in self.days.items() if d < first} | {d: k for d, k in new.items() if d >= first}
                fixed = [dt.date(year, *one) for year in (self.years ^ years if later else ()) for one in FIXED]
                days = {d: "off" for d in fixed if d.year not in (self.years if d < first else years)} | days
                self.days, self.years = days, self.years | years
        need(started, "the calendar that is cited is not here")
    def works(self, day: dt.date) -> bool:
        free = day.weekday() > 4 or (day.year not in self.years and (day.month, day.day) in FIXED)
        return self.days.get(day, "off" if free else "work") == "work"
    def add(self, day: dt.date, count: int, stops: Sequence[tuple[dt.date, dt.date]] = ()) -> dt.date:
        while count > 0:
            day, count = day + ONE, count - self.works(day + ONE)
        stood = [stops[0][0] + ONE * k for k in range((stops[0][1] - stops[0][0]).days + 1)] if stops and stops[0][0] <= day else []
        return self.add(day, sum(map(self.works, stood)), stops[1:]) if stood else day
class Story:  # the case as its entries tell it; the n-th state is that after the n-th entry
    def __init__(self, chain: Sequence[Entry], rule: str, docs: Mapping[Any, Any], nodes: Mapping[bytes, Any]) -> None:
        self.chain, self.rule, self.docs, self.nodes = chain, rule, docs, nodes
        self.item: Mapping[str, Any] = next((docs[one.facts["item_hash"]] for one in chain[::-1] if one.facts.get("item_hash") in docs), {})
    def before(self, moment: int) -> int:
        return max((n for n, one in enumerate(self.chain) if one.at < moment), default=-1)
    def latest(self, n: int, fact: str, *kinds: str) -> Any:  # what the last entry up to the n-th (of these kinds) says; its author under "author"
        one = next(one for one in self.chain[n::-1] if (one.kind in kinds if kinds else "resume_status" in one.facts))
        return one.author if fact == "author" else one.facts[fact]
    def status(self, n: int) -> str:  # by which the clocks go: on the way what the taker will find
        one = self.chain[n]
        on_the_way = "unreceived" if one.holder else self.latest(n, "resume_status").replace("with_agent", "in_transit")
        return str(on_the_way if one.status == "in_transit" else one.status)
    def first(self, n: int) -> Entry:  # the entry since which the rule runs
        return self.chain[next((k for k in range(n, 0, -1) if self.status(k - 1) not in RUNS[self.rule].split()), 0)]
    def limit(self, of: Entry, name: str) -> Any:
        found = [doc for number, mark, _, doc in self.docs["rules"] if number == of.rules[0] and of.rules[1] in (mark, b"")]
        return (found[-1] if of.rules[0] else {}).get("parts", {}).get("limits", {}).get(name, LAW[name])
    def received(self, n: int) -> tuple[Entry, int]:  # the entry that started R, and when it did
        waits, found = False, self.chain[0]
        for k, one in enumerate(self.chain[: n + 1]):
            take = one.kind == "custody_taken" and self.status(k) == "unreceived"
            waits = bool(one.facts.get("awaits_papers")) if take else waits
            came = found.status in ("with_agent", "draft") and ((take and not waits) or (one.kind == "received" and waits))
            found = one if came or one.kind in ("submitted", "correction_supplied") or one.status == "with_agent" else found
        days = [found.facts.get("papers_arrived"), self.chain[0].facts.get("received_on")] if found.kind != "correction_supplied" else []
        return found, min(found.at, found.at, *(end_of(one) - 1 for one in days if one))
    def stops(self, n: int, since: int) -> list[tuple[dt.date, dt.date]]:
        found: list[tuple[dt.date, dt.date]] = []
        for k, one in [(k, o) for k, o in enumerate(self.chain[: n + 1]) if o.kind == "suspended" and "serial" in o.facts]:
            ends = [min(day_of(o.at), one.facts["until"]) for o in self.chain[k : n + 1] if o.kind == "resumed"] or [one.facts["until"]]
            begins = [day_of(one.at), *(last + ONE for _, last in found[-1:]), *([day_of(since) + ONE] if one.at < since else [])]
            found += [(max(begins), ends[0])] if max(begins) <= ends[0] else []
        return found
    def start(self, n: int) -> tuple[Entry, dt.date, int]:  # what started P (S: of who decides), its day, the days without an extension
        began, item, own = self.first(n), self.item, self.item.get("promised_limit" if self.rule == "T05" else "statutory_limit")
        takes = [began, *(one for one in self.chain[: n + 1] if (self.rule, one.kind) == ("T06", "custody_taken") and one.at > began.at)]
        began, again = takes[-1], [one.holder for one in takes[1:]].count(takes[-1].holder) > 1  # what a second stay has left: not here
        below = self.rule == "T06" and TIERS.index(self.nodes[began.author][1]) < TIERS.index(item["approval_level"])
        other = self.rule == "T06" and (item["category"] != "行政许可" if own is None else item.get("statutory_unit") == "calendar")
        if item["case_type"] == "immediate" or not item.get("promised_limit") or below or other or again:
            raise Beyond
        day = day_of(self.received(n)[1] if began.kind == "deemed_accepted" else began.at)
        return began, day, own if own is not None else self.limit(began, "default_joint" if item["case_type"] == "joint" else "default_one")
    def due(self, n: int) -> dt.date | None:  # the day of the rule in a state; None where it does not run
        if (stands := self.status(n) not in RUNS[self.rule].split()) or self.rule == "T07":
            return None if stands else self.latest(n, "until", "suspended")
        if self.rule in LIMITED:
            of, at = self.received(n) if self.rule == "T02" else (self.first(n), self.first(n).at)
            runs = self.rule != "T02" or of.status not in ("with_agent", "draft")  # on the way to its first office nobody has received it
            return Days(self.docs["calendar"], of.cal).add(day_of(at), self.limit(of, LIMITED[self.rule])) if runs else None
        (of, day, days), longer = self.start(n), sum(self.longer(n).values())
        day, days = (self.latest(n, "due", "accepted", "deemed_accepted", "accepted_with_gap"), 0) if self.rule == "T05" else (day, days)
        return Days(self.docs["calendar"], of.cal).add(day, days + longer, self.stops(n, of.at))
    def longer(self, n: int) -> dict[bytes, int]:
        return {one.author: one.facts["extension_days"] for one in self.chain[: n + 1] if one.kind == "extended" and "serial" in one.facts}
    def charged(self, anchor: int, due: dt.date) -> bytes:  # who answers, settled at 24:00 of the due day
        until, k = max(due, day_of(self.chain[anchor].at)), self.before(max(end_of(due), self.chain[anchor].at + 1))
        holder: bytes = self.chain[k].holder or self.latest(k, "author")
        if self.rule not in ("T05", "T06"):
            return holder
        (began, day, days), used, longer = self.start(k), dict[bytes, int](), self.longer(k)
        cal, last = Days(self.docs["calendar"], began.cal), (until - day).days + 1
        for n, today in ((n, day + ONE * n) for n in range(1, last + 1)):
            at = self.chain[m := self.before(end_of(today - ONE))]
            if at.holder and (at.status != "suspended" or self.latest(m, "until", "suspended") < today) and (cal.works(today) or n == last):
                used[at.holder] = used.get(at.holder, 0) + 1
        above = {u: TIERS.index(self.nodes[u][1]) - TIERS.index(self.item["approval_level"]) for u in (*used, began.holder)}  # < 0: only examines
        share = int(days * self.limit(began, "lower_share") / below + 1e-9) if (below := max(-above[began.holder], 0)) else 0
        over = {one: n - (share if above[one] < 0 else days - share * below) - longer.get(one, 0) for one, n in used.items()}
        need(max(over.values(), default=0) > 0, "every unit is within its budget")
        return holder if over.get(holder) == max(over.values()) else max(over, key=lambda unit: over[unit])
# Whether a node is known past a moment; all that it wrote from its last act (`mine`) until it was heard then, nothing left out
def heard(node: bytes, mine: tuple[int, int], entries: Sequence[Entry], nodes: Mapping[bytes, Any], moment: int) -> list[Entry]:
    words = sorted((one for one in entries if one.kind == "heard" and one.author == nodes[node][0]), key=lambda one: one.place)
    past = [n for n, one in enumerate(words) if min(one.facts["at"], one.claim) >= moment and node[:8] in [s[:8] for s in one.facts["spoke"]]]
    need(past or nodes[node][0] is None, "the node that has to act was not heard past the moment")
    until = max((place for one in words[: past[0] + 1] for place in marks(one, node)), default=(0, 0)) if past else (0, 0)
    own = {one.place: one for one in entries if one.author == node}
    need(not past or until >= mine, "what the parent heard does not reach the last act")
    found = [own[until[0], n] for n in range(mine[1] + 1, until[1] + 1)]
    need(all(one.prev == own[mine[0], n].hash for n, one in enumerate(found, mine[1])), "an entry of the node was left out")
    return found
def marks(one: Entry, node: bytes) -> list[tuple[int, ...]]:  # up to where a parent said that it has a child's chain
    return [tuple(map(int, m.split(":")[1:])) for m in one.facts["advanced"] if m.startswith(node[:8].hex())]
def order(f: Mapping[str, Any], entries: Sequence[Entry], nodes: Mapping[bytes, Any]) -> str:  # no answer came; or: just this was confirmed
    unit, above, of = f["charged"], [f["charged"]], {"event": f["anchor"], "flag": f["flag"], "state": "confirmed"} if "flag" in f else {}
    said = next(one for one in entries if (of.items() <= one.facts.items() and one.kind == "finding_judged" if of else one.hash == f["anchor"]))
    while said.author not in above:
        above.append(nodes[above[-1]][0])
    if of:
        found = said.facts["unit"], said.facts["item"], day_of(said.facts["found"]), said.claim
        raise Beyond if found == (nodes[unit][2], f["item"], f["due"], f["fell"]) else Wrong("something else was confirmed")
    acts = sorted((one for one in entries if one.author == said.author and one.facts.get("order") == f["order"] and one.place <= said.place
                   and one.kind in ("order_signed", "order_returned", "order_reminded")), key=lambda one: one.place)
    need([one.facts["version"] for one in acts] == [*range(1, len(acts) + 1)], "an act of the issuer was left out")
    need((said.facts["rung"], acts[-1], acts[0].facts["unit"]) == ("unanswered", said, nodes[unit][2]), "another order or unit")
    demand = [one for one in acts if one.kind != "order_reminded"][-1]
    came = next(one for one in entries if one.author == unit and (one is demand or one.facts.get("note") == demand.hash))
    answers = [o.facts for o in heard(unit, came.place, entries, nodes, f["fell"]) if o.kind == "order_replied" and max(o.claim, o.since) < f["fell"]]
    need((f["order"], demand.facts["version"]) not in [(one["order"], one["version"]) for one in answers], "it was answered")
    raise Beyond
def check(proof: Mapping[str, Any], root: str) -> str:
    entries = [Entry(base64.b64decode(header), base64.b64decode(signature)) for header, signature in proof["entries"]]
    nodes = authentic(entries, root)
    objects = {hashlib.sha256(data).digest(): json.loads(data) for data in map(base64.b64decode, proof["documents"])}
    said = [one for one in entries if one.kind == "published" and nodes[one.author][0] is None and one.facts["manifest"] in objects]
    docs = {kind: sorted(((one.facts["revision"], one.facts["manifest"][:8], one.claim, objects[one.facts["manifest"]]) for one in said
            if one.facts["kind"] == kind), key=lambda row: (row[0], row[2], row[1])) for kind in ("calendar", "rules")}
    note = next(one for one in entries if one.kind in KINDS and one.facts["id"].hex() == proof["card"])
    f, chain = note.facts, sorted((one for one in entries if one.case and one.case == note.subject), key=lambda one: one.version)
    subject = note.subject if note.kind == KINDS[0] else f["order"].hex() if note.kind == KINDS[1] else f["item"] or nodes[f["charged"]][2]
    names = {one.facts.get(name) for one in (*said, *chain) for name in ("manifest", "item_hash")} | {f["anchor"]}
    need(objects.keys() <= names and objects.get(f["anchor"], {}).get("item_id") in (None, f.get("item")), "a document that nobody published")
    need((nodes[f["charged"]][0] or f["charged"]) == note.author, "served by who is not the parent of the node that answers")
    for n, one in enumerate(chain):
        need((one.version, one.before) == (n + 1, chain[n - 1].hash if n else b""), "the chain of the case does not connect")
        words = [o for o in entries if o.kind == "heard" and o.author == nodes[one.author][0]]
        bound = min((o.claim for o in words for place in marks(o, one.author) if place >= one.place), default=1 << 62)
        need(nodes[one.author][0] is None or bound < 1 << 62 or one.claim > f["fell"], "a time that nobody bears out")
        one.at = max(min(max(one.claim, one.since), bound), chain[n - 1].at if n else 0)
    text = "\0".join(("tongban signal 1", subject, f["rule"], f["anchor"].hex(), f["due"].isoformat(), f["charged"].hex(), f["rung"]))
    need(hashlib.sha256(text.encode()).digest() == f["id"], "the id is not that of the card")
    if note.kind != KINDS[0]:
        return order(f, entries, nodes)
    story = Story([one for one in chain if one.at < f["fell"]] or chain, f["rule"], {**docs, **objects}, nodes)
    if holder := story.chain[-1].holder:
        mine = max(one.place for one in story.chain if one.author == holder)
        need(all(one.case != chain[0].case for one in heard(holder, mine, entries, nodes, f["fell"])), "an act of the holder was left out")
    last, anchor = len(story.chain) - 1, [one.hash for one in story.chain].index(f["anchor"])  # the entry that set the day
    if not holder or f["rule"] not in RUNS or {"undone", "custody_assigned", "refiled", "repinned"} & {one.kind for one in story.chain}:
        raise Beyond
    need(story.due(anchor) == f["due"] and (not anchor or story.due(anchor - 1) != f["due"]), "another day was due")
    need(not any(story.due(n) != f["due"] and (f["rule"] > "T02" or chain[n].staff != "system") for n in range(anchor + 1, last + 1)), "met before")
    cal, parts = Days(docs["calendar"], chain[anchor].cal), [(at, doc.get("parts", {}).get("supervision", {})) for _, _, at, doc in docs["rules"]]
    parts = [(at, part) for at, part in parts if max((day_of(at) + ONE).isoformat(), part.get("since", "")) <= f["due"].isoformat()]
    after = next((row["days"] for row in (parts[-1][1].get("rung", []) if parts else []) if row["rung"] == "yellow" and "days" in row), 1)
    fell = cal.add(f["due"], {"overdue": 0, "yellow": after, "red": after + story.limit(chain[anchor], "cure_wd")}[f["rung"]])
    need(f["fell"] == end_of(fell), "it fell on another day")
    need(f["over"] == sum(cal.works(f["due"] + ONE * n) for n in range(1, (fell - f["due"]).days + 1)) + 1, "it was over by other days")
    need(story.charged(anchor, f["due"]) == f["charged"], "another unit answers")
    return f"holds: {f['rule']} {f['rung']}, due {f['due']}, fell at the end of {fell}"
def main() -> int:
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            print(check(json.load(file), [*sys.argv, ""][2].lower()))
    except Beyond:
        print("signatures, chain and positions hold; rule not recomputed")
    except (Wrong, InvalidSignature, ValueError, LookupError, TypeError, StopIteration, AttributeError, OSError, RecursionError) as error:
        print(f"does not hold: {error or 'a signature'}")
        return 1
    return 0
if __name__ == "__main__":
    sys.exit(main())
