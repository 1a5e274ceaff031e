"""A second look at a policy: rules that contradict each other on their face, or select nothing in given data.

Only what follows from the policy's own text is called a contradiction (``contradiction``, an error between `must` rules,
a warning otherwise): whether a policy can be kept in a county is the solver's question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations
from typing import Literal

from rotation.county import County
from rotation.facts import Facts
from rotation.faults import Fault, InputError
from rotation.policy import Policy
from rotation.rules.destination import Destination
from rotation.rules.eligibility import Eligibility
from rotation.rules.frame import Rule, Selector
from rotation.rules.release import Release
from rotation.rules.rotation_quota import QuotaLimits
from rotation.rules.subject_quota import SubjectQuota
from rotation.rules.term import TermRule
from rotation.words import Words

LIMITS = (("share_min", "share_max"), ("count_min", "count_max"))


def review(policy: Policy, county: County | None = None) -> tuple[Fault, ...]:
    """Contradictions in ``policy``; with ``county`` also the rules that select nothing in it or lack data there."""
    found = [*_alone(policy.rules), *_pairs(policy.rules)]
    if county is not None:
        found += [_selects_nothing(rule) for rule in policy.rules if rule.selects_nothing(county)]
        facts = Facts(county, policy)
        found += [fault for rule in policy.rules for fault in rule.faults(facts)]
        found += _excuses_nobody(policy, county)
    return tuple(dict.fromkeys(found))


def fit(policy: Policy, county: County) -> tuple[Fault, ...]:
    """What is worth a warning before solving: ``review``'s findings. Raises InputError where data and policy do not fit.

    A contradiction does not stop a solve: its answer is `infeasible`, with the reason.
    """
    found = review(policy, county)
    errors = [fault for fault in found if fault.severity == "error" and fault.code != "contradiction"]
    if errors:
        raise InputError(errors)
    return tuple(replace(fault, severity="warning") for fault in found)


def _alone(rules: Iterable[Rule]) -> Iterator[Fault]:
    """Rules that contradict themselves."""
    for rule in rules:
        if isinstance(rule, QuotaLimits):
            for least, most in LIMITS:
                low, high = getattr(rule, least), getattr(rule, most)
                if low is not None and high is not None and low > high:
                    yield _contradiction(
                        (rule,), least, low, f"{least} 大于 {most} ({low:g} > {high:g})",
                        f"{least} is more than {most} ({low:g} > {high:g})",
                    )  # fmt: skip
        if isinstance(rule, TermRule) and rule.rural_min_years > max(rule.years):
            yield _contradiction(
                (rule,), "rural_min_years", rule.rural_min_years, "没有一种年限能满足乡村最低年限, 乡村学校将无人可去",
                "no listed term is as long as the rural minimum: nobody could go to a rural school",
            )  # fmt: skip


def _pairs(rules: Iterable[Rule]) -> Iterator[Fault]:
    for one, other in combinations(rules, 2):
        match one, other:
            case QuotaLimits(), QuotaLimits():
                yield from _quotas(one, other)
            case (QuotaLimits(), Release()) | (Release(), QuotaLimits()):
                quota, release = (one, other) if isinstance(one, QuotaLimits) else (other, one)
                yield from _quota_and_release(quota, release)  # type: ignore[arg-type]
            case (TermRule(), TermRule()) if _nested(one.from_, other.from_):
                yield from _disjoint(one, other, "years", one.years, other.years, "任何年限", "no term")
            case Eligibility(), Eligibility():
                yield from _disjoint(one, other, "roles", one.roles, other.roles, "任何职务的教师", "nobody's role")
            case (Destination(), Destination()) if one.flows and other.flows:
                mine, theirs = {flow.mode for flow in one.flows}, {flow.mode for flow in other.flows}
                yield from _disjoint(one, other, "flows", mine, theirs, "任何交流形式", "no mode")


def _quotas(one: QuotaLimits, other: QuotaLimits) -> Iterator[Fault]:
    """Two quotas over the same cells: the least of one above the most of the other."""
    if not _same_cells(one, other):
        return
    for asks, allows in ((one, other), (other, one)):
        for least, most in LIMITS:
            low, high = getattr(asks, least), getattr(allows, most)
            # A share of the eligible is not one of the staff.
            comparable = least == "count_min" or asks.of == allows.of
            if low is not None and high is not None and comparable and low > high:
                yield _contradiction(
                    (asks, allows), least, low,
                    f"{asks.id} 要求 {least} = {low:g}, {allows.id} 只许 {most} = {high:g}",
                    f"{asks.id} asks for {least} = {low:g}, {allows.id} allows {most} = {high:g}",
                )  # fmt: skip


def _quota_and_release(quota: QuotaLimits, release: Release) -> Iterator[Fault]:
    asked = (quota.share_min or 0) > 0 or (quota.count_min or 0) > 0
    closed = release.share_max == 0 or release.count_max == 0
    if asked and closed and _covers(release.selector, quota.selector):
        column = "share_max" if release.share_max == 0 else "count_max"
        yield _contradiction(
            (quota, release), column, 0, f"{quota.id} 要求派出教师, {release.id} 一个也不许派出",
            f"{quota.id} asks for teachers to move, {release.id} lets nobody leave",
        )  # fmt: skip


def _disjoint(
    one: Rule, other: Rule, column: str, mine: Iterable[object], theirs: Iterable[object], zh: str, en: str
) -> Iterator[Fault]:
    """Two rules over the same schools that list what is allowed, and nothing in both lists."""
    if _nested(one.selector, other.selector) and not {*mine} & {*theirs}:
        ids = f"{one.id}, {other.id}"
        yield _contradiction(
            (one, other), column, None, f"{ids} 的 {column} 没有共同项: {zh}都不被允许",
            f"{ids}: their {column} have nothing in common: {en} is allowed",
        )  # fmt: skip


def _same_cells(one: QuotaLimits, other: QuotaLimits) -> bool:
    if {*one.per} != {*other.per}:
        return False
    subjects = [{*rule.subjects} for rule in (one, other) if isinstance(rule, SubjectQuota) and rule.subjects]
    if len(subjects) == 2 and not subjects[0] & subjects[1]:
        return False
    if len(subjects) == 1 and "subject" not in one.per:
        return False
    if "school" in one.per:  # a cell lies within one school: one rule may cover more schools than the other
        return _nested(one.selector, other.selector)
    return _covers(one.selector, other.selector) and _covers(other.selector, one.selector)


def _nested(one: Selector, other: Selector) -> bool:
    return _covers(one, other) or _covers(other, one)


def _covers(one: Selector, other: Selector) -> bool:
    """Does ``one`` surely select every school that ``other`` selects?"""
    for key in Selector.model_fields:
        mine, theirs = getattr(one, key), getattr(other, key)
        if mine is not None and (theirs is None or not {*theirs} <= {*mine}):
            return False
    return True


def _contradiction(rules: tuple[Rule, ...], column: str, value: object, zh: str, en: str) -> Fault:
    severity: Literal["error", "warning"] = "error" if all(rule.is_must for rule in rules) else "warning"
    ids = ", ".join(rule.id for rule in rules)
    return Fault("policy", ids, column, value, "contradiction", Words(zh, en), None, severity)


def _excuses_nobody(policy: Policy, county: County) -> Iterator[Fault]:
    """Exemption codes in the data that no rule lists: a slip of the pen there moves someone who should stay."""
    listed = {code for rule in policy.rules if isinstance(rule, Eligibility) for code in rule.exempt}
    if not listed:
        return  # a policy that knows no exemptions
    used = Counter(code for teacher in county.teachers for code in teacher.exempt if code not in listed)
    for code, count in used.items():
        codes = ", ".join(sorted(listed))
        advice = Words(
            f"政策中没有规则认可这个免轮岗代码, {count} 位教师因此可能被派出; 认可的代码: {codes}",
            f"no rule of the policy excuses by this code: {count} teacher(s) may be moved for all that; known: {codes}",
        )
        yield Fault("teachers", None, "exempt", code, "excuses_nobody", advice, None, "warning")


def _selects_nothing(rule: Rule) -> Fault:
    advice = Words(
        "这条规则在数据中没有涉及任何学校, 请检查 where", "this rule selects no school of these data; check `where`"
    )
    return Fault("policy", rule.id, "where", None, "selects_nothing", advice, None, "warning")
