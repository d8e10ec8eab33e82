// A link to a sheet opens it over the page; without this the link leads to the sheet as a page.
const sheet = document.getElementById("dialog");

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (link && sheet && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    window.htmx.ajax("GET", link.href, { target: sheet, swap: "innerHTML" });
  }
  const closer = event.target.closest("[data-close-dialog], dialog [data-cancel]");
  if (closer) event.preventDefault();
  closer?.closest("dialog")?.close();
  if (event.target.matches("dialog[open]")) event.target.close(); // the backdrop belongs to the dialog
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== sheet) return;
  if (!sheet.open) sheet.showModal();
  const first = ["[role=alert]", "[aria-invalid=true]", "[autofocus]"].map((what) => sheet.querySelector(what));
  first.find(Boolean)?.focus();
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, xhr } = event.detail;
  if (xhr.status === 200 && elt.matches("form") && sheet?.contains(elt)) sheet.close();
});
