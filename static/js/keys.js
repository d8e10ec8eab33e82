// Single keys press what names them in data-key. Never inside a field, never with a modifier, and a person can turn all off.
const FIELDS = "input, textarea, select, [contenteditable]";
const isOff = () => document.body.dataset.keys === "off";

// Where the page and the rail have the same key, the page goes first. What lies in a closed drawer is pressed there.
function press(key) {
  const named = `[data-key~="${CSS.escape(key)}"]`;
  const all = [...document.querySelectorAll(`main ${named}`), ...document.querySelectorAll(named)];
  const found = all.find((node) => node.checkVisibility()) ?? all.find((node) => node.closest("#image-panel"));
  if (!found) return false;
  if (found.matches("input, textarea")) {
    if (!found.checkVisibility()) document.querySelector("[data-drawer-switch]")?.click();
    found.focus();
  } else found.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented || isOff()) return;
  if (target.closest(FIELDS) || document.querySelector("dialog[open]")) return;
  if (event.repeat && !key.startsWith("Arrow")) return;
  if (key === "?") document.getElementById("keys")?.showModal();
  else if (!press(key.length === 1 ? key.toLowerCase() : key)) return;
  event.preventDefault();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-open-keys]")) document.getElementById("keys")?.showModal();
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-keys-switch]")) document.body.dataset.keys = event.target.checked ? "on" : "off";
});
