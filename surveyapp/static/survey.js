// Every page works without this file: it only adds focus on errors and the like.
import { initAll } from "./nhsuk/nhsuk-frontend.min.js";

initAll();
document.getElementById("ask-again")?.focus();

const button = document.querySelector("[data-listen]");
if (button && "speechSynthesis" in window) {
  const offer = button.textContent;
  const main = document.getElementById("maincontent");
  const parts = "h1, h2, p, li, label, legend, dt, dd, .nhsuk-hint, summary";
  const told = (element) =>
    element.checkVisibility() && !element.parentElement.closest(parts);
  const rest = () => { button.textContent = offer; };
  const speak = (element) => {
    const words = new SpeechSynthesisUtterance(element.innerText);
    words.lang = (element.querySelector(":scope > [lang]") ?? element.closest("[lang]")).lang;
    return words;
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    const speaking = button.textContent !== offer;
    speechSynthesis.cancel();
    if (speaking) return rest();
    button.textContent = button.dataset.stopText;
    const words = [...main.querySelectorAll(parts)].filter(told).map(speak);
    words.forEach((text) => speechSynthesis.speak(text));
    words.at(-1).onend = rest;
  });
  window.addEventListener("pagehide", () => speechSynthesis.cancel());
}

// The personal code: only a page of a safe address may write to the clipboard.
for (const copy of document.querySelectorAll("[data-copy]")) {
  copy.hidden = !navigator.clipboard;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(copy.dataset.copy);
    copy.textContent = copy.dataset.done;
  });
}
for (const print of document.querySelectorAll("[data-print]")) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

// A page shown again with what was chosen on it: the way back should not ask to send it.
document.querySelector("[data-carried]")?.form.addEventListener("submit", (event) => {
  if (!event.submitter?.hasAttribute("formaction")) history.replaceState(null, "", location.href);
});
