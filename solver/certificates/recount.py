"""Bounds recomputed: what a tier's duals prove, in exact arithmetic, by code that shares nothing with the search.

Safe dual bounds (Neumaier & Shcherbina 2004, "Safe bounds in linear and mixed-integer linear programming"): for *any* y,
cost · x = y · (A x) + (cost − Aᵀy) · x, and the least of each part over its limits is a bound. Here y is rounded to
multiples of 1/s for a whole s. Costs, matrix and limits are whole, so s(cost − Aᵀy) is whole too, and float64 adds it up without
error as long as the absolute sums stay below 2⁵³. Nothing the LP solver said is believed: bad duals give a bad bound,
never a wrong one.

Tiers come in order. A plan no worse than the one at hand in tier j has cost_j · x ≤ value_j, and the exact reduced costs of
tier j say what that rules out (columns, slack rows: reduced-cost fixing). Later tiers build on that alone.

Cutting planes are made again (``planes``), over the columns that a better plan may use. They are rows of fractions: reduced
costs are then not exact, and by as much too low as they may be off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, frexp, inf

import numpy as np
from scipy import sparse

from solver.certificates.claims import Case, Claim, Cutting, Packing, Recomputed
from solver.certificates.planes import Limits, People, Plane, Planes
from solver.index import Bools, Floats, Ints
from solver.matrix import blocks, reduced_costs
from solver.program import Program, TierCost
from solver.stopping import ShouldStop, Stopped, look, never

EXACT = 2.0**52
"""Whole numbers of this size are exact in float64, with a bit to spare."""
FINENESS = ((1, 30), (1, 46), (1, 14), (10**6, 20))
"""s as factor and power of 2, one after the other until the claim is reached: 2⁻³⁰ irons out an LP's noise, 2⁻⁴⁶ keeps thirds, 2⁻¹⁴
irons out more, and millionths keep decimals: weights and prices are such, and so are duals between tiers, which large costs multiply.
"""
NEXT_TO_NOTHING = 1e-6
REPAIRS = 20
ROUNDING = 1e-6
"""By how much a plan may miss the limits of a row with fractions in it."""


def recompute(
    program: Program, x: Floats, claims: Sequence[Claim], should_stop: ShouldStop = never
) -> tuple[Recomputed | None, ...]:
    """A verdict a tier on what is claimed of the plan ``x`` (over all columns), None once told to stop; never raises for
    false claims.
    """
    found: list[Recomputed | None] = []
    with suppress(Stopped):
        recount = _Recount(program, should_stop)
        known = np.isfinite(x).all() and recount.holds(x)
        for tier, claim in zip(program.tiers, claims, strict=True):
            verdict = recount.tier(tier, _value(tier, x), claim) if known else None
            # Where a plan's value is below what was proved, one of the two is wrong, and nothing after it is known.
            known = verdict is not None
            found.append(verdict or Recomputed(None, None, False))
    return (*found, *[None] * (len(claims) - len(found)))


@dataclass(frozen=True)
class _More:
    """Planes over ``columns`` and their duals, not negative."""

    columns: Ints
    planes: tuple[Plane, ...]
    duals: tuple[float, ...]

    @property
    def largest(self) -> float:
        """No column's planes come to more."""
        pairs = zip(self.planes, self.duals, strict=True)
        return sum(dual * float(np.abs(plane.values).max(initial=0.0)) for plane, dual in pairs)

    def lowered(self, low: Floats, scale: int) -> Floats:
        """``low`` (times ``scale``) less what the planes take: whole numbers that are not above the truth."""
        if not self.planes:
            return low
        taken, terms = np.zeros(len(self.columns)), np.zeros(len(self.columns))
        for plane, dual in zip(self.planes, self.duals, strict=True):
            taken[plane.at] += dual * scale * plane.values
            terms[plane.at] += 1
        # Sums below 2⁵²: each product and each sum is off by half at most.
        low[self.columns] = np.floor(low[self.columns] - taken - np.where(terms > 0, terms + 1, 0.0))
        return low

    def total(self, scale: int) -> int:
        """``scale`` times what the planes' right sides come to, rounded down."""
        pairs = zip(self.planes, self.duals, strict=True)
        return floor(sum((Fraction(dual * scale) * Fraction(plane.least) for plane, dual in pairs), Fraction(0)))


NO_MORE = _More(np.zeros(0, dtype=np.int64), (), ())


@dataclass(frozen=True)
class _Priced:
    """A tier's duals ``rows`` times ``scale``, and what follows, as often: ``total`` ≤ cost · x; ``low`` (n,): whole numbers that
    the reduced costs do not go below, and are equal to where the matrix is whole; ``least``: what a group of options adds.
    """

    scale: int
    rows: Floats
    total: int
    low: Floats
    least: Floats


class _Recount:
    """The program, and what the tiers so far rule out: columns ``out`` (at their lower bound), options ``chosen``,
    helpers' bounds, rows that became equations, and ``cuts``: cost and value of every tier done.
    """

    def __init__(self, program: Program, should_stop: ShouldStop = never) -> None:
        self.program, self.should_stop = program, should_stop
        self.matrix, self.count = program.matrix, len(program.options)
        if program.lower[: self.count].any() or np.any(program.upper[: self.count] != 1) or np.any(program.lower < 0):
            raise ValueError("options are columns between 0 and 1, and helpers are not negative")
        self.lower, self.upper = program.lower[self.count :].copy(), program.upper[self.count :].copy()
        self.row_lower, self.row_upper = program.row_lower.copy(), program.row_upper.copy()
        self.out = np.zeros(self.count, dtype=bool)
        self.chosen = np.zeros(self.count, dtype=bool)
        self.cuts: list[tuple[Ints, int]] = []
        self.whole_columns = program.integer & _whole(program.lower) & _whole(program.upper)
        self.heaviest = 0.0
        self.fractional, self.whole_rows = self._wholeness()
        self.first = self._groups()

    # -- what the program is like -----------------------------------------------------------------------------------

    def _wholeness(self) -> tuple[Bools | None, Bools]:
        """Columns with a fraction in them (None: there are none), and rows whose activity is whole for every plan. By the
        way, ``heaviest``: no column's entries come to more.
        """
        fractional, whole = np.zeros(self.matrix.shape[1], dtype=bool), _whole(self.row_lower) & _whole(self.row_upper)
        for start, part in blocks(self.matrix, self.should_stop):
            size = float(np.abs(part.data).max(initial=0.0))
            self.heaviest = max(self.heaviest, size * int(np.diff(part.indptr).max(initial=0)))
            broken = np.flatnonzero(~_whole(part.data))
            whole[part.indices[broken]] = False
            fractional[start + np.searchsorted(part.indptr, broken, side="right") - 1] = True
        for column in np.flatnonzero(~self.whole_columns):
            whole[self.matrix.indices[self.matrix.indptr[column] : self.matrix.indptr[column + 1]]] = False
        return (fractional if fractional.any() else None), whole

    def _groups(self) -> Ints:
        """Where each group of options begins of which a plan takes at most one: a teacher's, where a row says so, else each
        by itself. Such a row is 1 on all his options, has nothing else, and is at most 1.
        """
        teacher = np.asarray(self.program.options.teacher)
        if not self.count:
            return np.zeros(0, dtype=np.int64)
        starts = np.flatnonzero(np.concatenate(([True], teacher[1:] != teacher[:-1])))
        sizes = np.diff(np.append(starts, self.count))
        group = np.full(self.matrix.shape[1], -2, dtype=np.int32)
        group[: self.count] = np.repeat(np.arange(len(starts)), sizes)
        owner = np.full(self.matrix.shape[0], -1, dtype=np.int32)
        of_first = self.matrix[:, starts]
        limiting = self.row_upper[of_first.indices] <= 1
        owner[of_first.indices[limiting]] = np.repeat(np.arange(len(starts)), np.diff(of_first.indptr))[limiting]
        entries, ones = np.zeros(len(owner), dtype=np.int64), np.zeros(len(owner), dtype=np.int64)
        for start, part in blocks(self.matrix, self.should_stop):
            owned = np.flatnonzero(owner[part.indices] >= 0)
            rows, own = (
                part.indices[owned],
                np.repeat(group[start : start + part.shape[0]], np.diff(part.indptr))[owned],
            )
            entries += np.bincount(rows, minlength=len(owner))
            ones += np.bincount(rows[(own == owner[rows]) & (part.data[owned] == 1)], minlength=len(owner))
        rows = np.flatnonzero(owner >= 0)
        rows = rows[(entries[rows] == ones[rows]) & (ones[rows] == sizes[owner[rows]])]
        together = sizes == 1
        together[owner[rows]] = True
        begins = np.repeat(~together, sizes)
        begins[starts] = True
        return np.flatnonzero(begins)

    def holds(self, x: Floats) -> bool:
        """``x`` is whole where it must be and keeps every limit: exactly in rows of whole numbers."""
        integer, lower, upper = self.program.integer, self.program.lower, self.program.upper
        spare = np.where(integer, 0.0, ROUNDING)
        if np.any(x[integer] != np.rint(x[integer])) or np.any(x < lower - spare) or np.any(x > upper + spare):
            return False
        used = np.flatnonzero(x)
        activity = self.program.columns(used) @ x[used]
        spare = np.where(self.whole_rows, 0.0, ROUNDING)
        return bool(np.all(activity >= self.row_lower - spare) and np.all(activity <= self.row_upper + spare))

    # -- a tier -----------------------------------------------------------------------------------------------------

    def tier(self, tier: TierCost, value: Fraction, claim: Claim) -> Recomputed | None:
        """The tier's verdict, and from then on no plan worse than ``value`` in it; None: value and bound contradict."""
        most = ceil(value) + tier.tolerance
        best: _Priced | None = None
        rows = self.row_lower.copy(), self.row_upper.copy()
        for fineness in FINENESS:
            look(self.should_stop)
            priced = self._price(tier.cost, claim.rows, claim.cuts, fineness)
            if priced is not None and (best is None or _bound(priced) > _bound(best)):
                best = priced
            if best is not None and self._is_enough(tier, best, claim, fineness):
                break
        verdict = Recomputed(None, None, False)
        if best is not None:
            if _bound(best) > most:
                return None
            bound = self._rounded(tier, best)
            bound = min(bound, value)
            verdict = Recomputed(_bound(best), bound, _stands(tier, value, claim, bound))
            self._narrow(best, most * best.scale - best.total)
            verdict = self._by_cases(tier, value, most, claim, verdict)
            sharper = self._by_packings(tier, claim, best, rows)
            if _bound(sharper) > most:
                return None
            if sharper is not best:
                best = sharper
                self._narrow(best, most * best.scale - best.total)
            verdict = self._by_planes(tier, value, claim, best, rows, verdict)
        self.cuts.append((tier.cost, most))
        return verdict

    def _by_cases(self, tier: TierCost, value: Fraction, most: int, claim: Claim, plain: Recomputed) -> Recomputed:
        """The verdict that the claim's cases lead to, where it is better than ``plain``; and no height that they rule out."""
        ceiling = next((one for one in self.program.ceilings if tier.cost[one.column] > 0), None)
        if ceiling is None or not claim.cases:
            return plain
        bounds, cost, price = [], tier.cost.copy(), int(tier.cost[ceiling.column])
        cost[ceiling.column] = 0
        heights = np.unique(np.append(ceiling.length[~self.out], 0))
        for case in sorted(claim.cases, key=lambda case: case.high):
            own = heights[heights <= case.high]
            heights = heights[len(own) :]
            if len(own):
                look(self.should_stop)
                enough = min(float(claim.bound or 0), most + 1.0) - price * int(own[0])
                least = self._without(ceiling.length > case.high, cost, case, enough)
                highest = own[-1] if least == -np.inf else min(own[-1], (most - least) // price)
                bounds.append((least + price * int(own[0]), int(own[0]), int(highest)))
        if len(heights):
            return plain
        possible = [(low, high) for bound, low, high in bounds if bound <= most]
        if not possible:
            return plain
        helper = ceiling.column - self.count
        self.lower[helper] = max(self.lower[helper], min(low for low, _ in possible))
        self.upper[helper] = min(self.upper[helper], max(high for _, high in possible))
        self.out |= (ceiling.length > self.upper[helper]) & ~self.chosen
        least = min(bound for bound, _, _ in bounds)
        if plain.bound is not None and least <= plain.bound:
            return plain
        bound = min(Fraction(least), value)
        return Recomputed(bound, bound, _stands(tier, value, claim, bound))

    def _without(self, options: Bools, cost: Ints, case: Case, enough: float) -> float:
        """What plans with none of these options cost at least, rounded up; no more is asked than what is ``enough``."""
        known, self.out = self.out, self.out | (options & ~self.chosen)
        least = -np.inf
        for fineness in FINENESS:
            priced = self._price(cost, case.rows, case.cuts, fineness)
            if priced is not None:
                bound = _bound(priced)
                least = max(least, float(bound) if cost[~self.whole_columns].any() else ceil(bound))
            if least >= enough:
                break
        self.out = known
        return least

    def _by_packings(self, tier: TierCost, claim: Claim, best: _Priced, rows: tuple[Floats, Floats]) -> _Priced:
        """``best``, or what is better with planes that speak of every plan; arguments as in ``_by_planes``."""
        for cutting in claim.cutting:
            if all(isinstance(one, Packing) for one in cutting.sums):
                best = self._with(tier, cutting, best, rows, inf if claim.bound is None else claim.bound)
        return best

    def _by_planes(
        self,
        tier: TierCost,
        value: Fraction,
        claim: Claim,
        best: _Priced,
        rows: tuple[Floats, Floats],
        plain: Recomputed,
    ) -> Recomputed:
        """The verdict that the claim's cutting planes lead to, where it is better than ``plain``. ``best``: without them;
        ``rows``: their limits before this tier, which are those that the claim's duals go with.
        """
        if not claim.cutting or tier.cost[~self.whole_columns].any():
            return plain
        # What a better plan costs at most: only of such plans do planes speak.
        limit = ceil(value) - tier.tolerance - 1
        enough = min(limit + 1, claim.bound if claim.bound is not None else limit + 1)
        with self._for_a_while():
            for cutting in claim.cutting:
                if ceil(_bound(best)) >= enough:
                    break
                self._narrow(best, limit * best.scale - best.total)
                best = self._with(tier, cutting, best, rows, enough)
        bound = Fraction(min(ceil(_bound(best)), limit + 1))
        if plain.bound is not None and bound <= plain.bound:
            return plain
        return Recomputed(plain.lp, bound, _stands(tier, value, claim, bound), cut=True)

    def _with(
        self, tier: TierCost, cutting: Cutting, best: _Priced, rows: tuple[Floats, Floats], enough: float
    ) -> _Priced:
        """``best``, or what is better with ``cutting``; no more is asked than what is ``enough``."""
        look(self.should_stop)
        duals, cuts, more = self._planes(cutting, *rows)
        for fineness in FINENESS:
            if ceil(_bound(best)) >= enough:
                break
            priced = self._price(tier.cost, duals, cuts, fineness, more)
            if priced is not None and _bound(priced) > _bound(best):
                best = priced
        return best

    @contextmanager
    def _for_a_while(self) -> Iterator[None]:
        """What is ruled out inside is not ruled out afterwards."""
        names = ("out", "chosen", "lower", "upper", "row_lower", "row_upper")
        known = {name: getattr(self, name).copy() for name in names}
        try:
            yield
        finally:
            for name, value in known.items():
                setattr(self, name, value)

    def _planes(self, cutting: Cutting, row_lower: Floats, row_upper: Floats) -> tuple[Floats, Floats, _More]:
        """Its planes over what is not ruled out, of rows with these limits; and its duals of rows, tiers and planes."""
        m, k = len(self.row_lower), len(self.cuts)
        none = np.zeros(m), np.zeros(k), NO_MORE
        if np.shape(cutting.duals) != (m + k + len(cutting.sums),):
            return none
        options = np.flatnonzero(~self.out)
        columns = np.concatenate((options, np.arange(self.count, self.matrix.shape[1])))
        chosen = self.chosen[options]
        pool = Limits(
            np.concatenate((chosen.astype(np.float64), self.lower)),
            np.concatenate((np.ones(len(options)), self.upper)),
            self.whole_columns[columns],
        )
        tiers = [values for values, _ in self.cuts]
        rows = Limits(
            np.concatenate((row_lower, np.full(k, -np.inf))),
            np.concatenate((row_upper, [float(most) for _, most in self.cuts])),
            np.concatenate((self.whole_rows, [not values[~self.whole_columns].any() for values in tiers])),
        )
        own = self.program.columns(columns)
        if tiers:
            own = sparse.vstack((own, sparse.csc_array(np.array([values[columns] for values in tiers]))))
        nobody = np.full(self.matrix.shape[1] - self.count, -1)
        people = People(
            np.append(np.asarray(self.program.options.teacher)[options], nobody),
            np.append(np.searchsorted(self.first, options, side="right") - 1, nobody),
        )
        planes = Planes(sparse.csr_array(own.T), pool, rows, columns, people)
        for asked in cutting.sums:
            look(self.should_stop)
            planes.add(asked)
        duals = cutting.duals[m + k :].tolist()
        used = [(plane, dual) for plane, dual in zip(planes.made, duals, strict=True) if plane and 0 < dual < EXACT]
        more = _More(columns, tuple(plane for plane, _ in used), tuple(dual for _, dual in used))
        return cutting.duals[:m], cutting.duals[m : m + k], more

    def _is_enough(self, tier: TierCost, best: _Priced, claim: Claim, fineness: tuple[int, int]) -> bool:
        """The claim is reached; and by the first fineness only if nothing was lost: a dual times a limit of millions loses a
        little to a coarse rounding, and that is room for the tiers below.
        """
        if claim.bound is None or claim.cutting:
            # Planes say the rest.
            return True
        full = fineness != FINENESS[0] or _bound(best) >= claim.bound - NEXT_TO_NOTHING
        return full and self._rounded(tier, best) >= claim.bound

    def _rounded(self, tier: TierCost, priced: _Priced) -> Fraction:
        bound = _bound(priced)
        return bound if tier.cost[~self.whole_columns].any() else Fraction(ceil(bound))

    def _price(
        self,
        cost: Ints,
        rows: Floats | None,
        cuts: Floats | None,
        fineness: tuple[int, int],
        more: _More = NO_MORE,
    ) -> _Priced | None:
        """The bound that ``rows`` and ``cuts``, rounded as ``fineness`` says, give ``cost``, with ``more``; None: minus infinity."""
        y = self._fitting(rows, self.row_lower, self.row_upper)
        no_least, values = np.full(len(self.cuts), -np.inf), np.array([float(most) for _, most in self.cuts])
        z = self._fitting(cuts, no_least, values)
        factor, power = fineness
        largest = self._largest(cost, y, z, factor << power) + more.largest
        if largest > EXACT / 2:
            # Beyond what can be added up exactly, no duals are the best duals.
            y, z, more, largest = np.zeros_like(y), np.zeros_like(z), NO_MORE, float(np.abs(cost).max(initial=0))
            if largest > EXACT / 2:
                return None
        # Rounding at most doubles a dual that it does not make 0.
        power = min(power, frexp(EXACT / 2 / factor / max(largest, 1.0))[1] - 1)
        if power < 0:
            return None
        scale = factor << power
        y, z = np.rint(y * scale), np.rint(z * scale)
        for _ in range(REPAIRS):
            low = more.lowered(self._reduced(cost, y, z, scale), scale)
            unlimited = self.count + np.flatnonzero((low[self.count :] < 0) & np.isinf(self.upper))
            if not len(unlimited):
                break
            self._repair(y, low, unlimited)
        else:
            return None
        least = self._least(low)
        side = np.where(y > 0, self.row_lower, self.row_upper)
        total = _products(y, side) + sum(int(dual) * most for dual, (_, most) in zip(z, self.cuts, strict=True))
        total += _total(least) + _total(low[: self.count][self.chosen])
        helpers = low[self.count :]
        total += _products(helpers, np.where(helpers > 0, self.lower, self.upper)) + more.total(scale)
        return _Priced(scale, y, total, low, least)

    @staticmethod
    def _fitting(duals: Floats | None, lower: Floats, upper: Floats) -> Floats:
        """Duals without those that no limit backs: a positive one needs a lower, a negative one an upper limit."""
        if duals is None or np.shape(duals) != lower.shape:
            return np.zeros(len(lower))
        backed = (np.abs(duals) < EXACT) & np.isfinite(np.where(duals > 0, lower, upper))
        return np.where(backed, duals, 0.0)

    def _largest(self, cost: Ints, y: Floats, z: Floats, scale: int) -> float:
        """|cost| + |A|ᵀ|y| is no larger in any column: a guess from above if that is good enough for ``scale``."""
        rough = float(np.abs(cost).max(initial=0)) + self.heaviest * float(np.abs(y).max(initial=0.0))
        for dual, (values, _) in zip(z, self.cuts, strict=True):
            rough += float(abs(dual) * np.abs(values).max(initial=0.0)) if dual else 0.0
        if rough * scale <= EXACT / 2:
            return rough
        sums = np.abs(cost).astype(np.float64)
        for dual, (values, _) in zip(z, self.cuts, strict=True):
            if dual:
                sums += abs(dual) * np.abs(values)
        size = np.abs(y)
        for start, part in blocks(self.matrix, self.should_stop):
            part.data = np.abs(part.data)
            sums[start : start + part.shape[0]] += part @ size
        most: float = sums.max(initial=0.0)
        return most

    def _reduced(self, cost: Ints, y: Floats, z: Floats, scale: int) -> Floats:
        """``scale`` cost − Aᵀy − Σ z cut of every column: exact, or no less than that where the column has fractions."""
        reduced = cost.astype(np.float64) * scale
        reduced_costs(self.matrix, reduced, y, out=reduced)
        for dual, (values, _) in zip(z, self.cuts, strict=True):
            if dual:
                reduced -= dual * values
        if self.fractional is None:
            return reduced
        # Sums below 2⁵², each of n roundings off by at most 2⁻⁵³ of it: n / 2, and n again to be safe.
        error = np.where(self.fractional, np.diff(self.matrix.indptr) + len(self.cuts) + 2.0, 0.0)
        low: Floats = np.floor(reduced - error)
        return low

    def _repair(self, y: Floats, low: Floats, unlimited: Ints) -> None:
        """Shrink a dual of each column that has no upper limit and, by a rounding, a negative reduced cost."""
        for column in unlimited:
            entries = slice(self.matrix.indptr[column], self.matrix.indptr[column + 1])
            rows, values = self.matrix.indices[entries], self.matrix.data[entries]
            drags = values * y[rows]
            if drags.max(initial=0.0) > 0:
                row, value = rows[np.argmax(drags)], values[np.argmax(drags)]
                y[row] -= np.sign(y[row]) * min(abs(y[row]), np.ceil(-low[column] / abs(value)))

    def _least(self, low: Floats) -> Floats:
        """(groups,) the least that each group's open options add, at most one of them taken."""
        if not self.count:
            return np.zeros(0)
        return np.minimum(0.0, np.minimum.reduceat(self._open(low), self.first))

    def _open(self, values: Floats) -> Floats:
        return np.where(self.out | self.chosen, 0.0, values[: self.count])

    # -- what a tier rules out --------------------------------------------------------------------------------------

    def _narrow(self, priced: _Priced, slack: int) -> None:
        """Everything that would lift the tier's cost by more than ``slack`` (times the scale) above what was proved."""
        if slack >= EXACT:
            return
        room = float(slack)
        if self.count:
            self._narrow_options(priced, room)
        low = priced.low[self.count :]
        # A whole column moves by 1 at least; one that is not, by next to nothing.
        moves = self.whole_columns[self.count :] | (slack == 0)
        down = moves & (low > room)
        up = moves & (low < -room) & np.isfinite(self.upper)
        self.upper[down], self.lower[up] = self.lower[down], self.upper[up]
        self._narrow_ceilings(low, room)
        tight = (np.abs(priced.rows) > room) & (self.whole_rows | (slack == 0))
        for row in np.flatnonzero(tight):
            side = self.row_lower[row] if priced.rows[row] > 0 else self.row_upper[row]
            self.row_lower[row] = self.row_upper[row] = side

    def _narrow_ceilings(self, low: Floats, room: float) -> None:
        """No ceiling is higher than ``room`` pays for, and no option longer than its ceiling."""
        for ceiling in self.program.ceilings:
            helper = ceiling.column - self.count
            if low[helper] > 0:
                highest = self.lower[helper] + floor(Fraction(room) / Fraction(low[helper]))
                self.upper[helper] = min(self.upper[helper], highest)
                self.out |= (ceiling.length > self.upper[helper]) & ~self.chosen

    def _narrow_options(self, priced: _Priced, room: float) -> None:
        sizes = np.diff(np.append(self.first, self.count))
        open_ = ~(self.out | self.chosen)
        lifted = priced.low[: self.count] - np.repeat(priced.least, sizes)
        self.out |= open_ & (lifted > room)
        # Without its best option, a group adds at least what the second best does.
        values = self._open(priced.low)
        best = (values == np.repeat(priced.least, sizes)) & (values < 0)
        alone = np.add.reduceat(best.astype(np.int64), self.first) == 1
        values[best] = 0.0
        second = np.minimum(0.0, np.minimum.reduceat(values, self.first))
        needed = alone & (second - priced.least > room)
        chosen = best & np.repeat(needed, sizes)
        self.chosen |= chosen
        self.out |= np.repeat(np.logical_or.reduceat(chosen, self.first), sizes) & ~self.chosen


def _stands(tier: TierCost, value: Fraction, claim: Claim, bound: Fraction) -> bool:
    """Whether the claim is about this plan, and ``bound`` comes up to it."""
    if claim.value is None or claim.bound is None or abs(value - claim.value) >= 1:
        return False
    return bool(bound >= claim.bound - tier.tolerance)


def _bound(priced: _Priced) -> Fraction:
    return Fraction(priced.total, priced.scale)


def _value(tier: TierCost, x: Floats) -> Fraction:
    """cost · x, exactly."""
    used = np.flatnonzero(x)
    pairs = list(zip(x[used].tolist(), tier.cost[used].tolist(), strict=True))
    whole = sum(int(value) * cost for value, cost in pairs if value.is_integer())
    return sum((Fraction(value) * cost for value, cost in pairs if not value.is_integer()), Fraction(whole))


def _whole(values: Floats) -> Bools:
    """Which are whole numbers (or no limit at all)."""
    whole: Bools = np.rint(values) == values
    return whole


def _total(values: Floats) -> int:
    """The sum of whole numbers below 2⁵³, exactly: high and low halves fit 64 bits however many there are."""
    whole = values.astype(np.int64)
    return (int((whole >> 26).sum()) << 26) + int((whole & (2**26 - 1)).sum())


def _products(factors: Floats, limits: Floats) -> int:
    """Σ factor · limit, exactly, rounded down; a factor of 0 needs no limit."""
    used = np.flatnonzero((factors != 0) & (limits != 0))
    factor, limit = factors[used], limits[used]
    whole = _whole(limit)
    pairs = zip(factor[whole].tolist(), limit[whole].tolist(), strict=True)
    total = sum(int(one) * int(other) for one, other in pairs)
    pairs = zip(factor[~whole].tolist(), limit[~whole].tolist(), strict=True)
    return total + floor(sum((Fraction(one) * Fraction(other) for one, other in pairs), Fraction(0)))
