// "Reuse prompt" and "Edit prompt" put the words, shape and model back where they were written.
const FIELDS = ["shape", "model"];

function fill(form, facts) {
  form.elements.prompt.value = facts.prompt;
  FIELDS.forEach((name) => {
    const radio = [...form.querySelectorAll(`input[name=${name}]:enabled`)].find((one) => one.value === facts[name]);
    if (!radio) return;
    radio.checked = true;
    radio.dispatchEvent(new Event("input", { bubbles: true }));
  });
  form.elements.prompt.dispatchEvent(new Event("input", { bubbles: true }));
}

function valuesOf(form) {
  const typed = new FormData(form);
  return { prompt: typed.get("prompt"), shape: typed.get("shape"), model: typed.get("model") };
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-reuse]");
  const form = document.querySelector("[data-composer]");
  if (!link || !form || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const source = link.dataset.prompt ? link : link.closest(".run")?.querySelector("[data-prompt]");
  if (!source) return;
  event.preventDefault();
  const before = valuesOf(form);
  fill(form, source.dataset);
  form.elements.prompt.focus();
  form.scrollIntoView({ block: "nearest" });
  if (!before.prompt.trim() || before.prompt === source.dataset.prompt) return;
  const detail = { words: "Prompt replaced", act: "Undo", run: () => fill(form, before) };
  document.dispatchEvent(new CustomEvent("studio:toast", { detail }));
});
