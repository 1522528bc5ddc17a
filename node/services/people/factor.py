"""One-time codes after the password (TOTP, RFC 6238: SHA-1, six figures, 30 s), for those whose account opens much.

A person's telephone and the node share a secret, from which both reckon the code of the present period. The code of the period before
and after is taken too (a clock may be half a minute off); the code of a period counts once, and none before it afterwards. Codes on paper
(`RECOVERY` of them, 79 bits each) open when the telephone is lost, each once. Wrong codes are slowed down like wrong passwords
(`throttle`): of all addresses together WRONG_MOST in five minutes, because there are only a million codes.

A secret that was offered and not confirmed by a code is in memory alone. API tokens have no second factor: no person types them.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
import unicodedata
from collections import OrderedDict

import pyotp

from node.domain.model import Actor
from node.domain.people import address_key
from node.domain.words.errors import TongbanError
from node.services.people.staff import new_password
from node.services.people.throttle import LIMIT, Throttle
from node.store import audit, factors, sessions
from node.store.store import Store, Tx

PERIOD_MS = 30_000
RECOVERY = 10  # codes on paper
WRONG_MOST = 10  # wrong codes of a person from all addresses, in the window of `throttle`
OFFERS = 1000


class SecondFactor:
    """The second factors of one node."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._throttle = Throttle()
        self._offers: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def set_at(self, staff_id: str) -> int:
        """Since when (ms) a person gives codes; 0 for who does not."""
        with self._store.reading() as view:
            row = factors.of(view.connection, staff_id)
        return row.set_at if row is not None else 0

    def recovery_left(self, staff_id: str) -> int:
        """How many codes on paper are good."""
        with self._store.reading() as view:
            return factors.recovery_left(view.connection, staff_id)

    def offer(self, staff_id: str) -> str:
        """A secret (base32) for the telephone, the same until it is confirmed or the node starts anew."""
        with self._lock:
            secret = self._offers.setdefault(staff_id, pyotp.random_base32())
            while len(self._offers) > OFFERS:
                self._offers.popitem(last=False)
            return secret

    def set(self, staff_id: str, code: str, *, keep: int, by: Actor) -> list[str]:
        """The telephone has the secret: from now on codes are asked for. Ends the other sessions, all but `keep`.

        Answers the codes on paper, which cannot be shown again. Errors: `invalid_input` (code), `rate_limited`."""
        secret, recovery = self.offer(staff_id), [new_password() for _ in range(RECOVERY)]
        places = {f"set {staff_id}": LIMIT}
        self._throttle.take(places, self._store.clock.ticks())
        step = self._step_of(secret, _plain(code), 0)
        if not step:
            raise TongbanError("invalid_input", {"code": "wrong_code"})
        self._throttle.right(places)

        def command(tx: Tx) -> None:
            row = factors.FactorRow(staff_id, secret, step, tx.now())
            factors.put(tx.connection, row, [_digest(one) for one in recovery])
            sessions.end_of(tx.connection, staff_id, keep)
            sessions.forget_person(tx.connection, staff_id)
            audit.note(tx.connection, tx.now(), by.staff_id, "second_factor_set", staff_id)

        self._store.run(command)
        with self._lock:
            self._offers.pop(staff_id, None)
        return recovery

    def check(self, staff_id: str, code: str, client: str) -> None:
        """A code of the telephone or one on paper. Errors: `unauthenticated`, `rate_limited`."""
        places = {f"code {staff_id} at {address_key(client)}": LIMIT, f"code {staff_id}": WRONG_MOST}
        self._throttle.take(places, self._store.clock.ticks())
        if not self._store.run(lambda tx: self._use(tx, staff_id, _plain(code), client)):
            raise TongbanError("unauthenticated")
        self._throttle.right(places)

    def _use(self, tx: Tx, staff_id: str, code: str, client: str) -> bool:
        row = factors.of(tx.connection, staff_id)
        if row is not None and (step := self._step_of(row.secret, code, row.step)):
            factors.used(tx.connection, staff_id, step)
            return True
        if row is not None and factors.use_recovery(tx.connection, staff_id, _digest(code)):
            audit.note(tx.connection, tx.now(), staff_id, "recovery_code_used", staff_id, client=client)
            return True
        audit.note(tx.connection, tx.now(), staff_id, "second_factor_failed", staff_id, client=client)
        return False

    def _step_of(self, secret: str, code: str, used: int) -> int:
        """The period after `used` whose code this is, 0 for none."""
        now, maker = self._store.clock.now() // PERIOD_MS, pyotp.TOTP(secret)
        typed = code.encode("utf-8", "replace")
        steps = [step for step in (now - 1, now, now + 1) if hmac.compare_digest(maker.generate_otp(step).encode(), typed)]
        return max((step for step in steps if step > used), default=0)

    def clear(self, staff_id: str, *, by: Actor) -> None:
        """No code is asked for any more."""

        def command(tx: Tx) -> None:
            if factors.clear(tx.connection, staff_id):
                audit.note(tx.connection, tx.now(), by.staff_id, "second_factor_cleared", staff_id)

        self._store.run(command)


def _plain(code: str) -> str:
    """As it is reckoned with: no spaces, ASCII figures; letters and dashes are those of a code on paper."""
    return "".join(unicodedata.normalize("NFKC", code).casefold().split())[:40]


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "replace")).digest()


def factor_address(secret: str, username: str, issuer: str) -> str:
    """What a telephone reads from the picture (otpauth)."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)
