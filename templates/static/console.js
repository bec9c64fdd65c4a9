// The console works without this. Keys: / searches, j and k walk a list, x ticks its line, ? tells of
// the keys, and whatever has data-key is pressed by its key. data-submits sends its form when it
// changes.
(() => {
  const typing = (place) =>
    place instanceof HTMLElement && (place.isContentEditable || (/^(INPUT|TEXTAREA|SELECT)$/.test(place.tagName) && place.type !== "checkbox"));

  const lines = () => [...document.querySelectorAll("main [data-line]")].filter((line) => line.offsetParent);

  const walk = (step) => {
    const all = lines();
    const at = all.findIndex((line) => line.contains(document.activeElement));
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)];
    if (!next) return;
    const target = next.matches("a, button") ? next : next.querySelector("a, button") || next;
    target.focus();
    next.scrollIntoView({ block: "nearest" });
  };

  const tick = () => document.activeElement.closest("[data-line]")?.querySelector("input[type=checkbox]");

  const open = (id) => {
    const dialog = document.getElementById(id);
    if (dialog && !dialog.open) dialog.showModal();
  };

  const pressed = (key) =>
    [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key && each.offsetParent && !each.disabled);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "j" || event.key === "k") walk(event.key === "j" ? 1 : -1);
    else if (event.key === "?") open("keys");
    else if (event.key === "x" && tick()) tick().click();
    else {
      const target = pressed(event.key);
      if (!target) return;
      if (typing(target)) {
        target.focus();
        if (target.select) target.select();
      } else target.click();
    }
    event.preventDefault();
  });

  // What is folded on a phone would close with each choice: there, its button sends them together.
  const narrow = matchMedia("(max-width: 900px)");
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-submits]") || (narrow.matches && event.target.closest(".folds"))) return;
    event.target.form.requestSubmit();
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) open(opener.dataset.opens);
    const copier = event.target.closest("[data-copies]");
    if (copier) navigator.clipboard.writeText(document.getElementById(copier.dataset.copies).textContent.trim());
    for (const menu of document.querySelectorAll("details.me[open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  // Of tabs that are wider than a phone, the one that is open is seen.
  for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
    const [seen, row] = [tab.getBoundingClientRect(), tab.parentElement.getBoundingClientRect()];
    tab.parentElement.scrollLeft += seen.left - row.left - (row.width - seen.width) / 2;
  }

  // The sheet shows what is folded where there is room for it; browsers that cannot are helped here.
  const unfold = () => {
    for (const each of document.querySelectorAll(".folds")) each.open = !narrow.matches;
  };
  narrow.addEventListener("change", unfold);
  unfold();
})();
