"""Exit statuses: what scripts rely on (README)."""

OK = 0
BROKEN = 1
"""``check``: a `must` rule is broken; ``validate``: the data have errors; ``policy check``: rules contradict each other."""
BAD_INPUT = 2
INFEASIBLE = 3
NO_PLAN = 4
INTERNAL = 70
"""Something of ours broke (``EX_SOFTWARE``)."""
