"""How long, how much memory, how good: the engine beside the engines a user would pick instead.

``suites`` says what is solved, ``prepare`` writes each case's data and program once, ``engine`` and ``peers`` solve it in
processes of their own (``process``), ``records`` keeps what was measured, ``report`` tells it.
"""
