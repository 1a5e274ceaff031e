"""A tier that is not proved yet: what its LP says, which columns a better plan can use, and what is heard of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from solver.engines.problem import MipAnswer
from solver.exact import Exact, margin
from solver.index import Floats, Ints
from solver.lagrangian import Lagrangian
from solver.master import Bound
from solver.rounding import nearly_whole
from solver.search.certificate import Certificate, rounded_up
from solver.search.incumbent import Incumbent
from solver.search.narrowing import bettered, hold
from solver.search.news import News

HOPELESS_COLUMNS = 1_000_000
"""Of more, a hard exact program is not begun: a minute for its first LP, and twice the memory of all else."""
BRANCHED_VALUES, BRANCHED_COLUMNS = 4, 500
"""Where so many options may be in plans that cost so much more than the bound, branch and bound over packed rows has an end (d05200: 5 s)."""


@dataclass
class OpenTier:
    """Tier ``k`` of ``certificates``; ``bound`` is its LP's optimum.

    ``stronger``: the LP's optimum with cutting planes, once there is one, over the columns that a better plan may use.
    ``lagrangian``: where the tier is all about packing long rows.
    """

    k: int
    bound: Bound
    certificates: Sequence[Certificate]
    exact: Exact
    incumbent: Incumbent
    news: News
    keep: Callable[[Floats], bool]
    """Takes an engine's plan, as ``FirstPlan.keep``."""
    stronger: Bound | None = None
    lagrangian: Lagrangian | None = None
    _lowest: int = field(init=False)
    """What the tier cost at least by now. It costs more where a plan is better in a tier before; what was said of plans below is all that
    is said.
    """

    def __post_init__(self) -> None:
        value = self.certificate.value
        assert value is not None
        self._lowest = value

    @property
    def best(self) -> Bound:
        """The bound that says most."""
        return self.stronger or self.bound

    @property
    def certificate(self) -> Certificate:
        return self.certificates[self.k]

    @property
    def cost(self) -> Ints:
        return self.certificate.tier.cost

    @property
    def left(self) -> int:
        """How many columns may be in a better plan."""
        return len(self.in_better())

    def in_better(self) -> Ints:
        """The only columns that a better plan can use."""
        return self.exact.columns_below(self.best, self.at_most - self.best.value + margin(self.cost))

    @property
    def at_most(self) -> int:
        """What a better plan costs at most."""
        certificate = self.certificate
        assert certificate.value is not None
        return certificate.value - certificate.tier.tolerance - 1

    @property
    def is_hard(self) -> bool:
        return not nearly_whole(self.best.x[: len(self.exact.program.options)])

    @property
    def is_hopeless(self) -> bool:
        """Whether an exact program would only take time and memory."""
        return self.is_hard and self.left > HOPELESS_COLUMNS

    @property
    def branches(self) -> bool:
        """Whether the program of the least values is small enough for branch and bound of our own."""
        if self.lagrangian is None:
            return False
        return len(self.exact.columns_below(self.best, BRANCHED_VALUES + margin(self.cost))) <= BRANCHED_COLUMNS

    def take(self, bound: Bound) -> bool:
        """Take what an LP holds, if it is a plan."""
        taken, before = self.incumbent.take(bound.x), self.certificate.value
        self.revalue()
        if self.certificate.value != before:
            self.tell()
        return taken

    def tell(self) -> None:
        self.news.tier(self.k)

    def revalue(self) -> None:
        """The certificate is about the plan at hand."""
        value = self.certificate.value = self.incumbent.values[self.k]
        self._lowest = min(self._lowest, value)

    def hold(self) -> bool:
        """Tiers before keep what the plan at hand made better by the way; whether there were any."""
        return hold(self.exact.master, self.certificates[: self.k], self.incumbent.values[: self.k])

    def heard(self, answer: MipAnswer) -> MipAnswer:
        """Take what an exact program of better plans found and proved: what it said, as far as it holds of the plan at hand."""
        if answer.x is not None:
            self.keep(answer.x)
            self.revalue()
        # Exhausted: the answer is the optimum, or there is nothing below what was known.
        self.proved(answer.bound if answer.x is not None or not answer.exhausted else np.inf)
        if not answer.exhausted:
            return answer
        better = bettered(self.certificates[: self.k], self.incumbent.values[: self.k])
        if answer.x is not None and better and not self.certificate.reached:
            # While it was sought the plan at hand became better in a tier before: none of those that are left is as good there.
            return MipAnswer(None, answer.bound, False)
        self.certificate.proof = "exhausted"
        return answer

    def proved(self, bound: float, how: str = "mip bound") -> None:
        """No plan is better than ``bound``, unless as good as the one at hand."""
        certificate = self.certificate
        assert certificate.value is not None and certificate.bound is not None
        # Others value the certificate, too.
        self._lowest = min(self._lowest, certificate.value)
        least, known = rounded_up(bound), float(self._lowest - certificate.tier.tolerance)
        if np.isfinite(least) and least > certificate.value + certificate.tier.tolerance:
            # The plan at hand says otherwise: who is wrong here proves nothing.
            return
        if min(least, known) > certificate.bound:
            certificate.bound, certificate.proof = min(least, known), how
