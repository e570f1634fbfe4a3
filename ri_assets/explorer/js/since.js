/** Since the snapshot before: where each persona's tweets are now. */
import { D, P } from "./data.js";
import { chart, fitted, framed } from "./charts.js";
import { count, h } from "./dom.js";
import { grey, personaColour } from "./palette.js";
import { href } from "./state.js";

const EVENTS = { kept: "Stay", split: "Split", merged: "Merged", born: "New", restored: "Restored", retired: "Gone", hidden: "Hidden", shown: "Shown again", unapplied: "Corrections that no longer apply" };

export function since() {
  const s = D.since;
  if (!s) {
    return h("div", { class: "page" }, h("h1", {}, "Since last time"),
      h("p", { class: "lead" }, "This is the first snapshot of its store. The next run will be compared with it."));
  }
  const of = d3.group(s.events, (/** @type {any} */ e) => e.event);
  return h("div", { class: "page" }, h("h1", {}, "Since last time"),
    h("p", { class: "lead" }, `Compared with snapshot ${s.snapshot}: `,
      Object.entries(EVENTS).filter(([e]) => of.has(e)).map(([e, label]) => `${of.get(e).length} ${label.toLowerCase()}`).join(", ") || "nothing changed", "."),
    framed("Where the tweets went", flows(s), "Left: personas before. Right: personas now. A band is as thick as the tweets that it stands for."),
    Object.entries(EVENTS).filter(([e]) => of.has(e)).map(([e, label]) => h("section", {}, h("h2", {}, label),
      h("ul", {}, of.get(e).map((/** @type {any} */ one) => h("li", {}, one.sentence))))));
}

function flows(/** @type {any} */ s) {
  const before = new Map(s.personas.map((/** @type {any} */ p) => [p.persona_id, p]));
  const nodes = new Map();
  /** @type {any[]} */
  const links = [];
  const node = (/** @type {string} */ key, /** @type {string} */ name, /** @type {string} */ colour) => {
    if (!nodes.has(key)) nodes.set(key, { key, name, colour });
    return key;
  };
  for (const [from, to, tweets] of s.flows) {
    const place = P.findIndex((/** @type {any} */ p) => p.persona_id === to);
    const same = P.findIndex((/** @type {any} */ p) => p.persona_id === from);
    links.push({
      source: node(`a${from}`, from ? `${from} ${/** @type {any} */ (before.get(from))?.name ?? ""}` : "New tweets", from && same >= 0 ? personaColour(same) : grey()),
      target: node(`b${to}`, to ? `${to} ${P[place]?.name ?? ""}` : "No longer in the corpus", place >= 0 ? personaColour(place) : grey()),
      value: tweets, colour: place >= 0 ? personaColour(place) : grey(), isMove: Boolean(from && to && from !== to),
    });
  }
  const height = Math.max(260, 34 * Math.max(before.size, P.length) + 40);
  return chart(`Flow of tweets between personas: ${s.flows.filter((/** @type {any} */ f) => f[0]).length} bands`, height, (svg, width) => {
    const side = Math.min(220, width * 0.3);
    const graph = d3.sankey().nodeId((/** @type {any} */ n) => n.key).nodeWidth(12).nodePadding(12)
      .nodeSort(null).extent([[side, 8], [width - side, height - 8]])({ nodes: [...nodes.values()], links });
    svg.selectAll("path").data(graph.links).join("path").attr("d", d3.sankeyLinkHorizontal()).attr("fill", "none")
      .attr("stroke", (/** @type {any} */ l) => l.colour).attr("stroke-width", (/** @type {any} */ l) => Math.max(1, l.width))
      .attr("stroke-opacity", (/** @type {any} */ l) => (l.isMove ? 0.75 : 0.4)).append("title")
      .text((/** @type {any} */ l) => `${l.source.name} → ${l.target.name}: ${count(l.value)} tweets`);
    for (const n of graph.nodes) {
      const isLeft = n.x0 < width / 2;
      svg.append("rect").attr("x", n.x0).attr("y", n.y0).attr("width", n.x1 - n.x0).attr("height", Math.max(1, n.y1 - n.y0)).attr("rx", 2).attr("fill", n.colour);
      const label = svg.append("text").attr("x", isLeft ? n.x0 - 8 : n.x1 + 8).attr("y", (n.y0 + n.y1) / 2 + 4).attr("text-anchor", isLeft ? "end" : "start");
      fitted(label, `${n.name} · ${count(n.value)}`, side - 10);
    }
  });
}

export const sinceLink = () => href({ view: "since" });
