// The chosen way to enlarge, and what is chosen beside it, set the price on the button and what is left after it.
const number = (value) => value.toLocaleString("en");
const words = (value) => (value === 0 ? "free" : `${number(value)}\u00a0${value === 1 ? "credit" : "credits"}`);
const credits = (value) => (Number.isNaN(value) ? "no price" : words(value));

// NaN where nobody has set a price: no comparison with it holds.
function priceOf(way) {
  const own = [...(way?.querySelectorAll("[data-option-price]:checked") ?? [])].map((one) => Number(one.dataset.optionPrice));
  return own.length ? Math.max(...own) : Number(way?.querySelector("[name=choice]").dataset.price);
}

function cheaperWithin(form, most) {
  const ways = [...form.querySelectorAll("[data-way]")].filter((way) => way.querySelector("[name=choice]:enabled"));
  const fits = ways.filter((way) => priceOf(way) <= most).sort((one, other) => priceOf(other) - priceOf(one));
  return fits[0];
}

function refresh(form) {
  const way = form.querySelector("[name=choice]:checked:enabled")?.closest("[data-way]");
  const price = priceOf(way);
  const left = Number(form.dataset.balance) - price;
  const most = Math.min(Number(form.dataset.balance), Number(form.dataset.brakeLeft ?? Infinity));
  const say = (name, text) => form.querySelectorAll(`[data-${name}]`).forEach((node) => (node.textContent = text));
  const show = (name, on) => form.querySelectorAll(`[data-${name}]`).forEach((node) => (node.hidden = !on));
  way?.querySelectorAll(".choice__figure b").forEach((node) => (node.textContent = credits(price)));
  say("cost", way ? credits(price) : "");
  say("left", number(left));
  say("missing", number(-left));
  show("none", !way);
  show("unpriced", way && Number.isNaN(price));
  show("enough", price <= most);
  show("short", price > most);
  show("poor", left < 0);
  show("braked", left >= 0 && price > most);
  const cheaper = cheaperWithin(form, most);
  show("cheaper", Boolean(cheaper));
  form.querySelectorAll("[data-cheaper]").forEach((button) => {
    button.value = cheaper?.querySelector("[name=choice]").value ?? "";
    button.textContent = `Use ${cheaper?.querySelector(".choice__title").textContent ?? ""}, ${credits(priceOf(cheaper))}`;
  });
  form.querySelectorAll("[data-ask]").forEach((link) => (link.search = `?amount=${Math.max(1, -left)}`));
  // Only the chosen way may ask for an agreement: a box out of sight could not be answered.
  form.querySelectorAll("[data-agree]").forEach((box) => (box.required = Boolean(way?.contains(box))));
  form.querySelector("[type=submit]").disabled = !(price <= most) || !("mayCreate" in form.dataset);
}

const refreshAll = () => document.querySelectorAll("[data-upscale]").forEach(refresh);

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-upscale]");
  if (!form) return;
  refresh(form);
  event.target.closest("[data-way]")?.scrollIntoView({ block: "nearest" });
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-upscale] [data-cheaper]");
  const radio = [...(button?.form.elements.choice ?? [])].find((one) => one.value === button.value);
  if (!radio) return;
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  radio.focus();
});
document.addEventListener("htmx:load", refreshAll);
refreshAll();
