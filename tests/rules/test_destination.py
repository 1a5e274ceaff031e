"""Rule destination."""

import pytest
from hand import cells, county, place, school, teacher
from pydantic import ValidationError

from rotation.plan import Placement
from rotation.rules.destination import Destination

DATA = county(
    [
        school("A", "urban", group="G", group_role="core", township="T"),
        school("B", "rural", group="G", group_role="member", township="U"),
        school("C", "rural", township="T"),
        school("D", "town"),
    ],
    [teacher("a", "A"), teacher("b", "B"), teacher("c", "C"), teacher("d", "D")],
)


def code(who: str, *hosts: str, mode: str = "secondment", **parameters: object) -> str | None:
    placement = place(DATA, who, *hosts)
    if len(hosts) == 1:
        placement = Placement(who, placement.home, hosts[0], "maths", 2026, 1, 0.0, mode)
    found = cells(Destination.model_validate(parameters), DATA, placement)
    return next((cell.code for cell in found.values()), None)


def test_anywhere_in_the_county_without_flows_in_any_mode() -> None:
    assert code("a", "D") is None
    assert code("a", "D", mode="attachment") is None


def test_within_a_group_or_township_that_both_have() -> None:
    assert code("a", "B", within="group") is None
    assert code("a", "C", within="group") == "outside_group"
    assert code("c", "D", within="group") == "outside_group"  # no group is no common group
    assert code("a", "C", within="township") is None
    assert code("a", "B", within="township") == "outside_township"
    assert code("d", "A", within="township") == "outside_township"


def test_some_flow_must_join_home_and_host_in_its_own_mode() -> None:
    flows = [
        {"from": {"area": ["urban"]}, "to": {"area": ["rural"]}},
        {"from": {"group_role": ["member"]}, "mode": "attachment"},
    ]
    assert code("a", "C", flows=flows) is None
    assert code("a", "D", flows=flows) == "no_flow"
    assert code("a", "C", mode="attachment", flows=flows) == "no_flow"
    assert code("b", "A", mode="attachment", flows=flows) is None
    assert code("b", "A", flows=flows) == "no_flow"  # the mode of a flow that matches, not of another
    assert code("b", "A", mode="attachment", flows=flows, within="township") == "outside_township"


def test_where_selects_homes() -> None:
    assert code("a", "D", within="group", where={"area": ["rural"]}) is None
    assert code("b", "D", within="group", where={"area": ["rural"]}) == "outside_group"


def test_every_host_of_a_circuit_is_looked_at() -> None:
    assert code("a", "B", "C", within="group") == "outside_group"
    assert code("a", "B", "C") is None
    assert code("a", "B", "C", flows=[{"to": {"area": ["rural"]}}]) == "no_flow"  # a secondment's flow
    assert code("a", "B", "C", flows=[{"to": {"area": ["rural"]}, "mode": "itinerant"}]) is None


@pytest.mark.parametrize(
    "bad", [{"within": "city"}, {"flows": [{"mode": "loan"}]}, {"priority": 1}, {"flows": [{"form": {}}]}]
)
def test_parameters(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Destination.model_validate(bad)
