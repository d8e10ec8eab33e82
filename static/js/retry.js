// A card says what its balance lacks for a retry, as the balance in the rail moves. The server has the last word.
const number = (value) => value.toLocaleString("en");

function refresh() {
  const rail = document.querySelector("[data-available]");
  if (!rail) return;
  const balance = Number(rail.dataset.available);
  document.querySelectorAll("form[data-retry]").forEach((form) => {
    const missing = Math.max(0, Number(form.dataset.retry) - balance);
    const words = form.closest(".card").querySelector("[data-short]");
    form.querySelector("[type=submit]").disabled = missing > 0;
    words.hidden = missing === 0;
    words.querySelector("[data-missing]").textContent = number(missing);
    words.querySelector("[data-balance]").textContent = number(balance);
    words.querySelector("[data-ask]").search = `?amount=${Math.max(1, missing)}`;
  });
}

document.addEventListener("htmx:load", refresh);
refresh();
