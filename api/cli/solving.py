"""``rotation solve``: one plan, in a process of its own, with live progress; Ctrl-C keeps the best so far."""

from __future__ import annotations

import queue
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from api.cli.exits import INFEASIBLE, INTERNAL, NO_PLAN
from api.cli.news import Ticker
from api.cli.options import AsJson, Data, PolicyName, keep_inputs, read_county
from api.cli.output import both, print_json, say, show_faults
from api.cli.summary import show_conflict, show_plan
from api.documents import fault_document, tier_documents
from api.jobs import Answer, Failure, Jobs, Order, Solver, find
from rotation import files
from rotation.county import County
from rotation.faults import Fault, InputError
from rotation.plan import Status
from rotation.policy import Policy, load_policy
from rotation.policy_review import fit
from solver.outcome import Outcome, Progress, SolveOptions

KINDS = (".json", ".xlsx", ".csv")

TimeLimit = Annotated[
    float | None,
    typer.Option("--time-limit", min=0.0, metavar="S", help="最长秒数 · Seconds at most.", show_default="until proved"),
]
Gap = Annotated[float, typer.Option(min=0.0, max=1.0, help="证明到的相对差距 · A tier counts as proved within this.")]
WorkLimit = Annotated[
    float | None,
    typer.Option(
        min=0.001,
        help="每个小规划的工作量上限, 代替秒数: 同样输入必得同样方案 · Work allowed for each exact program instead of "
        "seconds: the same input gives the same plan, whatever else the machine does.",
    ),
]
Seed = Annotated[int, typer.Option(min=0, max=2**31 - 1, help="随机种子 · The random seed.")]
Workers = Annotated[int, typer.Option(min=1, max=256, help="线程数 · Threads.")]


def add_to(app: typer.Typer) -> None:
    app.command("solve", epilog="例 Example: rotation solve nantou/ --policy national-2014 --out plan.json")(solve)


def solve(
    data: Data,
    policy: PolicyName,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="PLAN", help="写到 .json、.xlsx 或 .csv · Where to write.", show_default=False),
    ],
    time_limit: TimeLimit = None,
    gap: Gap = 0.001,
    seed: Seed = 1,
    workers: Workers = 2,
    work_limit: WorkLimit = None,
    baseline: Annotated[
        Path | None, typer.Option(metavar="PLAN", help="尽量接近的已有方案 · A plan to stay close to.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """求一个最优方案并给出证明 · Find the best plan, with a proof of how good it is.

    退出码 Exit status: 0 已写出方案 a plan was written; 2 输入有误 bad input; 3 无可行方案 infeasible; 4 时间到而无方案 no plan in time.
    """
    if out.suffix.lower() not in KINDS:
        raise typer.BadParameter(
            f"应以 {'、'.join(KINDS)} 结尾 · must end in one of {', '.join(KINDS)}", param_hint="--out"
        )
    keep_inputs(out, data, policy)
    rules = load_policy(policy)
    county = read_county(data, quiet=as_json)
    remarks = fit(rules, county)
    if remarks and not as_json:
        show_faults(remarks)
    near = {p.teacher: p for p in files.read_plan(baseline).placements} if baseline is not None else {}
    out.parent.mkdir(parents=True, exist_ok=True)
    options = SolveOptions(time_limit, gap, seed, workers, near, work_limit)
    outcome = answered(solved(county, rules, options))
    if outcome.plan is not None:
        files.write_plan(outcome.plan, county, out)
        if as_json:
            print_json(summary_document(outcome, out, remarks))
        else:
            show_plan(outcome.plan, rules)
            say(f"已写入 · written: {out}")
        return
    if as_json:
        print_json(summary_document(outcome, None, remarks))
    say(both(outcome.message))
    if outcome.status == Status.INFEASIBLE:
        if not as_json:
            show_conflict(outcome, rules)
            say("出路见 · for ways out: rotation diagnose")
        raise typer.Exit(INFEASIBLE)
    raise typer.Exit(NO_PLAN if outcome.status == Status.UNKNOWN else INTERNAL)


def summary_document(outcome: Outcome, out: Path | None, remarks: tuple[Fault, ...]) -> dict[str, object]:
    plan = outcome.plan
    return {
        "status": outcome.status,
        "stopped_by": outcome.stopped_by,
        "message": outcome.message,
        "plan": None if out is None else str(out),
        "placements": None if plan is None else len(plan.placements),
        "tiers": [] if plan is None else tier_documents(plan.tiers),
        "warnings": [fault_document(fault) for fault in remarks],
        "conflict": [{"rule": rule, "cell": dict(cell)} for rule, cell in outcome.conflict],
    }


def answered(answer: Answer) -> Outcome:
    """The outcome; a failure leaves through the command line's ordinary doors."""
    if not isinstance(answer, Failure):
        return answer
    if answer.faults:
        raise InputError(answer.faults)
    say(both(answer.message))
    raise typer.Exit(INTERNAL)


def solved(county: County, policy: Policy, options: SolveOptions, solver: Solver = find) -> Answer:
    """Solve in a process of its own and report on the way. The first Ctrl-C asks for the best so far."""
    inbox = _Inbox()
    jobs = Jobs(at_once=1, solver=solver)
    try:
        job = jobs.submit(Order(county, policy, options), inbox)
        with _asked_to_stop() as asked, Ticker() as ticker:
            while True:
                if asked.is_set() and not job.stopping.is_set():
                    say(
                        "正在停止, 保留目前最好的方案 · stopping, the best plan so far is kept (再按一次放弃 · again to give up)"
                    )
                    job.stop()
                try:
                    message = inbox.messages.get(timeout=0.1)
                except queue.Empty:
                    continue
                if not isinstance(message, Progress):
                    return message
                ticker.show(message)
    finally:
        jobs.close()


class _Inbox:
    """Brings a job's news to the waiting command."""

    def __init__(self) -> None:
        self.messages: queue.SimpleQueue[Progress | Answer] = queue.SimpleQueue()

    def started(self) -> None: ...

    def news(self, progress: Progress) -> None:
        self.messages.put(progress)

    def finished(self, answer: Answer) -> None:
        self.messages.put(answer)


@contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    """An event set by the first Ctrl-C (or SIGTERM); the second interrupts for good."""
    asked = threading.Event()

    def note(number: int, frame: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
