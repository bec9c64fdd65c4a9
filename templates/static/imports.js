// Says that a file is too large before it is sent. The server says it as well.
(() => {
  const input = document.querySelector("input[data-most]");
  const fault = document.getElementById("files-fault");
  if (!input || !fault) return;
  input.addEventListener("change", () => {
    const size = [...input.files].reduce((sum, file) => sum + file.size, 0);
    const large = size > Number(input.dataset.most);
    fault.textContent = large ? fault.dataset.tooLarge : "";
    fault.hidden = !large;
    input.setCustomValidity(large ? fault.dataset.tooLarge : "");
  });
})();
