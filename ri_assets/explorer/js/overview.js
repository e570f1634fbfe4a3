/** All personas: sizes, stability, how alike they are, whom they share, and their cards. */
import { D, P, personaPlace } from "./data.js";
import { chart, fitted, framed, line, rect, table, text } from "./charts.js";
import { count, figure, h, percent } from "./dom.js";
import { personaColour, stabilityColour } from "./palette.js";
import { href } from "./state.js";

const ROW = 26;

export function overview() {
  return h("div", { class: "page" },
    h("h1", {}, `${P.length} personas`),
    h("p", { class: "lead" }, `${count(D.quality.kept)} tweets, grouped by what they say and how they are written.`),
    h("div", { class: "two" }, framed("Sizes", sizes(), "Share of all tweets, with its 95% interval."),
      framed("Stability", stability(), stabilityReading()),
      framed("How alike they are", tree(), "Personas that join further left say more similar things."),
      D.overlap ? framed("Authors they share", overlap(), "Share of the row's authors who also wrote in the column's persona.") : null),
    h("h2", {}, "Cards"),
    h("div", { class: "cards" }, P.map(brief)));
}

function brief(/** @type {any} */ p, /** @type {number} */ i) {
  return h("a", { class: "brief", href: href({ view: "persona", persona: p.persona_id }), style: { "--tint": personaColour(i) } },
    h("small", {}, `${p.persona_id} · ${p.tier_label}`), h("strong", {}, p.name),
    h("span", {}, p.focus), h("small", {}, `${count(p.tweet_count)} tweets · ${percent(p.share, 1)} · ${p.stability ?? "stability unknown"}`));
}

/** Rows with a persona's name at the left; gives where its figures go. */
function named(/** @type {any} */ svg, /** @type {number} */ width) {
  const left = Math.min(190, width * 0.42);
  P.forEach((/** @type {any} */ p, /** @type {number} */ i) => {
    const link = svg.append("a").attr("href", href({ view: "persona", persona: p.persona_id })).attr("aria-label", p.name);
    fitted(link.append("text").attr("x", 0).attr("y", i * ROW + 17), `${p.persona_id} ${p.name}`, left - 10);
  });
  return left;
}

function sizes() {
  return chart(`Sizes: ${P.map((/** @type {any} */ p) => `${p.name} ${percent(p.share, 1)}`).join(", ")}`, P.length * ROW + 22, (svg, width, height) => {
    const left = named(svg, width);
    const most = d3.max(P, (/** @type {any} */ p) => p.share_high ?? p.share);
    const x = d3.scaleLinear([0, most], [left, width - 52]);
    for (const t of x.ticks(4)) {
      line(svg, x(t), 0, x(t), height - 20);
      text(svg, x(t), height - 5, percent(t), "middle", "muted");
    }
    P.forEach((/** @type {any} */ p, /** @type {number} */ i) => {
      rect(svg, left, i * ROW + 6, x(p.share) - left, ROW - 11, personaColour(i)).attr("opacity", 0.85);
      if (p.share_low !== null && p.share_low !== undefined) {
        line(svg, x(p.share_low), i * ROW + 13, x(p.share_high), i * ROW + 13, "whisker");
        for (const v of [p.share_low, p.share_high]) line(svg, x(v), i * ROW + 9, x(v), i * ROW + 17, "whisker");
      }
      text(svg, x(p.share_high ?? p.share) + 6, i * ROW + 17, count(p.tweet_count), "start", "muted");
    });
  });
}

const nullOf = (/** @type {string} */ name) => D.quality.figures.find((/** @type {any} */ f) => f.figure === name);

function stabilityReading() {
  const ari = nullOf("resample_ari");
  return "Part of each persona that comes back when everything is rerun on random 80% samples. From 0.75 it is stable."
    + (ari ? ` Of the whole grouping ${percent(ari.value)} comes back; on data without structure at most ${percent(ari.null_p95)} (shaded).` : "");
}

function stability() {
  const ari = nullOf("resample_ari");
  return chart(`Stability: ${P.map((/** @type {any} */ p) => `${p.name} ${figure(p.jaccard)}`).join(", ")}`, P.length * ROW + 22, (svg, width, height) => {
    const left = named(svg, width);
    const x = d3.scaleLinear([0, 1], [left, width - 40]);
    if (ari && ari.null_p95 !== null) rect(svg, left, 0, x(ari.null_p95) - left, height - 20, "var(--null)", 0);
    for (const t of [0, 0.25, 0.5, 0.75, 1]) {
      line(svg, x(t), 0, x(t), height - 20, t === 0.75 ? "bar-line" : "rule");
      text(svg, x(t), height - 5, String(t), "middle", "muted");
    }
    P.forEach((/** @type {any} */ p, /** @type {number} */ i) => {
      if (p.jaccard === null) return void text(svg, left + 6, i * ROW + 17, "unknown", "start", "muted");
      line(svg, left, i * ROW + 13, x(p.jaccard), i * ROW + 13, "stem");
      svg.append("circle").attr("cx", x(p.jaccard)).attr("cy", i * ROW + 13).attr("r", 5.5).attr("fill", stabilityColour(p.stability));
      text(svg, x(p.jaccard) + 10, i * ROW + 17, figure(p.jaccard));
    });
  });
}

/** Average linkage of the personas by the cosine of their mean texts. */
function linkage() {
  /** @type {{height: number, rows: number[], children?: any[]}[]} */
  let nodes = P.map((/** @type {any} */ _, /** @type {number} */ i) => ({ height: 0, rows: [i] }));
  const apart = (/** @type {any} */ a, /** @type {any} */ b) =>
    d3.mean(a.rows, (/** @type {number} */ i) => d3.mean(b.rows, (/** @type {number} */ j) => 1 - D.likeness[i][j]));
  while (nodes.length > 1) {
    let best = [Infinity, 0, 1];
    for (let i = 0; i < nodes.length; i++) for (let j = i + 1; j < nodes.length; j++) {
      const d = apart(nodes[i], nodes[j]);
      if (d < best[0]) best = [d, i, j];
    }
    const [height, i, j] = best;
    const joined = { height, rows: [...nodes[i].rows, ...nodes[j].rows], children: [nodes[i], nodes[j]] };
    nodes = nodes.filter((_, k) => k !== i && k !== j).concat(joined);
  }
  return nodes[0];
}

function tree() {
  const root = linkage();
  const order = root.rows;
  const row = new Map(order.map((p, i) => [p, i]));
  return chart(`Tree of likeness, similar ones side by side: ${order.map((i) => P[i].name).join(", ")}`, P.length * ROW + 22, (svg, width, height) => {
    const right = Math.min(200, width * 0.45);
    const x = d3.scaleLinear([0, root.height || 1], [width - right, 14]);
    const place = (/** @type {any} */ node) => {
      if (!node.children) return /** @type {number} */ (row.get(node.rows[0])) * ROW + 13;
      const [a, b] = node.children.map((/** @type {any} */ c) => {
        const y = /** @type {number} */ (place(c));
        line(svg, x(c.height), y, x(node.height), y, "branch");
        return y;
      });
      line(svg, x(node.height), a, x(node.height), b, "branch");
      return (a + b) / 2;
    };
    place(root);
    for (const t of x.ticks(4)) text(svg, x(t), height - 5, (1 - t).toFixed(1), "middle", "muted");
    order.forEach((p, i) => {
      svg.append("circle").attr("cx", width - right + 8).attr("cy", i * ROW + 13).attr("r", 5).attr("fill", personaColour(p));
      fitted(svg.append("a").attr("href", href({ view: "persona", persona: P[p].persona_id })).append("text").attr("x", width - right + 18).attr("y", i * ROW + 17), P[p].name, right - 18);
    });
  });
}

function overlap() {
  const share = (/** @type {number} */ i, /** @type {number} */ j) => D.overlap[i][j] / (D.overlap[i][i] || 1);
  return h("div", { class: "heat" }, table("Share of the row's authors who also wrote in the column's persona", ["Persona", ...P.map((/** @type {any} */ p) => p.persona_id)],
    P.map((/** @type {any} */ p, /** @type {number} */ i) => [p.persona_id, ...P.map((/** @type {any} */ q, /** @type {number} */ j) =>
      i === j ? h("span", { class: "self", title: `${count(D.overlap[i][i])} authors` }, count(D.overlap[i][i]))
        : D.overlap[i][j] === null ? h("span", { title: `${p.name} and ${q.name}: fewer than ${D.tweets.min_authors} authors` }, "–")
        : h("span", { title: `${p.name} and ${q.name}: ${count(D.overlap[i][j])} authors`, style: { "--heat": `${Math.round(Math.min(1, share(i, j) * 1.6) * 70)}%` } }, (100 * share(i, j)).toFixed(0)))])));
}

export const nameOf = (/** @type {string} */ id) => P[personaPlace.get(id) ?? -1]?.name ?? id;
