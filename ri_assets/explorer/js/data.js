/** The page's data: what `explorer/data.py` wrote, with its columns as typed arrays. */

/** @type {any} */
export const D = JSON.parse(/** @type {any} */ (document.getElementById("data")).textContent);

const MISSING_BYTE = 255;
export const MISSING_SHORT = 65535;
export const MISSING_TIME = -(2 ** 31);

/** @param {string} name @param {any} Kind */
function column(name, Kind) {
  const text = atob(D.tweets.columns[name]);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new Kind(bytes.buffer);
}

const places = (/** @type {Uint16Array} */ steps) => Float32Array.from(steps, (v) => v / 32767 - 1);
const n = D.tweets.drawn;
const features = column("features", Uint8Array);
const flags = column("flags", Uint8Array);

/** The tweets of the map, a column each. */
export const T = {
  n,
  x: places(column("x", Uint16Array)),
  y: places(column("y", Uint16Array)),
  persona: column("persona", Uint16Array),
  certainty: Float32Array.from(column("certainty", Uint8Array), (v) => v / 254),
  author: column("author", Uint32Array),
  id: column("id", BigInt64Array),
  minute: column("minute", Int32Array),
  words: column("words", Uint16Array),
  replies: column("replies", Uint16Array),
  language: column("language", Uint8Array),
  noise: flags.map((/** @type {number} */ f) => f & 1),
  complains: flags.map((/** @type {number} */ f) => (f >> 1) & 1),
  texts: D.tweets.texts,
  starts: column("term_starts", Uint32Array),
  terms: column("terms", Uint16Array),
  /** @param {number} place */
  feature: (place) => features.subarray(place * n, (place + 1) * n),
};
export const isMissing = (/** @type {number} */ byte) => byte === MISSING_BYTE;

/** Uncertain: it was noise, or less likely than not to be of its persona. */
export const uncertain = T.certainty.map((c, i) => (T.noise[i] || c < 0.5 ? 1 : 0));

export const P = D.personas;
export const personaPlace = new Map(P.map((/** @type {any} */ p, /** @type {number} */ i) => [p.persona_id, i]));

/** The tweets of each persona. */
export const members = P.map(() => /** @type {number[]} */ ([]));
for (let i = 0; i < n; i++) members[T.persona[i]].push(i);

/** Local hour, weekday from Monday as 0, and day of a tweet; null if its time is unknown. */
export function when(/** @type {number} */ i) {
  const minute = T.minute[i];
  if (minute === MISSING_TIME) return null;
  const day = Math.floor(minute / 1440);
  return { hour: Math.floor((minute - day * 1440) / 60), weekday: (((day + 3) % 7) + 7) % 7, day };
}

/** A tweet's local time in words. */
export function timeOf(/** @type {number} */ i) {
  if (T.minute[i] === MISSING_TIME) return "time unknown";
  return new Date(T.minute[i] * 60000).toISOString().slice(0, 16).replace("T", " ");
}

/** Distinct authors of some tweets; each tweet counts as its own where none is known. */
export function authorsOf(/** @type {number[]} */ rows) {
  return D.tweets.is_author_known ? new Set(rows.map((i) => T.author[i])).size : rows.length;
}

/** The rule of authors: texts of several tweets are shown if enough people wrote them. */
export const mayShow = (/** @type {number[]} */ rows) =>
  authorsOf(rows) >= Math.min(D.tweets.min_authors, rows.length);

/**
 * Terms that set some tweets apart from all others, best first: class-based TF-IDF less that of
 * the rest, as the run computes a persona's. Terms of too few authors are left out.
 */
export function termsOf(/** @type {number[]} */ rows, most = 12) {
  const total = new Uint32Array(D.tweets.vocabulary.length);
  for (const term of T.terms) total[term]++;
  const inside = new Uint32Array(total.length);
  const users = new Map();
  let nRows = 0;
  for (const i of rows) {
    if (T.texts[i] === null) continue;
    nRows++;
    for (let p = T.starts[i]; p < T.starts[i + 1]; p++) {
      inside[T.terms[p]]++;
      if (!users.has(T.terms[p])) users.set(T.terms[p], new Set());
      users.get(T.terms[p]).add(D.tweets.is_author_known ? T.author[i] : i);
    }
  }
  const nAll = D.tweets.with_text;
  if (!nRows || nRows === nAll) return [];
  const found = [];
  for (const [term, who] of users) {
    const share = inside[term] / nRows;
    const rest = (total[term] - inside[term]) / Math.max(nAll - nRows, 1);
    const weight = (share - rest) * Math.log1p(nAll / total[term]);
    if (who.size >= D.tweets.min_authors && weight > 0) {
      found.push({ term: D.tweets.vocabulary[term], weight, share, rest });
    }
  }
  return found.sort((a, b) => b.weight - a.weight).slice(0, most);
}
