"""Rule qualification."""

from hand import cells, county, place, post, school, teacher

from rotation.check import check
from rotation.policy import parse_policy
from rotation.rules.qualification import Qualification

DATA = county(
    [school("A"), school("B"), school("C", levels=("junior", "senior")), school("D", levels=("primary", "junior"))],
    [teacher("t", "A", "maths", "art")],
    posts=(post("A"), post("B"), post("B", "music"), post("C"), post("D", "art", required=0, capacity=0)),
)


def code(*hosts: str, subject: str = "maths") -> str | None:
    found = cells(Qualification(), DATA, place(DATA, "t", *hosts, subject=subject))
    return next((cell.code for cell in found.values()), None)


def test_the_host_has_the_post_and_the_teacher_the_subject() -> None:
    assert code("B") is None
    assert code("B", subject="art") == "no_post"
    assert code("B", subject="music") == "subject_not_taught"
    assert code("D", subject="art") is None  # a second subject; a post of none is still a post
    assert code("D") == "no_post"


def test_a_level_is_shared() -> None:
    assert code("C") == "no_shared_level"


def test_only_a_circuit_may_serve_the_home() -> None:
    assert code("A") == "host_is_home"
    assert code("A", "B") is None
    assert code("B", "C") == "no_shared_level"


def test_always_on() -> None:
    policy = parse_policy({"name": "nothing said"})
    assert {rule.rule for rule in policy.rules} == {"qualification", "decisions"}
    located = county([school("A", lon=110, lat=30), school("B", lon=110, lat=30)], [teacher("t", "A")])
    assert not check(located, policy, [place(located, "t", "B")]).holds
