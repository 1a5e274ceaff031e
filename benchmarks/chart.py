"""A small log-log chart as SVG: dots, a fitted line and its slope for each series. Nothing but text comes out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape

Point = tuple[float, float]
WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 40, 50
COLOURS = ("#1b6ca8", "#d1495b", "#2e933c", "#8d6a9f", "#edae49", "#555555", "#00798c")
"""Told apart in grey as well: every series also has its own dash."""
DASHES = ("", "6 3", "2 3", "8 3 2 3", "1 2", "10 4", "4 4")


def slope(points: Sequence[Point]) -> float | None:
    """The exponent k of y ≈ c · x^k by least squares on logarithms; None for fewer than two different x."""
    if len({x for x, _ in points}) < 2:
        return None
    logs = [(math.log(x), math.log(y)) for x, y in points]
    mean_x, mean_y = (sum(values) / len(logs) for values in zip(*logs, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in logs)
    return float(sum((x - mean_x) * (y - mean_y) for x, y in logs) / spread)


def log_log(title: str, x_label: str, y_label: str, series: Mapping[str, Sequence[Point]]) -> str:
    """An SVG document. All values must be above 0; a series with one x has dots and no line."""
    everything = [point for points in series.values() for point in points]
    if not everything:
        raise ValueError("a chart needs a point")
    x_axis, y_axis = _Axis(x for x, _ in everything), _Axis(y for _, y in everything)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="22" font-size="15">{escape(title)}</text>',
    ]
    for value, text in x_axis.ticks():
        x = _x(x_axis.share(value))
        parts.append(f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{text}</text>')
    for value, text in y_axis.ticks():
        y = _y(y_axis.share(value))
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{text}</text>')
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 12}" text-anchor="middle">{escape(x_label)}</text>'
    )
    middle = (TOP + HEIGHT - BOTTOM) / 2
    parts.append(
        f'<text x="16" y="{middle}" text-anchor="middle" transform="rotate(-90 16 {middle})">{escape(y_label)}</text>'
    )
    for number, (name, points) in enumerate(series.items()):
        parts += _series(number, name, sorted(points), x_axis, y_axis)
    return "\n".join([*parts, "</svg>", ""])


def _series(number: int, name: str, points: Sequence[Point], x_axis: _Axis, y_axis: _Axis) -> list[str]:
    colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
    parts = [
        f'<circle cx="{_x(x_axis.share(x)):.1f}" cy="{_y(y_axis.share(y)):.1f}" r="3.5" fill="{colour}"/>'
        for x, y in points
    ]
    k = slope(points)
    stroke = f'stroke="{colour}" stroke-width="1.5" stroke-dasharray="{dash}"'
    if k is not None:
        mean = sum(math.log(y) - k * math.log(x) for x, y in points) / len(points)
        ends = [(x, math.exp(mean + k * math.log(x))) for x in (points[0][0], points[-1][0])]
        (x1, y1), (x2, y2) = ((_x(x_axis.share(x)), _y(y_axis.share(y))) for x, y in ends)
        parts.append(f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" fill="none" {stroke}/>')
    x, y = WIDTH - RIGHT + 14, TOP + 14 + 20 * number
    text = name if k is None else f"{name}: {k:.2f}"
    parts.append(f'<path d="M{x} {y - 4}h22" {stroke}/><text x="{x + 28}" y="{y}">{escape(text)}</text>')
    return parts


class _Axis:
    """Logarithmic, from the whole power of ten below the least value to that above the largest."""

    def __init__(self, values: Iterable[float]) -> None:
        numbers = list(values)
        self.low = math.floor(math.log10(min(numbers)))
        self.high = max(self.low + 1, math.ceil(math.log10(max(numbers))))

    def share(self, value: float) -> float:
        return (math.log10(value) - self.low) / (self.high - self.low)

    def ticks(self) -> list[tuple[float, str]]:
        return [(10.0**power, f"{10.0**power:g}") for power in range(self.low, self.high + 1)]


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
