// A board is arranged: a picture is dragged to its place, or moved by Alt with an arrow, Home or End. The server says where it is.
const STEPS = { ArrowLeft: "earlier", ArrowRight: "later", ArrowUp: "earlier", ArrowDown: "later", Home: "first", End: "last" };
const placeOf = (node) => node.closest?.("[data-arrange] > [data-picture]");
const places = () => document.querySelector("[data-arrange]");
let dragged = null;

function mark(place) {
  document.querySelectorAll("[data-target]").forEach((one) => one !== place && one.removeAttribute("data-target"));
  if (place && place !== dragged) place.dataset.target = "";
}

// Whoever stood at a picture that goes stands at the next one.
function stepAside(place) {
  const near = place.nextElementSibling ?? place.previousElementSibling;
  return () => near?.querySelector("a, button")?.focus();
}

function leave(place) {
  const aside = stepAside(place);
  const had = place.contains(document.activeElement);
  place.remove();
  if (had) aside();
}

document.addEventListener("keydown", (event) => {
  const place = placeOf(event.target);
  if (!place || !event.altKey || event.ctrlKey || event.metaKey || !STEPS[event.key]) return;
  event.preventDefault(); // Alt with an arrow would leave the page
  place.querySelector(`[name=step][value=${STEPS[event.key]}]`).click();
});

document.addEventListener("dragstart", (event) => {
  dragged = placeOf(event.target);
  if (!dragged) return;
  dragged.dataset.dragged = "";
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.picture);
});
document.addEventListener("dragover", (event) => {
  if (!dragged) return;
  const place = placeOf(event.target);
  mark(place);
  if (place) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const place = placeOf(event.target);
  if (!dragged || !place) return;
  event.preventDefault();
  if (place === dragged) return;
  const values = { image: dragged.dataset.picture, of: place.dataset.picture };
  window.htmx.ajax("POST", places().dataset.arrange, { source: dragged, target: dragged, swap: "none", values });
});
document.addEventListener("dragend", () => {
  dragged?.removeAttribute("data-dragged");
  dragged = null;
  mark(null);
});

document.addEventListener("studio:moved", (event) => {
  const { image, before } = event.detail;
  const [place, next] = [image, before].map((id) => id && document.getElementById(`place-${id}`));
  const held = document.activeElement;
  if (!place) return;
  if (next) next.before(place);
  else if (!before && !places().querySelector(".arrange__more")) places().append(place);
  else return leave(place); // it hangs further on than this page has come
  if (place.contains(held)) held.focus(); // moving it let go of it
  place.scrollIntoView({ block: "nearest" });
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const place = placeOf(event.detail.target);
  if (place && event.detail.xhr.status === 200 && event.detail.requestConfig.elt.matches("[hx-swap=delete]")) {
    setTimeout(stepAside(place));
  }
});
