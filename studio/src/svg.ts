// The engraved score as elements of the page: parsed, checked, never trusted as markup.

const NAMES = new Set([
  "svg", "g", "path", "use", "defs", "symbol", "rect", "polygon", "polyline", "ellipse", "circle",
  "line", "text", "tspan", "title", "desc",
]);
const SVG = "http://www.w3.org/2000/svg";

/** Return the score as an element that holds drawing alone; an Error where it is no score. */
export function drawing(text: string): SVGSVGElement {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
  const root = parsed.documentElement;
  if (root.namespaceURI !== SVG || root.localName !== "svg" || parsed.querySelector("parsererror")) {
    throw new Error("The score could not be read; load the page again.");
  }
  for (const element of [root, ...root.querySelectorAll("*")]) {
    if (element.namespaceURI !== SVG || !NAMES.has(element.localName)) {
      element.remove();
      continue;
    }
    for (const { name, value } of [...element.attributes]) {
      const plain = name.toLowerCase();
      const link = plain === "href" || plain === "xlink:href";
      if (plain.startsWith("on") || plain === "style" || (link && !value.startsWith("#"))) {
        element.removeAttribute(name);
      }
    }
  }
  return document.importNode(root, true) as unknown as SVGSVGElement;
}

/** Return a new element of a drawing. */
export function svg(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
