"""``/v1/plans/{id}/teachers``, ``…/schools``, ``…/chains``, ``…/letters``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.explanations.service import Explanations, known_school, known_teacher, placed_teacher
from api.plans.endpoints import Known
from api.problems import SafeJSON, responses

router = APIRouter(prefix="/plans/{plan_id}", tags=["explanations"])
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
NOT_THERE = ("plan_not_found", "plan_not_ready", "invalid_request", "invalid_data")


def _explanations(request: Request) -> Explanations:
    found: Explanations = request.app.state.explanations
    return found


Asked = Annotated[Explanations, Depends(_explanations)]
Id = Annotated[str, Path(min_length=1, max_length=64)]
Priced = Annotated[int, Query(ge=0, le=50, description="Hosts whose price is solved for; the others get a bound.")]
Language = Annotated[Literal["zh", "en", "both"], Query(description="Language of the letter.")]


def _object(description: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": description, "content": {"application/json": {"schema": {"type": "object"}}}}}


def _docx(description: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": description, "content": {DOCX: {"schema": {"type": "string", "format": "binary"}}}}}


@router.get(
    "/teachers/{teacher}",
    summary="Why this teacher",
    response_class=SafeJSON,
    responses=responses("teacher_not_found", *NOT_THERE) | _object("Rules, prices by tier, and who would go instead"),
)
def teacher(record: Known, explanations: Asked, teacher: Id, alternatives: Priced = 3) -> Response:
    """Why a teacher moves or stays; every price is the best plan with that choice forced, proved."""
    from solver.prices import document

    found = explanations.ask(
        record.id, lambda explainer: explainer.teacher(known_teacher(explainer, teacher), alternatives=alternatives)
    )
    return SafeJSON(document(found))


@router.get(
    "/schools/{school}",
    summary="Why these arrivals",
    response_class=SafeJSON,
    responses=responses("school_not_found", *NOT_THERE)
    | _object("Arrivals and what they serve; the price of one more"),
)
def school(record: Known, explanations: Asked, school: Id) -> Response:
    """Why these arrivals at a school, and why not more."""
    from solver.prices import document

    return SafeJSON(document(explanations.ask(record.id, lambda one: one.school(known_school(one, school)))))


@router.get(
    "/chains",
    summary="What may be refused by itself",
    response_class=SafeJSON,
    responses=responses(*NOT_THERE) | _object("Chains, each with the minimum counts that fall short without it"),
)
def chains(record: Known, explanations: Asked) -> Response:
    """The plan in chains, any set of which may be refused."""
    from solver.chains import chain_document, chains

    found = explanations.ask(record.id, lambda one: chains(one.county, one.policy, one.plan.placements))
    return SafeJSON({"chains": [chain_document(chain) for chain in found]})


@router.get(
    "/letters",
    summary="All decision letters",
    response_class=Response,
    responses=responses(*NOT_THERE) | _docx("A page a teacher"),
)
def all_letters(record: Known, explanations: Asked, lang: Language = "both") -> Response:
    """Every placed teacher's letter, in one docx."""
    from api.letters import letters

    content = explanations.ask(record.id, lambda one: letters(one, language=lang))
    return _file(content, f"letters-{record.id}.docx")


@router.get(
    "/letters/{teacher}",
    summary="One decision letter",
    response_class=Response,
    responses=responses("placement_not_found", *NOT_THERE) | _docx("One page"),
)
def one_letter(record: Known, explanations: Asked, teacher: Id, lang: Language = "both") -> Response:
    """The letter of a teacher whom the plan places."""
    from api.letters import letter

    content = explanations.ask(record.id, lambda one: letter(one, placed_teacher(one, teacher), language=lang))
    return _file(content, f"letter-{record.id}.docx")


def _file(content: bytes, name: str) -> Response:
    return Response(content, headers={"Content-Disposition": f'attachment; filename="{name}"'}, media_type=DOCX)
