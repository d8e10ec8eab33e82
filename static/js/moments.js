// Moments are written in UTC; here they become the reader's own clock: 14:41 today, Yesterday, then the date.
const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

function daysAgo(then) {
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(new Date()) - midnight(then)) / 86400000);
}

function words(then, kind) {
  const clock = time.format(then);
  if (kind === "time") return clock;
  const ago = daysAgo(then);
  if (ago === 0) return `Today, ${clock}`;
  if (ago === 1) return `Yesterday, ${clock}`;
  return `${day.format(then)}, ${clock}`;
}

function write(root) {
  root.querySelectorAll("time[data-moment]").forEach((node) => {
    const then = new Date(node.dateTime);
    if (Number.isNaN(then.getTime())) return;
    node.title = node.textContent;
    node.textContent = words(then, node.dataset.moment);
    node.removeAttribute("data-moment");
  });
}

write(document);
document.addEventListener("htmx:load", (event) => write(event.detail.elt));
