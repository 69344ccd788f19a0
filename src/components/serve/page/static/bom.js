// A bill of materials dropped on the page: matched at once, parts chosen among alternates, summed up.

import { ask, askForPage, key } from "./key.js";

const status = document.getElementById("status");

export function start(form) {
  const { file, text, boards } = form.elements;
  let held = null; // the file last dropped or chosen
  const chosen = new Map(); // by designators, what a reader chose

  async function match() {
    const data = held ?? new Blob([text.value]);
    if (!data.size) return;
    status.textContent = "Matching…";
    const address = `/bom?boards=${encodeURIComponent(boards.value || "1")}`;
    const found = await askForPage(address, { method: "POST", body: data, headers: { "Content-Type": "text/csv" } });
    const place = document.getElementById("priced");
    const fresh = found.getElementById("priced");
    status.textContent = "";
    if (!fresh) {
      status.textContent = found.querySelector("p")?.textContent ?? "The server does not answer.";
      return;
    }
    place.replaceWith(document.adoptNode(fresh));
    again();
    sum();
    fresh.scrollIntoView({ block: "start" });
  }

  function take(given) {
    held = given;
    chosen.clear();
    form.querySelector(".drop strong").textContent = given.name;
    match();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    match();
  });
  file.addEventListener("change", () => file.files[0] && take(file.files[0]));
  text.addEventListener("input", () => (held = null));
  boards.addEventListener("change", match);
  for (const kind of ["dragover", "drop", "dragleave"]) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      form.classList.toggle("over", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
    });
  }

  const lineOf = (select) => select.closest("tr").querySelector("[name=designators]").value;
  const selects = () => document.querySelectorAll("#priced select[name=lcsc]");

  function again() {
    for (const select of selects()) {
      const value = chosen.get(lineOf(select));
      if (value !== undefined && [...select.options].some((option) => option.value === value)) select.value = value;
    }
  }

  document.addEventListener("change", ({ target }) => {
    if (!target.matches("#priced select[name=lcsc]")) return;
    chosen.set(lineOf(target), target.value);
    sum();
  });

  document.addEventListener("submit", async (event) => {
    if (event.target.id !== "assembly" || !key()) return;
    event.preventDefault();
    const response = await ask("/bom/assembly.csv", { method: "POST", body: new URLSearchParams(new FormData(event.target)) });
    const saving = document.createElement("a");
    saving.href = URL.createObjectURL(await response.blob());
    saving.download = "bom.csv";
    saving.click();
  });

  if (file.files[0]) take(file.files[0]);
  again();
  sum();
}

// As the server writes prices.
function money(value) {
  if (value >= 1) return value.toFixed(2).replace(/\B(?=(\d{3})+\.)/g, "\u202f");
  const shown = String(Number(value.toPrecision(3)));
  return shown.includes("e") ? value.toFixed(8).replace(/0+$/, "") : shown.split(".")[1]?.length >= 2 ? shown : value.toFixed(2);
}

const grouped = (text) => text.replace(/\B(?=(\d{3})+$)/g, "\u202f");

function sum() {
  const total = document.getElementById("total");
  if (!total) return;
  let price = 0;
  let matched = 0;
  for (const row of document.querySelectorAll("#priced tr[data-quantity]")) {
    const select = row.querySelector("select");
    if (!select) continue;
    const { value, dataset } = select.selectedOptions[0];
    const quantity = Number(row.dataset.quantity);
    const line = dataset.price === "" ? null : Number(dataset.price) * quantity;
    const cell = (name) => row.querySelector(`[data-is=${name}]`);
    cell("each").textContent = value === "" ? "" : line === null ? "—" : money(Number(dataset.price));
    cell("line").textContent = value === "" ? "" : line === null ? "—" : money(line);
    cell("stock").textContent = grouped(dataset.stock);
    cell("stock").classList.toggle("out", value !== "" && Number(dataset.stock) < quantity);
    row.classList.toggle("unmatched", value === "");
    const link = row.querySelector("a.open");
    if (link && value) {
      link.href = `/parts/${value}`;
      link.textContent = value;
    }
    price += line ?? 0;
    matched += value === "" ? 0 : 1;
  }
  total.textContent = money(price);
  document.getElementById("matched").textContent = matched;
}
