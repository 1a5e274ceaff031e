"""``/v1/policies``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from api.depends import Asked
from api.problems import WordsOut, responses
from rotation.policy_words import read_back

router = APIRouter(prefix="/policies", tags=["policies"])


class PolicyListed(BaseModel):
    """A preset in a list."""

    name: str
    source: str
    digest: str
    sentences: list[WordsOut] = Field(description="Every rule and objective, read back.")


class PolicyOut(BaseModel):
    """A flattened policy: `extends` resolved, defaults filled in. It can be sent back as a plan's policy."""

    name: str
    source: str
    rules: list[dict[str, Any]]
    objectives: list[dict[str, Any]]


@router.get("", summary="All presets")
def listed(services: Asked) -> list[PolicyListed]:
    """Every preset with its source and, rule by rule, what it says."""
    return [
        PolicyListed(
            name=policy.name,
            source=policy.source,
            digest=policy.digest,
            sentences=[WordsOut(zh=said.words.zh, en=said.words.en) for said in read_back(policy)],
        )
        for policy in services.policies()
    ]


@router.get("/{name}", summary="One preset", responses=responses("policy_not_found", "invalid_request"))
def show(name: Annotated[str, Path(max_length=200, examples=["national-2014"])], services: Asked) -> PolicyOut:
    """A preset as a whole policy."""
    return PolicyOut.model_validate(services.policy(name).to_document())
