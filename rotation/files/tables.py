"""The one table definition: every table and column of a data set, for all three dresses (workbook, CSV folder, JSON).

A column's ``name`` is its English heading and the field of the row class in ``rotation.county``; ``zh`` is its Chinese
heading; ``aliases`` are further headings that are understood. Choices have Chinese words too. Readers, writers, the
templates and the digest all follow this file; a new column is one line here and one field there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from rotation import county
from rotation.words import Words

Kind = Literal["id", "text", "list", "choice", "choices", "flag", "whole", "number", "date"]
"""``list`` and ``choices`` hold several values in one cell; ``flag`` is yes/no; ``whole`` a whole number."""

ID_LENGTH = 64
YES = ("yes", "是", "y", "true", "1", "有", "对", "√", "t")
NO = ("no", "否", "n", "false", "0", "无", "错", "×", "f")

Choices = Mapping[str, tuple[str, ...]]
"""Value → Chinese words for it, the first one being its label."""

AREAS: Choices = {
    "urban": ("城区", "城市", "主城区"),
    "town": ("镇区", "镇", "城镇", "县镇"),
    "rural": ("乡村", "农村", "村"),
    "teaching_point": ("教学点",),
}
LEVELS: Choices = {
    "kindergarten": ("幼儿园", "学前"),
    "primary": ("小学",),
    "junior": ("初中",),
    "senior": ("高中", "普通高中"),
}
GROUP_ROLES: Choices = {"core": ("核心校", "总校", "牵头校", "龙头校"), "member": ("成员校", "分校")}
GROUP_KINDS: Choices = {
    "close": ("紧密型", "紧密合作型"),
    "semi": ("半紧密型", "半紧密合作型"),
    "loose": ("松散型", "深度联盟型"),
    "trusteeship": ("托管", "托管型", "新校托管型"),
    "alliance": ("联盟", "联盟型"),
}
SEXES: Choices = {"F": ("女", "女性"), "M": ("男", "男性")}
TITLES: Choices = {
    "none": ("无", "未定级", "未评"),
    "third": ("三级", "三级教师"),
    "second": ("二级", "二级教师"),
    "first": ("一级", "一级教师"),
    "senior": ("高级", "高级教师", "副高级"),
    "professor": ("正高级", "正高级教师"),
}
BACKBONE_RANKS: Choices = {
    "none": ("无", "否", "非骨干"),
    "school": ("校级", "校级骨干"),
    "county": ("县级", "区级", "县区级", "县级骨干", "区级骨干"),
    "city": ("市级", "市级骨干"),
    "province": ("省级", "省级骨干"),
}
ROLES: Choices = {
    "teacher": ("教师", "专任教师"),
    "middle_leader": ("中层", "中层干部", "中层教干"),
    "vice_principal": ("副校长",),
    "principal": ("校长",),
}
MODES: Choices = {
    "secondment": ("轮岗", "支教", "轮岗支教"),
    "attachment": ("跟岗", "跟岗学习"),
    "itinerant": ("走教",),
}
DECISION_KINDS: Choices = {"require": ("指定", "必须"), "forbid": ("禁止", "不得")}


@dataclass(frozen=True)
class Column:
    """One column. ``least``/``most``: limits of a number, included; ``longest``: of a text, in characters."""

    name: str
    zh: str
    kind: Kind
    says: Words
    required: bool = False
    default: Any = None
    choices: Choices | None = None
    least: float = 0
    most: float = 1_000_000
    longest: int = 200
    refers: tuple[str, ...] = ()
    """Tables, one of which must know the value as an id."""
    aliases: tuple[str, ...] = ()

    @cached_property
    def words(self) -> Mapping[str, str]:
        """Every accepted word for a choice, lower case → the value."""
        found = {}
        for value, names in (self.choices or {}).items():
            for name in (value, value.replace("_", " "), *names):
                found[name.lower()] = value
        return found

    @property
    def is_list(self) -> bool:
        return self.kind in ("list", "choices")


@dataclass(frozen=True)
class Table:
    """One table: a sheet, a CSV file or an array. ``key``: the columns that no two rows may share."""

    name: str
    zh: str
    says: Words
    row: type
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    may_be_empty: bool = True
    aliases: tuple[str, ...] = ()
    column: Mapping[str, Column] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "column", {column.name: column for column in self.columns})

    @cached_property
    def headings(self) -> Mapping[str, str]:
        """Every accepted heading in its plain form → the column's name."""
        return {plain(name): c.name for c in self.columns for name in (c.name, c.zh, *c.aliases)}


def plain(heading: str) -> str:
    """A heading or table name as it is compared: trimmed, lower case, without the mark of required columns."""
    return heading.strip().strip("★*＊").strip().lower().replace(" ", "_")


def _id(name: str, zh: str, says: Words, *, required: bool = True, refers: tuple[str, ...] = (), **more: Any) -> Column:
    return Column(name, zh, "id", says, required=required, refers=refers, **more)


def _year(name: str, zh: str, says: Words, **more: Any) -> Column:
    return Column(name, zh, "whole", says, least=1900, most=2200, **more)


def _longitude(says: Words) -> Column:
    return Column("lon", "经度", "number", says, least=-180, most=180, aliases=("longitude", "lng"))


def _latitude(says: Words) -> Column:
    # Up to 180, so that ``checks.coordinates`` can tell an exchanged longitude from nonsense.
    return Column("lat", "纬度", "number", says, least=-180, most=180, aliases=("latitude",))


_SUBJECT = Words("学科，一行只写一个", "the subject, one a row")
_DEGREES = Words("单位为度（WGS 84）", "in degrees (WGS 84)")
_RESIDENCE = Words(
    "住址坐标，单位为度（WGS 84）；不填按派出校计算", "residence, degrees (WGS 84); empty = the home school's"
)
_LEVELS = Words("学段，可写多个，用分号隔开", "levels, several separated by ;")

COUNTY = Table(
    "county", "县区", Words("学年和县区名，只有一行", "the school year and the county's name, one row"), county.County,
    (
        _year("year", "学年", Words("学年开始的年份：2026 指 2026 年 9 月至 2027 年 8 月",
              "the calendar year in which the school year starts: 2026 = September 2026 to August 2027"),
              required=True, aliases=("年度", "年份")),
        Column("name", "名称", "text", Words("县区名称", "the county's name"), aliases=("县区名称", "县区")),
    ),
    (), may_be_empty=False, aliases=("县", "区县", "基本信息"),
)  # fmt: skip

SCHOOLS = Table(
    "schools", "学校", Words("所有学校，含教学点", "every school, teaching points included"), county.School,
    (
        _id("id", "编号", Words("学校编号，不得重复", "the school's id, unique"), aliases=("学校编号", "学校代码", "代码")),
        Column("name", "名称", "text", Words("学校名称", "the school's name"), required=True,
               aliases=("学校名称", "校名")),
        Column("levels", "学段", "choices", _LEVELS, required=True, choices=LEVELS, aliases=("level", "办学层次")),
        Column("area", "城乡类型", "choice", Words("城区、镇区、乡村或教学点", "urban, town, rural or teaching_point"),
               required=True, choices=AREAS, aliases=("城乡", "区域")),
        Column("township", "乡镇", "text", Words("所在乡镇或街道", "the township it lies in"), aliases=("乡镇街道",)),
        _id("group", "集团编号", Words("所属教育集团的编号", "id of its education group"), required=False,
            refers=("groups",), aliases=("教育集团", "集团")),
        Column("group_role", "集团角色", "choice", Words("集团中的角色：核心校或成员校", "its part in the group"),
               choices=GROUP_ROLES),
        Column("weak", "薄弱校", "flag", Words("是否薄弱学校", "flagged as a weak school"), default=False,
               aliases=("薄弱学校",)),
        Column("strong", "优质校", "flag", Words("是否优质学校", "flagged as a strong school"), default=False,
               aliases=("优质学校",)),
        _id("parent", "中心校编号", Words("村小或教学点所属中心校的编号", "id of the centre school of a village school"),
            required=False, refers=("schools",), aliases=("中心校",)),
        Column("sites", "增设校址", "whole", Words("主校址以外的校址数", "extra campuses"), default=0, most=100,
               aliases=("校区数",)),
        Column("leader_posts_open", "空缺干部岗位", "whole", Words("空缺的干部岗位数", "leader posts that are open"),
               default=0, most=1000),
        _longitude(_DEGREES),
        _latitude(_DEGREES),
        Column("classes", "班级数", "whole", Words("班级数", "number of classes"), most=10_000, aliases=("班数",)),
        Column("pupils", "学生数", "whole", Words("学生数", "number of pupils"), aliases=("在校生数", "在校学生数")),
    ),
    ("id",), may_be_empty=False, aliases=("school", "学校表"),
)  # fmt: skip

POSTS = Table(
    "posts", "岗位", Words("每校每学科需要和最多容纳的教师数", "teachers a school needs and takes, per subject"), county.Post,
    (
        _id("school", "学校编号", Words("学校编号", "id of the school"), refers=("schools",), aliases=("学校",)),
        Column("subject", "学科", "text", _SUBJECT, required=True, longest=64),
        Column("required", "需要人数", "whole", Words("至少需要的教师数", "teachers it needs at least"), required=True,
               most=10_000, aliases=("需求", "应配")),
        Column("capacity", "容量", "whole", Words("最多容纳的教师数，不小于需要人数", "teachers it takes at most"),
               required=True, most=10_000, aliases=("最大人数", "上限")),
    ),
    ("school", "subject"), may_be_empty=False, aliases=("post", "岗位表"),
)  # fmt: skip

GROUPS = Table(
    "groups", "教育集团", Words("教育集团、教共体、学区", "education groups"), county.Group,
    (
        _id("id", "编号", Words("集团编号，不得重复", "the group's id, unique"), aliases=("集团编号",)),
        Column("name", "名称", "text", Words("集团名称", "the group's name"), required=True, aliases=("集团名称",)),
        Column("kind", "类型", "choice", Words("集团类型", "how close the group is"), choices=GROUP_KINDS,
               aliases=("集团类型",)),
        Column("partner", "协作县区", "text", Words("跨县区结对时对方县区的名称", "the other county, for pairs across counties")),
    ),
    ("id",), aliases=("group", "集团", "教共体", "学区"),
)  # fmt: skip

TEACHERS = Table(
    "teachers", "教师", Words("所有在编教师，含正在轮岗的", "every teacher, those on a running term included"), county.Teacher,
    (
        _id("id", "编号", Words("教师编号，不得重复；请勿使用身份证号", "the teacher's id, unique; not an identity number"),
            aliases=("教师编号", "工号")),
        Column("name", "姓名", "text", Words("姓名，可不填", "name, may stay empty")),
        _id("school", "学校编号", Words("派出校（编制所在学校）的编号", "id of the home school"), refers=("schools",),
            aliases=("学校", "派出校", "home")),
        Column("subjects", "学科", "list", Words("任教学科，第一个为主学科，用分号隔开", "subjects, the main one first, separated by ;"),
               required=True, longest=64, aliases=("subject", "任教学科")),
        Column("levels", "学段", "choices", _LEVELS, required=True, choices=LEVELS, aliases=("level", "任教学段")),
        Column("sex", "性别", "choice", Words("女或男", "F or M"), choices=SEXES, aliases=("gender",)),
        Column("birth_date", "出生日期", "date", Words("出生日期，如 1980-03-05", "date of birth, as 1980-03-05"),
               aliases=("出生年月日", "生日")),
        Column("title", "职称", "choice", Words("职称", "professional title"), default="none", choices=TITLES),
        Column("backbone", "骨干级别", "choice", Words("骨干教师级别", "rank as a backbone teacher"), default="none",
               choices=BACKBONE_RANKS, aliases=("骨干教师", "骨干")),
        Column("role", "职务", "choice", Words("职务", "position"), default="teacher", choices=ROLES),
        _year("teaching_since", "从教年份", Words("开始从教的年份", "year in which teaching began")),
        _year("joined_year", "到校年份", Words("到现学校任教的学年", "school year in which the teacher joined the home school"),
              required=True, aliases=("到校学年", "入校年份")),
        _year("last_rotation_end", "上次轮岗结束年份", Words("上次轮岗返校的年份", "year of return from the last rotation")),
        Column("rural_years", "农村任教年限", "whole", Words("在乡村学校任教的年数", "years served at rural schools"),
               default=0, most=80, aliases=("乡村任教年限",)),
        _longitude(_RESIDENCE),
        _latitude(_RESIDENCE),
        Column("max_km", "最远距离", "number", Words("本人可接受的最远距离（公里）", "the teacher's own limit in km"), most=10_000,
               aliases=("最远公里",)),
        Column("exempt", "免轮岗原因", "list", Words("免轮岗代码，如 pregnant、nursing、illness、sole_carer",
               "exemption codes such as pregnant, nursing, illness, sole_carer"), default=(), longest=64,
               aliases=("豁免",)),
        Column("volunteer", "自愿申请", "flag", Words("本学年是否申请轮岗", "applied this year"), default=False,
               aliases=("自愿", "申请")),
        _id("spouse", "配偶编号", Words("配偶的教师编号，双方都要填", "teacher id of the spouse, given by both"), required=False,
            refers=("teachers",), aliases=("配偶",)),
    ),
    ("id",), may_be_empty=False, aliases=("teacher", "教师表"),
)  # fmt: skip

TERMS = Table(
    "terms", "轮岗记录", Words("正在进行和已结束的轮岗；走教每校一行", "running and past placements; a circuit is one row a host"),
    county.Term,
    (
        _id("teacher", "教师编号", Words("教师编号", "id of the teacher"), refers=("teachers",), aliases=("教师",)),
        _id("host", "接收校编号", Words("接收校编号", "id of the host school"), refers=("schools",), aliases=("接收校",)),
        Column("subject", "学科", "text", _SUBJECT, required=True, longest=64),
        _year("start_year", "开始学年", Words("开始的学年，早于本学年", "school year in which it began, before this one"),
              required=True, aliases=("开始年份",)),
        Column("years", "年数", "whole", Words("轮岗学年数，1 至 6", "length in school years, 1 to 6"), required=True,
               least=1, most=6, aliases=("轮岗年限",)),
        Column("mode", "方式", "choice", Words("轮岗、跟岗或走教", "secondment, attachment or itinerant"),
               default="secondment", choices=MODES, aliases=("交流方式",)),
    ),
    ("teacher", "start_year", "host"), aliases=("term", "轮岗", "交流记录"),
)  # fmt: skip

PREFERENCES = Table(
    "preferences", "志愿", Words("教师的志愿", "the teachers' wishes"), county.Preference,
    (
        _id("teacher", "教师编号", Words("教师编号", "id of the teacher"), refers=("teachers",), aliases=("教师",)),
        _id("host", "接收校编号", Words("接收校编号", "id of the host school"), refers=("schools",), aliases=("接收校",)),
        Column("rank", "志愿序号", "whole", Words("1 为第一志愿；0 为不接受", "1 = first choice; 0 = unacceptable"),
               required=True, most=10_000, aliases=("志愿", "序号")),
    ),
    ("teacher", "host"), aliases=("preference", "志愿表"),
)  # fmt: skip

DECISIONS = Table(
    "decisions", "人工指定", Words("教育局已作出的决定", "what the office has decided"), county.Decision,
    (
        _id("teacher", "教师编号", Words("教师编号", "id of the teacher"), refers=("teachers",), aliases=("教师",)),
        Column("kind", "类型", "choice", Words("指定或禁止", "require or forbid"), required=True, choices=DECISION_KINDS,
               aliases=("决定",)),
        _id("host", "接收校编号", Words("接收校编号；不填指任何学校", "id of the host school; empty = any"), required=False,
            refers=("schools",), aliases=("接收校",)),
        Column("reason", "原因", "text", Words("原因", "why"), longest=2000, aliases=("理由", "备注")),
    ),
    ("teacher", "kind", "host"), aliases=("decision", "指定"),
)  # fmt: skip

TRAVEL = Table(
    "travel", "路程", Words("已知的路程，优先于直线距离", "known ways, used instead of the great circle"), county.Travel,
    (
        _id("origin", "起点编号", Words("起点：学校编号或教师编号", "where it starts: a school's or a teacher's id"),
            refers=("schools", "teachers"), aliases=("起点",)),
        _id("host", "接收校编号", Words("接收校编号", "id of the host school"), refers=("schools",), aliases=("接收校", "终点")),
        Column("km", "公里", "number", Words("公里数，按实际路程", "kilometres as they are driven"), required=True, most=10_000),
        Column("minutes", "分钟", "number", Words("分钟数", "minutes"), most=100_000),
    ),
    ("origin", "host"), aliases=("路程表", "距离"),
)  # fmt: skip

TABLES: tuple[Table, ...] = (COUNTY, SCHOOLS, POSTS, GROUPS, TEACHERS, TERMS, PREFERENCES, DECISIONS, TRAVEL)
"""In the order of the sheets."""

LISTED = TABLES[1:]
"""The tables with rows of their own: fields of ``County``."""

TABLE: Mapping[str, Table] = {table.name: table for table in TABLES}

TABLE_NAMES: Mapping[str, str] = {plain(n): t.name for t in TABLES for n in (t.name, t.zh, *t.aliases)}
"""Every accepted table name in its plain form → the table's name."""
