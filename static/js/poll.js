// One poll for the whole page, only while something is open and the page is seen. The server says when to stop.
const QUICK = 2000;
const CALM = 4000;
const CALM_AFTER = 60000;
const NOW_AND_THEN = 30000;
const SLOWEST = 30000;
const TOLD_AFTER = 3;

let timer;
let failures = 0;
let changedAt = performance.now();

const wait = () => {
  if (document.querySelector("#poll[data-poll-calm]")) return NOW_AND_THEN;
  const usual = performance.now() - changedAt > CALM_AFTER ? CALM : QUICK;
  return failures ? Math.min(usual * 2 ** failures, SLOWEST) : usual;
};
const tell = (detail) => document.dispatchEvent(new CustomEvent("studio:toast", { detail }));

function ask() {
  const live = document.querySelector("#poll[data-poll-live]");
  if (live && !document.hidden) document.body.dispatchEvent(new CustomEvent("studio:poll"));
  plan();
}

function plan() {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(ask, wait());
}

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, xhr, successful } = event.detail;
  if (elt.id !== "poll") {
    if (successful) changedAt = performance.now();
    return;
  }
  if (!successful) {
    failures += 1;
    const words = "No connection. Your pictures keep developing, and this page keeps trying.";
    if (failures === TOLD_AFTER) tell({ name: "connection", mood: "danger", words });
  } else {
    if (failures >= TOLD_AFTER) tell({ name: "connection", words: "Connected again." });
    failures = 0;
    if (xhr.status === 200) changedAt = performance.now();
  }
  plan();
});
document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : ask()));
addEventListener("online", ask);
plan();
