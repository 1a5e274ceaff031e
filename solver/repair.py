"""If not these, who? The plans nearest to a plan in which some placements are not wanted."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rotation.faults import Fault, InputError
from rotation.words import Words
from solver.index import Floats, Ints
from solver.ladder import Question, Row
from solver.planned import Planned
from solver.prices import Change, Price, document

MOST = 3


@dataclass(frozen=True, slots=True)
class Repair:
    """``disturbed``: people placed differently besides those exempted or forbidden; ``changes`` lists all of them."""

    disturbed: int
    price: Price
    changes: tuple[Change, ...]


def repairs(
    planned: Planned,
    exempt: Collection[str] = (),
    forbid: Collection[tuple[str, str]] = (),
    *,
    most: int = MOST,
) -> tuple[Repair, ...]:
    """The ``most`` best plans without any placement of ``exempt`` (teacher ids) and without ``forbid`` ((teacher, host)).

    The fewest people disturbed first, then the tiers, each proved. Each after the first differs from those before in who
    comes: none has all the new placements of another. Empty: no plan keeps every `must` rule (proved). Raises InputError.
    """
    _refuse(planned, exempt, forbid)
    closed = _closed(planned, exempt, forbid)
    touched = {*exempt, *(teacher for teacher, _ in forbid)}
    rows: list[Row] = []
    found: list[Repair] = []
    while len(found) < most:
        question = Question({int(column): (0.0, 0.0) for column in closed}, tuple(rows))
        reached = planned.ask(question, nearest=True)
        if reached is None:
            break
        changes = planned.changes(reached.x)
        others = [change for change in changes if change.teacher not in touched]
        found.append(Repair(len(others), planned.price(reached), changes))
        following = _another(planned, reached.x, closed)
        if following is None:
            break
        rows.append(following)
    return tuple(found)


def repairs_document(found: Iterable[Repair]) -> dict[str, Any]:
    return {"repairs": [document(repair) for repair in found]}


def _closed(planned: Planned, exempt: Collection[str], forbid: Collection[tuple[str, str]]) -> Ints:
    options, index = planned.options, planned.index
    parts: list[Ints] = [options.of_teacher(index.teacher_at[teacher]) for teacher in exempt]
    for teacher, host in forbid:
        own = options.of_teacher(index.teacher_at[teacher])
        parts.append(own[[host in options.hosts_of(int(option)) for option in own]])
    return np.unique(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64)


def _another(planned: Planned, x: Floats, closed: Ints) -> Row | None:
    """What a further repair must have: not all of this one's new placements; or, where it has none, somebody at one of
    the posts that were given up. None: there is nothing further.
    """
    after = planned.options_in(x)
    new = np.setdiff1d(after, planned.chosen)
    if len(new):
        return Row(new, np.ones(len(new)), upper=float(len(new) - 1))
    options, size = planned.options, len(planned.index.subjects)
    given_up = np.setdiff1d(planned.chosen, after)
    if not len(given_up):
        return None
    posts = options.host.astype(np.int64) * size + options.subject
    coming = np.flatnonzero(np.isin(posts, posts[given_up]))
    coming = np.setdiff1d(coming, np.concatenate((planned.chosen, closed)))
    return Row(coming, np.ones(len(coming)), lower=1.0) if len(coming) else None


def _refuse(planned: Planned, exempt: Collection[str], forbid: Collection[tuple[str, str]]) -> None:
    county = planned.county
    unknown = [teacher for teacher in (*exempt, *(t for t, _ in forbid)) if teacher not in county.teacher]
    lost = [host for _, host in forbid if host not in county.school]
    faults = [
        Fault(table, None, "id", value, "unknown_reference", Words("数据中没有", "is not in the data"))
        for table, values in (("teachers", unknown), ("schools", lost))
        for value in dict.fromkeys(values)
    ]
    if faults:
        raise InputError(faults)
