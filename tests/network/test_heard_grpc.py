"""An idle node over real gRPC: two whole nodes, TLS, and a clock that the test moves."""

from __future__ import annotations

from pathlib import Path

from federation.transport.client import LinkClient
from federation.transport.server import LinkServer
from node.app import assemble, create_child, create_root
from node.services.center import Center
from node.services.times import iso
from node.store.journal import chain_head
from tests.federation.transport.links import QUICK, SWEEP, Authority, until
from tests.services.nodes import CITY, DISTRICT, HandClock
from tests.support.network import DIRECTOR

HOUR = 3_600_000


def known(city: Center) -> tuple[str | None, bool]:
    """Until when the district is known at the city, and whether that is unknown."""
    answer = city.oversight.nodes(DIRECTOR)
    return answer["as_of"][DISTRICT], DISTRICT in answer["unknown_since"]


async def test_an_idle_node_speaks_and_a_dead_one_does_not(tmp_path: Path) -> None:
    clock = HandClock()
    create_root(tmp_path / "city", tier="city", code=CITY, name="武汉市", clock=clock)
    city = assemble(tmp_path / "city", clock)
    code = city.tree.invite(DISTRICT, "江岸区", "district", ("127.0.0.1:1",), "127.0.0.1:2")
    create_child(tmp_path / "district", code, clock=clock, post=city.tree.redeem)
    district = assemble(tmp_path / "district", clock)
    me, authority = city.place.node_id, Authority(city.place.node_id)
    server = LinkServer(city.inbound, authority.credentials(me), liveness=QUICK, sweep=SWEEP)
    port = await server.start("127.0.0.1:0")
    own = authority.credentials(district.place.node_id)
    client = LinkClient(district.inbound, me, lambda: f"127.0.0.1:{port}", own, liveness=QUICK, sweep=SWEEP)
    await client.start()
    try:
        await until(lambda: known(city) == (iso(clock.now()), False))
        with district.store.reading() as view:
            head = chain_head(view, district.place.node_id)
        for _ in range(3):
            clock.advance(HOUR)
            await until(lambda: known(city) == (iso(clock.now()), False))
        with district.store.reading() as view:
            assert chain_head(view, district.place.node_id) == head  # it was idle
        heard = known(city)[0]
        await client.stop()
        clock.advance(HOUR)
        assert known(city) == (heard, True)
    finally:
        await client.stop()
        await server.stop()
        city.store.close()
        district.store.close()
