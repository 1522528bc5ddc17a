"""Who may speak: the tree of enrolled nodes and their keys, built from journal entries and from nothing else.

Trust starts at one pinned value, the hash of the root's first entry (`node_initialised`), which every join code carries.
That entry names the root's key; the root's `node_enrolled` entries name its children and their keys, and so on down. An
enrolment counts only when its author is the parent it names and that parent itself hangs on the pinned root. The proof is
by position, never by clock: a key is valid for a node from one (epoch, seq) of its chain to the next, `key_rotated`
(signed by the old key) applies from the entry after it, and `node_revoked` by an ancestor names the last good position.
A node that came back from a backup older than its last rotation has an old key only: `node_rekeyed`, by its parent, says
from which epoch on that key counts (again). Keys stand in the order of their positions, however late one becomes known.

No word of a parent makes a key its child's: whoever names a key shows the signature of that key (`proofs`), and what is renewed
is a key that stood in the child's chain before. A renewal that comes before the rotation it rests on waits for it. An entry that
names a key without proof changes nothing, and `apply` says so, because it is somebody's attempt (FALSE_CLAIMS).

A revocation works backwards too: what the revoked node enrolled beyond its last good position no longer hangs on the
root, and what it revoked there is void. So standing is worked out when asked for (memoised until the next change), and
the order in which a revocation and an enrolment become known does not matter.

A revocation that comes before its node is known is kept and takes effect with the enrolment.

The trust a store gives to two enrolments of one node id is the first come, as long as it still hangs on the root: an id
is made of its first key, so both are that node's own doing, and the common ancestor of both sees it.

A change replaces the store's tables and never alters them, so `copy` costs nothing (authenticate a batch against a copy,
commit, then keep the copy) and other threads may read while one thread applies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from federation.protocol.envelope import HeaderFields
from federation.protocol.facts import FactValue
from federation.protocol.proofs import ENROLMENT, RENEWAL, ROTATION, node_id_of
from federation.protocol.signing import key_id_of

Position: TypeAlias = tuple[int, int]  # (epoch, seq)

INITIALISED, ENROLLED, ROTATED, REVOKED = "node_initialised", "node_enrolled", "key_rotated", "node_revoked"
REKEYED = "node_rekeyed"
TRUST_KINDS = frozenset({INITIALISED, ENROLLED, ROTATED, REVOKED, REKEYED})
KEY_KINDS = frozenset({ENROLLED, ROTATED, REKEYED})
FALSE_CLAIMS = frozenset(
    {"incomplete", "unproven", "not_its_key", "not_its_parent"}
)  # what `apply` says of an entry of KEY_KINDS


@dataclass(frozen=True, slots=True)
class Key:
    """A raw Ed25519 public key, valid for entries at `since` or later, until the next key. `entry` introduced it."""

    since: Position
    key_id: bytes
    public: bytes
    entry: bytes


@dataclass(frozen=True, slots=True)
class Revocation:
    """`author` said at `position` that the node's last good entry is `last_good`."""

    author: bytes
    position: Position
    last_good: Position
    reason: str
    entry: bytes


@dataclass(frozen=True, slots=True)
class TrustedNode:
    """A node as its enrolment describes it. `parent` is None at the root; `enrolled_at` is a position of the parent's chain."""

    node_id: bytes
    code: str
    tier: str
    parent: bytes | None
    enrolled_at: Position
    keys: tuple[Key, ...]
    link_key: bytes = b""
    revocations: tuple[Revocation, ...] = ()


class TrustStore:
    """The known tree. `root_hash` is the pinned hash of the root's first entry, or its first bytes (16 or more)."""

    def __init__(self, root_hash: bytes) -> None:
        if len(root_hash) < 16:
            raise ValueError("a pinned root hash has 16 bytes or more")
        self.root_hash = root_hash
        self.root: bytes = b""
        self._nodes: dict[bytes, TrustedNode] = {}
        self._early: dict[bytes, tuple[tuple[HeaderFields, bytes], ...]] = {}  # wait for what they are about
        self._good: dict[bytes, Position | None] = {}  # memo of last_good
        self._hangs: dict[bytes, bool] = {}  # memo of is_chained
        self._codes: tuple[dict[str, bytes], frozenset[str]] | None = None  # memo of live nodes by code
        self._below: dict[bytes | None, tuple[bytes, ...]] | None = None  # memo of children
        self._named: dict[str, list[bytes]] | None = None  # memo of all nodes by code

    def copy(self) -> TrustStore:
        """An independent store with the same content."""
        other = TrustStore(self.root_hash)
        other.root, other._nodes = self.root, self._nodes
        other._good, other._hangs, other._codes, other._early = self._good, self._hangs, self._codes, self._early
        return other

    # -- reading

    def node(self, node_id: bytes) -> TrustedNode | None:
        """The node's record, whether or not it still hangs on the root; None when never enrolled."""
        return self._nodes.get(node_id)

    def nodes(self) -> tuple[TrustedNode, ...]:
        return tuple(self._nodes.values())

    @property
    def state(self) -> object:
        """Another object whenever the tree has changed; for what others remember of it."""
        return self._nodes

    def parent(self, node_id: bytes) -> bytes | None:
        node = self._nodes.get(node_id)
        return node.parent if node else None

    def ancestors(self, node_id: bytes) -> tuple[bytes, ...]:
        """Parent first, root last; empty for the root and for an unknown node."""
        found: list[bytes] = []
        above = self.parent(node_id)
        while above is not None and above not in found:
            found.append(above)
            above = self.parent(above)
        return tuple(found)

    def children(self, node_id: bytes) -> tuple[bytes, ...]:
        known, nodes = self._below, self._nodes
        if known is None:
            found: dict[bytes | None, list[bytes]] = {}
            for node in nodes.values():
                found.setdefault(node.parent, []).append(node.node_id)
            known = {parent: tuple(children) for parent, children in found.items()}
            if nodes is self._nodes:
                self._below = known
        return known.get(node_id, ())

    def named(self) -> Mapping[str, list[bytes]]:
        """Division code -> the nodes that have or had it, live or not."""
        known, nodes = self._named, self._nodes
        if known is None:
            known = {}
            for node in nodes.values():
                known.setdefault(node.code, []).append(node.node_id)
            if nodes is self._nodes:
                self._named = known
        return known

    def is_below(self, node_id: bytes, ancestor: bytes) -> bool:
        """Whether `ancestor` is strictly above `node_id`."""
        return ancestor in self.ancestors(node_id)

    def path(self, node_id: bytes) -> tuple[bytes, ...]:
        """The node itself, then its ancestors; empty when unknown."""
        return (node_id, *self.ancestors(node_id)) if node_id in self._nodes else ()

    def is_between(self, node_id: bytes, one: bytes, other: bytes) -> bool:
        """Whether a node lies on the way through the tree from one node to another, the ends included."""
        up, down = self.path(one), self.path(other)
        meeting = next((node for node in up if node in down), None)
        return meeting is not None and (node_id == meeting or (node_id in up) != (node_id in down))

    def is_revoked(self, node_id: bytes) -> bool:
        return self.last_good(node_id) is not None

    def is_live(self, node_id: bytes) -> bool:
        """Enrolled through an unbroken chain from the pinned root, and not revoked."""
        return self.is_chained(node_id) and not self.is_revoked(node_id)

    def last_good(self, node_id: bytes) -> Position | None:
        """The last position that still counts of a revoked node (the earliest any ancestor named); None when not revoked."""
        memo = self._good  # taken before the nodes are read: a stale answer stays in a stale memo
        if node_id not in memo:
            memo[node_id] = self._earliest(node_id, frozenset())
        return memo[node_id]

    def _earliest(self, node_id: bytes, asked: frozenset[bytes]) -> Position | None:
        """Of the revocations whose author was good when it wrote them. `asked` ends a circle of mutual revocations."""
        node = self._nodes.get(node_id)
        if node is None or node_id in asked:
            return None
        ends = [(r, self._earliest(r.author, asked | {node_id})) for r in node.revocations]
        return min((r.last_good for r, end in ends if end is None or r.position <= end), default=None)

    def is_chained(self, node_id: bytes) -> bool:
        """Whether every enrolment from the pinned root down to the node counts."""
        memo = self._hangs
        known = memo.get(node_id)
        if known is None:
            node = self._nodes.get(node_id)
            if node is None:
                known = False
            elif node.parent is None:
                known = node_id == self.root
            else:
                known = self._counts(node.parent, node.enrolled_at) and self.is_chained(node.parent)
            memo[node_id] = known
        return known

    def _counts(self, author: bytes, position: Position) -> bool:
        good = self.last_good(author)
        return good is None or position <= good

    def is_quarantined(self, author: bytes, position: Position) -> bool:
        """Whether an entry lies beyond the last good position of its revoked author."""
        return not self._counts(author, position)

    def key_for(self, author: bytes, epoch: int, seq: int) -> Key | None:
        """The one key that may sign the author's entry at that position; None when the author does not hang on the root."""
        if not self.is_chained(author):
            return None
        position, keys = (epoch, seq), self._nodes[author].keys
        if keys and keys[-1].since <= position:
            return keys[-1]
        return next((key for key in reversed(keys) if key.since <= position), None)

    def key_named(self, node_id: bytes, key_id: bytes) -> Key | None:
        """Any key, present or past, of a chained node; for statements that are no entries (receipts)."""
        if not self.is_chained(node_id):
            return None
        return next((key for key in reversed(self._nodes[node_id].keys) if key.key_id == key_id), None)

    def current_key(self, node_id: bytes) -> Key | None:
        return self._nodes[node_id].keys[-1] if self.is_chained(node_id) else None

    def active_code(self, code: str) -> bytes | None:
        """The live node that holds a division code, if one is known here."""
        return self._by_code()[0].get(code)

    def live_codes(self) -> frozenset[str]:
        """Division codes of all live nodes known here, this one included."""
        return self._by_code()[1]

    def _by_code(self) -> tuple[dict[str, bytes], frozenset[str]]:
        known = self._codes
        if known is None:
            nodes = self._nodes
            live = {n.code: n.node_id for n in reversed(nodes.values()) if self.is_live(n.node_id)}
            known = (live, frozenset(live))
            if nodes is self._nodes:
                self._codes = known
        return known

    def may_assign(self, author: bytes, giver: bytes, receiver: bytes) -> bool:
        """Whether `author` is a common ancestor-or-self of giver and receiver with no live one nearer (custody_assigned).

        Monotone: revocations only ever add assigners, so a later revocation of the author undoes no assignment.
        """
        above = set(self.path(receiver))
        for node in self.path(giver):
            if node in above and (node == author or self.is_live(node)):
                return node == author
        return False

    def chain_of(self, node_id: bytes) -> tuple[bytes, ...]:
        """Hashes of the entries that prove a node to a stranger with the same root, in the order to show them in."""
        return tuple(key.entry for one in reversed(self.path(node_id)) for key in self._nodes[one].keys)

    # -- changing; only with entries that were authenticated against this very store

    def is_genesis(self, header: HeaderFields, hash: bytes) -> bool:
        """Whether this is the pinned first entry of the root."""
        return header.kind == INITIALISED and hash.startswith(self.root_hash) and header.facts.get("node") == header.author_id

    def apply(self, header: HeaderFields, hash: bytes) -> str:
        """Take an authentic entry of TRUST_KINDS into account. Returns "" or the reason (a code) why it changes nothing."""
        handler = {
            INITIALISED: self._initialise, ENROLLED: self._enrol, ROTATED: self._rotate, REVOKED: self._revoke, REKEYED: self._rekey,
        }  # fmt: skip
        if header.kind not in handler:
            return "not_about_trust"
        if header.kind != INITIALISED and not self.is_chained(header.author_id):
            return "unknown_author"
        if self.is_quarantined(header.author_id, header.position):
            return "quarantined"
        return handler[header.kind](header, hash)

    def _initialise(self, header: HeaderFields, hash: bytes) -> str:
        if self.root:
            return "already_known" if header.author_id == self.root else "not_the_root"
        public = header.facts.get("key")
        if not self.is_genesis(header, hash) or not isinstance(public, bytes) or len(public) != 32:
            return "not_the_root"
        self._put(self._described(header, header.author_id, public, None, hash))
        self.root = header.author_id
        return ""

    def _enrol(self, header: HeaderFields, hash: bytes) -> str:
        facts = header.facts
        node_id, public = facts.get("node"), facts.get("key")
        if facts.get("parent") != header.author_id:
            return "not_its_parent"
        if not isinstance(node_id, bytes) or len(node_id) != 16 or not isinstance(public, bytes) or len(public) != 32:
            return "incomplete"
        if node_id != node_id_of(public) or not ENROLMENT.holds(facts):
            return "unproven"
        if node_id == self.root or self.is_below(header.author_id, node_id) or node_id == header.author_id:
            return "loop"
        if self.is_chained(node_id):
            return "already_enrolled"
        node, before = self._described(header, node_id, public, header.author_id, hash), self._nodes.get(node_id)
        if before is not None:  # its first enrolment fell with who wrote it
            node = replace(node, keys=(*node.keys, *before.keys[1:]), revocations=before.revocations)
        self._put(node)
        self._again(node_id, REVOKED)
        return ""

    def _described(self, header: HeaderFields, node_id: bytes, public: bytes, parent: bytes | None, hash: bytes) -> TrustedNode:
        facts = header.facts
        code, tier, link_key = facts.get("code"), facts.get("tier"), facts.get("link_key")
        return TrustedNode(
            node_id,
            code if isinstance(code, str) else "",
            tier if isinstance(tier, str) else "",
            parent,
            header.position,
            (Key((0, 0), key_id_of(public), public, hash),),
            link_key if isinstance(link_key, bytes) else b"",
        )

    def _rotate(self, header: HeaderFields, hash: bytes) -> str:
        here: dict[str, FactValue] = {"node": header.author_id, "epoch": header.epoch, "seq": header.seq, "prev": header.prev}
        if not ROTATION.holds({**header.facts, **here}):
            return "unproven"
        return self._add_key(self._nodes[header.author_id], (header.epoch, header.seq + 1), header.facts.get("key"), hash)

    def _rekey(self, header: HeaderFields, hash: bytes) -> str:
        """Only by the parent at the child's own request, only a key that it had before, and only for an epoch later than all
        that have a key of their own."""
        facts = header.facts
        node_id, epoch, public = facts.get("node"), facts.get("epoch"), facts.get("key")
        if not isinstance(node_id, bytes) or not isinstance(epoch, int) or not isinstance(public, bytes):
            return "incomplete"
        node = self._nodes.get(node_id)
        if node is None or node.parent != header.author_id:
            return "not_its_parent"
        if not RENEWAL.holds({**facts, "parent": header.author_id}):
            return "unproven"
        if not self.is_live(node_id):
            return "revoked"
        if epoch <= max(key.since[0] for key in node.keys):
            return "already_known" if any(key.entry == hash for key in node.keys) else "stale"
        if not any(key.public == public for key in node.keys):
            self._wait(node_id, header, hash)
            return "not_its_key"
        return self._add_key(node, (epoch, 1), public, hash)

    def _add_key(self, node: TrustedNode, since: Position, public: object, hash: bytes) -> str:
        if not isinstance(public, bytes) or len(public) != 32:
            return "incomplete"
        if any(key.entry == hash for key in node.keys):
            return "already_known"
        if any(key.since == since for key in node.keys):
            return "stale"
        keys = (*node.keys, Key(since, key_id_of(public), public, hash))
        self._put(replace(node, keys=tuple(sorted(keys, key=lambda key: key.since))))
        self._again(node.node_id, REKEYED)
        return ""

    def _wait(self, node_id: bytes, header: HeaderFields, hash: bytes) -> None:
        waiting = self._early.get(node_id, ())
        if all(hash != known for _, known in waiting):
            self._early = {**self._early, node_id: (*waiting, (header, hash))}

    def _again(self, node_id: bytes, kind: str) -> None:
        """More is known of a node: what waited for that is taken into account."""
        for header, hash in self._early.get(node_id, ()):
            if header.kind == kind:
                self.apply(header, hash)

    def _revoke(self, header: HeaderFields, hash: bytes) -> str:
        facts = header.facts
        node_id, epoch, seq, reason = facts.get("node"), facts.get("epoch"), facts.get("seq"), facts.get("reason")
        if not isinstance(node_id, bytes) or not isinstance(epoch, int) or not isinstance(seq, int):
            return "incomplete"
        if node_id not in self._nodes:
            self._wait(node_id, header, hash)
            return "unknown_node"
        if not self.is_below(node_id, header.author_id):
            return "not_an_ancestor"
        node = self._nodes[node_id]
        if any(r.entry == hash for r in node.revocations):
            return "already_known"
        note = Revocation(header.author_id, header.position, (epoch, seq), reason if isinstance(reason, str) else "", hash)
        self._put(replace(node, revocations=(*node.revocations, note)))
        return ""

    def _put(self, node: TrustedNode) -> None:
        self._nodes = {**self._nodes, node.node_id: node}
        self._good, self._hangs, self._codes, self._below, self._named = {}, {}, None, None, None
