/** Search over names, terms, samples and the map's tweets. */
import { P } from "./data.js";
import { debounced, fill, h, plural } from "./dom.js";
import { chosen, marks, matches, personaText, terms } from "./select.js";
import { go, href, state } from "./state.js";

/** @returns {{element: HTMLElement, update: () => void}} */
export function makeSearch() {
  const run = debounced(() => go({ q: input.value.trim(), tweet: "" }, Boolean(state.q && input.value.trim())));
  const input = h("input", {
    type: "search", id: "search", placeholder: "Search names, terms, tweets", "aria-label": "Search names, terms, samples and tweets",
    autocomplete: "off", spellcheck: "false", on: { input: run, focus: () => update(), keydown: keys },
  });
  const found = h("div", { class: "found", role: "region", "aria-label": "Search results", hidden: true });
  const element = h("form", { class: "search", role: "search", on: { submit: (/** @type {Event} */ e) => { e.preventDefault(); go({ view: "map", q: input.value.trim() }); found.hidden = true; } } }, input, found);
  element.addEventListener("focusout", (/** @type {FocusEvent} */ e) => {
    if (!element.contains(/** @type {any} */ (e.relatedTarget))) found.hidden = true;
  });

  function keys(/** @type {KeyboardEvent} */ e) {
    if (e.key === "Escape") { input.value = ""; go({ q: "" }); found.hidden = true; }
    if (e.key === "ArrowDown") { /** @type {any} */ (found.querySelector("a"))?.focus(); e.preventDefault(); }
  }

  function update() {
    if (document.activeElement !== input) input.value = state.q;
    found.hidden = !state.q || document.activeElement !== input;
    if (found.hidden) return;
    const words = terms();
    const personas = P.flatMap((/** @type {any} */ p) => {
      const sample = p.samples.find((/** @type {any} */ s) => matches(s.text.toLowerCase(), words));
      if (!matches(personaText(p), words) && !sample) return [];
      return [h("li", {}, h("a", { href: href({ view: "persona", persona: p.persona_id }) },
        h("strong", {}, `${p.persona_id} ${p.name}`), h("small", {}, sample ? `“${sample.text.slice(0, 90)}”` : p.top_terms.slice(0, 6).join(", "))))];
    });
    fill(found, personas.length ? h("ul", {}, personas) : h("p", { class: "muted" }, "No persona has it."),
      h("a", { class: "all", href: href({ view: "map", q: state.q, hide: state.hide, select: state.select }) }, `${plural(chosen(marks()).length, "tweet")} on the map`));
  }
  return { element, update };
}
