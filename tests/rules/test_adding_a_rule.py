"""What the documentation shows is run: the rule of ``docs/adding-a-rule.md``, step by step."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
import test_mutation
import tried
from agreement import compare

from rotation.policy import RULE_KINDS
from solver.encoding import TWINS

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-rule.md"


def blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def module(name: str, source: str, patch: pytest.MonkeyPatch) -> ModuleType:
    """``source`` as the module ``name``, importable until the test ends."""
    made = ModuleType(name)
    patch.setitem(sys.modules, name, made)
    exec(compile(source, f"{PAGE.name}: {name}", "exec"), made.__dict__)
    return made


def entry(line: str, scope: ModuleType) -> object:
    """The value of a dictionary line, as it would stand in that module."""
    (value,) = eval("{" + line + "}", dict(vars(scope))).values()
    return value


def test_the_rule_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    rule, twin, golden, settings, mutations = blocks()
    made = module("rotation.rules.arrivals_limit", rule, monkeypatch)
    monkeypatch.setitem(RULE_KINDS, "arrivals_limit", made.ArrivalsLimit)
    monkeypatch.setitem(TWINS, "arrivals_limit", module("solver.encoding.arrivals_limit", twin, monkeypatch))

    cases = [test for name, test in vars(module("golden", golden, monkeypatch)).items() if name.startswith("test_")]
    assert cases and all(inspect.isfunction(test) for test in cases)
    for test in cases:
        test()

    monkeypatch.setitem(tried.SETTINGS, "arrivals_limit", entry(settings, tried))
    tried.tiny_counties.cache_clear()
    for case in tried.tiny_counties("arrivals_limit"):
        compare(case)
    breaks = entry(mutations, test_mutation)
    assert isinstance(breaks, dict)
    for name, broken in breaks.items():
        with monkeypatch.context() as patch:
            broken()(patch)
            assert test_mutation.disagree(tried.tiny_counties("arrivals_limit")), name
    tried.tiny_counties.cache_clear()
