"""What people call the codes: subjects of the sample data, the reasons for which a rule refuses, and how a bound is known."""

from __future__ import annotations

from collections.abc import Mapping

from rotation.plan import TierReport
from rotation.words import Words

SUBJECT: dict[str, Words] = {
    "chinese": Words("语文", "Chinese"),
    "maths": Words("数学", "Maths"),
    "english": Words("英语", "English"),
    "physics": Words("物理", "Physics"),
    "chemistry": Words("化学", "Chemistry"),
    "biology": Words("生物", "Biology"),
    "politics": Words("道德与法治", "Politics"),
    "history": Words("历史", "History"),
    "geography": Words("地理", "Geography"),
    "pe": Words("体育", "PE"),
    "music": Words("音乐", "Music"),
    "art": Words("美术", "Art"),
    "it": Words("信息科技", "IT"),
    "science": Words("科学", "Science"),
    "labour": Words("劳动", "Labour"),
    "psychology": Words("心理", "Psychology"),
}

RECOMPUTED = Words("精确复算", "recomputed exactly")
SEARCHED: Mapping[str, Words] = {
    "exhausted": Words("穷尽搜索", "by exhaustive search"),
    "cuts": Words("割平面", "by cutting planes"),
    "mip bound": Words("搜索得到的界", "a bound of the search"),
}
"""By ``TierReport.proof``."""

REFUSAL: Mapping[str, Words] = {
    "on_running_term": Words("正在轮岗期内", "is on a running term"),
    "placed_twice": Words("被安排了两次", "is placed twice"),
    "not_a_volunteer": Words("没有报名", "did not apply"),
    "too_few_years_at_school": Words("在校年限不足", "too few years at the school"),
    "too_old": Words("超过年龄上限", "over the age limit"),
    "role_not_listed": Words("职务不在范围内", "role is not listed"),
    "title_too_low": Words("职称低于要求", "title is too low"),
    "exempt": Words("符合免轮岗条件", "is exempt"),
    "cooldown": Words("上次轮岗后间隔不足", "came back too recently"),
    "too_near_retirement": Words("临近退休", "too near retirement"),
    "outside_county": Words("不在同一县区", "outside the county"),
    "outside_township": Words("不在同一乡镇", "outside the township"),
    "outside_group": Words("不在同一集团", "outside the group"),
    "no_flow": Words("不属于规定的流向", "no allowed flow covers it"),
    "no_distance": Words("里程未知", "the distance is not known"),
    "too_far": Words("超过里程上限", "too far"),
    "too_far_for_teacher": Words("超过本人可接受里程", "further than the teacher accepts"),
    "minutes_unknown": Words("路程时间未知", "the travel time is not known"),
    "too_long": Words("路程时间过长", "takes too long"),
    "unacceptable": Words("本人标明不接受", "marked unacceptable by the teacher"),
    "subject_not_taught": Words("教师不任教该学科", "not one of the teacher's subjects"),
    "host_is_home": Words("接收校就是派出校", "host and home are the same"),
    "no_post": Words("接收校没有该学科岗位", "the host has no post in the subject"),
    "no_shared_level": Words("学段不符", "no shared level"),
    "years_not_listed": Words("年限不在范围内", "length of term is not listed"),
    "too_short_for_rural": Words("到乡村学校的年限过短", "too short for a rural host"),
    "no_rule_covers": Words("没有走教规则覆盖", "no itinerant rule covers it"),
    "circuit_size": Words("走教学校数不符", "a circuit of too many or too few schools"),
    "not_a_small_school": Words("不是小规模学校", "not a small school"),
    "not_short": Words("接收校该学科不缺员", "the host is not short in the subject"),
    "subject_not_listed": Words("学科不在走教范围", "subject is not listed"),
    "too_far_between": Words("走教学校之间过远", "the circuit's schools are too far apart"),
    "retires_before_end": Words("期满前退休", "retires before the end"),
    "require": Words("人工指定: 应交流", "decided: must be placed"),
    "forbid": Words("人工指定: 不应交流", "decided: must not be placed"),
    "forbidden": Words("主管部门决定不安排", "the office has decided against it"),
    "required_elsewhere": Words("主管部门指定到别处", "the office has decided on another place"),
}


def subject_words(name: str) -> Words:
    """Subjects are free text: a known one gets its label, another stays as it was written."""
    return SUBJECT.get(name, Words(name, name))


def refusal_words(code: str) -> Words:
    return REFUSAL.get(code, Words(code, code))


def proof_words(tier: TierReport) -> Words | None:
    """How the tier's bound is known; None where there is nothing to say."""
    return RECOMPUTED if tier.recomputed else SEARCHED.get(tier.proof)
