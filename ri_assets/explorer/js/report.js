/** What paper gets: a picture of the map, where that is the view, and the cards of all personas. */
import { D, P } from "./data.js";
import { card } from "./card.js";
import { count, fill, h } from "./dom.js";

/**
 * Put the report beside the view while the page prints. One persona's card, a comparison and the
 * quality page print as they are.
 * @param {HTMLElement} main
 * @param {() => HTMLCanvasElement} picture
 * @param {() => string} view
 */
export function printsReport(main, picture, view) {
  const report = h("div", { class: "report" });
  addEventListener("beforeprint", () => {
    const isMap = view() === "map";
    if (!isMap && view() !== "personas") return;
    document.documentElement.classList.toggle("mapreport", isMap);
    fill(report,
      isMap ? [
        h("h1", {}, `${P.length} personas`),
        h("p", { class: "lead" }, `${count(D.quality.kept)} tweets of snapshot ${D.snapshot}.`),
        picture(),
      ] : null,
      P.map((/** @type {any} */ p) => card(p.persona_id)));
    main.append(report);
  });
  addEventListener("afterprint", () => {
    report.remove();
    document.documentElement.classList.remove("mapreport");
  });
}
