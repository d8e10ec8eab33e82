// A form is sent once: a second press while it is on its way does nothing. The next order gets a key of its own.
const sending = new WeakSet();

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function mark(form, on) {
  if (on) sending.add(form);
  else sending.delete(form);
  form.querySelectorAll("[type=submit]").forEach((button) => button.setAttribute("aria-busy", String(on)));
}

document.addEventListener(
  "submit",
  (event) => {
    if (!sending.has(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.matches("form")) mark(event.detail.elt, true);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (!form.matches("form")) return;
  mark(form, false);
  const key = form.querySelector("input[data-once]");
  if (key && event.detail.successful) key.value = newKey();
});
