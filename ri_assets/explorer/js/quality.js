/** How good it is: what was left out and why, each check in a sentence, the number of personas. */
import { D } from "./data.js";
import { chart, fitted, framed, line, rect, table, text } from "./charts.js";
import { count, figure, h, percent } from "./dom.js";
import { outcomeColour } from "./palette.js";

const Q = D.quality;

export function quality() {
  const failed = Q.checks.filter((/** @type {any} */ c) => !c.is_passed);
  const outcome = D.is_draft ? `Not published: ${D.why}.`
    : failed.length ? `Published, with ${count(failed.length)} of ${count(Q.checks.length)} checks not passed.`
      : `All ${count(Q.checks.length)} checks passed.`;
  return h("div", { class: "page" }, h("h1", {}, "Quality"), h("p", { class: "lead" }, outcome),
    framed("What was left out, and why", funnel(), "Every tweet that was read is kept or counted here."),
    Q.curve.length ? framed("The number of personas", curve(), curveReading()) : null,
    framed("Checks", checks(), "Each with its threshold, and with what the same computation gives on data without structure."),
    h("p", { class: "muted" }, "The checks of the finished index (contract, privacy, exports, continuity) read this page too, "
      + "so they come after it. A snapshot that is published has passed them, or says who waived them: ri-index quality."),
    framed("Figures", table("All figures of the run", ["Figure", "Value", "By chance", "At most by chance", "Rests on", "What it is"],
      Q.figures.map((/** @type {any} */ f) => [f.figure.replace(/_/g, " "), figure(f.value), figure(f.null_mean), figure(f.null_p95), count(f.n), f.note]))));
}

const RULES = {
  exact_duplicate: "the same text again", near_duplicate: "nearly the same text", retweet: "retweets",
  short: "too short", template: "templates",
};

function funnel() {
  const steps = [
    ...Object.entries(Q.left_out).map(([reason, n]) => [`left out: ${reason}`, n]),
    ["rejected: cannot be read", Q.rejected],
    ...Q.funnel.map((/** @type {any} */ f) => [`dropped: ${/** @type {any} */ (RULES)[f.rule] ?? f.rule}`, f.n_dropped]),
  ];
  let left = Q.read;
  const rows = [["read", left, 0], ...steps.map(([name, n]) => { left -= n; return [name, left, n]; }), ["kept", Q.kept, 0]];
  const ROW = 28;
  return chart(`Funnel: ${rows.map(([n, , gone]) => `${n} ${gone || ""}`).join(", ")}`, rows.length * ROW, (svg, width) => {
    const side = Math.min(250, width * 0.46);
    const x = d3.scaleLinear([0, Q.read || 1], [0, width - side - 64]);
    rows.forEach(([name, now, gone], i) => {
      fitted(text(svg, side - 10, i * ROW + 18, "", "end"), name, side - 10);
      rect(svg, side, i * ROW + 5, x(now), ROW - 10, name === "kept" ? "var(--accent)" : "var(--bar)");
      rect(svg, side + x(now), i * ROW + 5, x(gone), ROW - 10, "var(--lost)");
      text(svg, side + x(now + gone) + 7, i * ROW + 18, i && name !== "kept" ? `−${count(gone)}` : count(now), "start", "muted");
    });
  });
}

function curveReading() {
  const chosen = Q.curve.find((/** @type {any} */ c) => c.is_chosen);
  const begin = "How much of the grouping comes back at each number of personas, and the same on data without structure (shaded: up to its 95th percentile).";
  return chosen ? `${begin} Chosen: ${chosen.clusters}, where ${percent(chosen.resample_ari)} comes back, by chance ${percent(chosen.null_mean)}.` : begin;
}

function curve() {
  const c = Q.curve;
  return chart(`Stability by number of personas: ${c.map((/** @type {any} */ r) => `${r.clusters}: ${figure(r.resample_ari)}`).join(", ")}`, 250, (svg, width, height) => {
    const x = d3.scaleLinear(d3.extent(c, (/** @type {any} */ r) => r.clusters), [44, width - 16]);
    const y = d3.scaleLinear([0, 1], [height - 28, 10]);
    for (const t of [0, 0.25, 0.5, 0.75, 1]) {
      line(svg, 36, y(t), width - 8, y(t));
      text(svg, 30, y(t) + 4, String(t), "end", "muted");
    }
    svg.append("path").attr("fill", "var(--null)").attr("d", d3.area((/** @type {any} */ r) => x(r.clusters), () => y(0), (/** @type {any} */ r) => y(r.null_p95))(c));
    svg.append("path").attr("class", "curve null").attr("d", d3.line((/** @type {any} */ r) => x(r.clusters), (/** @type {any} */ r) => y(r.null_mean))(c));
    svg.append("path").attr("class", "curve").attr("d", d3.line((/** @type {any} */ r) => x(r.clusters), (/** @type {any} */ r) => y(r.resample_ari))(c));
    for (const r of c) {
      line(svg, x(r.clusters), y(r.resample_ari - r.standard_error), x(r.clusters), y(Math.min(1, r.resample_ari + r.standard_error)), "whisker");
      svg.append("circle").attr("cx", x(r.clusters)).attr("cy", y(r.resample_ari)).attr("r", r.is_chosen ? 6.5 : 3.5).attr("class", r.is_chosen ? "chosen-dot" : "dot");
      text(svg, x(r.clusters), height - 10, String(r.clusters), "middle", r.is_chosen ? "strong" : "muted");
    }
  });
}

function checks() {
  return h("ul", { class: "checks" }, Q.checks.map((/** @type {any} */ c) => h("li", {},
    h("span", { class: "badge", style: { color: outcomeColour(c) } },
      c.is_passed ? "✓ passed" : c.waived_because ? "! waived" : c.is_blocking ? "✕ failed" : "! warns"),
    h("div", {}, h("strong", {}, `${c.asset} · ${c.check}`), h("p", { class: "said" }, c.message), h("p", {}, sentence(c)),
      c.waived_because ? h("p", {}, `Waived: ${c.waived_because}`) : null))));
}

function sentence(/** @type {any} */ c) {
  const chance = c.baseline === null ? "" : ` On data without structure: ${figure(c.baseline)}.`;
  const value = Number.isInteger(c.value) ? count(c.value) : figure(c.value, 3);
  return `${c.figure} Found ${value}, wanted ${c.threshold}.${chance} Rests on ${count(c.n)}.`;
}
