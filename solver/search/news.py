"""What a search tells on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from solver.outcome import OnProgress, Progress
from solver.search.certificate import Certificate
from solver.search.clock import Clock
from solver.search.incumbent import Incumbent


@dataclass(frozen=True)
class News:
    on_progress: OnProgress
    clock: Clock
    certificates: Sequence[Certificate]
    incumbent: Incumbent

    def begun(self, phase: str) -> None:
        self.on_progress(Progress(phase, self.clock.seconds()))

    def every_tier(self, phase: str) -> None:
        for k in range(len(self.certificates)):
            self.tier(k, phase)

    def tier(self, k: int, phase: str = "tier") -> None:
        """Value and bound in the tier's own unit; a bound that says nothing is none."""
        certificate = self.certificates[k]
        tier, bound = certificate.tier, certificate.bound
        step, constant = float(tier.step), float(tier.constant)
        self.on_progress(
            Progress(
                phase,
                self.clock.seconds(),
                tier.priority,
                tier.name,
                None if certificate.value is None else certificate.value * step + constant,
                None if bound is None or not np.isfinite(bound) else bound * step + constant,
                self.incumbent.placements,
            )
        )
