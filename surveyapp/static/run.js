// A run's page shows how far it is without being asked for again.
const state = document.getElementById("run-state");
const PAUSE = 2000, MOST = 900; // half an hour; then the session may end of itself

async function look(turn) {
  const answer = await fetch(location.href).catch(() => null);
  if (answer?.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("run-state");
    if (!fresh || !("poll" in fresh.dataset)) return location.reload();
    if (fresh.innerHTML !== state.innerHTML) state.innerHTML = fresh.innerHTML;
  }
  if (turn < MOST) setTimeout(look, PAUSE, turn + 1);
}

if (state && "poll" in state.dataset) setTimeout(look, PAUSE, 1);
