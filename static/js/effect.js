// What an amount of credits does to the balances named beside it, while it is typed. The server has the last word.
document.addEventListener("input", (event) => {
  if (event.target.name !== "amount") return;
  const amount = Math.max(0, Math.trunc(Number(event.target.value)) || 0);
  event.target.closest("main, dialog")?.querySelectorAll("[data-effect]").forEach((node) => {
    const left = Number(node.dataset.from) + Number(node.dataset.effect) * amount;
    node.textContent = left.toLocaleString("en").replace("-", "\u2212");
  });
});
