// What is known about a picture lies in a drawer: beside it, or below where there is no room. Kept for the session.
const narrow = matchMedia("(width < 64rem)");
const viewer = () => document.getElementById("viewer");
const isOpen = () => (viewer().dataset.drawer ?? (narrow.matches ? "closed" : "open")) === "open";

function tell() {
  viewer()?.querySelector("[data-drawer-switch]").setAttribute("aria-expanded", String(isOpen()));
}

function turn(open) {
  viewer().dataset.drawer = open ? "open" : "closed";
  document.cookie = `drawer=${viewer().dataset.drawer}; path=/images/; samesite=lax`;
  tell();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-drawer-switch]")) turn(!isOpen());
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (!viewer() || !narrow.matches || !isOpen()) return;
  event.preventDefault();
  turn(false);
  viewer().querySelector("[data-drawer-switch]").focus();
});
narrow.addEventListener("change", tell);
document.addEventListener("htmx:load", tell);
tell();
