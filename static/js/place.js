// The address of a wall keeps where one is, so that coming back opens it there: at which picture, and how far down.
const IDLE = 300;
const PARTS = ["before", "after", "at", "from"];
let timer;
let held;

const cards = () => [...document.querySelectorAll("[data-keeps-place] > .card")];
const topOf = (node) => node.getBoundingClientRect().top;
const edge = () => Math.max(0, document.querySelector(".toolbar")?.getBoundingClientRect().bottom ?? 0);

function keep() {
  clearTimeout(timer);
  const from = edge() + 1;
  const card = cards().find((one) => one.getBoundingClientRect().bottom > from);
  if (!card) return;
  const address = new URL(location.href);
  const isTop = scrollY < innerHeight / 2 && !document.querySelector("[data-newer]");
  if (isTop && address.searchParams.has("from")) return;
  PARTS.forEach((name) => address.searchParams.delete(name));
  if (!isTop) address.searchParams.set("at", card.id.replace("image-", ""));
  history.scrollRestoration = isTop ? "auto" : "manual";
  history.replaceState({ ...history.state, offset: isTop ? null : topOf(card) }, "", address);
}

function comeBack() {
  const at = new URL(location.href).searchParams.get("at");
  const card = at && document.getElementById(`image-${at}`);
  if (!card) return;
  history.scrollRestoration = "manual";
  scrollBy({ top: topOf(card) - (history.state?.offset ?? edge() + 8), behavior: "instant" });
}

// Where more pictures hang themselves, what is looked at stays where it is, and so does the focus.
document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  if (!target.matches(".gallery__more")) return;
  const isNewer = target.hasAttribute("data-newer");
  const card = isNewer ? target.nextElementSibling : target.previousElementSibling;
  held = { card, isNewer, top: card && topOf(card), hadFocus: target.contains(document.activeElement) };
});
document.addEventListener("htmx:afterSettle", () => {
  const { card, isNewer, top, hadFocus } = held ?? {};
  held = null;
  if (!card) return;
  if (isNewer) scrollBy({ top: topOf(card) - top, behavior: "instant" });
  const next = isNewer ? card : card.nextElementSibling;
  if (hadFocus) next?.querySelector("a")?.focus({ preventScroll: true });
});

if (document.querySelector("[data-keeps-place]")) {
  comeBack();
  addEventListener("scroll", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, IDLE);
  });
  document.addEventListener("click", (event) => event.target.closest("[data-keeps-place] .card__link") && keep(), true);
}
