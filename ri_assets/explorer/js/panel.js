/** The chosen tweets: how many, their personas, their terms, their texts, and their ids as CSV. */
import { D, P, T, authorsOf, mayShow, termsOf, timeOf, uncertain } from "./data.js";
import { count, fill, h, percent, plural } from "./dom.js";
import { personaColour } from "./palette.js";
import { chosen, isNarrowed, marks } from "./select.js";
import { go, href, state } from "./state.js";

const LISTED = 50;

/** @returns {{element: HTMLElement, update: () => void}} */
export function makePanel() {
  const said = h("p", { class: "hidden", role: "status" });
  const content = h("div", { class: "block chosen" });
  const element = h("section", { "aria-label": "Chosen tweets" }, said, content);
  return {
    element,
    update() {
      const n = isNarrowed() ? chosen(marks()).length : 0;
      said.textContent = n ? `${plural(n, "tweet")} chosen` : "";
      fill(content, state.tweet ? oneTweet(Number(state.tweet)) : null, isNarrowed() ? several() : hint());
    },
  };
}

function hint() {
  return state.tweet ? null : h("p", { class: "muted" },
    "Drag with Box or Lasso to choose tweets, search, or click a bar below. Click a point to read it.");
}

function oneTweet(/** @type {number} */ i) {
  if (!(i >= 0 && i < T.n)) return null;
  const p = P[T.persona[i]];
  return h("article", { class: "tweet pinned", style: { "--tint": personaColour(T.persona[i]) } },
    h("header", {}, h("a", { href: href({ view: "persona", persona: p.persona_id }) }, `${p.persona_id} ${p.name}`),
      h("button", { type: "button", class: "close", "aria-label": "Close the tweet", on: { click: () => go({ tweet: "" }) } }, "×")),
    h("p", {}, T.texts[i] ?? "The text is not shown here."),
    h("small", {}, `${timeOf(i)} · ${uncertain[i] ? "uncertain, " : ""}${percent(T.certainty[i])} sure · id ${T.id[i]}`));
}

function several() {
  const rows = chosen(marks());
  const head = h("div", { class: "row" },
    h("h2", {}, plural(rows.length, "tweet"), " chosen"),
    h("button", { type: "button", on: { click: () => go({ select: "", q: "", brush: "", tweet: "" }) } }, "Clear"));
  if (!rows.length) return [head, h("p", { class: "muted" }, "No tweet fits.")];
  const shown = mayShow(rows);
  const terms = shown ? termsOf(rows) : [];
  const most = terms.length ? terms[0].weight : 1;
  return [
    head,
    h("p", { class: "muted" }, D.tweets.is_author_known ? `by ${plural(authorsOf(rows), "author")} · ` : "",
      `${percent(rows.length / T.n, 1)} of the map`),
    h("button", { type: "button", class: "wide", on: { click: () => save(rows) } }, "Export ids as CSV"),
    h("h3", {}, "Their personas"),
    personasOf(rows),
    h("h3", {}, "Their terms against the rest"),
    terms.length
      ? h("ul", { class: "terms" }, terms.map((t) => h("li", { title: `${percent(t.share)} of these, ${percent(t.rest)} of the rest` },
        h("span", { style: { "--w": `${Math.max(4, (100 * t.weight) / most)}%` } }, t.term), h("b", {}, percent(t.share)))))
      : h("p", { class: "muted" }, shown ? "No term of enough authors sets them apart." : withheld()),
    h("h3", {}, "Tweets"),
    shown ? listed(rows) : h("p", { class: "muted" }, withheld()),
  ];
}

const withheld = () => `Not shown: fewer than ${D.tweets.min_authors} authors wrote them.`;

function personasOf(/** @type {number[]} */ rows) {
  const counts = d3.rollups(rows, (/** @type {any} */ v) => v.length, (/** @type {number} */ i) => T.persona[i])
    .sort((/** @type {any} */ a, /** @type {any} */ b) => b[1] - a[1]);
  return h("ul", { class: "shares" }, counts.slice(0, 8).map((/** @type {any} */ [p, n]) => h("li", {},
    h("i", { style: { background: personaColour(p) } }),
    h("a", { href: href({ view: "persona", persona: P[p].persona_id }) }, P[p].name),
    h("b", {}, `${count(n)} · ${percent(n / rows.length)}`))),
  counts.length > 8 ? h("li", { class: "muted" }, `and ${counts.length - 8} more`) : null);
}

function listed(/** @type {number[]} */ rows) {
  const texts = rows.filter((i) => T.texts[i] !== null);
  const sure = texts.sort((a, b) => T.certainty[b] - T.certainty[a]).slice(0, LISTED);
  return [
    h("ol", { class: "tweets" }, sure.map((i) => h("li", { class: "tweet", style: { "--tint": personaColour(T.persona[i]) } },
      h("button", { type: "button", on: { click: () => go({ tweet: String(i) }) } }, T.texts[i]),
      h("small", {}, `${P[T.persona[i]].persona_id} · ${timeOf(i)}${uncertain[i] ? " · uncertain" : ""}`)))),
    texts.length > sure.length || texts.length < rows.length
      ? h("p", { class: "muted" }, `${count(sure.length)} of ${plural(rows.length, "tweet")}; the surest come first.`) : null,
  ];
}

/** Save the ids of tweets with their personas. */
function save(/** @type {number[]} */ rows) {
  const lines = rows.map((i) => `${T.id[i]},${P[T.persona[i]].persona_id}`);
  const blob = new Blob([`tweet_id,persona_id\r\n${lines.join("\r\n")}\r\n`], { type: "text/csv" });
  const url = URL.createObjectURL(blob);
  h("a", { href: url, download: `tweets-${D.snapshot}.csv` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
