"""What a school needs: classes × weekly periods of the subject ÷ weekly teaching load.

Periods: 义务教育课程方案(2022年版), Ministry of Education, 教材〔2022〕2号, table «各科目安排及占九年总课时比例»: 26 periods
a week in grades 1–2, 30 in 3–6, 34 in 7–9 (9 522 in nine years); Chinese 20–22 %, maths 13–15 %, foreign language
6–8 %, morals and law 6–8 %, history and geography 3–4 %, science (physics, chemistry, biology) 8–10 %, information
technology 1–3 %, PE and health 10–11 %, arts 9–11 %, labour, comprehensive practice and local courses 14–18 %. The plan
gives shares, a province the periods: ``PERIODS`` is one choice inside every share (a test holds it to them). Labour and
the local courses are given by the class teachers: they are why the load of Chinese and maths teachers is lower.

Loads are an assumption of this project (no national figure exists; provinces advise 12–18 a week in primary and 10–14 in
junior schools), set so that a fully staffed school has about 1.8 teachers a primary class and 2.7 a junior class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SUBJECTS = (
    "chinese",
    "maths",
    "english",
    "physics",
    "chemistry",
    "biology",
    "politics",
    "history",
    "geography",
    "pe",
    "music",
    "art",
    "it",
    "science",
)

MAIN_SUBJECTS = frozenset({"chinese", "maths", "politics"})
"""Where small schools have people enough; every other subject is a specialist's, and it is those that they lack."""

GRADES = {"primary": 6, "junior": 3}

PERIODS: Mapping[str, Mapping[str, int]] = {
    # Weekly periods of one class, summed over the level's grades.
    "primary": {
        "chinese": 42,
        "maths": 25,
        "english": 10,
        "politics": 12,
        "pe": 20,
        "music": 10,
        "art": 10,
        "it": 4,
        "science": 12,
    },
    "junior": {
        "chinese": 17,
        "maths": 13,
        "english": 11,
        "physics": 5,
        "chemistry": 3,
        "biology": 4,
        "politics": 6,
        "history": 6,
        "geography": 4,
        "pe": 9,
        "music": 3,
        "art": 3,
        "it": 2,
    },
}

LOADS: Mapping[str, Mapping[str, int]] = {
    # Weekly periods of one full-time teacher; subjects not named teach the "other" load.
    "primary": {"chinese": 13, "maths": 15, "other": 16},
    "junior": {"chinese": 10, "maths": 10, "english": 11, "other": 12},
}

SECOND_SUBJECTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    # Main subject → the second subjects that its teachers take most readily, by level.
    "primary": {
        "chinese": ("politics", "english", "art", "music"),
        "maths": ("science", "it", "pe"),
        "english": ("chinese", "music"),
        "politics": ("chinese", "art"),
        "pe": ("it", "science"),
        "music": ("art", "english"),
        "art": ("music", "politics"),
        "it": ("maths", "science"),
        "science": ("maths", "it"),
    },
    "junior": {
        "chinese": ("history", "politics"),
        "maths": ("physics", "it"),
        "english": ("music", "politics"),
        "physics": ("maths", "chemistry"),
        "chemistry": ("biology", "physics"),
        "biology": ("chemistry", "geography"),
        "politics": ("history", "chinese"),
        "history": ("geography", "politics"),
        "geography": ("history", "biology"),
        "pe": ("it", "biology"),
        "music": ("art",),
        "art": ("music",),
        "it": ("maths", "physics"),
    },
}


def classes_by_level(levels: Sequence[str], classes: int) -> dict[str, int]:
    """How a school's classes divide: a nine-year school has two thirds of them in its six primary grades."""
    taught = [level for level in levels if level in GRADES]
    if len(taught) < 2:
        return dict.fromkeys(taught, classes)
    primary = classes * 2 // 3
    return {"primary": primary, "junior": classes - primary}


def required_posts(levels: Sequence[str], classes: int) -> dict[str, int]:
    """Subject → required teachers, in the order of ``SUBJECTS``; 0 where the need is under 0.4 of a post.

    Four tenths of a post and more are a whole post: a six-class school so needs one teacher each of English, music,
    art, PE and science, none of them fully occupied. A school with any class keeps at least one post of Chinese.
    """
    found: dict[str, int] = {}
    for subject in SUBJECTS:
        thousandths = 0
        taught = False
        for level, count in classes_by_level(levels, classes).items():
            periods = PERIODS[level].get(subject)
            if periods is not None:
                taught = True
                load = LOADS[level].get(subject, LOADS[level]["other"])
                thousandths += count * periods * 10 * 100 // (GRADES[level] * load)
        if taught:
            found[subject] = (thousandths + 600) // 1000
    if "chinese" in found:
        found["chinese"] = max(1, found["chinese"])
    return found


def capacity_of(required: int) -> int:
    """A post takes one more than required, a large one an eighth more."""
    return required + max(1, required // 8)
