// Pictures are brought by dropping them on the page or pasting one: the sheet opens with them, and sends them at once.
const door = () => document.querySelector("[data-upload-door]");
const sheet = () => document.querySelector("dialog[open] [data-upload], main [data-upload]");
const holdsFiles = (data) => [...(data?.types ?? [])].includes("Files");
let depth = 0;

function veil(on) {
  depth = on ? depth : 0;
  document.querySelectorAll("[data-veil]").forEach((one) => (one.hidden = !on));
}

// What the server would not take at all is said before it is sent; the rest it answers file by file.
function check(form) {
  const input = form.elements.files;
  const { bytesMax, filesMax } = form.dataset;
  const bytes = [...input.files].reduce((sum, file) => sum + file.size, 0);
  const many = input.files.length > filesMax || bytes > bytesMax * filesMax;
  input.setCustomValidity(many ? `Choose at most ${filesMax} files at a time.` : "");
}

let held = []; // the browser takes dropped files back when its event is over

function send() {
  const form = sheet();
  if (!form || !held.length) return;
  const picked = new DataTransfer();
  held.forEach((file) => picked.items.add(file));
  held = [];
  form.elements.files.files = picked.files;
  check(form);
  form.requestSubmit();
}

// The sheet may come late, behind other requests: what is held goes out once it is there and at work.
function bring(files) {
  held = [...files];
  if (sheet()) send();
  else window.htmx.ajax("GET", door().href, { target: "#dialog", swap: "innerHTML" });
}

document.addEventListener("htmx:afterSettle", send);
document.addEventListener("dragenter", (event) => {
  if (!holdsFiles(event.dataTransfer) || !(door() || sheet())) return;
  depth += 1;
  veil(true);
});
document.addEventListener("dragleave", (event) => {
  if (holdsFiles(event.dataTransfer) && (depth -= 1) <= 0) veil(false);
});
document.addEventListener("dragover", (event) => {
  if (holdsFiles(event.dataTransfer) && (door() || sheet())) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  veil(false);
  if (!event.dataTransfer?.files.length || !(door() || sheet())) return;
  event.preventDefault();
  bring(event.dataTransfer.files);
});
document.addEventListener("paste", (event) => {
  if (!event.clipboardData?.files.length || !(door() || sheet())) return;
  event.preventDefault();
  bring(event.clipboardData.files);
});
// What was brought is on the wall when the sheet closes.
document.addEventListener(
  "close",
  (event) => {
    if (event.target.querySelector("[data-upload] [data-state=stored]")) document.querySelector("form.toolbar")?.requestSubmit();
  },
  true,
);
document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-upload]");
  if (form && event.target.type === "file") check(form);
});
document.addEventListener("htmx:xhr:progress", (event) => {
  const bar = event.target.matches?.("[data-upload]") && event.target.querySelector("[data-progress]");
  if (!bar || !event.detail.lengthComputable) return;
  bar.hidden = false;
  bar.value = (100 * event.detail.loaded) / event.detail.total;
});
