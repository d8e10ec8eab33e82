// An answer brings everything that changed in the team. This page takes the pieces it has a place for, each run once.
const PLACE = /^[a-zA-Z]+:(.+)$/;

function placeOf(piece) {
  const named = PLACE.exec(piece.getAttribute("hx-swap-oob"));
  return document.querySelector(named ? named[1] : `#${CSS.escape(piece.id)}`);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { serverResponse, xhr } = event.detail;
  if (xhr.status !== 200 || !serverResponse?.includes("hx-swap-oob")) return;
  const answer = document.createElement("template");
  answer.innerHTML = serverResponse;
  answer.content.querySelectorAll("[hx-swap-oob]").forEach((piece) => {
    if (!placeOf(piece)) return piece.remove();
    piece.querySelectorAll(".run[id]").forEach((run) => document.getElementById(run.id)?.remove());
    return null;
  });
  event.detail.serverResponse = answer.innerHTML;
});
