// A footprint or symbol drawn into the page, so that its pads and pins answer to the pointer.
// It was made from what strangers wrote: only shapes are taken over, and of them only how they look.

import { ask } from "./key.js";

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = new Set("svg g path rect circle ellipse line polyline polygon text tspan title".split(" "));
const LOOKS = new Set(
  ("viewBox x y x1 y1 x2 y2 cx cy r rx ry d points transform fill stroke stroke-width stroke-linecap " +
    "stroke-linejoin stroke-dasharray fill-rule fill-opacity stroke-opacity opacity font-size font-family " +
    "font-weight font-style text-anchor dominant-baseline data-pad data-pin").split(" "),
);

function taken(node) {
  if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.data);
  if (node.namespaceURI !== SVG || !SHAPES.has(node.localName)) return null;
  const copy = document.createElementNS(SVG, node.localName);
  for (const { name, value } of node.attributes) {
    const fits = LOOKS.has(name) || (node.localName !== "svg" && (name === "width" || name === "height"));
    if (fits && !/url\s*\(/i.test(value)) copy.setAttribute(name, value);
  }
  for (const child of node.childNodes) {
    const inside = taken(child);
    if (inside) copy.append(inside);
  }
  return copy;
}

const numberOf = (shape) => shape.dataset.pad ?? shape.dataset.pin;

// The same number in both drawings: a pin and its pad.
function point(number) {
  for (const shape of document.querySelectorAll("[data-pad], [data-pin]")) {
    shape.classList.toggle("at", number !== null && numberOf(shape) === number);
  }
  const pin = number && [...document.querySelectorAll("[data-pin]")].find((shape) => numberOf(shape) === number);
  for (const figure of document.querySelectorAll("[data-drawing]")) {
    const word = figure.querySelector("[data-pad]") ? "pad" : "pin";
    // A pin's title has its number, name and type.
    const told = pin?.querySelector("title")?.textContent || number;
    figure.querySelector("output").textContent = number === null ? "" : `${word} ${told}`;
  }
}

export async function start(figure) {
  const response = await ask(figure.dataset.drawing);
  if (!response.ok) return;
  const found = new DOMParser().parseFromString(await response.text(), "image/svg+xml").documentElement;
  const drawn = taken(found);
  if (drawn?.localName !== "svg") return;
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", figure.querySelector("img").alt);
  const shapes = [...drawn.querySelectorAll("[data-pad], [data-pin]")];
  const numbers = [...new Set(shapes.map(numberOf))];
  drawn.addEventListener("pointerover", ({ target }) => {
    const shape = target.closest("[data-pad], [data-pin]");
    point(shape ? numberOf(shape) : null);
  });
  drawn.addEventListener("pointerleave", () => point(null));
  if (numbers.length) {
    let place = -1;
    drawn.setAttribute("tabindex", "0");
    drawn.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      place = (place + step + numbers.length) % numbers.length;
      point(numbers[place]);
    });
    drawn.addEventListener("blur", () => point(null));
  }
  figure.querySelector(".sheet").replaceChildren(drawn);
}
