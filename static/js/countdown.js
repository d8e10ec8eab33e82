// What can be ordered for a while only says how long still. The server wrote where it stood, and has the last word.
const ends = new WeakMap();

function words(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
  return minutes >= 10 ? `${minutes} min left` : `${minutes} min ${Math.floor(seconds % 60)} s left`;
}

function close(node) {
  node.textContent = "The time for this is over";
  const radio = node.closest("label")?.querySelector("input:enabled");
  if (!radio) return;
  radio.checked = false;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  radio.disabled = true;
}

function count(node) {
  if (!ends.has(node)) ends.set(node, Date.now() + Number(node.dataset.countdown) * 1000);
  const left = (ends.get(node) - Date.now()) / 1000;
  if (left > 0) node.textContent = words(left);
  else close(node);
}

const countAll = () => document.querySelectorAll("[data-countdown]").forEach(count);

countAll();
document.addEventListener("htmx:load", countAll);
setInterval(countAll, 1000);
