"""``python -m benchmarks.peers NAME PROGRAM.npz SECONDS GAP SEED``: one peer on one program."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from benchmarks.arrays import load
from benchmarks.peers import PEERS
from benchmarks.telling import tell


def main() -> None:
    name, program, seconds, gap, seed = sys.argv[1:]
    peer = PEERS[name]
    arrays = load(Path(program))
    module = import_module(f"benchmarks.peers.{peer.module}")
    tell(answer=module.solve(arrays, peer.variant, float(seconds), float(gap), int(seed)))


if __name__ == "__main__":
    main()
