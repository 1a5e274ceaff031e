"""Made-up names: of persons, schools and townships. Any likeness to a real person is chance.

About one name in seventy has a rare character, a few of them outside the Basic Multilingual Plane: whoever prints,
sorts or encodes names meets them in the sample already.
"""

from __future__ import annotations

from scenarios.generator.dice import Bools, Dice, Ints, place_of

# Weights roughly as frequent as in 全国姓名报告 (Ministry of Public Security, 2021): 王 李 张 刘 陈 lead.
SURNAMES = {
    "王": 72, "李": 72, "张": 68, "刘": 54, "陈": 46, "杨": 32, "赵": 29, "黄": 25, "周": 25, "吴": 25, "徐": 20, "孙": 19,
    "胡": 16, "朱": 15, "高": 15, "林": 14, "何": 14, "郭": 14, "马": 13, "罗": 12, "梁": 11, "宋": 10, "郑": 10, "谢": 9,
    "韩": 8, "唐": 8, "冯": 8, "于": 8, "董": 7, "萧": 7, "程": 7, "曹": 7, "袁": 6, "邓": 6, "许": 6, "傅": 6, "沈": 6,
    "曾": 6, "彭": 6, "吕": 5, "韦": 5, "覃": 4, "莫": 4, "蒙": 3, "欧阳": 2, "上官": 1, "司马": 1, "仝": 1, "逄": 1, "禤": 1,
}  # fmt: skip
FEMALE = "芳丽敏静娟艳娜秀玲燕红霞梅兰英慧颖婷雪琴莉倩萍蕾洁晶琳月怡瑶"
MALE = "伟强磊军勇杰涛明刚平辉斌超波鹏飞健峰浩凯宁建国志民东海龙林山"
EITHER = "文晓春华玉云海新永佳思宇欣子雨一嘉安清"
RARE = "喆翀祎赟龑䶮玥淼燊堃昉珺璟煊𬭎𣲗𬱖"

PLACE_FIRST = "清安永太新东西南北龙石青白金双大长高平和兴福德文凤云柳杨松竹梅"
PLACE_SECOND = "河山溪湖岭坪桥塘泉沟坝关井水口湾集庄营寨坡洲"
CORE_NAMES = (
    "实验",
    "第一",
    "第二",
    "育才",
    "明德",
    "人民路",
    "东街",
    "西街",
    "新城",
    "朝阳",
    "文庙",
    "北关",
    "滨河",
    "师范附属",
)


def person_names(dice: Dice, female: Bools) -> list[str]:
    """One name a person."""
    n = len(female)
    surnames = list(SURNAMES)
    surname: Ints = place_of(list(SURNAMES.values()), dice.units(n))
    two, first, second, rare = dice.chance(0.72, n), dice.units(n), dice.units(n), dice.units(n)
    found = []
    for i in range(n):
        own = FEMALE if female[i] else MALE
        last = own[int(second[i] * len(own))]
        if rare[i] < 1 / 70:
            last = RARE[int(rare[i] * 70 * len(RARE))]
        middle = EITHER[int(first[i] * len(EITHER))] if two[i] else ""
        found.append(surnames[surname[i]] + middle + last)
    return found


def place_names(dice: Dice, count: int) -> list[str]:
    """``count`` different place names of two characters, a number added when they run out."""
    pairs = [a + b for a in PLACE_FIRST for b in PLACE_SECOND]
    drawn = dice.several(pairs, count)
    return [drawn[i % len(drawn)] + ("" if i < len(drawn) else str(i // len(drawn) + 1)) for i in range(count)]


SCHOOL_KIND = {("primary",): "小学", ("junior",): "初级中学", ("primary", "junior"): "九年一贯制学校"}


def school_kind(levels: tuple[str, ...], area: str, is_centre: bool) -> str:
    """The last part of a school's name."""
    if area == "teaching_point":
        return "教学点"
    return "中心小学" if is_centre and levels == ("primary",) else SCHOOL_KIND.get(levels, "学校")
