/** Colours, and by what the map can be coloured. */
import { D, MISSING_TIME, P, T, isMissing, uncertain } from "./data.js";
import { isDark } from "./state.js";

// Fifteen each, chosen so that any two differ by a CIELAB distance of at least 15, also as people
// without red, green or blue cones see them, and by 3:1 from the background.
const LIGHT = [
  "#0079f3", "#e75549", "#3d9e55", "#c28600", "#6d55aa", "#aa4961", "#1849b6", "#aa86b6",
  "#9e1800", "#314931", "#9286db", "#491849", "#794979", "#181886", "#610000",
];
const DARK = [
  "#ff9261", "#92ffe7", "#c29ef3", "#f3b631", "#499e79", "#ce92c2", "#f3f379", "#6d61db",
  "#92dbaa", "#c23d49", "#cef39e", "#9e5592", "#799200", "#926dc2", "#ffc2ff",
];
const GREY = ["#76767f", "#8b8b96"];

const themed = () => (isDark() ? DARK : LIGHT);
export const grey = () => GREY[isDark() ? 1 : 0];
export const personaColour = (/** @type {number} */ place) => themed()[place % themed().length];

function ramp(/** @type {number} */ n) {
  const at = (/** @type {number} */ i) => (n === 1 ? 0.5 : i / (n - 1));
  return Array.from({ length: n }, (_, i) =>
    d3.color(isDark() ? d3.interpolateYlGnBu(0.85 - 0.75 * at(i)) : d3.interpolateYlGnBu(0.38 + 0.6 * at(i))).formatHex());
}

const GOOD = ["#0072b2", "#56b4e9"];
const FAIR = ["#9a6700", "#e3b341"];
const BAD = ["#b3261e", "#ff8a80"];
const tone = (/** @type {string[]} */ pair) => pair[isDark() ? 1 : 0];
export const stabilityColour = (/** @type {string|null} */ stability) =>
  stability === "stable" ? tone(GOOD) : stability === "doubtful" ? tone(FAIR) : stability ? tone(BAD) : grey();
export const outcomeColour = (/** @type {any} */ check) =>
  tone(check.is_passed ? GOOD : check.is_blocking ? BAD : FAIR);

/** Everything that the map can be coloured by: key, label and group. */
export const CHOICES = [
  { key: "persona", label: "Persona", group: "Personas" },
  { key: "stability", label: "Stability of the persona", group: "Personas" },
  { key: "certainty", label: "How surely it belongs to it", group: "Personas" },
  { key: "time", label: "Time", group: "Tweets" },
  { key: "complaint", label: "Complaint", group: "Tweets" },
  { key: "language", label: "Language", group: "Tweets" },
  ...D.tweets.features.map((/** @type {any} */ f) => ({
    key: `feature:${f.feature}`, label: f.definition.replace(/\.$/, ""), group: `Feature: ${f.group}`,
  })),
];

/**
 * How tweets are coloured: a bin for each tweet, and each bin's label, colour and number.
 * @returns {{label: string, bins: {label: string, colour: string, count: number}[], of: Uint8Array}}
 */
export function colouring(/** @type {string} */ key) {
  const choice = CHOICES.find((c) => c.key === key) || CHOICES[0];
  const made = kinds(choice.key);
  const counts = new Uint32Array(made.bins.length);
  for (const bin of made.of) counts[bin]++;
  return {
    label: choice.label,
    of: made.of,
    bins: made.bins.map(([label, colour], i) => ({ label, colour, count: counts[i] })),
  };
}

/** @returns {{bins: [string, string][], of: Uint8Array}} */
function kinds(/** @type {string} */ key) {
  if (key === "stability") {
    const names = ["stable", "doubtful", "not to be trusted", "unknown"];
    const bin = P.map((/** @type {any} */ p) => Math.max(0, names.indexOf(p.stability ?? "unknown")));
    return {
      bins: names.map((v) => [v, v === "unknown" ? grey() : stabilityColour(v)]),
      of: Uint8Array.from(T.persona, (/** @type {number} */ p) => bin[p]),
    };
  }
  if (key === "certainty") {
    const colours = ramp(4);
    const labels = ["below 50%: uncertain", "50–70%", "70–90%", "90% and more"];
    const of = Uint8Array.from(T.certainty, (c, i) => (uncertain[i] ? 0 : c < 0.7 ? 1 : c < 0.9 ? 2 : 3));
    return { bins: labels.map((l, i) => [l, colours[i]]), of };
  }
  if (key === "time") return times();
  if (key === "complaint") {
    return { bins: [["no word of complaint", grey()], ["complains", tone(BAD)]], of: Uint8Array.from(T.complains) };
  }
  if (key === "language") {
    return {
      bins: D.tweets.languages.map((/** @type {string} */ name, /** @type {number} */ i) => [name, personaColour(i)]),
      of: T.language,
    };
  }
  if (key.startsWith("feature:")) return feature(key.slice(8));
  return {
    bins: P.map((/** @type {any} */ p, /** @type {number} */ i) => [`${p.persona_id} ${p.name}`, personaColour(i)]),
    of: Uint8Array.from(T.persona),
  };
}

function times() {
  const known = T.minute.filter((/** @type {number} */ m) => m !== MISSING_TIME);
  const [low, high] = known.length ? /** @type {any} */ (d3.extent(known)) : [0, 1];
  const day = (/** @type {number} */ minute) => new Date(minute * 60000).toISOString().slice(0, 10);
  const n = 6, step = (high - low + 1) / n, colours = ramp(n);
  /** @type {[string, string][]} */
  const bins = colours.map((c, i) => [`${day(low + i * step)} – ${day(low + (i + 1) * step - 1)}`, c]);
  bins.push(["time unknown", grey()]);
  const of = Uint8Array.from(T.minute, (/** @type {number} */ m) =>
    m === MISSING_TIME ? n : Math.min(n - 1, Math.floor((m - low) / step)));
  return { bins, of };
}

function feature(/** @type {string} */ name) {
  const place = D.tweets.features.findIndex((/** @type {any} */ f) => f.feature === name);
  const { low, high, unit } = D.tweets.features[place] || {};
  const bytes = T.feature(Math.max(place, 0));
  const known = bytes.filter((/** @type {number} */ b) => !isMissing(b));
  const distinct = new Set(known);
  // Steps between quantiles; few values have a bin each.
  const cuts = distinct.size <= 5
    ? [...distinct].sort((a, b) => a - b).slice(1)
    : [...new Set([0.2, 0.4, 0.6, 0.8].map((q) => d3.quantileSorted(d3.sort(known), q)))].filter((c) => c > 0);
  const value = (/** @type {number} */ byte) => {
    const raw = low + (byte / 254) * (high - low);
    return unit.startsWith("ln") ? Math.expm1(raw) : raw;
  };
  const text = (/** @type {number} */ byte) => d3.format(".3~g")(value(byte));
  const of = Uint8Array.from(bytes, (/** @type {number} */ b) => (isMissing(b) ? cuts.length + 1 : d3.bisectRight(cuts, b)));
  const colours = ramp(cuts.length + 1);
  /** @type {[string, string][]} */
  const bins = colours.map((c, i) => {
    const from = i ? text(cuts[i - 1]) : text(0), to = i < cuts.length ? text(cuts[i]) : text(254);
    if (unit === "0/1") return [value(i ? cuts[i - 1] : 0) ? "yes" : "no", c];
    return [from === to || distinct.size <= 5 ? from : `${from} – ${to}`, c];
  });
  if (known.length < bytes.length) bins.push(["unknown", grey()]);
  return { bins, of };
}
