// Small helpers of the pages. Plain enough for Chrome 109.
window.rotation = {
  only: null, // school id that the table of placements is narrowed to

  // A file from the API under the name the server gives it; `accept` picks the dress.
  async save(path, accept, name) {
    const answer = await fetch(window.path_prefix + path, { headers: { Accept: accept } });
    if (!answer.ok) return false;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    return true;
  },

  // Every page of a paged list.
  async rows(path) {
    const found = [];
    let next = path;
    while (next) {
      const answer = await fetch(window.path_prefix + next, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      const page = await answer.json();
      found.push(...page.items);
      next = page.next;
    }
    return found;
  },

  // The same page, as it stands now, in the other language.
  speak(language) {
    const address = new URL(window.location.href);
    address.searchParams.set("lang", language);
    window.location.assign(address);
  },

  narrow(grid, school) {
    this.only = school;
    if (grid && grid.api) grid.api.onFilterChanged();
  },

  // Zoom the map around its middle; factor 0 shows everything again.
  zoom(chart, factor) {
    const zooms = chart.getOption().dataZoom;
    zooms.forEach((zoom, index) => {
      const middle = (zoom.start + zoom.end) / 2;
      const half = Math.min(50, Math.max(2.5, (zoom.end - zoom.start) / 2 / factor));
      const start = factor ? Math.max(0, Math.min(100 - 2 * half, middle - half)) : 0;
      chart.dispatchAction({
        type: "dataZoom",
        dataZoomIndex: index,
        start: start,
        end: factor ? start + 2 * half : 100,
      });
    });
  },
};

// A table shows only the rows in sight: on paper it has to show all of them.
for (const paper of [true, false]) {
  window.addEventListener(paper ? "beforeprint" : "afterprint", () => {
    document.querySelectorAll(".placements-grid").forEach((box) => {
      const grid = window.getElement && getElement(Number(box.id.slice(1)));
      if (!grid || !grid.api) return;
      grid.api.setGridOption("pagination", !paper);
      grid.api.setGridOption("domLayout", paper ? "print" : "normal");
    });
  });
}
