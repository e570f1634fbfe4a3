/** Drawing helpers that the charts share. */
import { h } from "./dom.js";

/**
 * A chart that is as wide as its place: drawn when it is first seen, and again when that changes.
 * @param {string} label for screen readers
 * @param {number} height in pixels, or a function of the width
 * @param {(svg: any, width: number, height: number) => void} draw
 */
export function chart(label, height, draw) {
  const svg = d3.create("svg").attr("role", "img").attr("aria-label", label);
  const element = h("div", { class: "chart" }, svg.node());
  let last = 0;
  const again = () => {
    const width = Math.floor(element.clientWidth);
    if (!width || width === last) return;
    last = width;
    svg.attr("viewBox", `0 0 ${width} ${height}`).attr("width", width).attr("height", height);
    svg.selectAll("*").remove();
    draw(svg, width, height);
    // Links in a picture could not be reached by readers that see it as one.
    svg.attr("role", svg.select("a").empty() ? "img" : "group");
  };
  new ResizeObserver(again).observe(element);
  return element;
}

/** A title above a chart, and a sentence that says how to read it. */
export function framed(/** @type {string} */ title, /** @type {any} */ content, /** @type {string} */ reading = "") {
  return h("figure", { class: "framed" }, h("figcaption", {}, h("h2", {}, title), reading ? h("p", { class: "muted" }, reading) : null), content);
}

export const text = (/** @type {any} */ svg, /** @type {number} */ x, /** @type {number} */ y, /** @type {string} */ content, anchor = "start", kind = "") =>
  svg.append("text").attr("x", x).attr("y", y).attr("text-anchor", anchor).attr("class", kind).text(content);

export const line = (/** @type {any} */ svg, /** @type {number} */ x1, /** @type {number} */ y1, /** @type {number} */ x2, /** @type {number} */ y2, kind = "rule") =>
  svg.append("line").attr("x1", x1).attr("y1", y1).attr("x2", x2).attr("y2", y2).attr("class", kind);

export const rect = (/** @type {any} */ svg, /** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ width, /** @type {number} */ height, /** @type {string} */ fill, radius = 2) =>
  svg.append("rect").attr("x", x).attr("y", y).attr("width", Math.max(0, width)).attr("height", Math.max(0, height)).attr("rx", radius).attr("fill", fill);

/** Shorten a name to what fits; the whole stays as a title. */
export function fitted(/** @type {any} */ node, /** @type {string} */ content, /** @type {number} */ width) {
  const most = Math.max(3, Math.floor(width / 7.1));
  node.text(content.length > most ? `${content.slice(0, most - 1)}…` : content);
  if (content.length > most) node.append("title").text(content);
  return node;
}

/** A table with a caption for screen readers. */
export function table(/** @type {string} */ caption, /** @type {string[]} */ heads, /** @type {any[][]} */ rows) {
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    h("table", {}, h("caption", { class: "hidden" }, caption),
      h("thead", {}, h("tr", {}, heads.map((one) => h("th", { scope: "col" }, one)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell, i) => h(i ? "td" : "th", i ? {} : { scope: "row" }, cell)))))));
}
