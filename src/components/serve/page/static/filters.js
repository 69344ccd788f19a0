// A range drawn over its distribution, and ticks that are kept from page to page.

const PICKS_MAX = 4;

export function start(place) {
  if (place.matches(".bars")) drawn(place);
  else picks(place);
}

function drawn(bars) {
  const edges = bars.dataset.edges.split(" ");
  const count = edges.length - 1;
  const [least, most] = bars.closest("fieldset").querySelectorAll(".ends input");
  let from = null;

  const at = ({ clientX }) => {
    const { left, width } = bars.getBoundingClientRect();
    return Math.min(count - 1, Math.max(0, Math.floor(((clientX - left) / width) * count)));
  };
  const show = (one, other) => {
    let chosen = bars.querySelector("rect");
    if (!chosen) {
      chosen = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      chosen.setAttribute("height", "24");
      bars.append(chosen);
    }
    chosen.setAttribute("x", Math.min(one, other));
    chosen.setAttribute("width", Math.abs(one - other) + 1);
  };

  bars.addEventListener("pointerdown", (event) => {
    from = at(event);
    bars.setPointerCapture(event.pointerId);
    show(from, from);
  });
  bars.addEventListener("pointermove", (event) => {
    if (from !== null) show(from, at(event));
  });
  bars.addEventListener("pointercancel", () => (from = null));
  bars.addEventListener("pointerup", (event) => {
    if (from === null) return;
    const to = at(event);
    // What reaches an end of the drawing asks for nothing there: parts of an unknown band stay.
    least.value = Math.min(from, to) === 0 ? "" : edges[Math.min(from, to)];
    most.value = Math.max(from, to) === count - 1 ? "" : edges[Math.max(from, to) + 1];
    from = null;
    most.dispatchEvent(new Event("input", { bubbles: true }));
  });
  bars.classList.add("ready");
}

function picks(form) {
  const name = `compare:${location.pathname}`;
  const picked = new Set(JSON.parse(sessionStorage.getItem(name) ?? "[]"));
  const button = form.querySelector(".foot button");
  const boxes = () => form.querySelectorAll("input[name=ids][type=checkbox]");

  // What a reader ticked before this script came counts, too.
  for (const box of boxes()) if (box.checked && picked.size < PICKS_MAX) picked.add(box.value);

  const show = () => {
    for (const box of boxes()) {
      box.checked = picked.has(box.value);
      box.disabled = !box.checked && picked.size >= PICKS_MAX;
    }
    for (const hidden of form.querySelectorAll("input[type=hidden]")) hidden.remove();
    const here = new Set([...boxes()].map((box) => box.value));
    for (const value of picked) {
      if (here.has(value)) continue;
      const hidden = document.createElement("input");
      Object.assign(hidden, { type: "hidden", name: "ids", value });
      form.append(hidden);
    }
    button.disabled = picked.size < 2;
    form.querySelector("#picked").textContent = picked.size ? `${picked.size} of up to ${PICKS_MAX} parts` : "2–4 ticked parts";
    sessionStorage.setItem(name, JSON.stringify([...picked]));
  };

  form.addEventListener("change", ({ target }) => {
    if (target.name !== "ids") return;
    if (target.checked) picked.add(target.value);
    else picked.delete(target.value);
    show();
  });
  show();
}
