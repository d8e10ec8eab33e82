// A menu is <details>. It closes when a choice is made, when the pointer or the keyboard leaves it, and by Escape.
const open = () => [...document.querySelectorAll("details.menu[open]")];

document.addEventListener("click", (event) => {
  open().forEach((menu) => menu.contains(event.target) || (menu.open = false));
  // A choice made with the pointer; arrow keys also click a radio, but at no point on the screen.
  if (event.detail > 0 && event.target.matches("details.menu input[type=radio]")) leave(event.target.closest("details"));
});
document.addEventListener("focusin", (event) => {
  open().forEach((menu) => menu.contains(event.target) || (menu.open = false));
});
document.addEventListener("keydown", (event) => {
  const inside = event.target.closest("details.menu[open]");
  if (event.key === "Escape" && open().length) {
    event.preventDefault(); // it closes this, and nothing else
    open().forEach(leave);
  }
  if (event.key === "Enter" && inside && event.target.matches("input[type=radio]")) {
    event.preventDefault();
    leave(inside);
  }
});

function leave(menu) {
  menu.open = false;
  menu.querySelector("summary").focus();
}
