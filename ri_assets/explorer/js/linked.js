/** Charts beside the map: some tweets against all, each bar a way to choose more closely. */
import { CHARTS, DAYS } from "./bins.js";
import { P, T, members } from "./data.js";
import { fill, h, percent } from "./dom.js";
import { chosen, isNarrowed, marks } from "./select.js";
import { go, isDark, state } from "./state.js";

const ALL = CHARTS.map((c) => shares(c, d3.range(T.n)));

function shares(/** @type {any} */ chart, /** @type {number[]} */ rows) {
  const found = new Float64Array(chart.bins.length);
  for (const i of rows) { const b = chart.bin(i); if (b >= 0) found[b]++; }
  return found.map((n) => n / Math.max(rows.length, 1));
}

/** @returns {{element: HTMLElement, update: () => void}} */
export function makeLinked() {
  const who = h("select", { id: "against", on: { change: () => update() } },
    h("option", { value: "" }, "Chosen tweets"), P.map((/** @type {any} */ p, /** @type {number} */ i) => h("option", { value: i }, `${p.persona_id} ${p.name}`)));
  const row = h("div", { class: "multiples" });
  const element = h("section", { class: "linked", "aria-label": "Charts" },
    h("div", { class: "row" }, h("label", { for: "against" }, "Charts of"), who,
      h("span", { class: "key" }, h("i", { class: "set" }), "these", h("i", { class: "corpus" }), "all tweets")), row);

  function update() {
    const rows = who.value === "" ? (isNarrowed() || state.hide ? chosen(marks()) : d3.range(T.n)) : members[Number(who.value)];
    const active = /** @type {any} */ (document.activeElement)?.closest?.("[data-chart]")?.dataset.chart;
    fill(row, CHARTS.map((c, n) => small(c, shares(c, rows), ALL[n])));
    if (active) /** @type {any} */ (row.querySelector(`[data-chart="${active}"] [tabindex="0"]`))?.focus();
  }
  return { element, update };
}

/** One chart; it draws the same in cards. `isFixed`: bars cannot be clicked. */
export function small(/** @type {any} */ chart, /** @type {Float64Array} */ set, /** @type {Float64Array} */ all, isFixed = false) {
  const W = 200, H = 116;
  const svg = d3.create("svg").attr("viewBox", `0 0 ${W} ${H}`).attr("role", isFixed ? "img" : "group")
    .attr("aria-label", `${chart.label}: these tweets against all`);
  if (chart.key === "hours") heat(svg, chart, set, all, W, H, isFixed);
  else bars(svg, chart, set, all, W, H, isFixed);
  return h("div", { class: "multiple", "data-chart": chart.key }, h("h3", {}, chart.label), svg.node());
}

function heat(/** @type {any} */ svg, /** @type {any} */ chart, /** @type {Float64Array} */ set, /** @type {Float64Array} */ all, /** @type {number} */ W, /** @type {number} */ H, /** @type {boolean} */ isFixed) {
  const left = 27, top = 2, bottom = 16, w = (W - left) / 24, d = (H - top - bottom) / 7;
  const most = d3.max(set) || 1;
  const shade = isDark() ? (/** @type {number} */ t) => d3.interpolateBlues(0.95 - 0.85 * (1 - t) ** 1) : d3.interpolateBlues;
  const colour = (/** @type {number} */ v) => (isDark() ? d3.interpolateRgb("#1c2230", "#8ec5ff")(v / most) : shade(0.06 + 0.9 * (v / most)));
  DAYS.forEach((day, i) => svg.append("text").attr("x", left - 5).attr("y", top + i * d + d / 2 + 3.5).attr("text-anchor", "end").text(day));
  for (const t of [0, 6, 12, 18]) svg.append("text").attr("x", left + t * w).attr("y", H - 4).text(`${t}:00`);
  const marks = svg.selectAll("rect").data([...set]).join("rect")
    .attr("x", (/** @type {any} */ _, /** @type {number} */ i) => left + (i % 24) * w + 0.5).attr("y", (/** @type {any} */ _, /** @type {number} */ i) => top + Math.floor(i / 24) * d + 0.5)
    .attr("width", w - 1).attr("height", d - 1).attr("rx", 1.5).attr("fill", (/** @type {number} */ v) => colour(v));
  clickable(marks, chart, set, all, isFixed, 24);
}

function bars(/** @type {any} */ svg, /** @type {any} */ chart, /** @type {Float64Array} */ set, /** @type {Float64Array} */ all, /** @type {number} */ W, /** @type {number} */ H, /** @type {boolean} */ isFixed) {
  const n = chart.bins.length, top = 14, bottom = 18, w = W / n;
  const y = d3.scaleLinear([0, Math.max(d3.max(set), d3.max(all)) || 1], [H - bottom, top]);
  svg.append("line").attr("class", "rule").attr("x1", 0).attr("x2", W).attr("y1", H - bottom + 0.5).attr("y2", H - bottom + 0.5);
  const marks = svg.selectAll("rect").data([...set]).join("rect").attr("class", "bar")
    .attr("x", (/** @type {any} */ _, /** @type {number} */ i) => i * w + 1.5).attr("width", w - 3).attr("y", y).attr("rx", 2)
    .attr("height", (/** @type {number} */ v) => H - bottom - y(v));
  svg.selectAll("path.corpus").data([...all]).join("path").attr("class", "corpus")
    .attr("d", (/** @type {number} */ v, /** @type {number} */ i) => `M${i * w + 1},${y(v)}H${(i + 1) * w - 1}`);
  const ticks = chart.ticks || d3.range(n);
  ticks.forEach((/** @type {number} */ i, /** @type {number} */ j) => {
    const isEdge = chart.ticks && (j === 0 || j === ticks.length - 1);
    svg.append("text").attr("x", isEdge ? (j ? W : 0) : (i + 0.5) * w).attr("y", H - 4)
      .attr("text-anchor", isEdge ? (j ? "end" : "start") : "middle").text(chart.tick ? chart.tick(i) : chart.bins[i]);
  });
  svg.append("text").attr("x", W).attr("y", 9).attr("text-anchor", "end").attr("class", "muted").text(`most ${percent(y.domain()[1])}`);
  clickable(marks, chart, set, all, isFixed, 0);
}

/** Let bars be clicked, and walked through with arrow keys: one stop for each chart. */
function clickable(/** @type {any} */ marks, /** @type {any} */ chart, /** @type {Float64Array} */ set, /** @type {Float64Array} */ all, /** @type {boolean} */ isFixed, /** @type {number} */ across) {
  const told = (/** @type {number} */ i) => `${chart.bins[i]}: ${percent(set[i], 1)} of these, ${percent(all[i], 1)} of all`;
  marks.append("title").text((/** @type {any} */ _, /** @type {number} */ i) => told(i));
  if (isFixed) return;
  const on = state.brush.startsWith(`${chart.key}:`) ? Number(state.brush.split(":")[1]) : -1;
  const toggle = (/** @type {number} */ i) => go({ brush: on === i ? "" : `${chart.key}:${i}`, tweet: "" });
  const nodes = marks.nodes();
  marks.attr("role", "button").attr("aria-label", (/** @type {any} */ _, /** @type {number} */ i) => told(i))
    .attr("aria-pressed", (/** @type {any} */ _, /** @type {number} */ i) => String(i === on))
    .attr("tabindex", (/** @type {any} */ _, /** @type {number} */ i) => (i === Math.max(on, 0) ? 0 : -1))
    .classed("on", (/** @type {any} */ _, /** @type {number} */ i) => i === on)
    .on("click", (/** @type {any} */ e) => toggle(nodes.indexOf(e.currentTarget)))
    .on("keydown", (/** @type {any} */ e) => {
      const i = nodes.indexOf(e.currentTarget);
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across || 1, ArrowUp: -(across || 1) }[/** @type {string} */ (e.key)];
      if (step) {
        e.preventDefault();
        const next = nodes[Math.min(Math.max(i + step, 0), nodes.length - 1)];
        for (const one of nodes) one.setAttribute("tabindex", one === next ? "0" : "-1");
        next.focus();
      } else if (e.key === "Enter" || e.key === " ") {
        e.preventDefault();
        toggle(i);
      }
    });
}

/** The charts of one persona against all tweets, for its card. */
export const chartsOf = (/** @type {number} */ place) =>
  h("div", { class: "multiples" }, CHARTS.map((c, n) => small(c, shares(c, members[place]), ALL[n], true)));
