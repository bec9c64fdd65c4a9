// The stage works without this. When she has done something on her page, or when somebody comes
// back to this window, the timeline beside her phone is read again.
(() => {
  const told = document.getElementById("told");
  const page = document.getElementById("page");
  let seen = page === null;

  const refresh = async () => {
    const answer = await fetch(location.href);
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = fresh.getElementById("told");
    if (now && now.textContent !== told.textContent) told.replaceChildren(...now.childNodes);
  };

  if (page) {
    page.addEventListener("load", () => {
      if (seen) refresh();
      seen = true;
    });
  }
  window.addEventListener("focus", () => {
    if (!told.contains(document.activeElement)) refresh();
  });
})();
