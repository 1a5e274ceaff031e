"""Bounds recomputed: what a tier's duals prove, in exact arithmetic, by code that shares nothing with the search.

Tiers come in order. A plan no worse than the one at hand in tier j has cost_j · x ≤ value_j, and the exact reduced costs of
tier j say what that rules out (columns, slack rows: reduced-cost fixing). Later tiers build on that alone.

Cutting planes are made again (``planes``), over the columns that a better plan may use.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from math import ceil, inf

import numpy as np
from scipy import sparse

from solver.certificates.claims import Case, Claim, Cutting, Packing, Recomputed
from solver.certificates.planes import Limits, People, Planes
from solver.certificates.pricing import EXACT, NO_MORE, Fineness, More, Priced, Pricing
from solver.index import Bools, Floats, Ints
from solver.program import Program, TierCost
from solver.stopping import ShouldStop, Stopped, look, never

FINENESS = (Fineness(1, 30), Fineness(1, 46), Fineness(1, 14), Fineness(10**6, 20))
"""One after the other until the claim is reached: 2⁻³⁰ irons out an LP's noise, 2⁻⁴⁶ keeps thirds, 2⁻¹⁴ irons out more, and millionths
keep decimals: weights and prices are such, and so are duals between tiers, which large costs multiply.
"""
LOOSE = Fineness(1, 46, loose=True)
"""At last, where tiers have duals: where these are billionths of a later tier's, no rounding of them is fine enough, and what floats lose
in the products is less.
"""
NEXT_TO_NOTHING = 1e-6
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


class _Recount(Pricing):
    """Verdicts, tier after tier."""

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
        best: Priced | None = None
        rows = self.row_lower.copy(), self.row_upper.copy()
        for fineness in _tried(claim.cuts):
            look(self.should_stop)
            priced = self._price(tier.cost, claim.rows, claim.cuts, fineness)
            if priced is not None and (best is None or priced.bound > best.bound):
                best = priced
            if best is not None and self._is_enough(tier, best, claim, fineness):
                break
        verdict = Recomputed(None, None, False)
        if best is not None:
            if best.bound > most:
                return None
            bound = self._rounded(tier, best)
            bound = min(bound, value)
            verdict = Recomputed(best.bound, bound, _stands(tier, value, claim, bound))
            self._narrow(best, most * best.scale - best.total)
            verdict = self._by_cases(tier, value, most, claim, verdict)
            sharper = self._by_packings(tier, claim, best, rows)
            if sharper.bound > most:
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
        for fineness in _tried(case.cuts):
            priced = self._price(cost, case.rows, case.cuts, fineness)
            if priced is not None:
                bound = priced.bound
                least = max(least, float(bound) if cost[~self.whole_columns].any() else ceil(bound))
            if least >= enough:
                break
        self.out = known
        return least

    def _by_packings(self, tier: TierCost, claim: Claim, best: Priced, rows: tuple[Floats, Floats]) -> Priced:
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
        best: Priced,
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
                if ceil(best.bound) >= enough:
                    break
                self._narrow(best, limit * best.scale - best.total)
                best = self._with(tier, cutting, best, rows, enough)
        bound = Fraction(min(ceil(best.bound), limit + 1))
        if plain.bound is not None and bound <= plain.bound:
            return plain
        return Recomputed(plain.lp, bound, _stands(tier, value, claim, bound), cut=True)

    def _with(
        self, tier: TierCost, cutting: Cutting, best: Priced, rows: tuple[Floats, Floats], enough: float
    ) -> Priced:
        """``best``, or what is better with ``cutting``; no more is asked than what is ``enough``."""
        look(self.should_stop)
        duals, cuts, more = self._planes(cutting, *rows)
        for fineness in _tried(cuts):
            if ceil(best.bound) >= enough:
                break
            priced = self._price(tier.cost, duals, cuts, fineness, more)
            if priced is not None and priced.bound > best.bound:
                best = priced
        return best

    def _planes(self, cutting: Cutting, row_lower: Floats, row_upper: Floats) -> tuple[Floats, Floats, More]:
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
        more = More(columns, tuple(plane for plane, _ in used), tuple(dual for _, dual in used))
        return cutting.duals[:m], cutting.duals[m : m + k], more

    def _is_enough(self, tier: TierCost, best: Priced, claim: Claim, fineness: Fineness) -> bool:
        """The claim is reached; and by the first fineness only if nothing was lost: a dual times a limit of millions loses a
        little to a coarse rounding, and that is room for the tiers below.
        """
        if claim.bound is None or claim.cutting:
            # Planes say the rest.
            return True
        full = fineness != FINENESS[0] or best.bound >= claim.bound - NEXT_TO_NOTHING
        return full and self._rounded(tier, best) >= claim.bound

    def _rounded(self, tier: TierCost, priced: Priced) -> Fraction:
        bound = priced.bound
        return bound if tier.cost[~self.whole_columns].any() else Fraction(ceil(bound))

    # -- what a tier rules out --------------------------------------------------------------------------------------


def _tried(cuts: Floats | None) -> tuple[Fineness, ...]:
    """``cuts``: the duals of tiers."""
    return FINENESS if cuts is None or not np.any(cuts) else (*FINENESS, LOOSE)


def _stands(tier: TierCost, value: Fraction, claim: Claim, bound: Fraction) -> bool:
    """Whether the claim is about this plan, and ``bound`` comes up to it."""
    if claim.value is None or claim.bound is None or abs(value - claim.value) >= 1:
        return False
    return bool(bound >= claim.bound - tier.tolerance)


def _bound(priced: Priced) -> Fraction:
    return Fraction(priced.total, priced.scale)


def _value(tier: TierCost, x: Floats) -> Fraction:
    """cost · x, exactly."""
    used = np.flatnonzero(x)
    pairs = list(zip(x[used].tolist(), tier.cost[used].tolist(), strict=True))
    whole = sum(int(value) * cost for value, cost in pairs if value.is_integer())
    return sum((Fraction(value) * cost for value, cost in pairs if not value.is_integer()), Fraction(whole))
