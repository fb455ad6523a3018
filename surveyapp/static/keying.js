// Keys for the boxes of a paper form. Without this file arrows, Tab and Enter do the same.
const fields = [...document.querySelectorAll("[data-keying] [data-field]")];
const inside = "input, textarea, select";
const writes = (element) => element.matches("textarea, input[type=text]");

const go = (field) => {
  const next = fields[fields.indexOf(field) + 1];
  const target = next ? next.querySelector(inside) : document.querySelector("[data-keying] button");
  target.focus();
  target.scrollIntoView({ block: "center" });
};

const here = (element) =>
  element.closest("[data-field]") ||
  fields.find((field) => field.querySelector("[data-key]") && !field.querySelector(":checked"));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || writes(event.target)) return;
  if (event.target.closest("details, a")) return;
  const field = here(event.target);
  const box = field?.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!box) return;
  event.preventDefault();
  box.click();
  if (box.type === "radio") go(field);
  else box.focus();
});

if (!document.querySelector(".nhsuk-error-summary")) fields[0]?.querySelector(inside)?.focus();
