// How hands look closer at a picture: click, double tap, drag, pinch, wheel. By the keyboard its link leads to the original.
const TAP = 300; // milliseconds between the taps of a double tap
const SLOP = 6; // pixels a finger trembles
const fingers = new Map();
let tapped = 0;
let moved = 0;

const stageOf = (event) => event.target.closest?.("[data-zoom] .viewer__stage");
const isZoomed = () => document.querySelector("[data-zoom][data-zoomed]") !== null;
const zoom = (detail) => document.dispatchEvent(new CustomEvent("studio:zoom", { detail }));

function middle(points) {
  const box = document.querySelector("[data-zoom] .viewer__stage").getBoundingClientRect();
  const mean = (name) => points.reduce((sum, point) => sum + point[name], 0) / points.length;
  return { x: mean("clientX") - box.left - box.width / 2, y: mean("clientY") - box.top - box.height / 2 };
}

function gap([one, other]) {
  return other ? Math.max(1, Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY)) : 1;
}

document.addEventListener("click", (event) => {
  if (!stageOf(event) || event.detail === 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (moved > SLOP) return;
  const isTouch = event.pointerType === "touch";
  const isSecond = event.timeStamp - tapped < TAP;
  tapped = isSecond ? 0 : event.timeStamp;
  if (isTouch ? isSecond : event.detail === 1) zoom({ to: "full", at: middle([event]) });
});
document.addEventListener("pointerdown", (event) => {
  if (!stageOf(event) || event.button !== 0) return;
  if (event.isPrimary) {
    fingers.clear();
    moved = 0;
  }
  fingers.set(event.pointerId, event);
});
document.addEventListener("pointermove", (event) => {
  if (!fingers.has(event.pointerId)) return;
  const before = [...fingers.values()];
  fingers.set(event.pointerId, event);
  const after = [...fingers.values()];
  const [from, to] = [middle(before), middle(after)];
  const [x, y] = [to.x - from.x, to.y - from.y];
  moved += Math.abs(x) + Math.abs(y);
  if (after.length < 2 && !isZoomed()) return;
  stageOf(event)?.setPointerCapture(event.pointerId);
  zoom({ factor: gap(after) / gap(before), at: from, x, y, still: true });
});
["pointerup", "pointercancel"].forEach((name) => {
  document.addEventListener(name, (event) => fingers.delete(event.pointerId));
});
document.addEventListener(
  "wheel",
  (event) => {
    if (!stageOf(event) || !(event.ctrlKey || isZoomed())) return;
    event.preventDefault();
    const factor = event.ctrlKey ? Math.exp(-event.deltaY / 100) : 1;
    const [x, y] = event.ctrlKey ? [0, 0] : [-event.deltaX, -event.deltaY];
    zoom({ factor, at: middle([event]), x, y, still: true });
  },
  { passive: false },
);
document.addEventListener("dragstart", (event) => stageOf(event) && isZoomed() && event.preventDefault());
