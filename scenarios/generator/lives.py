"""What ties people to each other and to schools: couples, running and ended terms, wishes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rotation.county import Post, Preference, School, Teacher, Term
from scenarios.generator.dice import Dice
from scenarios.generator.plane import nearest, plane_of
from scenarios.generator.traits import Traits

NEIGHBOURS = 24
"""Wishes and terms go to one of so many nearest schools."""


def with_couples(
    teachers: Sequence[Teacher], schools: Sequence[School], seed: int, traits: Traits
) -> tuple[Teacher, ...]:
    """Pairs a woman and a man of one township with at most six years between them; ``spouse`` is mutual."""
    dice = Dice(seed, room=4)
    township = {school.id: school.township for school in schools}
    asked = dice.chance(1.5 * traits.couple, len(teachers))
    women: dict[str | None, list[int]] = defaultdict(list)
    men: dict[str | None, list[int]] = defaultdict(list)
    for i in asked.nonzero()[0].tolist():
        side = women if teachers[i].sex == "F" else men
        side[township[teachers[i].school]].append(i)
    found = list(teachers)
    for where, wives in women.items():
        free = men[where]
        for wife in wives:
            born = teachers[wife].birth_date
            fit = [i for i in free if born is not None and abs(_born(teachers[i]) - born.toordinal()) <= 6 * 365]
            if fit:
                husband = fit[0]
                free.remove(husband)
                found[wife] = replace(found[wife], spouse=teachers[husband].id)
                found[husband] = replace(found[husband], spouse=teachers[wife].id)
    return tuple(found)


def _born(teacher: Teacher) -> int:
    return teacher.birth_date.toordinal() if teacher.birth_date is not None else 0


class Neighbourhood:
    """For each school the nearest others that share a level, nearest first."""

    def __init__(self, schools: Sequence[School], posts: Sequence[Post]) -> None:
        self.school = {school.id: school for school in schools}
        self.required: dict[str, dict[str, int]] = defaultdict(dict)
        for post in posts:
            self.required[post.school][post.subject] = post.required
        km = plane_of(schools).km(schools)
        self.near: Mapping[str, list[School]] = {
            school.id: [
                schools[j]
                for j in row.tolist()
                if schools[j].id != school.id and set(schools[j].levels) & set(school.levels)
            ]
            for school, row in zip(schools, nearest(km, km, 3 * NEIGHBOURS), strict=True)
        }

    def hosts_of(self, teacher: Teacher) -> list[School]:
        """The nearest schools with a post in the teacher's main subject, a level shared: villages first."""
        able = [
            host
            for host in self.near[teacher.school][:NEIGHBOURS]
            if self.required[host.id].get(teacher.main_subject) and set(host.levels) & set(teacher.levels)
        ]
        return sorted(able, key=lambda host: not host.is_rural)


def terms_of(
    teachers: Sequence[Teacher], near: Neighbourhood, seed: int, year: int, traits: Traits
) -> tuple[Term, ...]:
    """Running terms (started last year, two or three years) and ended ones (one or two years, in the last five)."""
    dice = Dice(seed, room=5)
    n = len(teachers)
    units, which, length = dice.units(n), dice.units(n), dice.whole(0, 3, n)
    terms = []
    for i in (units < traits.running + traits.ended).nonzero()[0].tolist():
        teacher = teachers[i]
        running = units[i] < traits.running
        years = (2 if length[i] else 3) if running else 1 + int(length[i]) % 2
        start = year - 1 if running else year - years - int(which[i] * 4)
        hosts = near.hosts_of(teacher)
        if hosts and start >= teacher.joined_year and teacher.role != "principal":
            host = hosts[int(which[i] * which[i] * len(hosts))]
            terms.append(Term(teacher.id, host.id, teacher.main_subject, start, years))
    return tuple(terms)


def wishes_of(
    teachers: Sequence[Teacher], near: Neighbourhood, terms: Sequence[Term], seed: int, year: int, traits: Traits
) -> tuple[Preference, ...]:
    """Volunteers rank one to three hosts of their subject nearby; a few teachers mark one host unacceptable (0)."""
    dice = Dice(seed, room=6)
    n = len(teachers)
    lists, refuses, count, first = (
        dice.chance(traits.wishes, n),
        dice.chance(traits.unwilling, n),
        dice.whole(1, 3, n),
        dice.units(n),
    )
    away = {term.teacher for term in terms if term.runs_in(year)}
    wishes = []
    for i, teacher in enumerate(teachers):
        ranks = teacher.volunteer and lists[i] and teacher.id not in away
        if not ranks and not refuses[i]:
            continue
        hosts = near.hosts_of(teacher)
        ranked = hosts[int(first[i] * first[i] * len(hosts)) :][: int(count[i])] if ranks else []
        wishes += [Preference(teacher.id, host.id, rank) for rank, host in enumerate(ranked, 1)]
        others = [host for host in hosts if host not in ranked]
        if refuses[i] and others:
            wishes.append(Preference(teacher.id, others[-1].id, 0))
    return tuple(wishes)
