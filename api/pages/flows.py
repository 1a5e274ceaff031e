"""The map without a map server: schools and flows on a plane of kilometres, as the options of one ECharts chart."""

from __future__ import annotations

import html
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from api.pages.numbers import show
from api.pages.texts import AREA, Language, say
from rotation.county import AREAS, County, School
from rotation.plan import Placement
from rotation.tally import Tally

RATIO = 1.5
"""Width ÷ height of the chart; the style sheet gives its box the same ratio, so that a kilometre is as long both ways."""
KM_PER_DEGREE = 111.195
"""Of latitude on the mean earth (6371.0088 km)."""
MARGIN = 0.09

# Colours of Okabe and Ito, told apart by colour-blind people; the symbols differ as well.
LOOK: Mapping[str, tuple[str, str]] = {
    "urban": ("#0072b2", "rect"),
    "town": ("#7a52a0", "diamond"),
    "rural": ("#c77700", "circle"),
    "teaching_point": ("#b3261e", "triangle"),
}
FLOW = "#0f6b6b"
FONTS = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, Noto Sans SC, Roboto, Arial, sans-serif"
When = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Flow:
    """``count`` teachers go from ``home`` to ``host``; a circuit counts at each of its hosts."""

    home: str
    host: str
    count: int


def bundled(placements: Iterable[Placement]) -> tuple[Flow, ...]:
    """One flow for each pair of schools, the thickest first."""
    counted = Counter((placement.home, host) for placement in placements for host in placement.hosts)
    return tuple(
        Flow(home, host, count) for (home, host), count in sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    )


Shortages = Mapping[str, tuple[float, float]]
"""School id → teachers lacking over all its posts, Σ max(0, required − at work), before and after the plan."""


def shortages(county: County, tally: Tally) -> Shortages:
    found = {school.id: (0.0, 0.0) for school in county.schools}
    for post in county.posts:
        before = county.staff_before.get((post.school, post.subject), Fraction(0))
        after = tally.staff_after(post.school, post.subject)
        was, now = found[post.school]
        found[post.school] = (
            was + float(max(Fraction(0), post.required - before)),
            now + float(max(Fraction(0), post.required - after)),
        )
    return found


@dataclass(frozen=True)
class Plane:
    """Kilometres east and north of the middle of the schools, and the window that shows all of them."""

    lon: float
    lat: float
    half_width: float
    half_height: float

    @classmethod
    def around(cls, schools: Iterable[School]) -> Plane:
        placed = [(s.lon, s.lat) for s in schools if s.lon is not None and s.lat is not None]
        if not placed:
            return cls(0.0, 0.0, RATIO, 1.0)
        lons, lats = [lon for lon, _ in placed], [lat for _, lat in placed]
        middle = cls((min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2, 1.0, 1.0)
        east, north = middle.at(max(lons), max(lats))
        height = max(north, east / RATIO, 0.5) * (1 + 2 * MARGIN)
        return cls(middle.lon, middle.lat, height * RATIO, height)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Equirectangular about the middle: exact enough for a county (under 1 % at 200 km)."""
        east = (lon - self.lon) * math.cos(math.radians(self.lat)) * KM_PER_DEGREE
        return round(east, 3), round((lat - self.lat) * KM_PER_DEGREE, 3)

    @property
    def step(self) -> float:
        """The mesh of the grid in km: 1, 2 or 5 times a power of ten, some six meshes high."""
        raw = self.half_height / 3
        power = 10.0 ** math.floor(math.log10(raw))
        return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw)


def without_coordinates(county: County) -> int:
    return sum(school.lon is None or school.lat is None for school in county.schools)


def map_options(
    county: County,
    tally: Tally,
    lacking: Shortages,
    language: Language,
    selected: str | None = None,
    when: When = "after",
) -> dict[str, Any]:
    """The chart: a scatter series an area, one series of lines. ``selected`` (a school id) dims everything else."""
    plane = Plane.around(county.schools)
    flows = bundled(tally.placements)
    near = {selected} | {f.host for f in flows if f.home == selected} | {f.home for f in flows if f.host == selected}
    dots: dict[str, list[dict[str, Any]]] = {area: [] for area in AREAS}
    for school in county.schools:
        if school.lon is not None and school.lat is not None:
            lacks = lacking[school.id][when == "after"]
            dim = selected is not None and school.id not in near
            dots.setdefault(school.area, []).append(
                {
                    "id": school.id,
                    "name": school.name,
                    "value": [*plane.at(school.lon, school.lat), lacks],
                    "symbolSize": round(8 + 5 * math.sqrt(lacks), 1),
                    "tip": _school_tip(school, tally, lacking[school.id], language),
                    "itemStyle": {"opacity": 0.15 if dim else 1 if lacks else 0.75},
                    "label": {"show": not dim},
                }
            )
    series: list[dict[str, Any]] = [_lines(county, plane, flows, language, selected)]
    series += [_scatter(area, dots[area], language) for area in AREAS]
    return {
        "animationDuration": 300,
        "textStyle": {"fontFamily": FONTS},
        "grid": {"left": 0, "right": 0, "top": 0, "bottom": 0},
        "xAxis": _axis(plane.half_width, plane.step),
        "yAxis": _axis(plane.half_height, plane.step),
        "tooltip": {"trigger": "item", ":formatter": "p => p.data.tip", "confine": True, "enterable": False},
        "legend": {
            "top": 10,
            "left": 12,
            "itemGap": 16,
            "itemWidth": 13,
            "itemHeight": 11,
            "backgroundColor": "rgba(255,255,255,0.85)",
            "borderRadius": 6,
            "padding": [6, 10],
            "data": [say(AREA[area], language) for area in AREAS if dots[area]],
        },
        "dataZoom": [
            {"type": "inside", "xAxisIndex": 0, "filterMode": "none", "zoomOnMouseWheel": "ctrl", "minSpan": 5},
            {"type": "inside", "yAxisIndex": 0, "filterMode": "none", "zoomOnMouseWheel": "ctrl", "minSpan": 5},
        ],
        "series": series,
    }


def _axis(half: float, step: float) -> dict[str, Any]:
    return {
        "type": "value",
        "min": -half,
        "max": half,
        "interval": step,
        "axisLine": {"show": False},
        "axisTick": {"show": False},
        "axisLabel": {"show": False},
        "splitLine": {"lineStyle": {"color": "#e9eef2", "width": 1}},
    }


def _lines(
    county: County, plane: Plane, flows: tuple[Flow, ...], language: Language, selected: str | None
) -> dict[str, Any]:
    data = []
    for flow in reversed(flows):  # thin ones on top of thick ones stay visible
        home, host = county.school[flow.home], county.school[flow.host]
        if home.lon is None or home.lat is None or host.lon is None or host.lat is None:
            continue
        own = selected is None or selected in (flow.home, flow.host)
        opacity = (0.42 if selected is None else 0.85) if own else 0.05
        data.append(
            {
                "coords": [plane.at(home.lon, home.lat), plane.at(host.lon, host.lat)],
                "tip": _tip(f"{home.name} → {host.name}", [f"{flow.count} {say('teachers', language)}"]),
                "lineStyle": {"width": round(0.8 + 1.2 * math.sqrt(flow.count), 1), "opacity": opacity},
                "silent": not own,
            }
        )
    return {
        "type": "lines",
        "name": say("flows", language),
        "coordinateSystem": "cartesian2d",
        "clip": True,
        "z": 1,
        "data": data,
        "symbol": ["none", "arrow"],
        "symbolSize": 8,
        "lineStyle": {"color": FLOW, "curveness": 0.16},
        "emphasis": {"lineStyle": {"opacity": 1, "color": "#083d3d"}},
    }


def _scatter(area: str, data: list[dict[str, Any]], language: Language) -> dict[str, Any]:
    color, symbol = LOOK[area]
    return {
        "type": "scatter",
        "name": say(AREA[area], language),
        "z": 3,
        "clip": True,
        "data": data,
        "symbol": symbol,
        "itemStyle": {"color": color, "borderColor": "#ffffff", "borderWidth": 1},
        "label": {
            "show": True,
            "opacity": 1,
            "formatter": "{b}",
            "position": "right",
            "distance": 4,
            "color": "#33414f",
            "fontSize": 11,
            "textBorderColor": "#ffffff",
            "textBorderWidth": 2,
        },
        "labelLayout": {"hideOverlap": True},
        "emphasis": {"scale": 1.3, "label": {"fontWeight": "bold"}},
    }


def _school_tip(school: School, tally: Tally, lacks: tuple[float, float], language: Language) -> str:
    return _tip(
        school.name,
        [
            say(AREA[school.area], language) + (f" · {school.township}" if school.township else ""),
            f"{say('arrivals', language)} {len(tally.arrived.get(school.id, ()))} · "
            f"{say('departures', language)} {len(tally.sent.get(school.id, ()))}",
            f"{say('shortage', language)} {show(lacks[0])} → {show(lacks[1])}",
        ],
    )


def _tip(title: str, lines: list[str]) -> str:
    """A tooltip is HTML: every name in it comes from a user's workbook and is escaped."""
    return "<br>".join([f"<b>{html.escape(title)}</b>", *(html.escape(line) for line in lines)])
