"""学科交流指标 / subject quota: how many teachers of each subject move."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import model_validator

from rotation.rules.frame import Names, PerKeys, Selected, means
from rotation.rules.rotation_quota import QuotaLimits
from rotation.words import Words


class SubjectQuota(QuotaLimits):
    """As ``rotation_quota``, in each (cell, main subject); no limit unless given."""

    rule: Literal["subject_quota"] = "subject_quota"
    subjects: Annotated[Names, means("哪些学科; 不写为全部", "which subjects; none given: all")] = ()
    per: Annotated[
        PerKeys, means("分别计算的单元, 总含 subject", "the cells counted separately, always with subject")
    ] = ("subject",)

    title: ClassVar[Words] = Words("学科交流指标", "Subject quota")
    selects: ClassVar[Selected] = "homes"
    zh: ClassVar[str] = "与 rotation_quota 相同，但按主学科分别计算，没有默认限值，至少要写一个。"

    @model_validator(mode="before")
    @classmethod
    def _per_has_subject(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("per") is not None:
            per = [data["per"]] if isinstance(data["per"], str) else list(data["per"])
            return {**data, "per": per if "subject" in per else [*per, "subject"]}
        return data

    @model_validator(mode="after")
    def _some_limit(self) -> SubjectQuota:
        if not self.has_limit:
            raise ValueError("`subject_quota` needs share_min, share_max, count_min or count_max")
        return self

    def counts_subject(self, subject: str) -> bool:
        return not self.subjects or subject in self.subjects

    def sentence(self) -> Words:
        limits = self.limit_words()
        zh = "、".join(self.subjects) or "各学科"
        en = ", ".join(self.subjects) or "each subject"
        return Words(f"{zh}交流人数{limits.zh}", f"Of the teachers of {en}, {limits.en} move")
