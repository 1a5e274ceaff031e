"""The rule reference: as the code would write it, complete, and its examples show their rules at work."""

from __future__ import annotations

import ast
import inspect
import textwrap
from pathlib import Path

import pytest

from rotation.county import DECISION_KINDS
from rotation.examples import FOLDER, Example, example, read_example
from rotation.faults import InputError
from rotation.labels import REFUSAL
from rotation.policy import OBJECTIVE_KINDS, RULE_KINDS, Objective
from rotation.reference import FRAME, pages, write
from rotation.rules.frame import Rule

DOCS = Path(__file__).parents[1] / "docs"
KINDS = pytest.mark.parametrize("kind", RULE_KINDS.values(), ids=RULE_KINDS)


def run(name: str) -> Example:
    found = example(name)
    assert found is not None, f"{FOLDER} lacks {name}.toml"
    return found


def cells(name: str) -> dict[str, tuple[object, ...]]:
    """Cell → (measured, least, most, shortfall) of a rule in its example."""
    (report,) = (report for report in run(name).report().rules if report.rule == name)
    keys = ("measured", "least", "most", "shortfall")
    return {"/".join(cell["cell"].values()): tuple(cell[key] for key in keys) for cell in report.cells}


def test_the_pages_are_what_make_docs_writes() -> None:
    written = pages()
    stale = [
        path
        for path, text in written.items()
        if not (DOCS / path).is_file() or (DOCS / path).read_text("utf-8") != text
    ]
    assert not stale, "run: make docs"
    assert {f"rules/{page.name}" for page in (DOCS / "rules").iterdir()} | {"objectives.md"} == set(written)


def test_pages_of_rules_that_are_no_more_go(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "gone.md").write_text("x", encoding="utf-8")
    write(tmp_path)
    assert {f"rules/{page.name}" for page in (tmp_path / "rules").iterdir()} | {"objectives.md"} == set(pages())


@KINDS
def test_nothing_is_left_unsaid(kind: type[Rule]) -> None:
    assert kind.zh.endswith("。") and kind.__doc__
    for name, field in kind.model_fields.items():
        if name != "rule":
            zh, dot, en = (field.description or "").partition(" · ")
            assert zh and dot and en, f"{kind.__name__}.{name} has no means(zh, en)"


def test_objectives_too() -> None:
    assert all(" · " in (field.description or "") for field in Objective.model_fields.values())
    tried = {part.objective for part in run("objectives").policy.objectives}
    assert tried == set(OBJECTIVE_KINDS)


@KINDS
def test_every_example_shows_its_rule_broken_and_nothing_else(kind: type[Rule]) -> None:
    name = kind.model_fields["rule"].default
    shown = run(name)
    assert [rule.rule for rule in shown.policy.rules if not rule.always_on or rule.rule == name] == [name]
    short = {report.rule for report in shown.report().rules if report.shortfall}
    assert short == {name}
    comments = [line for line in shown.text.splitlines() if line.startswith("#")]
    assert len(comments) == 2 and not comments[0].isascii() and comments[1].isascii()


def test_examples_by_hand() -> None:
    assert cells("rotation_quota") == {"East": (1, 2, None, 1), "West": (1, 1, None, 0)}
    assert cells("equal_exchange") == {"East": (1, None, 0, 1), "West": (0, None, 0, 0)}
    assert cells("budget") == {"": (14_000, None, 12_000, 2_000)}
    assert cells("mentoring") == {"East": (1, 2, None, 1)}
    assert cells("group_shape") == {"G/members": (2, None, 1, 1), "G/small_rural": (1, 1, None, 0)}
    values = run("objectives").report().values
    assert [float(values[tier]) for tier in range(1, 10)] == [17, 12, 2, 11_000, 1, -26, 1.125, 2, 3]


def said(kind: type[Rule]) -> set[str]:
    """The codes of refusals that stand in a rule's own functions."""
    (written,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(written, ast.ClassDef)
    functions = [item for item in written.body if isinstance(item, ast.FunctionDef)]
    constants = [node for function in functions for node in ast.walk(function) if isinstance(node, ast.Constant)]
    return {node.value for node in constants if isinstance(node.value, str) and node.value in REFUSAL}


@KINDS
def test_a_rule_lists_the_codes_that_it_gives(kind: type[Rule]) -> None:
    composed = {"destination": {"outside_group", "outside_township"}, "decisions": set(DECISION_KINDS)}
    assert set(kind.codes) == said(kind) | composed.get(kind.model_fields["rule"].default, set())
    assert all(code in REFUSAL for code in kind.codes)


def test_a_faulty_example_says_what_is_wrong() -> None:
    text = run("release").text
    with pytest.raises(InputError) as caught:
        read_example(text.replace('school = "Town"', 'school = "Twon"', 1))
    assert "unknown_reference" in {fault.code for fault in caught.value.faults}


def test_the_frame_is_told_once() -> None:
    page = pages()["rules/release.md"]
    assert all(f"| `{name}` |" not in page for name in FRAME)
    assert all(f"| `{name}` |" in pages()["rules/README.md"] for name in FRAME)
