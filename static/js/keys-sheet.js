// What is typed above the list of keys leaves those that say it, by their sign or by what they do.
function narrow(sheet, words) {
  let left = 0;
  sheet.querySelectorAll("[data-keys-of]").forEach((group) => {
    const about = group.dataset.keysOf.toLowerCase();
    const rows = [...group.querySelectorAll("dl > div")];
    rows.forEach((row) => (row.hidden = !words.every((word) => `${about} ${row.textContent.toLowerCase()}`.includes(word))));
    const shown = rows.filter((row) => !row.hidden).length;
    group.hidden = !shown;
    left += shown;
  });
  sheet.querySelector("[data-keys-none]").hidden = left > 0;
}

document.addEventListener("input", (event) => {
  const sheet = event.target.closest("#keys");
  if (sheet) narrow(sheet, event.target.value.toLowerCase().split(/\s+/).filter(Boolean));
});
document.getElementById("keys")?.addEventListener("close", (event) => {
  const field = event.target.querySelector("input[type=search]");
  field.value = "";
  narrow(event.target, []);
});
