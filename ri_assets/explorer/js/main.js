/** The page: its frame, its views, and what changes when the state does. */
import { D } from "./data.js";
import { debounced, fill, h } from "./dom.js";
import { card } from "./card.js";
import { compare } from "./compare.js";
import { makeLegend } from "./legend.js";
import { makeLinked } from "./linked.js";
import { makeMap } from "./map.js";
import { overview } from "./overview.js";
import { makePanel } from "./panel.js";
import { quality } from "./quality.js";
import { printsReport } from "./report.js";
import { makeSearch } from "./search.js";
import { since } from "./since.js";
import { href, isDark, listen, read, state } from "./state.js";

const VIEWS = { map: "Map", personas: "Personas", compare: "Compare", since: "Since last time", quality: "Quality" };

const map = makeMap(), legend = makeLegend(), panel = makePanel(), linked = makeLinked(), search = makeSearch();
const mapView = h("div", { class: "mapview" },
  h("div", { class: "side" }, legend.element, panel.element),
  h("div", { class: "middle" }, map.element, linked.element));
const main = h("main", { id: "main", tabindex: -1 });
const tabs = h("nav", { class: "tabs", "aria-label": "Views" });
const theme = h("button", { type: "button", class: "icon", on: { click: () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  render(new Set(["theme"]));
} } });

/** The view, where a link may name one that there is not. */
const shown = () => (["persona", ...Object.keys(VIEWS)].includes(state.view) ? state.view : "map");

function frame() {
  fill(/** @type {any} */ (document.getElementById("app")),
    h("a", { class: "skip", href: "#main", on: { click: (/** @type {Event} */ e) => { e.preventDefault(); main.focus(); } } }, "Skip to the content"),
    h("header", { class: "top" },
      h("a", { class: "brand", href: href({ view: "map", colour: "persona" }) }, h("i", {}), "Persona explorer"), tabs, search.element,
      h("div", { class: "icons" }, theme, h("button", { type: "button", on: { click: () => print() } }, "Print"))),
    D.is_draft ? h("p", { class: "draft", role: "note" }, h("strong", {}, "Draft, not published: "), `${D.why}.`) : null,
    main,
    h("footer", {}, `Snapshot ${D.snapshot} · ${D.written_at.slice(0, 10)} · profile ${D.profile} · times in ${D.tweets.timezone}. Personal data is hidden; this page opens no connection.`));
}

function render(/** @type {Set<string>} */ changed) {
  const is = (/** @type {string[]} */ ...keys) => keys.some((k) => changed.has(k));
  const isMap = shown() === "map";
  document.documentElement.classList.toggle("dark", isDark());
  theme.textContent = isDark() ? "☀" : "☾";
  theme.setAttribute("aria-label", isDark() ? "Light colours" : "Dark colours");
  if (is("view", "persona", "theme")) {
    fill(tabs, Object.entries(VIEWS).map(([key, label]) => h("a", {
      href: href({ view: key }), "aria-current": state.view === key || (key === "personas" && state.view === "persona") ? "page" : null,
    }, label)));
  }
  if (is("view", "persona", "a", "b", "theme")) {
    const made = isMap ? mapView : state.view === "persona" ? card(state.persona) : state.view === "compare" ? compare(state.a, state.b)
      : state.view === "since" ? since() : state.view === "quality" ? quality() : overview();
    if (main.firstChild !== made) {
      fill(main, made);
      scrollTo(0, 0);
    }
    document.title = `${isMap ? "Map" : made.querySelector("h1")?.textContent} · Persona explorer`;
  }
  if (isMap) {
    if (is("view", "theme")) map.resize();
    map.update(changed);
    if (is("colour", "hide", "theme", "view")) legend.update();
    if (is("select", "brush", "q", "hide", "colour", "tweet", "theme", "view")) panel.update();
    if (is("select", "brush", "q", "hide", "colour", "theme", "view")) linked.update();
  }
  if (is("q", "view")) search.update();
}

printsReport(main, map.picture, shown);
listen(render);
frame();
read();
render(new Set(["view", "theme"]));
addEventListener("popstate", read);
addEventListener("hashchange", read);
addEventListener("resize", debounced(() => map.resize(), 60));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => render(new Set(["theme"])));
document.addEventListener("keydown", (e) => {
  if (e.key === "/" && !/^(input|select|textarea)$/i.test(/** @type {any} */ (e.target).tagName)) {
    e.preventDefault();
    document.getElementById("search")?.focus();
  }
});
document.documentElement.dataset.ready = "true";
