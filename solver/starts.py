"""What a search has before its first LP: the baseline, a plan by hand, or nobody moving; and the helpers that go with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from scipy import sparse

from rotation.plan import Placement
from solver.engines.highs import solve_problem
from solver.engines.problem import Problem
from solver.exact import WHOLE
from solver.greedy import greedy
from solver.index import Floats, Ints
from solver.outcome import SolveOptions
from solver.program import Program

HELPERS_SECONDS = 10.0
MANY_ROWS = 30_000
"""From so many on, the first LP takes longer than a plan by hand."""


def starts(
    program: Program, asked: SolveOptions, should_stop: Callable[[], bool], by_hand: Ints | None = None
) -> Iterator[Floats]:
    """(options,) zeros and ones, best first; what is offered need not keep every rule. ``by_hand``: positions of options, known
    already. Raises Stopped.
    """
    count = len(program.options)
    if by_hand is not None:
        # Where there is a baseline, nobody makes one by hand: then it is a better plan that a search found.
        chosen = np.zeros(count)
        chosen[by_hand] = 1.0
        yield chosen
    if asked.baseline:
        yield _baseline(program, asked.baseline)
    yield np.zeros(count)
    if by_hand is None and program.shape[0] >= MANY_ROWS:
        made = greedy(program, should_stop)
        if made is not None:
            yield made


def _baseline(program: Program, baseline: Mapping[str, Placement]) -> Floats:
    """1 where an option is the baseline's placement of that teacher."""
    options, index = program.options, program.options.index
    chosen = np.zeros(len(options))
    for teacher, placement in baseline.items():
        if teacher in index.teacher_at:
            for option in options.of_teacher(index.teacher_at[teacher]).tolist():
                if options.is_placement(option, placement):
                    chosen[option] = 1.0
    return chosen


def completed(
    program: Program, chosen: Floats, cost: Floats, asked: SolveOptions, should_stop: Callable[[], bool]
) -> Floats | None:
    """x over all columns with these options and the helpers and slacks of least ``cost`` that go with them; None: there are
    none, or the options are not whole.
    """
    count = len(program.options)
    if np.abs(chosen - np.rint(chosen)).max(initial=0.0) > WHOLE:
        return None
    x = np.concatenate((np.rint(chosen), program.lower[count:]))
    used = np.flatnonzero(x)
    reached = program.columns(used) @ x[used]
    low, high = program.row_lower - reached, program.row_upper - reached
    helpers = program.columns(slice(count, None))
    touched = np.zeros(len(low), dtype=bool)
    touched[helpers.indices] = True
    if np.any(~touched & ((low > WHOLE) | (high < -WHOLE))):
        return None
    problem = Problem(
        sparse.csc_array(helpers.tocsr()[touched]), low[touched], high[touched],
        np.zeros(helpers.shape[1]), program.upper[count:] - program.lower[count:],
        program.integer[count:], cost[count:], gap=1e-6, seed=asked.seed,
        seconds=HELPERS_SECONDS if asked.work_limit is None else None,
    )  # fmt: skip
    answer = solve_problem(problem, should_stop)
    if answer.x is None:
        return None
    x[count:] += answer.x
    return x
