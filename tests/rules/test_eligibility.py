"""Rule eligibility, in the school year that starts on 1 September 2026."""

from dataclasses import replace
from datetime import date

import pytest
from hand import cells, county, facts_of, place, school, teacher, term
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rotation.county import ROLES, TITLES, Teacher
from rotation.rules.eligibility import Eligibility, age_on_first_september
from rotation.rules.frame import Selector
from rotation.rules.term import TermRule
from solver.index import Index

SCHOOLS = (school("A"), school("B", "rural"))
RETIREMENT = TermRule(retirement_age_female=55, retirement_age_male=60)


def verdict(person: Teacher, *terms: object, **parameters: object) -> str | None:
    """Why ``person`` may not move under an eligibility rule with ``parameters``, beside a rule that says who retires."""
    data = county(SCHOOLS, [person], terms=terms)
    rule = Eligibility.model_validate(parameters)
    found = cells(rule, data, place(data, person.id, "B"), beside=(RETIREMENT,))
    facts = facts_of(data, rule, RETIREMENT)
    assert facts.ineligible.get(person.id) == (("eligibility", next(iter(found.values())).code) if found else None)
    return next((cell.code for cell in found.values()), None)


def one(**columns: object) -> Teacher:
    return teacher("t", "A", **{"joined_year": 2000, **columns})


def test_years_at_school_count_from_the_year_of_joining() -> None:
    assert verdict(one(joined_year=2020)) is None  # 6 years
    assert verdict(one(joined_year=2021)) == "too_few_years_at_school"  # 5 years
    assert verdict(one(joined_year=2021), min_years_at_school=5) is None


def test_a_volunteer_skips_the_years_unless_the_policy_says_no() -> None:
    assert verdict(one(joined_year=2025, volunteer=True)) is None
    assert verdict(one(joined_year=2025, volunteer=True), volunteers_skip_tenure=False) == "too_few_years_at_school"
    assert verdict(one(), volunteers_only=True) == "not_a_volunteer"
    assert verdict(one(volunteer=True), volunteers_only=True) is None


@pytest.mark.parametrize(
    ("born", "age"),
    [(date(1976, 9, 1), 50), (date(1976, 9, 2), 49), (date(1976, 8, 31), 50), (date(1975, 12, 31), 50)],
)
def test_age_is_that_of_1_september(born: date, age: int) -> None:
    assert age_on_first_september(born, 2026) == age


def test_the_greatest_age_is_included_and_each_sex_has_its_own() -> None:
    limits = {"max_age_female": 50, "max_age_male": 55}
    assert verdict(one(sex="F", birth_date=date(1975, 9, 2)), **limits) is None  # 50, one day before 51
    assert verdict(one(sex="F", birth_date=date(1975, 9, 1)), **limits) == "too_old"  # 51 that very day
    assert verdict(one(sex="M", birth_date=date(1975, 9, 1)), **limits) is None
    assert verdict(one(sex="M", birth_date=date(1970, 9, 1)), **limits) == "too_old"  # 56
    assert verdict(one(sex="M", birth_date=date(1950, 1, 1)), max_age_female=50) is None


def test_role_title_and_hardship() -> None:
    assert verdict(one(role="principal"), roles=["teacher", "middle_leader"]) == "role_not_listed"
    assert verdict(one(role="principal")) is None
    assert verdict(one(title="third"), min_title="second") == "title_too_low"
    assert verdict(one(title="second"), min_title="second") is None
    assert verdict(one(exempt=("nursing", "illness")), exempt=["pregnant", "illness"]) == "exempt"
    assert verdict(one(exempt=("nursing",)), exempt=["pregnant", "illness"]) is None
    assert verdict(one(exempt=("nursing",))) is None  # no code excuses unless listed


def test_cooldown_takes_the_later_of_the_column_and_the_ended_terms() -> None:
    assert verdict(one(last_rotation_end=2024), cooldown_years=2) is None
    assert verdict(one(last_rotation_end=2025), cooldown_years=2) == "cooldown"
    back_in_2025 = term("t", "B", 2023, 2)
    assert verdict(one(last_rotation_end=2020), back_in_2025, cooldown_years=2) == "cooldown"
    assert verdict(one(last_rotation_end=2020), back_in_2025, cooldown_years=1) is None
    assert verdict(one(), cooldown_years=9) is None  # never away


def test_years_to_retirement_count_whole_years_of_age() -> None:
    # Women retire at 55 here: who is 50 on 1 September has 5 years to go.
    assert verdict(one(sex="F", birth_date=date(1976, 9, 1)), min_years_to_retirement=5) is None
    assert verdict(one(sex="F", birth_date=date(1976, 9, 1)), min_years_to_retirement=6) == "too_near_retirement"
    assert verdict(one(sex="M", birth_date=date(1976, 9, 1)), min_years_to_retirement=10) is None
    data = county(SCHOOLS, [one(sex="F", birth_date=date(1990, 1, 1))])
    rule = Eligibility(min_years_to_retirement=5)
    assert [fault.code for fault in rule.faults(facts_of(data, rule))] == ["retirement_age_unknown"]
    assert not list(rule.faults(facts_of(data, rule, RETIREMENT)))


def test_who_is_on_a_running_term_may_not_move_and_whose_term_has_ended_may() -> None:
    assert verdict(one(), term("t", "B", 2025, 2)) == "on_running_term"
    assert verdict(one(), term("t", "B", 2025, 1)) is None
    assert verdict(one(), term("t", "B", 2024, 3)) == "on_running_term"


def test_where_selects_homes_and_every_rule_that_covers_a_home_must_be_passed() -> None:
    rural = Selector(area=("rural",))
    data = county(SCHOOLS, [teacher("a", "A", joined_year=2025), teacher("b", "B", joined_year=2022)])
    strict, mild = Eligibility(where=rural), Eligibility(id="mild", min_years_at_school=4)
    assert set(facts_of(data, strict).ineligible) == {"b"}  # nobody speaks of A: eligible
    assert facts_of(data, mild, strict).ineligible == {
        "a": ("mild", "too_few_years_at_school"),
        "b": ("eligibility", "too_few_years_at_school"),
    }
    assert facts_of(data, mild).eligible_count == {("B", "maths"): 1}


def test_missing_sex_or_birth_date_is_a_fault_where_a_rule_needs_it() -> None:
    data = county(SCHOOLS, [teacher("a", "A"), teacher("b", "B")])
    rule = Eligibility(max_age_male=50, where=Selector(school=("A",)))
    assert [(fault.row, fault.column) for fault in rule.faults(facts_of(data, rule))] == [
        ("a", "sex"), ("a", "birth_date"),
    ]  # fmt: skip
    assert not list(Eligibility().faults(facts_of(data, Eligibility())))


def test_always_must() -> None:
    with pytest.raises(ValidationError):
        Eligibility(priority=1)


# -- the solver's twin, of all teachers at once -------------------------------------------------------------------------

SEPTEMBERS = [date(year, 9, day) for year in (1965, 1970, 1971, 1975, 1976) for day in (1, 2)]
PEOPLE = st.builds(
    teacher,
    st.just("t"),
    st.sampled_from(("A", "B")),
    joined_year=st.integers(2016, 2026),
    sex=st.sampled_from((None, "F", "M")),
    birth_date=st.none() | st.dates(date(1964, 8, 25), date(1985, 9, 10)) | st.sampled_from(SEPTEMBERS),
    title=st.sampled_from(TITLES),
    role=st.sampled_from(ROLES),
    volunteer=st.booleans(),
    exempt=st.sampled_from(((), ("pregnant",), ("illness", "other"))),
    last_rotation_end=st.none() | st.integers(2018, 2028),
)
RULES = st.builds(
    Eligibility,
    where=st.none() | st.builds(Selector, area=st.just(("rural",))),
    min_years_at_school=st.integers(0, 9),
    max_age_female=st.none() | st.integers(45, 55),
    max_age_male=st.none() | st.integers(45, 60),
    roles=st.lists(st.sampled_from(ROLES), min_size=1, unique=True).map(tuple),
    min_title=st.none() | st.sampled_from(TITLES),
    exempt=st.sampled_from(((), ("pregnant",), ("illness", "pregnant"))),
    cooldown_years=st.integers(0, 5),
    min_years_to_retirement=st.none() | st.integers(0, 70),
    volunteers_skip_tenure=st.booleans(),
    volunteers_only=st.booleans(),
)


@given(
    people=st.lists(PEOPLE, min_size=1, max_size=12),
    rules=st.lists(RULES, max_size=3),
    retirement=st.sampled_from((RETIREMENT, TermRule(retirement_age_male=60), TermRule())),
    on_term=st.sets(st.integers(0, 11)),
)
def test_the_twin_says_of_everybody_what_the_rule_says(
    people: list[Teacher], rules: list[Eligibility], retirement: TermRule, on_term: set[int]
) -> None:
    named = [replace(person, id=str(number)) for number, person in enumerate(people)]
    terms = [term(person.id, "B", 2025, 2) for number, person in enumerate(named) if number in on_term]
    facts = facts_of(county(SCHOOLS, named, terms=terms), *rules, retirement)
    expected = [person.id not in facts.ineligible for person in named]
    assert Index(facts).eligible.tolist() == expected
