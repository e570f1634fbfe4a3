/** Which tweets are chosen: by legend, search, charts, and a box or lasso on the map. */
import { CHARTS } from "./bins.js";
import { P, T } from "./data.js";
import { colouring } from "./palette.js";
import { state } from "./state.js";

/** Numbers of a fragment's value; "box:x,y,x,y" and "lasso:x,y,x,y,…" in data coordinates. */
function shape() {
  const [kind, text] = state.select.split(":");
  const v = (text || "").split(",").map(Number);
  if (!["box", "lasso"].includes(kind) || v.length < 4 || v.some((one) => !Number.isFinite(one))) return null;
  if (kind === "lasso") return v.flatMap((one, i) => (i % 2 ? [] : [[one, v[i + 1]]]));
  return [[v[0], v[1]], [v[2], v[1]], [v[2], v[3]], [v[0], v[3]]];
}

export const polygon = shape;

/** Whether anything narrows down the tweets, apart from the legend. */
export const isNarrowed = () => Boolean(shape() || state.q || state.brush);

const hidden = () => new Set(state.hide ? state.hide.split(",").map(Number) : []);
export const hiddenBins = hidden;

/**
 * Look at every tweet: 0 hidden by the legend, 1 shown, 2 shown and chosen.
 * Without a choice every tweet shown is chosen.
 */
export function marks() {
  const off = hidden(), outline = shape(), words = terms();
  const { of } = colouring(state.colour);
  const [chart, bin] = state.brush.split(":");
  const brush = CHARTS.find((c) => c.key === chart);
  const found = new Uint8Array(T.n);
  const names = P.map((/** @type {any} */ p) => words.length > 0 && matches(personaText(p), words));
  for (let i = 0; i < T.n; i++) {
    if (off.has(of[i])) continue;
    found[i] = 1;
    if (outline && !d3.polygonContains(outline, [T.x[i], T.y[i]])) continue;
    if (brush && brush.bin(i) !== Number(bin)) continue;
    if (words.length && !names[T.persona[i]] && !(T.texts[i] && matches(lower(i), words))) continue;
    found[i] = 2;
  }
  return found;
}

/** @type {Map<number, string>} */
const lowered = new Map();
function lower(/** @type {number} */ i) {
  let text = lowered.get(i);
  if (text === undefined) lowered.set(i, (text = T.texts[i].toLowerCase()));
  return /** @type {string} */ (text);
}

export const terms = () => state.q.toLowerCase().split(/\s+/).filter(Boolean);
export const matches = (/** @type {string} */ text, /** @type {string[]} */ words) => words.every((w) => text.includes(w));
export const personaText = (/** @type {any} */ p) =>
  `${p.persona_id} ${p.name} ${p.top_terms.join(" ")}`.toLowerCase();

/** Rows that are chosen. */
export function chosen(/** @type {Uint8Array} */ marked) {
  const rows = [];
  for (let i = 0; i < marked.length; i++) if (marked[i] === 2) rows.push(i);
  return rows;
}
