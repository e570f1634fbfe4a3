/** What the charts count: each kind of bin, and the bin of a tweet. */
import { MISSING_SHORT, MISSING_TIME, T, when } from "./data.js";

export const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const EDGES = [10, 20, 30, 40, 50, 60];
const REPLIES = ["0", "1", "2", "3–5", "6+", "?"];
const SLICES = 16;
const known = T.minute.filter((/** @type {number} */ m) => m !== MISSING_TIME);
const [FIRST, LAST] = known.length ? /** @type {number[]} */ (d3.extent(known)) : [0, 1];
const SLICE = (LAST - FIRST + 1) / SLICES;
const dayOf = (/** @type {number} */ slice) =>
  new Date((FIRST + slice * SLICE) * 60000).toLocaleDateString("en", { month: "short", day: "numeric", timeZone: "UTC" });

/** What can be counted: the bin of a tweet (-1 is none) and the bins' names. */
export const CHARTS = [
  { key: "hours", label: "Hour by weekday", bins: DAYS.flatMap((d) => d3.range(24).map((/** @type {number} */ t) => `${d} ${t}:00`)),
    bin: (/** @type {number} */ i) => { const w = when(i); return w ? w.weekday * 24 + w.hour : -1; } },
  { key: "time", label: "Over time", bins: d3.range(SLICES).map((/** @type {number} */ s) => `from ${dayOf(s)}`),
    ticks: [0, 5, 10, 15], tick: dayOf,
    bin: (/** @type {number} */ i) => (T.minute[i] === MISSING_TIME ? -1 : Math.min(SLICES - 1, Math.floor((T.minute[i] - FIRST) / SLICE))) },
  { key: "length", label: "Words", bins: [...EDGES.map((e) => `${e - 10}–${e - 1}`), `${EDGES[EDGES.length - 1]}+`],
    ticks: [0, 2, 4, 6], tick: (/** @type {number} */ b) => ["0–9", "", "20–29", "", "40–49", "", "60+"][b],
    bin: (/** @type {number} */ i) => d3.bisectRight(EDGES, T.words[i]) },
  { key: "replies", label: "Replies", bins: REPLIES,
    bin: (/** @type {number} */ i) => (T.replies[i] === MISSING_SHORT ? 5 : d3.bisectRight([1, 2, 3, 6], T.replies[i])) },
  { key: "complaint", label: "Complaint", bins: ["none", "complains"], bin: (/** @type {number} */ i) => T.complains[i] },
];
