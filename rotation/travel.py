"""Kilometres and minutes between where a teacher lives and a host school.

km is the travel table's entry for the teacher; else, when no residence is given, the entry for the home school; else
the great circle (mean earth radius 6371.0088 km, IUGG) times the detour factor. An entry is taken as it stands.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from rotation.county import County, School, Teacher

EARTH_RADIUS_KM = 6371.0088
DEFAULT_DETOUR = 1.3


@dataclass(frozen=True, slots=True)
class Way:
    """``km`` is exact; plans show it with three decimals. ``minutes`` is None where only a table could know."""

    km: float
    minutes: float | None = None

    @property
    def metres(self) -> int:
        """Whole metres: what every total counts, so that bounds are exact."""
        return round(self.km * 1000)


def great_circle_km(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Haversine formula; degrees in, kilometres out."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half_dphi = (phi2 - phi1) / 2
    half_dlambda = math.radians(lon2 - lon1) / 2
    h = math.sin(half_dphi) ** 2 + math.cos(phi1) * math.cos(phi2) * math.sin(half_dlambda) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(h)))


def way(county: County, teacher: Teacher, host: School, detour: float = DEFAULT_DETOUR) -> Way | None:
    """The way from ``teacher``'s residence to ``host``; None where nothing is known of it."""
    entry = county.travel_of.get((teacher.id, host.id))
    has_residence = teacher.lon is not None and teacher.lat is not None
    if entry is None and not has_residence:
        entry = county.travel_of.get((teacher.school, host.id))
    if entry is not None:
        return Way(entry.km, entry.minutes)
    home = county.school[teacher.school]
    lon, lat = (teacher.lon, teacher.lat) if has_residence else (home.lon, home.lat)
    if lon is None or lat is None or host.lon is None or host.lat is None:
        return None
    return Way(great_circle_km(lon, lat, host.lon, host.lat) * detour)


def between_km(one: School, other: School, detour: float = DEFAULT_DETOUR) -> float | None:
    """Great circle × detour between two schools; None without coordinates."""
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return None
    return great_circle_km(one.lon, one.lat, other.lon, other.lat) * detour
