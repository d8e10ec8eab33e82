// After a refused form the cursor stands in the first field to mend; mending it takes the mark away.
const apple = /Mac|iPhone|iPad/.test(navigator.platform);

function dress(root) {
  root.querySelectorAll("[data-submit-key]").forEach((key) => (key.textContent = apple ? "⌘ ↵" : "Ctrl ↵"));
}

document.addEventListener("htmx:load", (event) => {
  const form = event.detail.elt.closest?.("[data-composer]");
  if (!form) return;
  dress(form);
  form.querySelector("[aria-invalid=true]")?.focus();
});
document.addEventListener("input", (event) => {
  if (event.target.id !== "prompt" || !event.target.hasAttribute("aria-invalid")) return;
  event.target.removeAttribute("aria-invalid");
  document.getElementById("prompt-error").replaceChildren();
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest?.("[data-composer]");
  if (!form || event.detail.xhr.status !== 200) return;
  form.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
});
dress(document);
document.querySelector("[data-composer] [aria-invalid=true]")?.focus();
