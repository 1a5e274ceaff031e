"""Rule term. New placements start on 1 September 2026; one of two years ends on 1 September 2028."""

from datetime import date

import pytest
from hand import cells, county, facts_of, numbers, place, school, teacher
from pydantic import ValidationError

from rotation.rules.term import TermRule

DATA = county(
    [school("A"), school("B", "town"), school("R", "rural"), school("P", "teaching_point")],
    [
        *(teacher(f"t{i}", "A") for i in range(6)),
        teacher("b", "B"),
        teacher("f", "A", sex="F", birth_date=date(1973, 9, 1)),
        teacher("g", "A", sex="F", birth_date=date(1973, 8, 31)),
        teacher("m", "A", sex="M", birth_date=date(1968, 9, 2)),
    ],
)


def code(who: str, host: str, length: int, **parameters: object) -> str | None:
    found = cells(TermRule.model_validate(parameters), DATA, place(DATA, who, host, years=length))
    return next((cell.code for cell in found.values()), None)


def test_one_or_two_years_unless_others_are_listed() -> None:
    assert [code("t0", "B", length) for length in (1, 2, 3)] == [None, None, "years_not_listed"]
    assert [code("t0", "B", length, years=[1]) for length in (1, 2)] == [None, "years_not_listed"]
    assert [code("t0", "B", length, years=3) for length in (1, 3)] == ["years_not_listed", None]


def test_rural_hosts_have_a_minimum_of_their_own() -> None:
    assert [code("t0", host, 1, rural_min_years=2) for host in ("B", "R", "P")] == [
        None, "too_short_for_rural", "too_short_for_rural",
    ]  # fmt: skip
    assert [code("t0", host, 2, rural_min_years=2) for host in ("B", "R", "P")] == [None, None, None]
    assert TermRule(years=(1, 3), rural_min_years=2).years_at(DATA.school["R"]) == (3,)


def test_retiring_on_the_very_day_is_allowed_and_a_day_earlier_is_not() -> None:
    women = {"retirement_age_female": 55}
    assert code("f", "B", 2, **women) is None  # 55 on 1 September 2028
    assert code("g", "B", 2, **women) == "retires_before_end"  # 55 on 31 August 2028
    assert code("g", "B", 1, **women) is None
    assert code("m", "B", 2, **women) is None  # nothing is said of men
    assert code("m", "B", 2, retirement_age_male=60) is None  # 60 on 2 September 2028
    assert code("m", "B", 2, retirement_age_male=59) == "retires_before_end"


def test_where_selects_hosts_and_from_homes() -> None:
    assert code("t0", "B", 3, where={"area": ["rural"]}) is None
    assert code("t0", "R", 3, where={"area": ["rural"]}) == "years_not_listed"
    assert code("b", "R", 3, **{"from": {"area": ["urban"]}}) is None
    assert code("t0", "R", 3, **{"from": {"area": ["urban"]}}) == "years_not_listed"


@pytest.mark.parametrize(
    ("share", "arrivals", "usable", "most"),
    [
        (0.5, 2, 2, 2),  # fewer than end_share_from: no limit
        (0.5, 3, 2, 2),  # floor(1.5) = 1, but somebody has to end: ceil(3 / 2)
        (0.5, 4, 2, 2),
        (0.6, 5, 2, 3),
        (0.8, 5, 2, 4),
        (0.1, 30, 2, 15),
        (0.1, 30, 1, 30),  # one listed year only: everybody may
        (0.0, 4, 3, 2),
    ],
)
def test_most_who_may_end_together(share: float, arrivals: int, usable: int, most: int) -> None:
    assert TermRule(end_share_max=share).most_ending_together(arrivals, usable) == most


def test_stagger_counts_each_year_of_ending_at_each_host() -> None:
    rule = TermRule(end_share_max=0.5)
    plan = [place(DATA, f"t{i}", "B", years=1) for i in range(3)] + [place(DATA, "t3", "B", years=2)]
    assert numbers(cells(rule, DATA, *plan)) == {"B/2027": (3, None, 2, 1), "B/2028": (1, None, 2, 0)}
    assert cells(rule, DATA, *plan[:2]) == {}
    # At a rural host only two years may be listed: then all end together.
    alike = [place(DATA, f"t{i}", "R", years=2) for i in range(3)]
    assert numbers(cells(TermRule(end_share_max=0.5, rural_min_years=2), DATA, *alike)) == {"R/2028": (3, None, 3, 0)}


def test_stagger_counts_only_the_arrivals_that_the_rule_covers() -> None:
    rule = TermRule.model_validate({"end_share_max": 0.5, "end_share_from": 2, "from": {"area": ["urban"]}})
    plan = [place(DATA, who, "R", years=1) for who in ("t0", "t1", "b")]
    assert numbers(cells(rule, DATA, *plan)) == {"R/2027": (2, None, 1, 1)}


def test_parameters_and_faults() -> None:
    for bad in ({"years": []}, {"years": [0]}, {"priority": 2}, {"end_share_max": 1.5}):
        with pytest.raises(ValidationError):
            TermRule.model_validate(bad)
    rule = TermRule(retirement_age_male=60)
    faulty = {fault.row for fault in rule.faults(facts_of(DATA, rule))}
    assert faulty == {*(f"t{i}" for i in range(6)), "b"}
