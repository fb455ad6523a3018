// Every page works without this file: it only adds focus on errors and the like.
import { initAll } from "./nhsuk/nhsuk-frontend.min.js";

initAll();
document.getElementById("ask-again")?.focus();
