"""A county laid flat: kilometres east and north of a point, good to a percent over a county's width.

For making counties only (who is near whom); distances that count are great circles (``rotation.travel``). The cosine
is a polynomial, so that its last bit is the same on every processor.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rotation.county import School
from scenarios.generator.dice import Floats, Ints

KM_PER_DEGREE = 111.2


def _cosine_of_degrees(degrees: float) -> float:
    """Taylor series to x⁸: better than 1e-5 between the tropics' 0° and 60°."""
    x2 = (degrees * 3.141592653589793 / 180) ** 2
    return 1 - x2 / 2 + x2 * x2 / 24 - x2 * x2 * x2 / 720 + x2 * x2 * x2 * x2 / 40320


class Plane:
    """``lon``, ``lat``: the point that is (0, 0), in degrees."""

    def __init__(self, lon: float, lat: float) -> None:
        self.lon, self.lat = lon, lat
        self._km_per_lon = KM_PER_DEGREE * _cosine_of_degrees(lat)

    def degrees(self, east: float, north: float) -> tuple[float, float]:
        """(lon, lat) of a point, to five decimals (about a metre)."""
        return round(self.lon + east / self._km_per_lon, 5), round(self.lat + north / KM_PER_DEGREE, 5)

    def km(self, schools: Sequence[School]) -> Floats:
        """(n, 2) kilometres east and north of each school; a school without coordinates is far away."""
        where = [
            (1e6, 1e6)
            if school.lon is None or school.lat is None
            else ((school.lon - self.lon) * self._km_per_lon, (school.lat - self.lat) * KM_PER_DEGREE)
            for school in schools
        ]
        return np.array(where, dtype=np.float64).reshape(-1, 2)


def plane_of(schools: Sequence[School]) -> Plane:
    """A plane around the first school that has coordinates."""
    for school in schools:
        if school.lon is not None and school.lat is not None:
            return Plane(school.lon, school.lat)
    return Plane(0.0, 0.0)


def nearest(points: Floats, to: Floats, count: int) -> Ints:
    """(len(to), min(count, n)) row numbers of ``points``, nearest first; ties by row."""
    found = np.zeros((len(to), min(count, len(points))), dtype=np.int64)
    for i, here in enumerate(to):
        apart = points - here
        squared = apart[:, 0] * apart[:, 0] + apart[:, 1] * apart[:, 1]
        found[i] = np.argsort(squared, kind="stable")[:count]
    return found
