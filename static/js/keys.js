// Single keys press what carries their name in data-key. Never inside a field, never with a modifier, and they can be off.
const STORE = "single-keys";
const off = () => {
  try {
    return localStorage.getItem(STORE) === "off";
  } catch {
    return false;
  }
};

function press(key) {
  const found = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((node) => node.checkVisibility());
  if (!found) return false;
  if (found.matches("input, textarea")) found.focus();
  else found.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (target.closest("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
  if (key.length === 1 && off()) return;
  if (key === "?") document.getElementById("keys")?.showModal();
  else if (!press(key.length === 1 ? key.toLowerCase() : key)) return;
  event.preventDefault();
});

document.querySelectorAll("[data-keys-switch]").forEach((box) => {
  box.checked = !off();
  box.addEventListener("change", () => localStorage.setItem(STORE, box.checked ? "on" : "off"));
});
