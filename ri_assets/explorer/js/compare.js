/** Two personas side by side: what tells them apart comes first. */
import { CHARTS } from "./bins.js";
import { D, P, T, members, personaPlace } from "./data.js";
import { framed } from "./charts.js";
import { figure, h, percent } from "./dom.js";
import { traitName, traitValue } from "./card.js";
import { personaColour } from "./palette.js";
import { go, href } from "./state.js";

export function compare(/** @type {string} */ a, /** @type {string} */ b) {
  const i = personaPlace.get(a) ?? 0;
  let j = personaPlace.get(b) ?? (i === 0 ? 1 : 0);
  if (P.length < 2) return h("div", { class: "page" }, h("h1", {}, "Compare"), h("p", {}, "There is only one persona."));
  if (j === i) j = (i + 1) % P.length;
  const choose = (/** @type {string} */ side, /** @type {number} */ now) => {
    const select = h("select", { id: `side-${side}`, "aria-label": `Persona ${side}`, on: { change: () => go({ view: "compare", a: P[i].persona_id, b: P[j].persona_id, [side]: select.value }) } },
      P.map((/** @type {any} */ p, /** @type {number} */ n) => h("option", { value: p.persona_id, selected: n === now }, `${p.persona_id} ${p.name}`)));
    return select;
  };
  return h("div", { class: "page compare", style: { "--a": personaColour(i), "--b": personaColour(j) } },
    h("h1", {}, "Side by side"),
    h("div", { class: "row sides" }, choose("a", i), h("span", { class: "muted" }, "against"), choose("b", j)),
    h("p", { class: "lead" }, `Likeness of what they say: ${figure(D.likeness[i][j])} of 1. ${sharedTerms(i, j)}`),
    framed("Terms that tell them apart", apart(i, j), "Share of each persona's tweets with the term, largest difference first."),
    framed("Traits that tell them apart", traits(i, j), "Largest difference first, against the average of all tweets."),
    framed("Hours", hours(i, j), "Share of each persona's tweets by local hour."),
    h("div", { class: "two" }, [i, j].map((n, side) => h("section", {}, h("h2", { class: side ? "of-b" : "of-a" }, h("a", { href: href({ view: "persona", persona: P[n].persona_id }) }, P[n].name)),
      P[n].samples.length && !P[n].is_evidence_withheld ? P[n].samples.slice(0, 4).map((/** @type {any} */ s) => h("blockquote", {}, s.text))
        : h("p", { class: "muted" }, `Not shown: fewer than ${D.tweets.min_authors} authors wrote them.`)))));
}

function sharedTerms(/** @type {number} */ i, /** @type {number} */ j) {
  const both = P[i].top_terms.filter((/** @type {string} */ t) => P[j].top_terms.includes(t));
  return both.length ? `They share ${both.join(", ")}.` : "They share no top term.";
}

/** Two bars from a middle line for each name. */
function pairs(/** @type {[string, number, number, string, string][]} */ rows) {
  const most = d3.max(rows.flatMap((r) => [r[1], r[2]])) || 1;
  return h("table", { class: "pairs" }, h("tbody", {}, rows.map(([name, a, b, ta, tb]) => h("tr", {},
    h("td", { class: "left" }, h("b", {}, ta), h("i", { style: { "--w": `${(100 * a) / most}%` } })),
    h("th", { scope: "row" }, name),
    h("td", { class: "right" }, h("i", { style: { "--w": `${(100 * b) / most}%` } }), h("b", {}, tb))))));
}

function apart(/** @type {number} */ i, /** @type {number} */ j) {
  const shares = [i, j].map((n) => {
    const found = new Float64Array(D.tweets.vocabulary.length);
    let rows = 0;
    for (const t of members[n]) {
      if (T.texts[t] === null) continue;
      rows++;
      for (let p = T.starts[t]; p < T.starts[t + 1]; p++) found[T.terms[p]]++;
    }
    return found.map((v) => v / Math.max(rows, 1));
  });
  const rows = d3.range(D.tweets.vocabulary.length).sort((/** @type {number} */ p, /** @type {number} */ q) =>
    Math.abs(shares[0][q] - shares[1][q]) - Math.abs(shares[0][p] - shares[1][p])).slice(0, 14);
  return rows.length ? pairs(rows.map((/** @type {number} */ t) => [D.tweets.vocabulary[t], shares[0][t], shares[1][t], percent(shares[0][t]), percent(shares[1][t])]))
    : h("p", { class: "muted" }, "No terms are shown for these personas.");
}

function traits(/** @type {number} */ i, /** @type {number} */ j) {
  const other = new Map(P[j].traits.map((/** @type {any} */ t) => [t.trait, t]));
  const rows = P[i].traits.map((/** @type {any} */ t) => [t, other.get(t.trait)])
    .filter((/** @type {any} */ [t, u]) => u && t.value !== null && u.value !== null && t.corpus_value)
    .sort((/** @type {any} */ [t, u], /** @type {any} */ [v, w]) => Math.abs(v.value - w.value) / v.corpus_value - Math.abs(t.value - u.value) / t.corpus_value)
    .slice(0, 8);
  return pairs(rows.map((/** @type {any} */ [t, u]) => [traitName(t.trait), t.value / t.corpus_value, u.value / t.corpus_value, traitValue(t, t.value), traitValue(u, u.value)]));
}

function hours(/** @type {number} */ i, /** @type {number} */ j) {
  const W = 720, H = 170, bottom = 20, left = 36;
  const share = [i, j].map((n) => P[n].hourly_share);
  if (!share[0] || !share[1]) return h("p", { class: "muted" }, "The hours of these tweets are not known.");
  const y = d3.scaleLinear([0, d3.max(share.flat())], [H - bottom, 8]), x = d3.scaleLinear([0, 23], [left, W - 8]);
  const svg = d3.create("svg").attr("viewBox", `0 0 ${W} ${H}`).attr("role", "img").attr("aria-label", `${CHARTS[0].label} of the two personas`);
  for (const t of y.ticks(4)) {
    svg.append("line").attr("class", "rule").attr("x1", left).attr("x2", W).attr("y1", y(t)).attr("y2", y(t));
    svg.append("text").attr("class", "muted").attr("x", left - 6).attr("y", y(t) + 4).attr("text-anchor", "end").text(percent(t));
  }
  for (const t of [0, 3, 6, 9, 12, 15, 18, 21]) svg.append("text").attr("class", "muted").attr("x", x(t)).attr("y", H - 4).attr("text-anchor", "middle").text(`${t}:00`);
  share.forEach((values, n) => svg.append("path").attr("class", n ? "curve of-b" : "curve of-a")
    .attr("d", d3.line((/** @type {any} */ _, /** @type {number} */ t) => x(t), (/** @type {number} */ v) => y(v)).curve(d3.curveMonotoneX)(values)));
  return h("div", { class: "chart wide" }, svg.node());
}
