// The chosen way to enlarge sets the price on the button and what is left after it.
const number = (value) => value.toLocaleString("en");
const credits = (value) => (value === 0 ? "free" : `${number(value)}\u00a0${value === 1 ? "credit" : "credits"}`);

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-upscale]");
  if (!form || event.target.name !== "choice") return;
  const price = Number(event.target.dataset.price);
  const left = Number(form.dataset.balance) - price;
  const say = (name, text) => form.querySelectorAll(`[data-${name}]`).forEach((node) => (node.textContent = text));
  const show = (name, on) => form.querySelectorAll(`[data-${name}]`).forEach((node) => (node.hidden = !on));
  say("cost", credits(price));
  say("left", number(left));
  say("missing", number(-left));
  show("enough", left >= 0);
  show("short", left < 0);
  form.querySelector("[type=submit]").disabled = left < 0;
});
