// Choosing pictures: a tick, a range with Shift, a long press, X on the one in focus; Escape lets go of all of them.
const LONG = 500;
const MOVED = 10;
const bar = () => document.querySelector("[data-selection]");
const boxes = () => [...document.querySelectorAll("#wall .card__pick input")];
let last;
let press;
let sat;

function show() {
  const form = bar();
  if (!form) return;
  const every = boxes();
  const all = form.elements.all.checked;
  const left = every.filter((box) => !box.checked).length;
  const number = every.length - left;
  form.hidden = !number && !all && form.dataset.selection !== "stay";
  document.getElementById("wall")?.toggleAttribute("data-selecting", !form.hidden);
  const words = form.elements.all.parentElement.textContent.trim();
  form.querySelector("[data-chosen]").textContent = all ? `${words}${left ? `, ${left} not` : ""}` : number;
}

function tick(box, on) {
  if (box) box.checked = on ?? !box.checked;
  last = box ?? last;
  show();
}

function clear() {
  boxes().forEach((box) => (box.checked = false));
  bar().elements.all.checked = false;
  show();
}

document.addEventListener("click", (event) => {
  const { target } = event;
  if (sat && target.closest(".card")) {
    event.preventDefault(); // the finger that pressed long is lifted
    sat = false;
  } else if (target.matches("#wall .card__pick input")) {
    const every = boxes();
    const [from, to] = [every.indexOf(last), every.indexOf(target)].sort((a, b) => a - b);
    if (event.shiftKey && from >= 0) every.slice(from, to + 1).forEach((box) => (box.checked = target.checked));
    tick(target, target.checked);
  } else if (target.closest("[data-unchoose]")) clear();
}, true);
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-selection] [name=all]")) return;
  boxes().forEach((box) => (box.checked = event.target.checked));
  show();
});
document.addEventListener("pointerdown", (event) => {
  const card = event.pointerType === "touch" && event.target.closest("#wall .card");
  const box = card && card.querySelector(".card__pick input");
  clearTimeout(press?.timer);
  sat = false; // a press that no click followed is over
  if (box && bar()?.hidden) press = { x: event.clientX, y: event.clientY, timer: setTimeout(() => ((sat = true), tick(box, true)), LONG) };
});
["pointerup", "pointercancel", "scroll"].forEach((name) => document.addEventListener(name, () => clearTimeout(press?.timer), true));
document.addEventListener("pointerup", () => setTimeout(() => (sat = false), 50)); // its click, if any, came by then
document.addEventListener("pointermove", (event) => {
  if (press && Math.hypot(event.clientX - press.x, event.clientY - press.y) > MOVED) clearTimeout(press.timer);
});
document.addEventListener("contextmenu", (event) => sat && event.preventDefault());
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open], details.menu[open]")) return;
  const card = event.target.closest("#wall .card");
  if (event.key === "Escape" && bar() && !bar().hidden) clear();
  else if (card && event.target.matches("a") && [" ", "x"].includes(event.key)) {
    event.preventDefault();
    tick(card.querySelector(".card__pick input"));
  }
});
document.addEventListener("formdata", ({ target, formData }) => {
  if (target !== bar() || !target.elements.all.checked) return;
  formData.delete("image");
  boxes().forEach((box) => box.checked || formData.append("except", box.value));
});
document.addEventListener("htmx:afterSettle", () => {
  if (bar()?.elements.all.checked) boxes().filter((box) => !box.dataset.met).forEach((box) => (box.checked = true));
  boxes().forEach((box) => (box.dataset.met = ""));
  show();
});
boxes().forEach((box) => (box.dataset.met = ""));
show();
