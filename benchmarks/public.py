"""Generalized assignment instances of OR-Library's format as a Program: a job is a teacher, an agent a school.

Format (Beasley 1990, "OR-Library"): agents m, jobs n, an m × n cost matrix, an m × n matrix of what a job takes of an agent, m
capacities. Every job gets exactly one agent; costs are minimised. The capacities are rows like a budget's.
"""

from __future__ import annotations

import csv
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
from scipy import sparse

from benchmarks.cases import Case, Published
from rotation.county import County, School, Teacher
from rotation.facts import Facts
from rotation.policy import parse_policy
from solver.index import NONE, Index
from solver.options import Options
from solver.program import Program, RowName, TierCost

ANYTHING_GOES = {"name": "generalized-assignment", "rules": [], "objectives": []}


NEAR = 0.0015


def instances(folder: Path, seconds: float) -> tuple[Case, ...]:
    """Every instance of ``folder``, zips beside ``bounds.tsv`` (name, lower, upper), twice: until it is proved, and until the
    plan is within 0.15 % of what is proved.
    """
    with (folder / "bounds.tsv").open(encoding="utf-8") as file:
        rows = [row for row in csv.reader(file, delimiter="\t") if row]
    return tuple(
        Case("public", name + to, Published(folder / f"{name}.zip", int(lower), int(upper)), seconds=seconds, gap=gap)
        for to, gap in (("", 1e-4), (" to 0.15 %", NEAR))
        for name, lower, upper in rows
        if lower.isdigit() and (folder / f"{name}.zip").is_file()
    )


def read_instance(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(m, n) costs, (m, n) what each job takes, (m,) capacities. Raises ValueError where the numbers do not add up."""
    with zipfile.ZipFile(path) as archive:
        (name,) = [name for name in archive.namelist() if not name.endswith("/")]
        numbers = np.array(archive.read(name).split(), dtype=np.int64)
    agents, jobs = (int(number) for number in numbers[:2])
    if len(numbers) != 2 + 2 * agents * jobs + agents:
        raise ValueError(f"{path.name}: {len(numbers)} numbers do not make {agents} agents and {jobs} jobs")
    cost, takes = numbers[2:-agents].reshape(2, agents, jobs)
    return cost, takes, numbers[-agents:]


def program_of(path: Path) -> Program:
    """One option a job and agent; metres stand for the cost, so that "nearest first" means "cheapest first"."""
    cost, takes, capacity = read_instance(path)
    agents, jobs = cost.shape
    job, agent = np.repeat(np.arange(jobs), agents), np.tile(np.arange(agents), jobs)
    options = _options(agents, jobs, job, agent, cost.T.ravel())
    count = jobs * agents
    rows = np.concatenate((job, jobs + agent))
    columns = np.tile(np.arange(count), 2)
    values = np.concatenate((np.ones(count), takes.T.ravel().astype(np.float64)))
    matrix = sparse.csc_array(sparse.coo_array((values, (rows, columns)), shape=(jobs + agents, count)))
    names = [RowName("job", {"teacher": str(j)}) for j in range(jobs)]
    names += [RowName("capacity", {"school": str(a)}, "most") for a in range(agents)]
    return Program(
        options,
        matrix,
        np.concatenate((np.ones(jobs), np.full(agents, -np.inf))),
        np.concatenate((np.ones(jobs), capacity.astype(np.float64))),
        np.zeros(count),
        np.ones(count),
        np.ones(count, dtype=bool),
        tuple((name,) for name in names),
        (TierCost(1, "cost", cost.T.ravel(), Fraction(1), Fraction(0)),),
        knapsacks=jobs + np.arange(agents),
    )


def _options(agents: int, jobs: int, job: np.ndarray, agent: np.ndarray, metres: np.ndarray) -> Options:
    schools = tuple(School(f"a{i}", f"a{i}", ("primary",), "urban") for i in range(agents))
    home = School("home", "home", ("primary",), "urban")
    teachers = tuple(Teacher(f"t{i}", "home", ("any",), ("primary",), 2000) for i in range(jobs))
    county = County(2026, "public", (*schools, home), teachers=teachers)
    count = len(job)
    return Options(
        Index(Facts(county, parse_policy(ANYTHING_GOES))),
        job.astype(np.int32),
        agent.astype(np.int32),
        np.zeros(count, dtype=np.int32),
        np.zeros(count, dtype=np.int8),
        metres.astype(np.int32),
        np.full(count, 0b110, dtype=np.uint8),
        np.full(count, NONE, dtype=np.int32),
    )
