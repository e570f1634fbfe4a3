/** What the colours mean, with counts; each entry hides or shows its tweets. */
import { count, fill, h } from "./dom.js";
import { CHOICES, colouring } from "./palette.js";
import { hiddenBins } from "./select.js";
import { go, state } from "./state.js";

/** @returns {{element: HTMLElement, update: () => void}} */
export function makeLegend() {
  const groups = d3.group(CHOICES, (/** @type {any} */ c) => c.group);
  const select = h("select", { id: "colour", on: { change: () => go({ colour: select.value, hide: "" }) } },
    [...groups].map(([label, choices]) => h("optgroup", { label },
      choices.map((/** @type {any} */ c) => h("option", { value: c.key }, c.label)))));
  const list = h("ul", { class: "legend" });
  const element = h("section", { class: "block", "aria-label": "Colours" },
    h("label", { for: "colour" }, "Colour by"), select, list);

  function set(/** @type {Set<number>} */ hidden) {
    go({ hide: [...hidden].sort((a, b) => a - b).join(",") });
  }

  return {
    element,
    update() {
      select.value = state.colour;
      const { bins } = colouring(state.colour);
      const off = hiddenBins();
      const kept = list.contains(document.activeElement) ? /** @type {any} */ (document.activeElement).dataset.at : null;
      fill(list, bins.map((bin, i) => bin.count ? h("li", { class: off.has(i) ? "off" : "" },
        h("button", {
          type: "button", class: "entry", "aria-pressed": String(!off.has(i)), "data-at": i, title: off.has(i) ? "Show" : "Hide",
          on: { click: () => { if (off.has(i)) off.delete(i); else off.add(i); set(off); } },
        }, h("i", { style: { background: bin.colour } }), h("span", {}, bin.label), h("b", {}, count(bin.count))),
        h("button", {
          type: "button", class: "only", "aria-label": `Only ${bin.label}`, "data-at": `only${i}`,
          on: { click: () => set(new Set(bins.map((_, j) => j).filter((j) => j !== i && bins[j].count))) },
        }, "only")) : null),
      off.size ? h("li", {}, h("button", { type: "button", class: "link", on: { click: () => set(new Set()) } }, "Show all")) : null);
      if (kept !== null) /** @type {any} */ (list.querySelector(`[data-at="${kept}"]`))?.focus();
    },
  };
}
