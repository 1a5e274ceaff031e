"""What is optimised (rulebook §5): each objective's value on a plan, recomputed without any solver.

Values are always minimised; what is to be maximised enters negated. Exact numbers, except km (whole metres ÷ 1000).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

from rotation.county import BACKBONE_RANKS, School
from rotation.facts import Facts
from rotation.plan import Placement
from rotation.rules.budget import Budget
from rotation.rules.frame import Number
from rotation.tally import Tally
from rotation.words import Words

Baseline = Mapping[str, Placement]
"""Teacher id → placement of the plan to stay close to."""


def distance_total(facts: Facts, tally: Tally, baseline: Baseline) -> Number:
    """km, summed over new placements; of a circuit the way to its farthest host."""
    return Fraction(sum(placement.metres for placement in tally.placements), 1000)


def distance_max(facts: Facts, tally: Tally, baseline: Baseline) -> Number:
    """The longest way in km; 0 where nobody moves."""
    return Fraction(max((placement.metres for placement in tally.placements), default=0), 1000)


def moves(facts: Facts, tally: Tally, baseline: Baseline) -> Number:
    """New placements."""
    return len(tally.placements)


def subsidy(facts: Facts, tally: Tally, baseline: Baseline) -> Number:
    """Yuan per school year of new placements and running terms, as the policy's one budget rule counts them."""
    (budget,) = (rule for rule in facts.policy.rules if isinstance(rule, Budget))
    return sum((yuan for _, yuan in budget.costs(facts, tally)), Fraction(0))


def preference_cost(ranks: Mapping[str, int], host: str) -> int:
    """Rank r costs r − 1, an unlisted host the length of the list (rows with rank ≥ 1); rank 0 is never priced."""
    rank = ranks.get(host)
    if rank is None:
        return sum(1 for other in ranks.values() if other >= 1)
    return max(0, rank - 1)


def preferences(facts: Facts, tally: Tally, baseline: Baseline) -> Number:
    """Rank r costs r − 1, an unlisted host the length of the list (rows with rank ≥ 1), rank 0 nothing.

    Teachers without a list cost 0. A circuit costs its dearest host.
    """
    ranks_of = facts.county.ranks_of
    return sum(
        max(preference_cost(ranks_of[placement.teacher], host) for host in placement.hosts)
        for placement in tally.placements
        if placement.teacher in ranks_of
    )


def tenure(facts: Facts, tally: Tally, baseline: Baseline) -> Number:
    """Minus the years at the home school of those moved: the longest-serving go first. Placed above ``moves`` it moves all."""
    county = facts.county
    return -sum(county.year - county.teacher[placement.teacher].joined_year for placement in tally.placements)


def rural_service(facts: Facts, tally: Tally, baseline: Baseline) -> Number:
    """Rural years already served by those placed at rural hosts: who has not served goes first."""
    county = facts.county
    return sum(
        county.teacher[placement.teacher].rural_years
        for placement in tally.placements
        if any(county.school[host].is_rural for host in placement.hosts)
    )


def stability(facts: Facts, tally: Tally, baseline: Baseline) -> Number:
    """Teachers whose hosts, subject or years differ from the baseline plan, or who are in only one of the two."""
    now = {placement.teacher: placement for placement in tally.placements}
    return sum(
        1
        for teacher in {*now, *baseline}
        if teacher not in now or teacher not in baseline or _choice(now[teacher]) != _choice(baseline[teacher])
    )


def _choice(placement: Placement) -> tuple[frozenset[str], str, int]:
    return frozenset(placement.hosts), placement.subject, placement.years


def balance(facts: Facts, tally: Tally, baseline: Baseline) -> Number:
    """Σ over schools of |backbone teachers per 100 pupils − the mean of the school's level|, after the plan.

    A school's whole level list is its level; backbone = county rank or above; schools without pupils are left out.
    The mean of a level = 100 × its backbone teachers at work ÷ its pupils.
    """
    at_work = backbone_at_work(facts, tally)
    found: Fraction = Fraction(0)
    for schools in schools_by_level(facts.county.schools).values():
        pupils = sum(school.pupils or 0 for school in schools)
        mean = 100 * sum((at_work.get(school.id, Fraction(0)) for school in schools), Fraction(0)) / pupils
        for school in schools:
            found += abs(100 * at_work.get(school.id, Fraction(0)) / (school.pupils or 1) - mean)
    return found


def schools_by_level(schools: Iterable[School]) -> dict[tuple[str, ...], list[School]]:
    """Level list → schools with pupils."""
    found: dict[tuple[str, ...], list[School]] = {}
    for school in schools:
        if school.pupils:
            found.setdefault(school.levels, []).append(school)
    return found


def backbone_at_work(facts: Facts, tally: Tally, rank: str = "county") -> dict[str, Fraction]:
    """School id → backbone teachers at work there after the plan (running terms at their hosts)."""
    county, least = facts.county, BACKBONE_RANKS.index(rank)
    placed = {placement.teacher: placement.hosts for placement in tally.placements}
    found: dict[str, Fraction] = {}
    for teacher in county.teachers:
        if teacher.backbone_rank >= least:
            running = tuple(term.host for term in county.running.get(teacher.id, ()))
            hosts = placed.get(teacher.id) or running or (teacher.school,)
            for host in hosts:
                found[host] = found.get(host, Fraction(0)) + Fraction(1, len(hosts))
    return found


Objective = Callable[[Facts, Tally, Baseline], Number]
OBJECTIVES: Mapping[str, Objective] = {
    "distance_total": distance_total,
    "distance_max": distance_max,
    "moves": moves,
    "subsidy": subsidy,
    "preferences": preferences,
    "tenure": tenure,
    "balance": balance,
    "stability": stability,
    "rural_service": rural_service,
}

WORDS: Mapping[str, Words] = {
    "distance_total": Words("总里程(公里)", "Total distance (km)"),
    "distance_max": Words("最远里程(公里)", "Longest distance (km)"),
    "moves": Words("交流人数", "Placements"),
    "subsidy": Words("年度补贴(元)", "Yearly subsidy (yuan)"),
    "preferences": Words("志愿满足", "Preferences"),
    "tenure": Words("在校年限(久者优先)", "Tenure (longest first)"),
    "balance": Words("骨干均衡", "Balance of backbone teachers"),
    "stability": Words("与基准方案的差异", "Changes against the baseline"),
    "rural_service": Words("乡村服务年限", "Rural service"),
}

IN_CHINESE: Mapping[str, str] = {
    "distance_total": "新安排的公里数之和(走教按最远的接收校)。",
    "distance_max": "新安排中最远的公里数; 无人交流为0。",
    "moves": "新安排的数目。",
    "subsidy": "新安排和未期满交流每学年的补贴(元), 按政策中唯一的 budget 规则计算。",
    "preferences": "志愿序号之和: 第 r 志愿计 r − 1, 不在志愿表中的学校计志愿表的长度(序号不小于1的行数), 没有志愿表的教师计0; 序号0不计价; 走教按最不合意的学校。",
    "tenure": "交流教师在派出校年数之和的负数: 在校最久的先交流。放在 moves 之后, 否则会让人人交流。",
    "balance": "方案实施后, 各校每百名学生骨干教师数与同学段平均之差的绝对值之和。学段按学校的全部学段列表区分; 县级及以上为骨干; 没有学生数的学校不计。",
    "stability": "与基准方案相比, 接收校、学科或年限不同的教师数, 加上只在其中一个方案里的教师数。",
    "rural_service": "派往乡村学校的教师已有的农村任教年数之和: 没有去过的先去。",
}
"""What the docstrings above say, in Chinese, for the reference."""
