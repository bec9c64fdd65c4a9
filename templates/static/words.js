// Writes a variable where the cursor stands in the text that was edited last. Works by keyboard: the
// button is reached by Tab, and the cursor is back in the text when it has written.
(() => {
  const form = document.getElementById("draft");
  if (!form) return;
  let last = null;

  form.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-text]")) last = event.target;
  });

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-writes]");
    if (!button) return;
    const text = last || form.querySelector("[data-text]");
    if (!text || text.readOnly) return;
    const written = button.dataset.writes;
    text.focus();
    text.setRangeText(written, text.selectionStart, text.selectionEnd, "end");
    const blank = written.indexOf("…");
    if (blank >= 0) {
      const at = text.selectionEnd - written.length + blank;
      text.setSelectionRange(at, at + 1);
    }
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // Another language beside: the page is made again with what is typed.
  form.addEventListener("change", (event) => {
    if (event.target.name === "beside") form.requestSubmit(form.querySelector("button[formaction]"));
  });

  // Ctrl+S saves, also while typing.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    const save = form.querySelector('[data-key="s"]');
    if (save) form.requestSubmit(save);
  });

  // Leaving a page with words that are not kept asks first.
  let kept = !("unkept" in form.dataset);
  form.addEventListener("input", (event) => {
    if (event.target.matches("[data-text]")) kept = false;
  });
  form.addEventListener("submit", () => (kept = true));
  addEventListener("beforeunload", (event) => {
    if (!kept) event.preventDefault();
  });
})();
