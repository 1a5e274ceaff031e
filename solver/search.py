"""Tier after tier: a bound by linear programming, a plan by small exact programs, and no column that cannot matter.

1. One weighted sum of all tiers (a surrogate, steep weights) gives the first plan: its LP over columns by need, then, if
   that is fractional, small MIPs around what is fractional, or over the columns whose reduced cost is small.
2. Each tier in order: the LP optimum of the tier alone, given the tiers before it, rounded up to the tier's step, is its
   bound. If the plan at hand reaches it, the tier is proved. If not, a MIP over the columns with reduced cost at most
   (plan − bound) is exact: no other column can be in a better plan (reduced-cost fixing; Dantzig, Fulkerson & Johnson 1954).
3. What is proved narrows the rest: columns with reduced cost above value − bound never return; at a gap of zero,
   complementary slackness turns rows with a dual into equations, and the tier needs no row of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from solver.engines.problem import MipAnswer
from solver.engines.race import Race
from solver.exact import WHOLE, Exact
from solver.improvement import Improvement
from solver.index import Bools, Floats, Ints
from solver.master import LARGEST_COST, WORTH_GIVING_BACK, Bound, Master
from solver.memory import give_back
from solver.neighbourhoods import Neighbourhoods
from solver.outcome import OnProgress, Progress, SolveOptions
from solver.program import Program, TierCost
from solver.rounding import NEARLY_FREE, Rounding
from solver.starts import completed, starts
from solver.stopping import Stopped, look

STEEPNESS = 20
FAINT = 1e-3
TOP_COST = 1e4
NEARLY_WHOLE = 0.05
SHARE_OF_TIME = 0.5
FIRST_PLAN_SECONDS = 20.0
HARD_SECONDS = 3.0
MENDED_AFTER_SECONDS = 1.0
IMPROVED_SECONDS = 10.0
HOPEFUL = 0.05
"""A part of the gap; an exact program that closed less before its time was over has no chance until it is much smaller."""
IMPROVABLE_COLUMNS = 1_000_000
"""Neighbourhoods keep the whole program in memory a second time, by rows; a city's exact programs finish."""
POLISHED_COLUMNS = 6_000
"""Up to so many columns, a tier within the asked gap is solved to the end all the same."""


@dataclass
class Certificate:
    """What is known of a tier, in the tier's own steps: ``bound`` ≤ any value given the tiers before it.

    ``duals``: of its LP's rows, then of "value of tier j" for the tiers before it; None: no LP was solved.
    """

    tier: TierCost
    value: int | None = None
    bound: float | None = None
    proof: str = ""
    duals: tuple[Floats, Floats] | None = None

    def proved(self, gap: float) -> bool:
        if self.value is None or self.bound is None:
            return False
        step = float(self.tier.step)
        value = self.value * step + float(self.tier.constant)
        return (self.value - self.bound) * step <= gap * max(1.0, abs(value)) + 1e-9


@dataclass
class Found:
    """The search's answer: ``x`` over all columns (None: no plan), a certificate a tier, and how it ended.

    ``raced``: two engines ran side by side, and which was first decided among plans of equal value.
    """

    x: Floats | None
    certificates: list[Certificate]
    infeasible: bool = False
    stopped_by: str | None = None
    raced: bool = False
    notes: dict[str, float] = field(default_factory=dict)


class Search:
    def __init__(
        self,
        program: Program,
        options: SolveOptions,
        on_progress: OnProgress,
        should_stop: Callable[[], bool],
        started: float,
        engine: Race | None = None,
    ) -> None:
        self.program = program
        self.options = options
        self.on_progress = on_progress
        self.user_stop = should_stop
        self.started = started
        self.certificates = [
            Certificate(tier, bound=_trivial(program, tier), proof="trivial") for tier in program.tiers
        ]
        self.best: Floats | None = None
        self.values: list[int] = []
        self.engine = engine or Race(options.workers)
        self.master = Master(program, self._should_stop, options.workers)
        self.exact = Exact(program, self.master, self.engine, options, self._should_stop)
        self.improvement = Improvement(program, self.master, options, self._should_stop)

    # -- the whole of it --------------------------------------------------------------------------------------------

    def run(self) -> Found:
        stopped_by = None
        try:
            look(self.user_stop)
            if not self._first_plan():
                return Found(None, self.certificates, infeasible=True)
            for k in range(len(self.certificates)):
                self._prove(k)
        except Stopped:
            stopped_by = "user" if self.user_stop() else "time"
        finally:
            self.engine.close()
            self.improvement.close()
        self._value_all()
        notes: dict[str, float] = {"rounds": self.master.rounds, "columns": self.master.column_count}
        return Found(self.best, self.certificates, stopped_by=stopped_by, raced=self.engine.raced, notes=notes)

    def _first_plan(self) -> bool:
        """A plan by the surrogate; False: the program has none (proved over every column)."""
        self._tell("first plan")
        self._start()
        self._tell_values()
        plain = [tier for tier in self.program.tiers if not tier.tolerance]
        if len(plain) < len(self.program.tiers):
            bound = self.master.start(self._surrogate(plain))
            if bound is None:
                return False
            self._plain_plan(self._surrogate(plain), bound)
        cost = self._surrogate(self.program.tiers)
        bound = self.master.start(cost) if len(plain) == len(self.program.tiers) else self.master.minimise(cost)
        if bound is None:
            return False
        if self._take(bound.x) or self._take_near(cost, bound):
            return True
        # A nearly whole LP leaves little to decide, and few columns to do it with.
        nearly = self._fractional(bound) <= NEARLY_WHOLE * bound.x[: len(self.program.options)].sum()
        mendable = len(self.program.tiers) == 1
        if not nearly and mendable and self._mend():
            return True
        mendable &= nearly and self.options.work_limit is None
        keep = self._used(bound) if nearly else self.master.inside
        for share in (1e-7 if nearly else 0.0, 1e-6, 1e-5, 1e-4, None):
            # Ever more columns: in the end all of them, and then no plan is a proof.
            columns = self.exact.columns_below(bound, np.inf if share is None else share * TOP_COST, keep=keep)
            last = share is None and self.best is None
            seconds = MENDED_AFTER_SECONDS if mendable else self._mip_seconds(not last, FIRST_PLAN_SECONDS)
            answer = self.exact.minimise(cost, columns, 1e-7 if nearly else 1e-4, seconds, start=self.best)
            if answer.x is not None and self._take(answer.x):
                return True
            if mendable and not answer.exhausted and self._mend():
                return True
            mendable = False
            if answer.x is None and not answer.exhausted and any(tier.tolerance for tier in self.program.tiers):
                # Too hard as a whole: the tiers whose helpers make it so are left to their own turn.
                self._first_plan_without_helpers()
            if last and answer.exhausted and answer.x is None:
                return False
            if self.best is not None and not answer.exhausted:
                return True
        raise Stopped

    def _mend(self) -> bool:
        """A plan of a program whose LP is far from whole: rounded, then mended. Said of one tier, as its cost is whole."""
        self._by_the_clock()
        cost = self.program.tiers[0].cost.astype(np.float64)
        x = self.improvement.mend(cost, self.master.minimise(cost))
        return x is not None and self._take(x)

    def _by_the_clock(self) -> None:
        """What comes now depends on the machine's speed, unless work is counted."""
        self.engine.raced |= self.options.work_limit is None

    def _start(self) -> None:
        """Something to keep before the first LP."""
        for chosen in starts(self.program, self.options, self._should_stop):
            if self._complete(chosen):
                return

    def _complete(self, chosen: Floats) -> bool:
        """Take the plan of these options, if they are whole and some helpers and slacks go with them."""
        cost = self._surrogate(self.program.tiers)
        x = completed(self.program, chosen, cost, self.options, self._should_stop)
        return x is not None and self._take(x)

    def _first_plan_without_helpers(self) -> None:
        """The surrogate of the tiers that are about options and slacks alone, its helpers completed afterwards."""
        plain = [tier for tier in self.program.tiers if not tier.tolerance]
        cost = self._surrogate(plain)
        bound = self.master.minimise(cost)
        if not self._complete(bound.x[: len(self.program.options)]):
            columns = self.exact.columns_below(bound, 1e-5 * TOP_COST, keep=self._used(bound))
            answer = self.exact.minimise(cost, columns, 1e-4, self._mip_seconds(True), start=self.best)
            if answer.x is not None:
                self._complete(answer.x[: len(self.program.options)])

    def _plain_plan(self, cost, bound) -> bool:
        """"""
        if not self._complete(bound.x[: len(self.program.options)]):
            Rounding(self.exact, cost, bound).plans(lambda x: self._complete(x[: len(self.program.options)]), lambda v: True)
        self._tell_values()
        return self.best is not None

    def _prove(self, k: int) -> None:
        assert self.best is not None
        self._hold(k)
        certificate = self.certificates[k]
        tier = certificate.tier
        cost = tier.cost.astype(np.float64)
        certificate.value = self.values[k]
        bound = self.master.minimise(cost)
        certificate.duals = self._duals(bound, k)
        certificate.bound = min(float(certificate.value), _rounded_up(bound.value))
        certificate.proof = "lp" if _rounded_up(bound.value) - bound.value < WHOLE else "lp, rounded"
        self._tell("tier", k)
        before = certificate.value
        if certificate.bound < before - tier.tolerance and not self._round(k, cost, bound):
            self._close(k, cost, bound)
        if certificate.value < before and k + 1 < len(self.certificates):
            self._refresh(k)
        self._narrow(tier, bound, certificate.value + tier.tolerance)
        if len(cost) >= WORTH_GIVING_BACK:
            give_back()

    def _round(self, k: int, cost: Floats, bound: Bound) -> bool:
        """Whether the tier's LP, rounded near its fractional columns, gives a plan that reaches the bound."""
        certificate = self.certificates[k]
        before = certificate.value
        assert before is not None and certificate.bound is not None
        if not self._take(bound.x):
            least = certificate.bound + certificate.tier.tolerance
            # Where the exact program is hardly larger than a neighbourhood, it says more.
            largest = len(self._in_better(k, bound)) / 2
            near = Rounding(self.exact, cost, bound)
            near.plans(self._take, lambda value: round(value) <= least, value=before, largest=largest)
        certificate.value = self.values[k]
        if certificate.value < before:
            self._tell("tier", k)
        return certificate.bound >= certificate.value - certificate.tier.tolerance

    def _close(self, k: int, cost: Floats, bound: Bound) -> None:
        """A better plan, or a proof that there is none: an exact program over the only columns that could be in one."""
        certificate = self.certificates[k]
        assert certificate.value is not None and certificate.bound is not None
        within = certificate.proved(self.options.gap)
        if within and len(self._in_better(k, bound)) > POLISHED_COLUMNS:
            return
        self._hold(k)
        hard = self._fractional(bound) > NEARLY_WHOLE * bound.x[: len(self.program.options)].sum()
        seconds = self._mip_seconds(within)
        improvable = len(cost) <= IMPROVABLE_COLUMNS
        if improvable and self.options.work_limit is None:
            # What is exhausted in seconds needs no improving; what is not is better improved before more time goes to it.
            size = max(1.0, len(self._in_better(k, bound)) / POLISHED_COLUMNS)
            first = HARD_SECONDS if hard else IMPROVED_SECONDS * size
            seconds = first if seconds is None else min(first, seconds)
        answer = self._better(k, cost, bound, seconds)
        if improvable and not answer.exhausted and not certificate.proved(self.options.gap):
            self._alternate(k, cost, bound, answer)
        self._tell("tier", k)
        if not certificate.proved(self.options.gap) and self._should_stop():
            raise Stopped

    def _in_better(self, k: int, bound: Bound) -> Ints:
        """The only columns that a better plan can use."""
        certificate = self.certificates[k]
        assert certificate.value is not None
        # The LP's own tolerance grows with the costs that it is given.
        margin = WHOLE * max(1.0, float(np.abs(certificate.tier.cost).max(initial=0)) / LARGEST_COST)
        return self.exact.columns_below(
            bound, certificate.value - certificate.tier.tolerance - 1 - bound.value + margin
        )

    def _better(self, k: int, cost: Floats, bound: Bound, seconds: float | None) -> MipAnswer:
        """The exact program of plans that are better; what is found is taken."""
        certificate = self.certificates[k]
        assert certificate.value is not None
        at_most = certificate.value - certificate.tier.tolerance - 1
        answer = self.exact.minimise(cost, self._in_better(k, bound), 0.0, seconds, at_most=at_most)
        if answer.x is not None and self._take(answer.x):
            certificate.value = self.values[k]
        # Exhausted: the answer is the optimum, or there is nothing below what was known.
        proved = _rounded_up(answer.bound) if answer.x is not None or not answer.exhausted else np.inf
        assert certificate.value is not None and certificate.bound is not None
        certificate.bound = max(certificate.bound, min(proved, float(certificate.value - certificate.tier.tolerance)))
        certificate.proof = "exhausted" if answer.exhausted else "mip bound"
        return answer

    def _alternate(self, k: int, cost: Floats, bound: Bound, answer: MipAnswer) -> None:
        """Improve the plan, and try the exact program again where it may finish by now, ever longer, in the tier's share of time.

        ``answer``: what the exact program said last. The last tier has all the time that is left. Without a limit: improved
        for as long as all that came before, then solved to the end; with a work limit: improved by that much work.
        """
        certificate, tried = self.certificates[k], len(self._in_better(k, bound))
        search = self.improvement.begin(cost, bound)
        limit, now = self.options.time_limit_seconds, self._seconds()
        share = 1.0 if k + 1 == len(self.certificates) else SHARE_OF_TIME
        until = np.inf if limit is None else now + share * (limit - now)
        seconds = max(IMPROVED_SECONDS, now if limit is None else 0.0)
        while not answer.exhausted and not certificate.proved(self.options.gap) and self._seconds() < until:
            more = self._improve(k, search, bound, min(seconds, until - self._seconds()))
            if self.options.work_limit is not None or certificate.proved(self.options.gap):
                return
            columns, left = len(self._in_better(k, bound)), until - self._seconds()
            hopeful = 2 * columns <= tried or self._closed(k, bound, answer) >= HOPEFUL
            if left > 0 and (hopeful or not more or limit is None):
                tried = columns
                answer = self._better(
                    k, cost, bound, None if limit is None else left if not more else min(2 * seconds, left)
                )
                if not more:
                    return
            seconds *= 2

    def _closed(self, k: int, bound: Bound, answer: MipAnswer) -> float:
        """Which part of the gap between the LP and the plan at hand the exact program's bound closed."""
        value = self.certificates[k].value
        assert value is not None
        return max(0.0, answer.bound - bound.value) / max(WHOLE, value - bound.value)

    def _improve(self, k: int, search: Neighbourhoods, bound: Bound, seconds: float) -> bool:
        """Large neighbourhoods around the plan at hand; False: they have nothing more to say."""
        assert self.best is not None
        certificate = self.certificates[k]

        def better(x: Floats) -> None:
            self._take(x)
            certificate.value = self.values[k]
            self._tell("tier", k)

        self._by_the_clock()
        return self.improvement.improve(
            search, self.best, bound.value, seconds, better, lambda: certificate.proved(self.options.gap)
        )

    def _refresh(self, k: int) -> None:
        """After a better value in tier k: a plan that is also good in the later tiers, where there are several."""
        certificate, later = self.certificates[k], self.program.tiers[k + 1 :]
        assert certificate.value is not None
        if len(later) < 2:
            return
        self._keep(certificate.tier, certificate.value + certificate.tier.tolerance)
        cost = self._surrogate(later)
        bound = self.master.minimise(cost)
        if self._take(bound.x) or self._take_near(cost, bound):
            return
        columns = self.exact.columns_below(bound, NEARLY_FREE * TOP_COST, keep=self._used(bound))
        if len(columns) <= POLISHED_COLUMNS:
            answer = self.exact.minimise(cost, columns, 1e-7, self._mip_seconds(True), start=self.best)
            if answer.x is not None:
                self._take(answer.x)

    def _narrow(self, tier: TierCost, bound: Bound, value: int) -> None:
        """Keep the tier at ``value`` from now on, with as few columns and rows as that allows."""
        slack = max(0.0, value - bound.value)
        tolerance = 1e-6 * max(1.0, float(np.abs(tier.cost).max(initial=0)))
        open_ = self.master.upper > self.master.lower
        high = open_ & (bound.reduced > slack + tolerance)
        self.master.fix(np.flatnonzero(high), self.master.lower[high])
        full = open_ & (bound.reduced < -(slack + tolerance)) & np.isfinite(self.master.upper)
        self.master.fix(np.flatnonzero(full), self.master.upper[full])
        if slack > WHOLE or _is_faint(bound.reduced[open_], tolerance) or _is_faint(bound.y, tolerance):
            # Prices too small to be told from noise fix nothing: then the tier needs its own row.
            self._keep(tier, value)
            return
        for row in np.flatnonzero(np.abs(bound.y[: self.program.shape[0]]) > tolerance):
            side = self.master.row_lower[row] if bound.y[row] > 0 else self.master.row_upper[row]
            if np.isfinite(side):
                self.master.tighten_row(int(row), float(side))
        if any(abs(dual) > tolerance for dual in bound.y[self.program.shape[0] :]):
            self._keep(tier, value)

    def _keep(self, tier: TierCost, value: int) -> None:
        """The tier costs at most ``value`` from now on."""
        self.master.cut(tier.cost, float(value))

    def _hold(self, k: int) -> None:
        """Tiers before ``k`` that a later plan made better are kept at their better value."""
        for certificate, value in zip(self.certificates[:k], self.values[:k], strict=True):
            if certificate.value is not None and value < certificate.value - certificate.tier.tolerance:
                certificate.value = value
                self._keep(certificate.tier, value + certificate.tier.tolerance)

    def _duals(self, bound: Bound, k: int) -> tuple[Floats, Floats]:
        """An LP's duals of the program's rows, and of the cuts, added up by the tier whose value they keep."""
        rows = self.program.shape[0]
        kept = np.zeros(k)
        for (values, _), dual in zip(self.master.cuts, bound.y[rows:], strict=True):
            kept[next(j for j in range(k) if np.array_equal(self.program.tiers[j].cost, values))] += dual
        return bound.y[:rows], kept

    # -- pieces -----------------------------------------------------------------------------------------------------

    def _fractional(self, bound: Bound) -> int:
        """Options that the LP takes in part."""
        chosen = bound.x[: len(self.program.options)]
        return int((np.abs(chosen - np.rint(chosen)) > WHOLE).sum())

    def _used(self, bound: Bound) -> Bools:
        """Columns that the LP's optimum or the plan at hand uses."""
        used: Bools = bound.x > WHOLE
        return used if self.best is None else used | (self.best > WHOLE)

    def _take_near(self, cost: Floats, bound: Bound) -> bool:
        """Take a plan from around the LP's optimum that is within the asked gap; False: none was found."""

        def good(value: float) -> bool:
            return value - bound.value <= self.options.gap * max(1.0, abs(value))

        return Rounding(self.exact, cost, bound).plans(self._take, good)

    def _surrogate(self, tiers: Sequence[TierCost]) -> Floats:
        """One cost for ``tiers``: a unit of a tier outweighs long chains of all that follow."""
        weights, weight = [], 1.0
        for tier in reversed(tiers):
            weights.append(weight)
            weight *= STEEPNESS * max(1.0, float(np.abs(tier.cost).max(initial=0)))
        total = np.zeros(self.program.shape[1])
        for weight, tier in zip(reversed(weights), tiers, strict=True):
            total += weight * tier.cost
        largest = float(np.abs(total).max(initial=0.0))
        return total * (TOP_COST / largest) if largest else total

    def _take(self, x: Floats) -> bool:
        """Make ``x`` the plan at hand if it is whole, keeps every row exactly, and is no worse tier by tier."""
        program = self.program
        used = np.flatnonzero(x)
        values = np.where(program.integer[used], np.rint(x[used]), x[used])
        if np.abs(values - x[used]).max(initial=0.0) > WHOLE * 10:
            return False
        activity = program.matrix[:, used] @ values
        if np.any(activity < program.row_lower - WHOLE) or np.any(activity > program.row_upper + WHOLE):
            return False
        reached = [_cost_of(tier, used, values) for tier in program.tiers]
        if self.best is None or self._no_worse(reached):
            self.best, self.values = np.zeros(len(x)), reached
            self.best[used] = values
        return True

    def _no_worse(self, values: Sequence[int]) -> bool:
        """Tier by tier; values within a tier's tolerance are the same."""
        for tier, value, known in zip(self.program.tiers, values, self.values, strict=True):
            if abs(value - known) > tier.tolerance:
                return value < known
        return True

    def _value_all(self) -> None:
        if self.best is not None:
            for k, certificate in enumerate(self.certificates):
                certificate.value = self.values[k]
                if certificate.bound is not None:
                    certificate.bound = min(certificate.bound, float(certificate.value))

    # -- time and news ----------------------------------------------------------------------------------------------

    def _seconds(self) -> float:
        return time.monotonic() - self.started

    def _should_stop(self) -> bool:
        limit = self.options.time_limit_seconds
        return self.user_stop() or (limit is not None and self._seconds() > limit)

    def _mip_seconds(self, within_gap: bool = False, least: float = 2.0) -> float | None:
        """A MIP that only polishes what is already within the asked gap gets as long as all that came before it; any
        other half of what is left, so that no tier starves the ones after it.
        """
        if self.options.work_limit is not None:
            # Seconds differ from run to run; the engine counts its own work instead.
            return None
        limit = self.options.time_limit_seconds
        left = None if limit is None else max(0.1, SHARE_OF_TIME * (limit - self._seconds()))
        if within_gap:
            polish = max(least, self._seconds())
            return polish if left is None else min(polish, left)
        return left

    def _tell_values(self) -> None:
        """News of every tier's value, before anything is proved."""
        self._value_all()
        if self.best is not None:
            for k in range(len(self.certificates)):
                self._tell("first plan", k)

    def _tell(self, phase: str, k: int | None = None) -> None:
        if k is None:
            self.on_progress(Progress(phase, self._seconds()))
            return
        certificate = self.certificates[k]
        tier, bound = certificate.tier, certificate.bound
        step, constant = float(tier.step), float(tier.constant)
        self.on_progress(
            Progress(
                phase,
                self._seconds(),
                tier.priority,
                tier.name,
                None if certificate.value is None else certificate.value * step + constant,
                None if bound is None or not np.isfinite(bound) else bound * step + constant,
                None if self.best is None else round(self.best[: len(self.program.options)].sum()),
            )
        )


def _trivial(program: Program, tier: TierCost) -> float:
    """A bound that needs no search: every teacher's cheapest option, or none, and every helper at its cheapest."""
    count = len(program.options)
    first = np.flatnonzero(np.diff(program.options.teacher, prepend=-1))
    options = np.minimum(0, np.minimum.reduceat(tier.cost[:count], first)).sum() if count else 0
    with np.errstate(invalid="ignore"):
        helpers = tier.cost[count:] * np.where(tier.cost[count:] < 0, program.upper[count:], program.lower[count:])
    return float(options) + float(np.where(tier.cost[count:] == 0, 0.0, helpers).sum())


def _cost_of(tier: TierCost, used: Ints, values: Floats) -> int:
    """What a plan costs whose columns ``used`` have ``values`` and whose others are 0."""
    return round(float(tier.cost[used] @ values))


def _is_faint(prices: Floats, tolerance: float) -> bool:
    """Whether some price is more than rounding and less than ``tolerance``."""
    size = np.abs(prices)
    return bool(np.any((size > tolerance * FAINT) & (size <= tolerance)))


def _rounded_up(value: float) -> float:
    """A bound on whole numbers, rounded up; what lies within the LP's tolerance of a whole number is that number."""
    return float(np.ceil(value - WHOLE * max(1.0, abs(value) * 1e-3)))
