// A text with the numbers of its lines, and marks at those that the checker names. Tab moves a line
// in, Shift and Tab out; after Escape, Tab leaves the text as everywhere. Works on without this.
(() => {
  const area = document.querySelector("[data-editor] textarea");
  if (!area) return;
  const gutter = document.createElement("div");
  gutter.className = "gutter";
  gutter.setAttribute("aria-hidden", "true");
  area.parentElement.classList.add("numbered");
  area.parentElement.append(gutter);
  let leaves = false;

  const marked = () => new Set([...document.querySelectorAll("#found [data-at]")].map((each) => Number(each.dataset.at)));

  const number = () => {
    const count = area.value.split("\n").length;
    while (gutter.childElementCount > count) gutter.lastElementChild.remove();
    while (gutter.childElementCount < count) {
      const line = document.createElement("span");
      line.textContent = gutter.childElementCount + 1;
      gutter.append(line);
    }
    const marks = marked();
    [...gutter.children].forEach((line, at) => line.classList.toggle("marked", marks.has(at + 1)));
    gutter.scrollTop = area.scrollTop;
  };

  const put = (from, to, text) => {
    area.setSelectionRange(from, to);
    // The browser's own undo knows of what is typed this way.
    if (!document.execCommand("insertText", false, text)) area.setRangeText(text, from, to, "end");
  };

  const shift = (out) => {
    const { selectionStart: from, selectionEnd: to, value } = area;
    const first = value.lastIndexOf("\n", from - 1) + 1;
    if (from === to && !out) return put(from, to, "  ");
    const lines = value.slice(first, to).split("\n");
    const moved = lines.map((line) => (out ? line.replace(/^ {1,2}/, "") : `  ${line}`)).join("\n");
    put(first, to, moved);
    area.setSelectionRange(first, first + moved.length);
  };

  const goTo = (line) => {
    const lines = area.value.split("\n");
    const from = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    area.focus();
    area.setSelectionRange(from, from + (lines[line - 1] || "").length);
    area.scrollTop = Math.max(0, (line - 6) * 21);
  };

  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leaves = true;
    else if (event.key === "Tab" && !leaves && !area.readOnly) {
      event.preventDefault();
      shift(event.shiftKey);
    } else if (event.key !== "Tab" && event.key !== "Shift") leaves = false;
    event.stopPropagation();
  });
  area.addEventListener("input", number);
  area.addEventListener("scroll", () => (gutter.scrollTop = area.scrollTop));
  document.addEventListener("htmx:afterSettle", number);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-goes]");
    if (!link) return;
    event.preventDefault();
    goTo(Number(link.dataset.goes));
  });
  number();
})();
