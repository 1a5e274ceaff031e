"""The pages in a real Chromium."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from page_site import Site

from rotation import files
from rotation.policy import load_policy
from scenarios.generate import sample_county

pytestmark = pytest.mark.browser

BROKEN = {
    "year": 2026,
    "schools": [
        {"id": "S1", "name": "<img src=x onerror=window.hit=1>", "levels": ["primary"], "area": "urbn"},
        {"id": "S1", "name": "第二小学", "levels": ["primary"], "area": "urban"},
    ],
    "posts": [{"school": "S9", "subject": "maths", "required": 5, "capacity": 2}],
    "teachers": [{"id": "T1", "school": "S1", "subjects": ["maths"], "levels": ["primary"], "joined_year": 2010}],
}

INK = """() => {
  const canvas = document.querySelector('.map-chart canvas');
  if (!canvas || !canvas.width) return 0;
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const colours = new Set();
  for (let i = 0; i < pixels.length; i += 4)
    if (pixels[i + 3] > 200) colours.add((pixels[i] << 16) | (pixels[i + 1] << 8) | pixels[i + 2]);
  return colours.size;
}"""
DOT = """id => {
  const chart = getElement(Number(document.querySelector('.map-chart').id.slice(1))).chart;
  const series = chart.getOption().series;
  for (let index = 0; index < series.length; index++) {
    const dot = series[index].type === 'scatter' && series[index].data.find(one => one.id === id);
    if (dot) return chart.convertToPixel({ seriesIndex: index }, dot.value.slice(0, 2));
  }
}"""


def open_plan(page: Any, site: Site, query: str = "", plan: str = "plan") -> None:
    page.goto(f"/plans/{site.ids[plan]}{query}")
    page.wait_for_selector(".ag-center-cols-container .ag-row")
    page.wait_for_function(f"({INK})() > 20")


@pytest.mark.parametrize("where", ["/", "/plans/{plan}", "/schools/{plan}/S0001", "/plans/{infeasible}", "/plans/none"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_comes_from_outside_and_nothing_breaks(page: Any, site: Site, where: str, language: str) -> None:
    page.goto(f"{where.format(**site.ids)}?lang={language}")
    page.wait_for_selector("main .card, main .verdict")
    page.wait_for_function("() => window.did_handshake || window.socket?.connected")
    page.wait_for_load_state("networkidle")
    hosts = {urlsplit(address).netloc for address in page.asked if not address.startswith(("data:", "blob:"))}
    assert hosts == {urlsplit(site.address).netloc}
    missing = where == "/plans/none"
    assert [line for line in page.wrong if not (missing and "404" in line)] == []
    assert page.evaluate("document.documentElement.lang") == {"zh": "zh-CN", "en": "en-US"}[language]
    heading = page.locator("h1 .main, .message-title").first.inner_text()
    assert any("\u4e00" <= letter <= "\u9fff" for letter in heading.removeprefix("青溪县")) == (language == "zh") or (
        "/schools" in where  # a school's own name
    )


def test_the_language_switch_keeps_the_school_that_is_looked_at(page: Any, site: Site) -> None:
    open_plan(page, site)
    x, y = page.evaluate(DOT, "S0001")
    page.locator(".map-chart").click(position={"x": x, "y": y})
    page.wait_for_url("**school=S0001**")
    page.get_by_role("link", name="English").click()
    page.wait_for_url("**lang=en**")
    assert "school=S0001" in page.url
    assert page.locator("#verdict .status").inner_text().startswith("Proved optimal")
    assert page.locator(".side .title").inner_text() != "Largest flows"


def test_the_map_has_drawn_schools_and_flows(page: Any, site: Site) -> None:
    open_plan(page, site)
    assert page.evaluate(INK) > 20
    box = page.locator(".map-chart").bounding_box()
    assert box["width"] / box["height"] == pytest.approx(1.5, rel=0.01)


def test_tapping_a_school_narrows_map_panel_table_and_address(page: Any, site: Site) -> None:
    open_plan(page, site)
    rows = page.request.get(f"/v1/plans/{site.ids['plan']}/placements?limit=1000").json()["items"]
    host = rows[0]["host"]
    own = [row for row in rows if host == row["home"] or host in row["hosts"]]
    assert page.locator(".ag-center-cols-container .ag-row").count() > len(own)
    x, y = page.evaluate(DOT, host)
    page.locator(".map-chart").click(position={"x": x, "y": y})
    page.wait_for_url(f"**school={host}**")
    page.wait_for_function(
        "count => document.querySelectorAll('.ag-center-cols-container .ag-row').length === count", arg=len(own)
    )
    page.locator(".side").get_by_role("link").click()
    page.wait_for_url(f"**/schools/**/{host}")
    arrived = [row for row in rows if host in row["hosts"]]
    assert page.locator(".cols.two .card").first.locator("tbody tr").count() == len(arrived)


def test_the_rules_listed_are_the_plans_and_each_says_how_it_stands(page: Any, site: Site) -> None:
    open_plan(page, site, "?lang=en")
    listed = page.eval_on_selector_all("[data-rule]", "all => all.map(one => one.dataset.rule)")
    plan = page.request.get(f"/v1/plans/{site.ids['plan']}").json()
    assert sorted(listed) == sorted(rule["id"] for rule in plan["rules"])
    assert {rule.id for rule in load_policy("national-2014").rules} <= set(listed)
    for rule in plan["rules"]:
        word = page.locator(f"[data-rule='{rule['id']}'] .verdict-word").first.inner_text()
        assert (word == "Holds") == rule["holds"]
    short = next(rule for rule in plan["rules"] if not rule["holds"])
    box = page.locator(f"[data-rule='{short['id']}']")
    box.locator(".q-item").click()
    box.locator("tbody tr").first.wait_for(state="visible")
    assert box.locator("tbody tr").count() == sum(cell["shortfall"] > 0 for cell in short["cells"])


def test_a_plan_that_is_not_proved_says_so(page: Any, site: Site) -> None:
    open_plan(page, site, "?lang=en", "feasible")
    verdict = page.locator("#verdict").inner_text()
    assert "Feasible" in verdict and "tier 3" in verdict and "Proved" not in verdict and "time limit" in verdict
    assert page.locator(".tiers").get_by_text("Not proved").count() == 2


def test_an_infeasible_outcome_names_the_rules_in_conflict(page: Any, site: Site) -> None:
    page.goto(f"/plans/{site.ids['infeasible']}?lang=en")
    page.wait_for_selector("#verdict")
    assert "No plan is possible" in page.locator("#verdict").inner_text()
    assert page.locator("main tbody tr").count() == 2


def test_exports_are_the_files_the_api_gives(page: Any, site: Site) -> None:
    open_plan(page, site)
    with page.expect_download() as taken:
        page.get_by_role("button", name="导出 Excel").click()
    assert zipfile.is_zipfile(io.BytesIO(taken.value.path().read_bytes()))
    with page.expect_download() as taken:
        page.get_by_role("button", name="导出 CSV").click()
    rows = page.request.get(f"/v1/plans/{site.ids['plan']}/placements?limit=1000").json()["total"]
    assert len(taken.value.path().read_text(encoding="utf-8-sig").strip().splitlines()) == rows + 1


def test_a_broken_file_lists_every_fault_and_runs_nothing_of_it(page: Any, site: Site) -> None:
    answer = page.request.post("/v1/datasets", data=BROKEN)
    assert answer.status == 422
    expected = len(answer.json()["faults"])
    assert expected >= 4
    page.goto("/")
    content = json.dumps(BROKEN).encode()
    page.set_input_files("input[type=file]", {"name": "x.json", "mimeType": "application/json", "buffer": content})
    page.wait_for_selector(".faults tbody tr")
    assert page.locator(".faults tbody tr").count() == expected
    assert "urbn" in page.locator(".faults").inner_text()
    assert page.evaluate("window.hit") is None
    with page.expect_download() as taken:
        page.get_by_role("button", name="下载问题清单").click()
    assert len(taken.value.path().read_text(encoding="utf-8-sig").strip().splitlines()) == expected + 1
    page.set_input_files("input[type=file]", {"name": "x.json", "mimeType": "application/json", "buffer": b"{"})
    page.wait_for_function("document.querySelectorAll('.faults tbody tr').length === 1")


def test_from_the_sample_county_to_a_proved_plan(page: Any, site: Site) -> None:
    page.goto("/?lang=en")
    assert page.get_by_role("button", name="Start solving").is_disabled()
    page.get_by_role("button", name="Use the programme's sample county").click()
    page.wait_for_url("**data=**")
    page.get_by_role("button", name="Start solving").click()
    page.wait_for_url("**/plans/**")
    page.wait_for_selector("#verdict")
    assert page.locator("#verdict .status").inner_text().startswith("Proved optimal")
    page.get_by_role("link", name="Teacher Rotation").click()
    page.wait_for_selector("h1")
    assert page.get_by_role("link", name="Open").count() >= 4


def test_a_running_solve_shows_its_gap_and_stops_when_asked(page: Any, site: Site) -> None:
    page.goto(f"/plans/{site.ids['patient']}?lang=en")
    page.wait_for_function("document.querySelector('.figures').innerText.includes('28.6')")  # |28 − 20| ÷ 28
    assert page.locator(".phase.now").inner_text().endswith("Optimising tier by tier")
    assert page.locator(".gap-chart canvas").count() == 1
    page.get_by_role("button", name="Stop and keep the best so far").click()
    page.wait_for_selector("#verdict")
    assert "Stopped by a user" in page.locator("#verdict").inner_text()


def test_the_template_comes_in_the_pages_language_and_is_read_back_with_its_faults(page: Any) -> None:
    page.goto("/")
    with page.expect_download() as taken:
        page.get_by_role("button", name="下载空白模板").click()
    assert zipfile.is_zipfile(taken.value.path())
    page.set_input_files(
        "input[type=file]", {"name": "t.xlsx", "mimeType": "", "buffer": taken.value.path().read_bytes()}
    )
    page.wait_for_selector(".faults tbody tr")  # an empty workbook lacks its schools


def test_a_workbook_can_be_dropped_on_the_page(page: Any, site: Site, tmp_path: Path) -> None:
    path = tmp_path / "county.xlsx"
    files.write(sample_county(), path)
    page.goto("/")
    page.wait_for_selector(".drop-text")
    box = page.locator(".drop-text").bounding_box()
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    drag = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "data": drag, **at})
    page.wait_for_url("**data=**")
    assert page.locator(".data-name").inner_text() == "青溪县"


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_no_page_is_wider_than_its_screen(page: Any, site: Site, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for where in ("/", f"/plans/{site.ids['plan']}", f"/schools/{site.ids['plan']}/S0001"):
        page.goto(where)
        page.wait_for_selector("main .card")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
