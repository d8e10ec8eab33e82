// News leaves after six seconds, ten when it offers a way back, and never while looked at; trouble stays until dismissed.
const STAY = 6000;
const STAY_WITH_ACT = 10000;
const place = document.getElementById("toasts");
const icons = document.querySelector("use")?.getAttribute("href").split("#")[0];

function iconOf(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${icons}#i-${name}`);
  svg.append(use);
  return svg;
}

function button(kind, content, label) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: `button button--small ${kind}` });
  made.append(content);
  if (label) made.setAttribute("aria-label", label);
  return made;
}

function build({ words, mood = "good", name, act, run }) {
  const toast = Object.assign(document.createElement("div"), { className: "toast" });
  const bad = mood === "danger";
  Object.assign(toast.dataset, { toast: name ?? "", mood });
  toast.setAttribute("role", bad ? "alert" : "status");
  const text = Object.assign(document.createElement("p"), { textContent: words });
  const acts = Object.assign(document.createElement("div"), { className: "toast__acts" });
  if (act) {
    const way = button("toast__act", act);
    way.addEventListener("click", () => (toast.remove(), run()));
    acts.append(way);
  }
  const away = button("button--icon", iconOf("x"), "Dismiss");
  away.dataset.dismiss = "";
  acts.append(away);
  toast.append(iconOf(bad ? "warning" : "check"), text, acts);
  return toast;
}

function leaveLater(toast) {
  if (toast.getAttribute("role") !== "status") return;
  const stay = toast.querySelector(".toast__act") ? STAY_WITH_ACT : STAY;
  const check = () => (toast.matches(":hover, :focus-within") ? setTimeout(check, 1000) : toast.remove());
  setTimeout(check, stay);
}

if (place) {
  place.querySelectorAll("[data-toast]").forEach(leaveLater);
  new MutationObserver((changes) => {
    changes.forEach((change) => change.addedNodes.forEach((node) => node.nodeType === 1 && leaveLater(node)));
  }).observe(place, { childList: true });
  document.addEventListener("studio:toast", (event) => {
    const { name } = event.detail;
    if (name) place.querySelector(`[data-toast="${CSS.escape(name)}"]`)?.remove();
    place.append(build(event.detail));
  });
  place.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast").remove());
}
