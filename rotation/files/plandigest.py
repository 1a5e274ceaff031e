"""The digest of a plan: what is printed on letters and kept with an approval.

``sha256:`` and the SHA-256 of the canonical JSON (UTF-8, no spaces, keys sorted, placements sorted by teacher) of format,
year, data, policy digest and placements: who goes where. How it was found (run, bounds) is no part of it.
"""

from __future__ import annotations

import hashlib
import json

from rotation.files.plan import plan_to_json
from rotation.plan import Plan


def plan_digest(plan: Plan) -> str:
    document = plan_to_json(plan)
    kept = {key: document[key] for key in ("format", "year", "data", "placements")}
    kept["policy"] = document["policy"]["digest"]
    kept["placements"] = sorted(kept["placements"], key=lambda placement: str(placement["teacher"]))
    text = json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
