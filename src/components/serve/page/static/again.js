// What the server is still counting is asked for again until it is there.

import { askForPage } from "./key.js";

const WAIT_MS = 700;

export function start() {
  setTimeout(async () => {
    const found = await askForPage(location.href);
    const place = document.getElementById("changes");
    const fresh = found.getElementById("changes");
    if (!place || !fresh) return;
    place.replaceWith(document.adoptNode(fresh));
    if (fresh.querySelector("[data-again]")) start();
  }, WAIT_MS);
}
