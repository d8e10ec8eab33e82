// A theme shows itself when it is picked; the form keeps it.
document.addEventListener("change", (event) => {
  if (event.target.matches("input[name=theme]")) document.documentElement.dataset.theme = event.target.value;
});
