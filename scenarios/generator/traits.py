"""How a county's teachers are spread: every distribution that people are drawn from, in one place.

The tables are this project's assumptions; where a national figure exists they lean on it (教育部, 2023年全国教育事业发展统计:
women 73 % of primary, 61 % of junior full-time teachers; a sixth to a quarter with a senior title). Whole-number
weights; ages in years on 1 September.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

AGE_BANDS = ((22, 29), (30, 39), (40, 49), (50, 54), (55, 59))
"""The last band is men's: women retire at 55."""

AGE_WEIGHTS: Mapping[str, tuple[int, ...]] = {
    "urban": (14, 32, 35, 14, 5),
    "town": (16, 28, 34, 15, 7),
    # Villages have the newly hired and the old; who can, leaves in between.
    "rural": (28, 20, 24, 17, 11),
    "teaching_point": (15, 10, 25, 28, 22),
}

BACKBONE_WEIGHTS: Mapping[str, tuple[int, ...]] = {
    # none, school, county, city, province; of teachers with at least five years of service
    "urban": (42, 20, 26, 10, 2),
    "town": (54, 22, 19, 5, 0),
    "rural": (76, 15, 8, 1, 0),
    "teaching_point": (92, 6, 2, 0, 0),
}

FEMALE = {"primary": 0.73, "junior": 0.60}
FEMALE_IN_PE = 0.25

EXEMPTIONS = (
    ("pregnant", 0.02, 22, 42),
    ("nursing", 0.03, 23, 44),
    ("illness", 0.015, 22, 60),
    ("sole_carer", 0.01, 30, 60),
)
"""Code, share of those it can concern (the first two: women), youngest and oldest age."""

KM_LIMITS = (10, 15, 20, 30, 40)


@dataclass(frozen=True)
class Traits:
    """The shares that a sample may turn; the defaults make an ordinary county.

    ``second_subject``: by area, the share of teachers who have one. ``stays``: the share who never changed school since they began.
    ``residence``: the share whose home address is known; ``commuters``: of village teachers, the share living in the
    nearest town. ``volunteer``: by area, of those without exemption. ``wishes``: of volunteers, the share who list
    hosts. ``unwilling``: the share who mark one host unacceptable. ``couple``: the share married to a teacher of the
    county. ``running``, ``ended``: the share on a running term, and of teachers back from an ended one.
    ``lack`` multiplies the vacancies of ``staffing.LACK``, ``backbone`` (0 … 1) the chance of any rank.
    """

    second_subject: Mapping[str, float] = field(
        default_factory=lambda: {"urban": 0.14, "town": 0.16, "rural": 0.2, "teaching_point": 0.4}
    )
    volunteer: Mapping[str, float] = field(
        default_factory=lambda: {"urban": 0.10, "town": 0.08, "rural": 0.05, "teaching_point": 0.02}
    )
    stays: float = 0.35
    residence: float = 0.7
    commuters: float = 0.3
    wishes: float = 0.85
    unwilling: float = 0.03
    personal_limit: float = 0.06
    couple: float = 0.06
    running: float = 0.015
    ended: float = 0.06
    lack: float = 1.0
    backbone: float = 1.0


ORDINARY = Traits()
