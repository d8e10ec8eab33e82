// The pictures on either side are fetched while one looks, so that an arrow or a swipe shows the next one at once.
const SWIPE = 56; // pixels; a shorter move was no swipe
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let ahead = [];
let swipe;

function fetchAhead() {
  if (navigator.connection?.saveData) return;
  const sizes = document.querySelector("[data-zoom] img")?.sizes;
  ahead = [...document.querySelectorAll("[data-ahead]")].map((link) => {
    const picture = Object.assign(new Image(), { fetchPriority: "low", sizes });
    picture.srcset = link.dataset.ahead;
    return picture;
  });
}

function whenShown() {
  const picture = document.querySelector("[data-zoom] img");
  if (!picture || picture.complete) fetchAhead();
  else picture.addEventListener("load", fetchAhead, { once: true });
}

function end() {
  swipe?.stage.style.removeProperty("--swipe");
  swipe = undefined;
}

document.addEventListener("pointerdown", (event) => {
  const figure = event.target.closest("[data-zoom]");
  if (!event.isPrimary) return end();
  if (!figure || event.pointerType === "mouse" || "zoomed" in figure.dataset) return;
  swipe = { stage: figure, id: event.pointerId, x: event.clientX, y: event.clientY };
});
document.addEventListener("pointermove", (event) => {
  if (event.pointerId !== swipe?.id || calm.matches) return;
  swipe.stage.style.setProperty("--swipe", `${event.clientX - swipe.x}px`);
});
document.addEventListener("pointerup", (event) => {
  if (event.pointerId !== swipe?.id) return;
  const [right, down] = [event.clientX - swipe.x, Math.abs(event.clientY - swipe.y)];
  end();
  if (Math.abs(right) < SWIPE || Math.abs(right) < 2 * down) return;
  document.querySelector(`.viewer__bar a[rel=${right < 0 ? "next" : "prev"}]`)?.click();
});
document.addEventListener("pointercancel", end);
document.addEventListener("htmx:afterSettle", (event) => event.detail.target?.id === "viewer" && whenShown());
whenShown();
// Back on the wall, the picture one comes from has the focus: once the browser has gone to it, which takes focus away.
addEventListener("load", () => document.querySelector(".card:target .card__link")?.focus({ preventScroll: true }));
