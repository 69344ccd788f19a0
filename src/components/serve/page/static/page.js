// Makes pages that work already more pleasant: answers as one types, keys, what is seen alone.

import { ask, askForPage, forget, keep, key } from "./key.js";

const status = document.getElementById("status");
let running = null;

// Puts what belongs in a marked place of this page there; what a reader is typing in stays.
function swap(found) {
  for (const place of document.querySelectorAll("[data-swap]")) {
    const fresh = found.getElementById(place.id);
    if (fresh) place.replaceWith(document.adoptNode(fresh));
  }
  if (found.title) document.title = found.title;
}

function addressOf(form) {
  const asked = new URLSearchParams();
  for (const [name, text] of new FormData(form)) {
    if (text !== "" && !(name === "sort" && text === "rank")) asked.append(name, text);
  }
  const query = asked.toString();
  return form.getAttribute("action") + (query ? `?${query}` : "");
}

async function answer(form) {
  running?.abort();
  const mine = (running = new AbortController());
  const address = addressOf(form);
  try {
    const found = await askForPage(address, { signal: mine.signal });
    if (mine.signal.aborted) return;
    swap(found);
    history.replaceState(null, "", address);
    const data = document.getElementById("as-json");
    data.href = address + (address.includes("?") ? "&" : "?") + "format=json";
    start(document);
    status.textContent = "";
  } catch (error) {
    if (error.name !== "AbortError") status.textContent = "The server does not answer.";
  }
}

async function showWithKey() {
  const found = await askForPage(location.href);
  const refused = found.getElementById("needs-key");
  const view = document.getElementById("view");
  if (refused) {
    forget();
    status.textContent = "The server does not know this key.";
    return;
  }
  status.textContent = "";
  view.replaceChildren(...[...found.body.childNodes].map((node) => document.adoptNode(node)));
  if (found.title) document.title = found.title;
  document.getElementById("forget-key")?.removeAttribute("hidden");
  start(document);
}

// A link cannot carry the key: what it leads to is fetched, then saved.
async function save(link) {
  const response = await ask(link.href);
  if (!response.ok) {
    status.textContent = `Not possible: ${response.status}`;
    return;
  }
  const named = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "");
  const saving = document.createElement("a");
  saving.href = URL.createObjectURL(await response.blob());
  saving.download = link.download || named?.[1] || "part";
  saving.click();
  setTimeout(() => URL.revokeObjectURL(saving.href), 10_000);
}

const PARTS = [
  ["[data-drawing]", "./drawing.js"],
  ["[data-model]", "./viewer.js"],
  [".bars[data-edges]", "./filters.js"],
  ["#compare", "./filters.js"],
  ["#bom", "./bom.js"],
  ["[data-again]", "./again.js"],
];

// What needs a script of its own gets it when it comes near the window.
const seen = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      for (const [selector, script] of PARTS) {
        if (!target.matches(selector)) continue;
        // A swap may have taken the place away while its script was on its way.
        import(script).then((found) => target.isConnected && found.start(target));
      }
    }
  },
  { rootMargin: "100px" },
);

const known = new WeakSet();

function start(root) {
  for (const [selector] of PARTS) {
    for (const place of root.querySelectorAll(selector)) {
      if (!known.has(place)) {
        known.add(place);
        seen.observe(place);
      }
    }
  }
}

document.addEventListener("input", ({ target }) => {
  const form = target.closest?.("form[data-live]");
  if (form) answer(form);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id === "key-form") {
    event.preventDefault();
    keep(form.elements.key.value.trim());
    showWithKey();
  } else if (form.matches("form[data-live]")) {
    // Where a key is needed, the browser's own request would not carry it.
    event.preventDefault();
    answer(form);
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-download]");
  if (link && key()) {
    event.preventDefault();
    save(link);
  }
});

document.getElementById("forget-key")?.addEventListener("click", () => {
  forget();
  location.reload();
});

if (matchMedia("(max-width: 860px)").matches) {
  document.querySelector("details[data-wide-open]")?.removeAttribute("open");
}
if (document.getElementById("needs-key") && key()) showWithKey();
start(document);
