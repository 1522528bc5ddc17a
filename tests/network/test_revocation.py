"""A node is revoked: who goes on with the cases it held."""

from __future__ import annotations

from tests.support.network import CLERK, Town


def test_a_case_goes_to_who_had_it_before_and_can_still_be_reached(town: Town) -> None:
    """The village had both cases too, but its line leads through the township."""
    below, above = town.file("village"), town.file("village")
    for case_no in (below, above):
        town.do("village", case_no, "hand_over")
        town.heal()
        town.do("township", case_no, "receive")
    town.do("township", above, "accept")
    town.do("township", above, "complete_step")
    town.do("township", above, "refer")
    town.heal()
    town.do("district", above, "return_to_lower")
    town.heal()
    assert town["township"].center.cases.case(above, CLERK)["custodian"] == town["township"].center.place.code
    outcome = town["district"].center.tree.revoke(town["township"].center.place.code, "lost")
    assert (outcome["assigned"], outcome["listed"]) == ([above], [below])
    town.heal()
    assert town["district"].center.cases.case(above, CLERK)["custodian"] == town["district"].center.place.code
    assert town["district"].center.cases.case(above, CLERK)["actions"]
