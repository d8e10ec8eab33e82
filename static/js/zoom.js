// A picture looked at closely: fitted, pixel for pixel, and between. The original is fetched when copies no longer suffice.
// What hands do with it (zoom-hands.js) comes as an event: larger by `factor` around a point, then moved by `x` and `y`.
const STEP = 1.5;
const PAN = 80; // pixels an arrow key moves it
const ARROWS = { ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0], ArrowUp: [0, PAN], ArrowDown: [0, -PAN] };
const FIELDS = "input, textarea, select, [contenteditable]";
const CENTER = { x: 0, y: 0 };
let look = { scale: 1, x: 0, y: 0 };

const figure = () => document.querySelector("[data-zoom]");
const held = (value, over) => Math.min(Math.max(value, -Math.max(0, over / 2)), Math.max(0, over / 2));

function measure() {
  const stage = figure().querySelector(".viewer__stage");
  const img = stage.querySelector("img");
  const [width, height] = [Number(img.getAttribute("width")), Number(img.getAttribute("height"))];
  const fit = Math.min(img.offsetWidth / width, img.offsetHeight / height);
  const pixels = 1 / (fit * devicePixelRatio); // where one pixel of the file is one of the screen
  return { stage, img, width: width * fit, height: height * fit, pixels, full: pixels < 1.2 ? 2 : pixels };
}

function sharpen({ stage, img, width }) {
  const needed = Math.ceil(look.scale * width);
  const copies = [...img.srcset.matchAll(/ (\d+)w/g)].map((found) => Number(found[1]));
  if (!copies.length || "original" in img.dataset) return;
  img.sizes = `${needed}px`;
  if (needed * devicePixelRatio <= Math.max(...copies)) return;
  img.dataset.original = "";
  const original = Object.assign(new Image(), { src: stage.href });
  const hang = () => (img.removeAttribute("srcset"), (img.src = stage.href));
  original.decode().then(hang, () => {}); // too large for this device: the copy stays
}

function show({ factor, at = CENTER, x = 0, y = 0, still = false }) {
  const sizes = measure();
  const { stage, width, height, full, pixels } = sizes;
  const wanted = Math.min(look.scale * factor, Math.max(4, full * 2));
  const scale = wanted < 1.03 ? 1 : wanted;
  const grown = scale / look.scale;
  look = {
    scale,
    x: held(at.x - (at.x - look.x) * grown + x, width * scale - stage.clientWidth),
    y: held(at.y - (at.y - look.y) * grown + y, height * scale - stage.clientHeight),
  };
  const { style } = figure();
  style.setProperty("--zoom", scale);
  style.setProperty("--zoom-x", `${look.x}px`);
  style.setProperty("--zoom-y", `${look.y}px`);
  figure().toggleAttribute("data-zoomed", scale > 1);
  figure().toggleAttribute("data-moving", still);
  const level = figure().querySelector("[data-zoom-level]");
  const words = scale > 1 ? `${Math.round((100 * scale) / pixels)}\u00a0%` : "Fit";
  if (level.textContent !== words && !still) document.getElementById("viewer-news").textContent = `Zoom: ${words}`;
  level.textContent = words;
  if (scale > 1) sharpen(sizes);
}

function toward(how, at) {
  const factor = { in: STEP, out: 1 / STEP, full: look.scale > 1 ? 1 / look.scale : measure().full }[how];
  show({ factor, at });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-zoom-to]");
  if (button) toward(button.dataset.zoomTo);
});
document.addEventListener("studio:zoom", ({ detail }) => (detail.to ? toward(detail.to, detail.at) : show(detail)));
document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (look.scale === 1 || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (target.closest(FIELDS) || (document.body.dataset.keys === "off" && !target.closest("[data-zoom]"))) return;
  const [x, y] = ARROWS[key] ?? [];
  if (key === "Escape") toward("full");
  else if (ARROWS[key]) show({ factor: 1, x, y });
  else return;
  event.preventDefault();
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "viewer") look = { scale: 1, x: 0, y: 0 };
});
addEventListener("resize", () => look.scale > 1 && show({ factor: 1 }));
