/** One persona as a page. */
import { D, P, personaPlace } from "./data.js";
import { framed } from "./charts.js";
import { count, figure, h, percent } from "./dom.js";
import { chartsOf } from "./linked.js";
import { personaColour, stabilityColour } from "./palette.js";
import { href } from "./state.js";

const OF_TRAITS = 8;

export function card(/** @type {string} */ id) {
  const place = personaPlace.get(id);
  if (place === undefined) {
    return h("div", { class: "page" }, h("h1", {}, "No such persona"), h("p", {}, `There is no persona ${id} in this snapshot. `, h("a", { href: href({ view: "personas" }) }, "See all personas"), "."));
  }
  const p = P[place];
  const next = P[(place + 1) % P.length], before = P[(place + P.length - 1) % P.length];
  return h("article", { class: "page card", style: { "--tint": personaColour(place) } },
    h("nav", { class: "row steps", "aria-label": "Personas" },
      h("a", { href: href({ view: "persona", persona: before.persona_id }), rel: "prev" }, `‹ ${before.name}`),
      h("a", { href: href({ view: "persona", persona: next.persona_id }), rel: "next" }, `${next.name} ›`)),
    h("header", { class: "hero" }, h("p", { class: "eyebrow" }, `${p.persona_id} · ${p.tier_label}`), h("h1", {}, p.name),
      h("p", { class: p.stability === "stable" ? "trust" : "trust weak" }, p.badge),
      h("p", { class: "lead" }, p.focus), facts(p)),
    h("p", { class: "insight" }, p.key_insight),
    h("div", { class: "two" },
      h("section", {}, h("h2", {}, "What they say"), terms(p), p.emoji.length ? h("p", { class: "emoji" }, p.emoji.map((/** @type {any} */ e) => h("span", { title: `${percent(e.share)} of the tweets` }, e.term))) : null),
      h("section", {}, h("h2", {}, "In their words"), quotes(p))),
    h("div", { class: "two" },
      h("section", {}, h("h2", {}, "What sets them apart"), traits(p)),
      h("section", {}, h("h2", {}, "How they differ from the nearest"), nearest(place))),
    framed("When and how they write", chartsOf(place), "Bars are this persona, lines are all tweets."),
    h("div", { class: "two" },
      h("section", {}, h("h2", {}, "What to do"), advice("Do", p.do_hints), advice("Don't", p.dont_hints)),
      h("section", {}, h("h2", {}, "How sure"), sure(p), history(p))),
    h("p", { class: "noprint row" },
      h("a", { class: "button", href: href({ view: "map", colour: "persona", hide: P.map((/** @type {any} */ _, /** @type {number} */ i) => i).filter((/** @type {number} */ i) => i !== place).join(",") }) }, "Show on the map"),
      h("a", { class: "button", href: href({ view: "compare", a: id, b: P[closest(place)]?.persona_id ?? "" }) }, "Compare with the nearest")));
}

function facts(/** @type {any} */ p) {
  const facts = [
    [count(p.tweet_count), "tweets"],
    [percent(p.share, 1), p.share_low === null ? "of all" : `of all, ${percent(p.share_low)} to ${percent(p.share_high)}`],
    p.is_author_known && p.author_count ? [count(p.author_count), "authors"] : null,
    [p.jaccard === null ? "–" : percent(p.jaccard), h("span", {}, "comes back: ", h("em", { style: { color: stabilityColour(p.stability) } }, p.stability ?? "unknown"))],
  ];
  return h("dl", { class: "facts" }, facts.map((f) => f && h("div", {}, h("dt", {}, f[1]), h("dd", {}, f[0]))));
}

function terms(/** @type {any} */ p) {
  const most = d3.max(p.terms, (/** @type {any} */ t) => t.share) || 1;
  return p.terms.length
    ? h("ul", { class: "terms" }, p.terms.map((/** @type {any} */ t) => h("li", { title: `${figure(t.lift, 1)} times as often as average` },
      h("span", { style: { "--w": `${(100 * t.share) / most}%` } }, t.term), h("b", {}, `${percent(t.share)} · ×${figure(t.lift, 1)}`))))
    : h("p", { class: "muted" }, "No term of enough authors sets them apart.");
}

function quotes(/** @type {any} */ p) {
  if (p.is_evidence_withheld || !p.samples.length) return h("p", { class: "muted" }, `Not shown: fewer than ${D.tweets.min_authors} authors wrote them.`);
  return p.samples.slice(0, 5).map((/** @type {any} */ s) => h("blockquote", {}, s.text));
}

const UNITS = (/** @type {any} */ t, /** @type {number|null} */ v) =>
  v === null ? "–" : t.unit.startsWith("share") ? percent(v, v < 0.1 ? 1 : 0) : figure(v, Math.abs(v) < 10 ? 1 : 0);
/** @type {Record<string, string>} */
const TRAITS = {
  char_count: "Characters", word_count: "Words", code_mix_share: "Hindi mixed with English",
  complaint_share: "Complaints", emoji_share: "With an emoji", exclamation_share: "With an exclamation mark",
  like_count: "Likes", link_share: "With a link", mention_count: "Handles mentioned", punctuation_share: "Punctuation",
  question_share: "With a question", reply_share: "Got a reply", retweet_count: "Retweets", uppercase_share: "Capital letters",
};
export const traitName = (/** @type {string} */ name) => TRAITS[name] ?? name.replace(/_/g, " ");

function traits(/** @type {any} */ p) {
  const clear = p.traits.filter((/** @type {any} */ t) => t.lift !== null && t.lift > 0 && t.lift_low !== null && (t.lift_low > 1 || t.lift_high < 1))
    .sort((/** @type {any} */ a, /** @type {any} */ b) => Math.abs(Math.log(b.lift)) - Math.abs(Math.log(a.lift))).slice(0, OF_TRAITS);
  if (!clear.length) return h("p", { class: "muted" }, "Nothing differs clearly from the average.");
  return h("ul", { class: "traits" }, clear.map((/** @type {any} */ t) => h("li", {},
    h("span", {}, traitName(t.trait)),
    h("i", { class: t.lift > 1 ? "more" : "less", style: { "--w": `${Math.min(50, 50 * Math.abs(Math.log2(t.lift)) / 3)}%` } }),
    h("b", {}, `${UNITS(t, t.value)} vs ${UNITS(t, t.corpus_value)}`))));
}

export const traitValue = UNITS;

export function closest(/** @type {number} */ place) {
  let best = place ? 0 : 1;
  D.likeness[place].forEach((/** @type {number} */ v, /** @type {number} */ i) => { if (i !== place && v > D.likeness[place][best]) best = i; });
  return best;
}

function nearest(/** @type {number} */ place) {
  const other = P[closest(place)];
  if (!other || P.length < 2) return h("p", { class: "muted" }, "There is no other persona.");
  const p = P[place];
  const only = (/** @type {any} */ a, /** @type {any} */ b) => a.top_terms.filter((/** @type {string} */ t) => !b.top_terms.includes(t)).slice(0, 6).join(", ") || "none";
  return [
    h("p", {}, "The nearest is ", h("a", { href: href({ view: "persona", persona: other.persona_id }) }, `${other.persona_id} ${other.name}`), ` (likeness ${figure(D.likeness[place][closest(place)])} of 1).`),
    h("dl", { class: "pairs" }, h("dt", {}, `Only ${p.name}`), h("dd", {}, only(p, other)), h("dt", {}, `Only ${other.name}`), h("dd", {}, only(other, p))),
  ];
}

const advice = (/** @type {string} */ title, /** @type {string[]} */ hints) =>
  hints.length ? [h("h3", {}, title), h("ul", { class: title === "Do" ? "dos" : "donts" }, hints.map((one) => h("li", {}, one)))] : null;

function sure(/** @type {any} */ p) {
  const noise = p.tweet_count - p.core_count;
  return h("ul", {},
    h("li", {}, p.jaccard === null ? "Its stability was not measured." : `Rerun on random 80% samples, ${percent(p.jaccard)} of it comes back: ${p.stability}.`),
    h("li", {}, noise ? `${count(noise)} of its tweets were unclustered and joined the nearest persona.` : "All its tweets were clustered; none was assigned afterwards."),
    h("li", {}, `Trend: ${p.trend}. ${p.trend_basis}`),
    p.name_evidence.map((/** @type {string} */ one) => h("li", {}, `Name: ${one}`)));
}

const history = (/** @type {any} */ p) => p.history.length
  ? [h("h3", {}, "Its history"), h("ul", {}, p.history.map((/** @type {any} */ e) => h("li", {}, e.sentence)))] : null;
