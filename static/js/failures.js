// When an answer does not come: what happened, what became of the credits, what to do. Polls speak for themselves.
const SAFE = "Try again: the same order is never charged twice.";
const WORDS = {
  403: "This page is out of date, or this is not yours to do. Nothing was charged. Reload the page and try again.",
  404: "That is no longer there. Nothing was charged.",
  413: "That was too long to send. Nothing was charged.",
  429: "That was asked too often. Nothing was charged; wait a moment and try again.",
};

const tell = (words) => document.dispatchEvent(new CustomEvent("studio:toast", { detail: { words, mood: "danger" } }));
const isPoll = (event) => event.detail.elt.id === "poll";

document.addEventListener("htmx:responseError", (event) => {
  if (isPoll(event)) return;
  const { status } = event.detail.xhr;
  tell(WORDS[status] ?? `The studio could not do that, and it is not you (${status}). ${SAFE}`);
});
document.addEventListener("htmx:sendError", (event) => isPoll(event) || tell(`No connection to the studio. ${SAFE}`));
document.addEventListener("htmx:timeout", (event) => isPoll(event) || tell(`The studio did not answer in time. ${SAFE}`));

// A session that ended answers with the sign-in page: go there instead of hanging it into this one.
document.addEventListener("htmx:beforeSwap", (event) => {
  const login = document.body.dataset.login;
  const answered = event.detail.xhr.responseURL;
  if (!login || !answered || new URL(answered).pathname !== login) return;
  event.detail.shouldSwap = false;
  location.assign(`${login}?next=${encodeURIComponent(location.pathname + location.search)}`);
});
