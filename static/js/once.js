// The same form is sent once: a second press while it is on its way, or right after it, does nothing.
// Another order waits its turn instead.
// Steps that are taken one after the other, data-repeats, are each sent.
// A form with a key of its own gets a new one when its order was taken.
const PAUSE = 800; // two presses of one double click
const LONGEST = 35000; // an answer never takes longer; then the form is free again
const sent = new WeakMap();

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function content(form) {
  const fields = new FormData(form);
  ["request_key", "cursor", "csrfmiddlewaretoken"].forEach((name) => fields.delete(name));
  return new URLSearchParams(fields).toString();
}

function mark(form, waiting) {
  if (waiting) sent.set(form, { at: performance.now(), content: content(form), waiting });
  else if (sent.has(form)) sent.get(form).waiting = false;
  form.querySelectorAll("[type=submit]").forEach((button) => button.setAttribute("aria-busy", String(waiting)));
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (form.matches("[data-repeats]")) return;
    const last = sent.get(form);
    const since = performance.now() - (last?.at ?? -LONGEST);
    if (last && since < (last.waiting ? LONGEST : PAUSE) && last.content === content(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else if (form.matches("[hx-post]")) {
      mark(form, true);
    } else if (form.method === "post") {
      sent.set(form, { at: performance.now(), content: content(form), waiting: false }); // the page is about to go
    }
  },
  true,
);
document.addEventListener("htmx:validation:halted", (event) => mark(event.detail.elt, false));
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (!form.matches("form")) return;
  mark(form, false);
  const key = form.querySelector("input[data-once]");
  if (key && event.detail.successful) key.value = newKey();
});
