// The dial moves between polls; the server stays the authority. With reduced motion it moves in steps of five seconds.
const STEP = matchMedia("(prefers-reduced-motion: reduce)").matches ? 5000 : 1000;
const LONG = 100;
const began = new WeakMap();

function turn(dial) {
  const { now, high, total } = dial.dataset;
  if (!began.has(dial)) began.set(dial, performance.now() - Number(now) * 1000);
  const seconds = (performance.now() - began.get(dial)) / 1000;
  const whole = Math.floor(seconds);
  const clock = `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  dial.querySelector(".dial__now").setAttribute("stroke-dasharray", `${Math.min(seconds, total)} ${total}`);
  dial.querySelector("[data-dial-seconds]").textContent = whole < LONG ? whole : clock;
  dial.querySelector("[data-dial-unit]").textContent = whole < LONG ? "s" : "";
  dial.toggleAttribute("data-slow", seconds > Number(high));
}

const turnAll = () => document.querySelectorAll("[data-dial]").forEach(turn);

turnAll();
document.addEventListener("htmx:load", turnAll);
setInterval(turnAll, STEP);
