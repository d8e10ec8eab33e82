// The review queue by keys: each presses what carries it in data-review-key. Never while somebody types.
// Here the letters belong to the queue: those of the rail wait until one leaves the page.
const KEYS = /^[jkahesc1-9 ]$/;
const LOOK_AGAIN = 15000;
const TYPED_IN = "textarea, select, [contenteditable], input:not([type=radio])";
let open = document.getElementById("review")?.dataset.case;
const queue = () => document.getElementById("review");
const off = () => document.body.dataset.keys === "off";

function isForTheQueue(event, key) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return false;
  if (!queue() || !KEYS.test(key) || off() || document.querySelector("dialog[open]")) return false;
  const pressed = key === " " && event.target.closest("button, summary, input");
  return !pressed && !event.target.closest(TYPED_IN);
}

document.addEventListener(
  "keydown",
  (event) => {
    const key = event.key?.toLowerCase() ?? "";
    if (!isForTheQueue(event, key)) return;
    event.preventDefault();
    const name = key === " " ? "space" : key;
    const found = queue().querySelector(`[data-review-key="${name}"]`);
    found?.click();
    if (key === "s" && found?.parentElement.open) found.parentElement.querySelector("input")?.focus();
  },
  true,
);

// After a swap: what went wrong first; else where the reader was; else the case that came.
document.addEventListener("htmx:afterSettle", (event) => {
  const root = queue();
  if (!root || event.detail.target?.id !== "review" || document.querySelector("dialog[open]")) return;
  root.querySelector('.review__queue [aria-current="true"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
  const wrong = root.querySelector("[data-review-first], [aria-invalid=true] input, textarea[aria-invalid=true]");
  const here = document.activeElement;
  const lost = !here || here === document.body || (root.dataset.case !== open && here.closest("#review-form"));
  open = root.dataset.case;
  (wrong ?? (lost ? root.querySelector("#case-title") : null))?.focus();
});

// The list follows what others decide and claim, while it is seen and nothing lies over it. It stays where it was.
const lists = () => [...document.querySelectorAll(".review__queue")];
let places = [];

function lookAgain() {
  if (!queue() || document.hidden || document.querySelector("dialog[open]")) return;
  if (document.querySelector("[data-review-poll]")) document.body.dispatchEvent(new CustomEvent("studio:review"));
}

setInterval(lookAgain, LOOK_AGAIN);
document.addEventListener("visibilitychange", lookAgain);
document.addEventListener("htmx:beforeSwap", () => {
  places = lists().map((list) => [list.scrollLeft, list.scrollTop]);
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "review-queue") return;
  lists().forEach((list, number) => list.scrollTo(...(places[number] ?? [0, 0])));
});
