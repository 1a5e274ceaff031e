"""Twin of ``rotation.rules.host_capacity``."""

from __future__ import annotations

from rotation.rules.host_capacity import HostCapacity, covered_posts, room
from solver.builder import ProgramBuilder


def encode(rule: HostCapacity, program: ProgramBuilder) -> None:
    facts = program.index.facts
    posts = list(covered_posts(rule, facts))
    at = [program.index.post_at[post.school, post.subject] for post in posts]
    program.add_staff_rows(rule, at, None, [room(facts, post) for post in posts])
