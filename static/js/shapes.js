// Another model may draw other shapes: the nearest one is kept, and the composer says so.
const shapeOf = (name) => Number(name.split(":")[0]) / Number(name.split(":")[1]);

function keepShape(form, model) {
  const offered = model.dataset.shapes.split(" ").filter(Boolean);
  const radios = [...form.querySelectorAll("input[name=shape]")];
  radios.forEach((radio) => (radio.closest("label").hidden = offered.length > 0 && !offered.includes(radio.value)));
  const chosen = radios.find((radio) => radio.checked);
  const words = form.querySelector("[data-shape-moved]");
  words.hidden = !chosen?.closest("label").hidden;
  if (words.hidden) return;
  const far = (name) => Math.abs(shapeOf(name) - shapeOf(chosen.value));
  const nearest = offered.reduce((best, name) => (far(name) < far(best) ? name : best));
  radios.find((radio) => radio.value === nearest).checked = true;
  words.textContent = `Shape changed to ${nearest}: ${model.dataset.label} does not draw ${chosen.value}.`;
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-composer]");
  if (form && event.target.name === "model") keepShape(form, event.target);
});
