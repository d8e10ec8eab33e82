// The composer counts and prices while a person types. The server does both again and has the last word.
const COUNT_MAX = 8;
const composer = () => document.querySelector("[data-composer]");
const number = (value) => value.toLocaleString("en");
const credits = (value) => (value === 0 ? "free" : `${number(value)}\u00a0${value === 1 ? "credit" : "credits"}`);

function refresh() {
  const form = composer();
  if (!form) return;
  const say = (name, text) => form.querySelectorAll(`[data-${name}]`).forEach((node) => (node.textContent = text));
  const show = (name, on) => form.querySelectorAll(`[data-${name}]`).forEach((node) => (node.hidden = !on));

  // Code points, as the server counts them.
  const length = [...form.elements.prompt.value.trim()].length;
  const over = length - Number(form.dataset.promptMax);
  say("length", number(length));
  say("over-count", number(Math.max(0, over)));
  show("over-words", over > 0);
  form.querySelector(".composer__count").toggleAttribute("data-over", over > 0);

  const count = Math.min(COUNT_MAX, Math.max(1, Math.trunc(Number(form.elements.count.value)) || 1));
  form.querySelectorAll("[data-step]").forEach((button) => {
    button.disabled = Number(button.dataset.step) < 0 ? count === 1 : count === COUNT_MAX;
  });

  const model = form.querySelector("input[name=model]:checked");
  const unit = Number(model?.dataset.price ?? 0);
  const balance = Number(document.querySelector("[data-available]")?.dataset.available ?? 0);
  const fitting = unit ? Math.min(COUNT_MAX, Math.floor(balance / unit)) : COUNT_MAX;
  const missing = count * unit - balance;
  say("cost", credits(count * unit));
  say("left", number(balance - count * unit));
  say("missing", number(missing));
  say("balance", number(balance));
  say("fitting", fitting);
  say("model-label", model?.dataset.label ?? "No model");
  say("model-vendor", model?.dataset.vendor ?? "");
  show("enough", missing <= 0);
  show("short", missing > 0);
  show("fewer", fitting > 0);
  const prices = [...form.querySelectorAll("input[name=model]:enabled")].map((one) => Number(one.dataset.price));
  show("cheaper", prices.some((price) => price < unit));
  form.querySelector("[type=submit]").disabled = missing > 0;
}

document.addEventListener("input", (event) => {
  if (event.target.closest("[data-composer]")) refresh();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (!button) return;
  const field = button.closest("form").elements.count;
  field.value = Math.min(COUNT_MAX, Math.max(1, (Number(field.value) || 1) + Number(button.dataset.step)));
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const button = event.target.closest("[data-composer]")?.querySelector("[type=submit]");
  if (button) event.preventDefault();
  button?.click();
});
document.addEventListener("htmx:load", refresh);
refresh();
