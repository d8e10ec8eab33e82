// What is typed is kept on this device, for this person in this team, until they sign out.
const FIELDS = ["prompt", "shape", "model", "count"];

function keep(form) {
  const typed = new FormData(form);
  const draft = Object.fromEntries(FIELDS.map((name) => [name, typed.get(name)]));
  try {
    localStorage.setItem(form.dataset.draft, JSON.stringify(draft));
  } catch {
    // A full or forbidden store loses the draft, never the page.
  }
}

function restore(form) {
  let draft = null;
  try {
    draft = JSON.parse(localStorage.getItem(form.dataset.draft));
  } catch {
    return;
  }
  if (!draft) return;
  form.elements.prompt.value = draft.prompt ?? "";
  form.elements.count.value = draft.count || 1;
  ["model", "shape"].forEach((name) => {
    const radio = [...form.querySelectorAll(`input[name=${name}]:enabled`)].find((one) => one.value === draft[name]);
    if (!radio) return;
    radio.checked = true;
    radio.dispatchEvent(new Event("input", { bubbles: true }));
  });
  form.elements.prompt.dispatchEvent(new Event("input", { bubbles: true }));
}

function forgetAll() {
  Object.keys(localStorage)
    .filter((key) => key.startsWith("draft:"))
    .forEach((key) => localStorage.removeItem(key));
}

const fresh = document.querySelector("[data-composer][data-fresh]");
if (fresh) restore(fresh);
document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-composer]");
  if (form) keep(form);
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-sign-out]")) forgetAll();
});
