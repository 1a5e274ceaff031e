"""A sample county for every preset, shaped like its programme and made so that the programme can hold and its number binds.

What a programme's document says of numbers (schools, groups, staff) is kept; everything else (names, positions, sizes)
is invented, as each docstring says. All teachers are made up by the generator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from rotation.county import County
from rotation.faults import Fault, InputError
from rotation.words import Words
from scenarios.generate import populated, sample_county
from scenarios.generator import touches as touch
from scenarios.generator.outline import Outline
from scenarios.generator.places import shares_of
from scenarios.generator.traits import Traits

SETTLED = Traits(running=0.0, unwilling=0.01)
"""Few ties from earlier years: the programme is in its first year."""

RING = ((0.0, 7.0), (6.5, 2.0), (4.0, -6.0), (-4.0, -5.5), (-6.5, 2.5), (1.5, 3.5), (-2.5, 5.0))
"""Kilometres from a core to its members."""

NAMES = ("清河", "石桥", "龙泉", "白云", "双溪", "柳林", "金山", "永丰", "太平", "东湖", "青山", "凤岭", "大坪", "长沟")
NUMERALS = "一二三四五六七八九十"


def sample_for(preset: str) -> County:
    """The sample county of a preset, the same every time. Raises ``InputError`` for a preset without one."""
    if preset not in SAMPLES:
        raise InputError(
            [
                Fault(
                    "policy",
                    None,
                    "preset",
                    preset,
                    "unknown_preset",
                    Words(
                        f"没有这个预设的样例。可选:{'、'.join(SAMPLES)}。",
                        f"No sample for it. There are: {', '.join(SAMPLES)}.",
                    ),
                )
            ]
        )
    return SAMPLES[preset]()


def _made(outline: Outline, seed: int, traits: Traits = SETTLED) -> County:
    return outline.county(
        lambda schools, heads, groups, name, own: populated(schools, heads, groups, seed, name=name, traits=own), traits
    )


def _cores(county: County) -> list[str]:
    return [school.id for school in county.schools if school.group_role == "core"]


def _members(county: County) -> list[str]:
    return [school.id for school in county.schools if school.group_role == "member"]


def _place(centre: tuple[float, float], k: int) -> tuple[float, float]:
    east, north = RING[k % len(RING)]
    return centre[0] + east, centre[1] + north


def _village_groups(outline: Outline, sizes: list[tuple[int, list[int]]], kind: str) -> None:
    """Groups of a town's core and its village schools: (teachers of the core, teachers of each member)."""
    for g, (core, members) in enumerate(sizes):
        centre = (18.0 * g, 3.0 * (g % 2))
        group = outline.group(f"{NAMES[g]}教育集团", kind)
        town = f"{NAMES[g]}镇"
        outline.school(f"{NAMES[g]}实验小学", core, centre, area="town", township=town, core_of=group, strong=True)
        for k, heads in enumerate(members):
            name = f"{NAMES[g]}第{NUMERALS[k]}村小学"
            outline.school(name, heads, _place(centre, k), township=town, member_of=group)


def national() -> County:
    """教师〔2014〕4号: the ordinary sample county. Invented: of its backbone teachers at county rank every other one holds the
    rank of the school only, so that a fifth of backbone teachers among those who move does not come about by itself.
    """
    county = sample_county()
    ranked = [teacher.id for teacher in county.teachers if teacher.backbone == "county"]
    lower = set(ranked[::2])
    teachers = tuple(replace(t, backbone="school") if t.id in lower else t for t in county.teachers)
    return replace(county, teachers=teachers)


def handan_close() -> County:
    """邯郸 紧密合作型. Invented: three groups, 1 + 4, 1 + 3 and 1 + 3, members with 12–24 teachers.

    Every member is a village school with at most six classes or a little more, so that the tenth of small rural schools is met;
    a tenth of a member's staff is two or three backbone teachers of the core, which nothing else asks for.
    """
    outline = Outline("邯郸样例县(紧密合作型)", lon=114.5, lat=36.6)
    _village_groups(outline, [(86, [24, 13, 12, 21]), (70, [12, 22, 13]), (64, [13, 12, 24])], "close")
    county = _made(outline, 1)
    county = touch.with_slack(county, _cores(county), 2)
    return touch.with_room(touch.with_backbone(county, _cores(county), 3), _members(county), 2)


def handan_semi() -> County:
    """邯郸 半紧密合作型. Invented: three groups 1 + 2 with members of six or seven classes.

    A member has posts in eight subjects and gets one backbone teacher in each: the core can spare two in every one of them.
    """
    outline = Outline("邯郸样例县(半紧密合作型)", lon=114.5, lat=36.6)
    _village_groups(outline, [(96, [12, 13]), (90, [13, 12]), (90, [12, 12])], "semi")
    county = _made(outline, 2)
    county = touch.with_slack(county, _cores(county), 2)
    return touch.with_room(touch.with_backbone(county, _cores(county), 3), _members(county), 1)


def handan_loose() -> County:
    """邯郸 深度联盟型. Invented: one alliance of two town schools and nine micro-schools, in three clusters of three 2–4 km apart.

    Every micro-school has at most six classes and lacks English, music, art or PE; the town schools can spare a few of each,
    and only as itinerant teachers can they serve a whole cluster.
    """
    outline = Outline("邯郸样例县(深度联盟型)", lon=114.5, lat=36.6)
    group = outline.group("清河深度联盟", "loose")
    outline.school("清河中心小学", 60, (0, 0), area="town", township="清河镇", core_of=group, strong=True)
    outline.school("清河镇第二小学", 44, (1.5, 0.5), area="town", township="清河镇", member_of=group)
    for c, centre in enumerate(((8.0, 4.0), (-7.0, 5.0), (1.0, -9.0))):
        for k, (east, north) in enumerate(((0.0, 1.6), (1.8, -1.2), (-1.9, -1.0))):
            outline.school(
                f"{NAMES[1 + 3 * c + k]}小学", 11, (centre[0] + east, centre[1] + north), township=f"{NAMES[1 + c]}乡",
                member_of=group, classes=6 if k else 5, pupils=(70, 96, 58)[k],
            )  # fmt: skip
    county = _made(outline, 3)
    county = touch.with_slack(county, ("S01", "S02"), 2)
    county = touch.with_backbone(county, ("S01", "S02"), 2)
    return touch.vacated(county, [s.id for s in county.schools if s.area == "rural"], ("english", "music", "art", "pe"))


def libo() -> County:
    """荔波县 小学教育集团: 1 + X of township centre schools (2, 3 and 4 of them) with their teaching points.

    Invented: sizes; one or two centre schools of each group are weak, and only those get leaders and backbone teachers.
    A weak branch has seasoned teachers of Chinese and maths to send back, and the core has room for them. Beside
    each weak branch lives a plain teacher of the core whom distance alone would send instead.
    """
    outline = Outline("荔波样例县", lon=107.9, lat=25.4)
    weak: list[str] = []
    for g, centres in enumerate((2, 3, 4)):
        middle = (20.0 * g, 4.0 * (g % 2))
        group = outline.group(f"荔波第{NUMERALS[g]}小学教育集团", "close")
        outline.school(
            f"荔波县第{NUMERALS[g]}小学",
            58 + 12 * g,
            middle,
            area="urban",
            township="玉屏街道",
            core_of=group,
            strong=True,
        )
        for k in range(centres):
            at, town = _place(middle, k), f"{NAMES[3 * g + k]}镇"
            is_weak = k == 0 or (g == 2 and k == 2)
            centre = outline.school(
                f"{NAMES[3 * g + k]}中心小学", 24, at, area="town", township=town, member_of=group, weak=is_weak
            )
            weak += [centre] if is_weak else []
            if k < 2:
                point = (at[0] + 1.5, at[1] + 2.0)
                outline.school(
                    f"{NAMES[3 * g + k]}教学点",
                    4,
                    point,
                    area="teaching_point",
                    township=town,
                    member_of=group,
                    parent=centre,
                )
    county = _made(outline, 4)
    cores = _cores(county)
    county = touch.with_slack(county, cores, 2)
    county = touch.with_room(touch.with_backbone(county, cores, 2), cores, 4)
    county = touch.with_senders(touch.with_room(county, weak, 3), weak, 5)
    for number, branch in enumerate(weak):
        core = next(s.id for s in county.schools if s.is_core_of(county.school[branch]))
        plain = touch.plain_teacher(county, core, "chinese", 4 + number % 2)
        county = touch.living_at(county, replace(plain, backbone="none"), branch)
    return county


def linzi() -> County:
    """临淄区 教育集团 1+N: two groups with exactly six members, the most that suits, and one with four.

    Invented: sizes and positions. Members have seasoned teachers to send, cores backbone teachers; both have room.
    """
    outline = Outline("临淄样例区", lon=118.3, lat=36.8)
    _village_groups(
        outline, [(76, [13, 24, 12, 18, 12, 13]), (72, [12, 13, 22, 12, 14, 12]), (60, [13, 12, 20, 12])], "close"
    )
    county = _made(outline, 5)
    cores, members = _cores(county), _members(county)
    county = touch.with_slack(county, cores, 2)
    county = touch.with_room(touch.with_backbone(county, cores, 2), [*cores, *members], 2)
    return touch.with_senders(county, members, 2)


def kaihua() -> County:
    """开化县 教共体. Invented: three groups 1 + 4.

    Every member has two novices of Chinese and two of maths, and the core backbone teachers of both. Beside each member
    lives a backbone PE teacher of the core: without the pairs (师徒结对) distance alone would send that one.
    """
    outline = Outline("开化样例县", lon=118.4, lat=29.1)
    _village_groups(outline, [(84, [13, 12, 20, 14]), (84, [12, 22, 13, 13]), (80, [14, 13, 12, 18])], "close")
    county = _made(outline, 6)
    cores, members = _cores(county), _members(county)
    county = touch.with_slack(county, cores, 4)
    county = touch.with_backbone(county, cores, 4, ("chinese", "maths", "pe"))
    county = touch.with_novices(county, members, ("chinese", "maths"), 2)
    for number, member in enumerate(members):
        core = next(s.id for s in county.schools if s.is_core_of(county.school[member]))
        sporty = touch.plain_teacher(county, core, "pe", number % 4)
        county = touch.living_at(county, replace(sporty, backbone="county"), member)
    return touch.with_room(county, members, 2)


def county_1plus3() -> County:
    """城乡学校发展共同体 "1+1", "1+2", "1+3". Invented: two of each, members 6–8 km from their core.

    Only who applied may move: in every core eight backbone teachers apply, two in each of four subjects, with three wishes each.
    A cheaper teacher, plain, has applied too and lives beside the first member: the support of backbone teachers binds.
    """
    outline = Outline("城乡共同体样例县", lon=115.0, lat=33.0)
    shape = [(44, [12]), (44, [13]), (52, [12, 13]), (50, [13, 12]), (60, [12, 13, 12]), (58, [12, 12, 14])]
    _village_groups(outline, shape, "alliance")
    county = _made(outline, 7)
    cores = _cores(county)
    subjects = ("chinese", "maths", "pe", "english")
    county = touch.with_slack(county, cores, 2)
    county = touch.with_room(touch.with_backbone(county, cores, 2, subjects), _members(county), 2)
    for core in cores:
        own = [s.id for s in county.schools if county.school[core].is_core_of(s)]
        able = [t for t in county.teachers_of[core] if t.backbone_rank >= 2 and t.role == "teacher" and not t.exempt]
        ready = [t for s in subjects for t in able if t.main_subject == s and county.year - t.joined_year == 10][:8]
        county = touch.with_volunteers(county, ready, own)
        plain = next(
            t for t in county.teachers_of[core] if t.main_subject == "chinese" and t not in able and t.role == "teacher"
        )
        county = touch.living_at(county, replace(plain, backbone="none", volunteer=True), own[0])
    return county


def zhangdian() -> County:
    """张店区 联盟式共同体: ten primary and four junior alliances, none with more than four schools.

    Invented: five alliances have exactly four schools, the others two or three; a dense district of a city.
    """
    outline = Outline("张店样例区", lon=118.0, lat=36.8)
    members = (3, 2, 1, 3, 2, 1, 3, 2, 1, 2, 3, 1, 3, 1)
    for g, count in enumerate(members):
        levels = ("primary",) if g < 10 else ("junior",)
        kind = "小学" if g < 10 else "中学"
        middle = (3.2 * (g % 5), 3.2 * (g // 5))
        group = outline.group(f"{NAMES[g]}{kind}共同体", "alliance")
        street = f"{NAMES[g % 6]}街道"
        outline.school(
            f"{NAMES[g]}{kind}", 21, middle, area="urban", levels=levels, township=street, core_of=group, strong=True
        )
        for k in range(count):
            at = (middle[0] + RING[k][0] / 5, middle[1] + RING[k][1] / 5)
            name = f"{NAMES[g]}第{NUMERALS[k + 1]}{kind}"
            outline.school(name, 10, at, area="urban", levels=levels, township=street, member_of=group)
    county = _made(outline, 8)
    cores = _cores(county)
    county = touch.with_slack(county, cores, 1)
    return touch.with_room(touch.with_backbone(county, cores, 1), [*cores, *_members(county)], 1)


def yuzhong() -> County:
    """渝中区: eleven education groups. Invented: nine pairs and two of three schools, all in the city, half of them primary.

    Some teachers came back last year from an ended term: their dossiers have something to show.
    """
    outline = Outline("渝中样例区", lon=106.55, lat=29.55)
    for g in range(11):
        levels = ("primary",) if g % 2 == 0 else ("junior",)
        kind = "小学" if g % 2 == 0 else "中学"
        middle = (1.4 * (g % 4), 1.1 * (g // 4))
        group = outline.group(f"{NAMES[g]}{kind}教育集团", "close")
        street = f"{NAMES[g % 5]}街道"
        outline.school(
            f"{NAMES[g]}{kind}", 30, middle, area="urban", levels=levels, township=street, core_of=group, strong=True
        )
        for k in range(2 if g in (0, 1) else 1):
            at = (middle[0] + 0.5 + k * 0.4, middle[1] + 0.4)
            name = f"{NAMES[g]}第{NUMERALS[k + 1]}{kind}"
            outline.school(name, 18, at, area="urban", levels=levels, township=street, member_of=group)
    county = _made(outline, 9, replace(SETTLED, ended=0.1))
    cores, members = _cores(county), _members(county)
    county = touch.with_slack(county, cores, 1)
    return touch.with_room(touch.with_backbone(county, cores, 1), [*cores, *members], 1)


def chengzhong() -> County:
    """西宁城中区 城校+农校: city schools paired with village schools of townships of a neighbouring county (``partner``).

    Invented: five groups 1 + 2, 10–16 km apart; "邻县" stands for the neighbour. Every village school is weak and has
    seasoned teachers who may learn at the city school. In each core the only PE or music teacher who lives beside a
    village school cannot be spared: without ``keep_required`` distance alone would send that one.
    """
    outline = Outline("城中样例区", lon=101.8, lat=36.6)
    for g in range(5):
        group = outline.group(f"{NAMES[g]}城乡结对", "semi", partner="邻县")
        city = (1.2 * g, 0.6 * (g % 2))
        outline.school(f"{NAMES[g]}小学", 54, city, area="urban", township="城中街道", core_of=group, strong=True)
        for k in range(2):
            at = (city[0] - 4.0 + 8.0 * k, -11.0 - 1.0 * g)
            outline.school(
                f"{NAMES[5 + g]}乡第{NUMERALS[k]}小学",
                13,
                at,
                township=f"{NAMES[5 + g]}乡(邻县)",
                member_of=group,
                weak=True,
            )
    county = _made(outline, 10)
    cores, members = _cores(county), _members(county)
    county = touch.vacated(county, members, ("music", "pe"))
    county = touch.with_slack(county, cores, 2)
    county = touch.with_room(touch.with_backbone(county, cores, 2), [*cores, *members], 2)
    county = touch.with_senders(county, members, 2)
    for core in cores:
        pupil = touch.plain_teacher(county, core, "music")
        village = next(s.id for s in county.schools if county.school[core].is_core_of(s))
        county = touch.living_at(county, replace(pupil, backbone="county"), village)
    staff = county.staff_before
    posts = tuple(
        replace(p, required=int(staff[core, "music"])) if p.subject == "music" and (core := p.school) in cores else p
        for p in county.posts
    )
    return replace(county, posts=posts)


def beijing_xicheng() -> County:
    """西城区 多址办学: groups 1 + 3, 1 + 2 and 1 + 2, the first core with two extra sites, the second with one.

    Invented: every post of a member is full (capacity = staff) and all who work there are new, so nobody leaves and nobody
    can come but through the places that the rule adds: one for each member, seven a site and one a member for a core.
    """
    outline = Outline("西城样例区", lon=116.36, lat=39.91)
    for g, (heads, members, sites) in enumerate(((80, 3, 2), (72, 2, 1), (60, 2, 0))):
        middle = (2.4 * g, 1.3 * (g % 2))
        group = outline.group(f"{NAMES[g]}教育集团", "close")
        street = f"{NAMES[g]}街道"
        outline.school(
            f"{NAMES[g]}小学", heads, middle, area="urban", township=street, core_of=group, strong=True, sites=sites
        )
        for k in range(members):
            at = (middle[0] + RING[k][0] / 6, middle[1] + RING[k][1] / 6)
            outline.school(f"{NAMES[g]}小学分校{NUMERALS[k]}", 28, at, area="urban", township=street, member_of=group)
    county = _made(outline, 11)
    cores, members_ = _cores(county), _members(county)
    county = touch.with_slack(county, cores, 2)
    county = touch.with_backbone(county, cores, 2)
    county = touch.newcomers(county, members_)
    staff = county.staff_before
    posts = []
    for post in county.posts:
        there = int(staff.get((post.school, post.subject), 0))
        posts.append(
            replace(post, required=min(post.required, there), capacity=there)
            if there
            else replace(post, required=0, capacity=0)
        )
    return replace(county, posts=tuple(posts))


def town_ring() -> County:
    """A town's 街圈内教师与农村教师轮岗制: 11 schools, 393 teachers, 161 classes, 8 612 pupils (the document's numbers; its
    466 staff count 73 who do not teach and are not in a data set of teachers).

    Invented: four schools on the ring road and seven village schools 3–8 km out, in four groups; sizes. Villages lack specialists;
    they have seasoned teachers of Chinese and maths to send in exchange, and the ring has room.
    """
    outline = Outline("街圈样例镇", lon=113.6, lat=34.5)
    ring = [("primary", 30, 2), ("primary", 26, 2), ("primary", 22, 2), ("junior", 22, 1)]
    villages = [11, 9, 9, 8, 7, 6, 11]
    sizes = [classes for _, classes, _ in ring] + villages
    heads = shares_of(393, [float(classes) * (1.1 if classes == 22 else 1.0) for classes in sizes])
    pupils = shares_of(8612, [classes * (58.0 if k < 4 else 44.0) for k, classes in enumerate(sizes)])
    village = 0
    for g, (level, classes, count) in enumerate(ring):
        middle = ((-1.0, 0.8), (1.0, 0.8), (0.0, -1.1), (0.2, 0.2))[g]
        group = outline.group(f"街圈第{NUMERALS[g]}学区", "alliance")
        kind = "小学" if level == "primary" else "初级中学"
        outline.school(
            f"街圈第{NUMERALS[g]}{kind}", heads[g], middle, area="town", levels=(level,), township="街圈镇",
            core_of=group, strong=True, classes=classes, pupils=pupils[g],
        )  # fmt: skip
        for _ in range(count):
            outline.school(
                f"{NAMES[village]}{kind}", heads[4 + village], _place((0.0, 0.0), village), levels=(level,), township="街圈镇",
                member_of=group, classes=villages[village], pupils=pupils[4 + village],
            )  # fmt: skip
            village += 1
    county = _made(outline, 12, replace(SETTLED, lack=0.6))
    cores, members = _cores(county), _members(county)
    county = touch.with_slack(county, cores, 2)
    county = touch.with_room(touch.with_backbone(county, cores, 1), [*cores, *members], 3)
    return touch.with_senders(county, members, 5)


SAMPLES: Mapping[str, Callable[[], County]] = {
    "national-2014": national,
    "handan-close": handan_close,
    "handan-semi": handan_semi,
    "handan-loose": handan_loose,
    "libo": libo,
    "linzi": linzi,
    "kaihua": kaihua,
    "county-1plus3": county_1plus3,
    "zhangdian": zhangdian,
    "yuzhong": yuzhong,
    "chengzhong": chengzhong,
    "beijing-xicheng": beijing_xicheng,
    "town-ring": town_ring,
}
