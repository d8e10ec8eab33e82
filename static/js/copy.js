// Copies what a button carries, also where the clipboard is closed to pages without https.
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = Object.assign(document.createElement("textarea"), { value: text, readOnly: true, className: "visually-hidden" });
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("not copied");
  return undefined;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  let detail = { words: "Copied" };
  try {
    await copy(button.dataset.copy);
    button.focus();
  } catch {
    detail = { words: "The browser did not allow copying. Select the words instead.", mood: "danger" };
  }
  document.dispatchEvent(new CustomEvent("studio:toast", { detail }));
});
