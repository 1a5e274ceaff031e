"""Who solves a program. HiGHS (its LP, warm) runs in this process; OR-Tools' CP-SAT in a process of its own.

The two libraries cannot be loaded into one process: each carries its own copy of HiGHS' symbols.
"""
