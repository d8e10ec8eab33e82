// The composer counts and prices while a person types. The server does both again and has the last word.
const COUNT_MAX = 8;
const composer = () => document.querySelector("[data-composer]");
const number = (value) => value.toLocaleString("en");
const credits = (value) => (value === 0 ? "free" : `${number(value)}\u00a0${value === 1 ? "credit" : "credits"}`);
let brakeLeft = Infinity;

function countWords(form, say, show, model) {
  // Code points, as the server counts them.
  const length = [...form.elements.prompt.value.trim()].length;
  const most = Number(model?.dataset.promptMax ?? form.dataset.promptMax);
  const over = length - most;
  say("most", number(most));
  say("length", number(length));
  say("over-count", number(Math.max(0, over)));
  show("over-words", over > 0);
  form.querySelector(".composer__count").toggleAttribute("data-over", over > 0);
}

function cheaperThan(unit, count, spendable, form) {
  const below = [...form.querySelectorAll("input[name=model]:enabled")].filter((one) => Number(one.dataset.price) < unit);
  below.sort((one, other) => other.dataset.price - one.dataset.price);
  const fits = (pictures) => below.find((one) => one.dataset.price * pictures <= spendable);
  return fits(count) ?? (fits(1) && below.at(-1));
}

function refresh() {
  const form = composer();
  if (!form) return;
  const say = (name, text) =>
    form.querySelectorAll(`[data-${name}]`).forEach((node) => node.textContent !== `${text}` && (node.textContent = text));
  const show = (name, on) => form.querySelectorAll(`[data-${name}]`).forEach((node) => (node.hidden = !on));
  const model = form.querySelector("input[name=model]:checked:enabled");
  countWords(form, say, show, model);
  const count = Math.min(COUNT_MAX, Math.max(1, Math.trunc(Number(form.elements.count.value)) || 1));
  form.querySelectorAll("[data-step]").forEach((button) => {
    button.disabled = Number(button.dataset.step) < 0 ? count === 1 : count === COUNT_MAX;
  });

  const unit = Number(model?.dataset.price ?? 0);
  const total = count * unit;
  const balance = Number(document.querySelector("[data-available]")?.dataset.available ?? 0);
  brakeLeft = Number(form.elements.request_key.dataset.brakeLeft ?? brakeLeft);
  const spendable = Math.min(balance, brakeLeft);
  const missing = total - balance;
  const fitting = unit ? Math.min(COUNT_MAX, Math.floor(spendable / unit)) : COUNT_MAX;
  const cheaper = cheaperThan(unit, count, spendable, form);
  say("cost", model ? credits(total) : "");
  say("count", count);
  say("unit", credits(unit));
  say("left", number(balance - total));
  say("missing", number(missing));
  say("balance", number(balance));
  say("brake-left", number(brakeLeft));
  say("fitting", fitting);
  say("cheaper-label", cheaper?.dataset.label ?? "");
  say("cheaper-price", credits(Number(cheaper?.dataset.price ?? 0)));
  say("model-label", model?.dataset.label ?? "No model");
  say("model-vendor", model?.dataset.vendor ?? "");
  show("none", !model);
  show("enough", model && total <= spendable);
  show("short", model && total > spendable);
  show("poor", missing > 0);
  show("braked", missing <= 0);
  show("fewer", fitting > 0);
  show("cheaper", Boolean(cheaper));
  form.querySelector("[data-cheaper]").value = cheaper?.value ?? "";
  form.querySelectorAll("[data-ask]").forEach((link) => (link.search = `?amount=${Math.max(1, missing)}`));
  form.querySelector("[type=submit]").disabled = !model || total > spendable;
}

function choose(field, value) {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("input", (event) => {
  if (event.target.closest("[data-composer]")) refresh();
});
document.addEventListener("click", (event) => {
  const form = event.target.closest("[data-composer]");
  const button = event.target.closest("[data-step], button[data-fewer], button[data-cheaper]");
  if (!form || !button) return;
  const count = form.elements.count;
  if (button.dataset.step) choose(count, Math.min(COUNT_MAX, Math.max(1, (Number(count.value) || 1) + Number(button.dataset.step))));
  if ("fewer" in button.dataset) choose(count, button.querySelector("[data-fitting]").textContent);
  const model = [...form.querySelectorAll("input[name=model]")].find((one) => one.value === button.value);
  if (!model || !("cheaper" in button.dataset)) return;
  model.checked = true;
  choose(model, model.value);
  form.querySelector("[type=submit]").focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const button = event.target.closest("[data-composer]")?.querySelector("[type=submit]");
  if (button) event.preventDefault();
  button?.click();
});
document.addEventListener("htmx:load", refresh);
refresh();
