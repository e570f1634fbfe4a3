/** The map: zoom, pan, labels, hover, and choosing by box or lasso. */
import { D, P, T, members, timeOf, uncertain } from "./data.js";
import { count, fill, h, isCalm, percent } from "./dom.js";
import { crowd, placeLabels } from "./labels.js";
import { colouring, personaColour } from "./palette.js";
import { Points } from "./points.js";
import { chosen, isNarrowed, marks, polygon } from "./select.js";
import { go, state } from "./state.js";

const REACH = 14;
const STEP = 60;
const MOST_STRETCHED = 1.6;
const LOOKED_AT = 4000;
const MOST_HIDDEN = 0.5;
const SPREAD = d3.extent(T.y), WIDE = d3.extent(T.x);
/** The middle of each persona, and how far most of its tweets lie from it. */
const CENTRES = members.map((/** @type {number[]} */ rows) => {
  const of = (/** @type {Float32Array} */ v) => {
    const sorted = d3.sort(rows, (/** @type {number} */ i) => v[i]).map((/** @type {number} */ i) => v[i]);
    return [0.5, 0.1, 0.9].map((q) => d3.quantileSorted(sorted, q) ?? 0);
  };
  return { x: of(T.x), y: of(T.y) };
});

/** @returns {{element: HTMLElement, update: (changed: Set<string>) => void, resize: () => void, picture: () => HTMLCanvasElement}} */
export function makeMap() {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const lines = d3.create("svg").attr("class", "overlay").attr("aria-hidden", "true");
  const outline = lines.append("path").attr("class", "outline");
  const ring = lines.append("circle").attr("class", "ring").attr("r", 8);
  const labels = h("div", { class: "labels" });
  const tip = h("div", { class: "tip", role: "status", hidden: true });
  const stage = h("div", {
    class: "stage", tabindex: 0, role: "application", "aria-label":
      "Map of tweets. Arrow keys pan, plus and minus zoom, zero shows everything, n steps through "
      + "tweets near the middle, Enter opens one, v chooses what is in view.",
  }, canvas, lines.node(), labels, tip);
  const tools = h("div", { class: "tools", role: "toolbar", "aria-label": "Map tools" });
  const note = h("p", { class: "note" }, mapNote());
  const element = h("section", { class: "map", "aria-label": "Map" }, stage, tools, note);
  const points = new Points(canvas, T.x, T.y);

  let tool = "pan", width = 0, height = 0, marked = marks(), hovered = -1, waiting = 0, steps = 0;
  let at = d3.zoomIdentity;
  /** @type {any} */
  let tree = null;
  /** @type {number[][]} */
  let drawing = [];
  const [midX, midY] = [(WIDE[0] + WIDE[1]) / 2, (SPREAD[0] + SPREAD[1]) / 2];
  const view = () => {
    const wide = (0.86 * width) / (WIDE[1] - WIDE[0] || 1), tall = (0.82 * height) / (SPREAD[1] - SPREAD[0] || 1);
    // Distances on such a map mean little, so it may fill a screen of another shape.
    const k = Math.min(MOST_STRETCHED * wide, tall) * at.k, kx = Math.min(wide, MOST_STRETCHED * tall) * at.k;
    return { k, kx, dx: at.k * (width / 2) + at.x - kx * midX, dy: at.k * (height * 0.53) + at.y + k * midY };
  };
  const toScreen = (/** @type {number} */ x, /** @type {number} */ y) => {
    const v = view();
    return [v.kx * x + v.dx, v.dy - v.k * y];
  };
  const toData = (/** @type {number} */ px, /** @type {number} */ py) => {
    const v = view();
    return [(px - v.dx) / v.kx, (v.dy - py) / v.k];
  };
  const radius = () => Math.min(7, Math.max(1.2, 95 / Math.sqrt(T.n)) * Math.sqrt(Math.min(at.k, 12)) * (width < 500 ? 0.8 : 1) + 0.6);

  const zoom = d3.zoom().scaleExtent([0.8, 40])
    .filter((/** @type {any} */ e) => e.type === "wheel" || e.type === "dblclick" || (e.touches && e.touches.length > 1) || (tool === "pan" && !e.shiftKey && !e.button))
    .on("zoom", (/** @type {any} */ e) => { at = e.transform; redraw(); })
    .on("end", (/** @type {any} */ e) => {
      if (e.sourceEvent) go({ zoom: at === d3.zoomIdentity ? "" : [at.k, at.x / width, at.y / height].map((v) => v.toFixed(3)).join(",") }, true);
    });
  const zoomed = d3.select(stage).call(zoom).on("dblclick.zoom", null);
  const moving = () => (isCalm() ? zoomed : zoomed.transition().duration(250));

  function redraw() {
    if (!waiting) waiting = requestAnimationFrame(draw);
  }

  function draw() {
    waiting = 0;
    if (!width) return;
    points.draw({ ...view(), width, height, ratio: Math.min(devicePixelRatio || 1, 2), radius: radius() });
    drawLabels();
    const shape = drawing.length ? drawing : polygon();
    outline.attr("d", shape ? `M${shape.map(([x, y]) => toScreen(x, y).map((v) => v.toFixed(1)).join(",")).join("L")}Z` : null);
    const marker = hovered >= 0 ? hovered : state.tweet ? Number(state.tweet) : -1;
    const [x, y] = marker >= 0 && marker < T.n ? toScreen(T.x[marker], T.y[marker]) : [-99, -99];
    ring.attr("cx", x).attr("cy", y);
  }

  /** @type {any[]} */
  const tags = P.map((/** @type {any} */ p) => h("button", {
    class: "tag", type: "button", tabindex: -1, title: `${p.persona_id} ${p.name}: ${count(p.tweet_count)} tweets`,
    on: { click: () => go({ view: "persona", persona: p.persona_id }) },
  }, h("i", {}), p.name));
  labels.append(...tags);
  /** @type {{width: number, height: number}[]} */
  let sizes = [];

  function drawLabels() {
    if (!sizes.length || !sizes[0].width) sizes = tags.map((tag) => ({ width: tag.offsetWidth, height: tag.offsetHeight }));
    const wanted = CENTRES.map((/** @type {any} */ c, /** @type {number} */ i) => {
      const [x, y] = toScreen(c.x[0], c.y[0]), [left, top] = toScreen(c.x[1], c.y[2]), [right, bottom] = toScreen(c.x[2], c.y[1]);
      return { x, y, left, right, top, bottom, most: (MOST_HIDDEN * members[i].length) / Math.ceil(T.n / LOOKED_AT), ...sizes[i] };
    });
    const { kx, k, dx, dy } = view();
    const points = crowd(width, height);
    for (let i = 0; i < T.n; i += Math.ceil(T.n / LOOKED_AT)) if (marked[i]) points.add(kx * T.x[i] + dx, dy - k * T.y[i]);
    const bar = { l: 0, r: tools.offsetLeft + tools.offsetWidth, t: 0, b: tools.offsetTop + tools.offsetHeight };
    placeLabels(wanted, width, height, points.hidden, [bar]).forEach((place, i) => {
      tags[i].style.visibility = place && members[i].some((/** @type {number} */ row) => marked[row] === 2) ? "visible" : "hidden";
      if (place) tags[i].style.transform = `translate(${(place.x - sizes[i].width / 2).toFixed(1)}px, ${(place.y - sizes[i].height / 2).toFixed(1)}px)`;
    });
  }

  function restyle() {
    marked = marks();
    const { bins, of } = colouring(state.colour);
    const rgb = bins.map((b) => d3.rgb(b.colour));
    const narrowed = isNarrowed();
    const rows = [];
    for (let i = 0; i < T.n; i++) {
      const c = rgb[of[i]], m = marked[i];
      points.colours.set([c.r, c.g, c.b, m === 0 ? 0 : m === 2 ? (narrowed ? 255 : 215) : 34], 4 * i);
      points.looks[i] = uncertain[i];
      if (m) rows.push(i);
    }
    points.restyle();
    tree = d3.quadtree(rows, (/** @type {number} */ i) => T.x[i], (/** @type {number} */ i) => T.y[i]);
    tags.forEach((tag, i) => tag.firstChild.style.setProperty("background", personaColour(i)));
    redraw();
  }

  function show(/** @type {number} */ i) {
    hovered = i;
    tip.hidden = i < 0;
    if (i >= 0) {
      fill(tip, tipOf(i));
      const [x, y] = toScreen(T.x[i], T.y[i]);
      const w = tip.offsetWidth, d = tip.offsetHeight;
      tip.style.left = `${Math.max(4, Math.min(x + 14, width - w - 4))}px`;
      tip.style.top = `${y + 14 + d > height ? Math.max(4, y - d - 14) : y + 14}px`;
    }
    redraw();
  }

  const nearest = (/** @type {number[]} */ [px, py], reach = REACH) => {
    const [x, y] = toData(px, py);
    return tree?.find(x, y, reach / view().k) ?? -1;
  };

  stage.addEventListener("pointermove", (/** @type {PointerEvent} */ e) => {
    if (drawing.length) {
      const [x, y] = toData(...place(e));
      if (tool === "lasso") drawing.push([x, y]);
      else drawing = [drawing[0], [x, drawing[0][1]], [x, y], [drawing[0][0], y]];
      redraw();
    } else if (e.pointerType !== "touch" && !e.buttons) {
      show(nearest(place(e)));
    }
  });
  const place = (/** @type {PointerEvent|MouseEvent} */ e) => /** @type {[number, number]} */ (d3.pointer(e, stage));
  stage.addEventListener("pointerleave", () => show(-1));
  stage.addEventListener("pointerdown", (/** @type {PointerEvent} */ e) => {
    if (e.target instanceof Element && e.target.closest(".tag")) return;
    if (tool === "pan" && !e.shiftKey) return;
    stage.setPointerCapture(e.pointerId);
    drawing = [toData(...place(e))];
  });
  stage.addEventListener("pointerup", () => {
    const shape = drawing;
    drawing = [];
    if (shape.length > 3) choose(tool === "lasso" ? shape : [shape[0], shape[2]], tool === "lasso" ? "lasso" : "box");
    redraw();
  });
  stage.addEventListener("click", (/** @type {MouseEvent} */ e) => {
    if (tool !== "pan" || e.shiftKey || (e.target instanceof Element && e.target.closest(".tag"))) return;
    const i = nearest(place(e));
    if (i >= 0) go({ tweet: String(i) });
    else if (state.tweet) go({ tweet: "" });
  });

  function choose(/** @type {number[][]} */ shape, /** @type {string} */ kind) {
    const step = Math.ceil(shape.length / 40);
    go({ select: `${kind}:${shape.filter((_, i) => i % step === 0).flat().map((v) => v.toFixed(3)).join(",")}`, tweet: "" });
  }

  const selectView = () => choose([toData(0, 0), toData(width, height)], "box");

  function home(calm = false) {
    (calm ? zoomed : moving()).call(zoom.transform, d3.zoomIdentity);
    if (state.zoom) go({ zoom: "" }, true);
  }

  stage.addEventListener("keydown", (/** @type {KeyboardEvent} */ e) => {
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => moving().call(zoom.translateBy, STEP / at.k, 0), ArrowRight: () => moving().call(zoom.translateBy, -STEP / at.k, 0),
      ArrowUp: () => moving().call(zoom.translateBy, 0, STEP / at.k), ArrowDown: () => moving().call(zoom.translateBy, 0, -STEP / at.k),
      "+": () => moving().call(zoom.scaleBy, 1.5), "=": () => moving().call(zoom.scaleBy, 1.5),
      "-": () => moving().call(zoom.scaleBy, 1 / 1.5), 0: home, v: selectView,
      n: () => stepOn(),
      Enter: () => { if (hovered >= 0) go({ tweet: String(hovered) }); },
      Escape: () => { show(-1); go({ select: "", tweet: "", brush: "" }); },
    };
    if (keys[e.key] && e.target === stage) {
      e.preventDefault();
      keys[e.key]();
    }
  });

  /** Step to the next tweet by distance from the middle. */
  function stepOn() {
    const [x, y] = toData(width / 2, height / 2);
    const rows = chosen(marked).map((i) => [(T.x[i] - x) ** 2 + (T.y[i] - y) ** 2, i]).sort((a, b) => a[0] - b[0]);
    if (rows.length) show(rows[steps++ % Math.min(rows.length, 200)][1]);
  }

  const toolButtons = ["pan", "box", "lasso"].map((name) => h("button", {
    type: "button", "aria-pressed": String(name === tool), "data-tool": name,
    on: { click: () => {
      tool = name;
      stage.dataset.tool = name;
      for (const b of toolButtons) b.setAttribute("aria-pressed", String(b.dataset.tool === name));
    } },
  }, { pan: "Pan", box: "Box", lasso: "Lasso" }[name]));
  const button = (/** @type {string} */ text, /** @type {string} */ label, /** @type {() => void} */ run) =>
    h("button", { type: "button", "aria-label": label, title: label, on: { click: run } }, text);
  fill(tools,
    h("span", { class: "joined", role: "group", "aria-label": "What dragging does" }, toolButtons),
    h("span", { class: "joined" },
      button("+", "Zoom in", () => moving().call(zoom.scaleBy, 1.6)),
      button("−", "Zoom out", () => moving().call(zoom.scaleBy, 1 / 1.6)),
      button("Fit", "Show everything", () => home())),
    button("Choose view", "Choose the tweets in view", selectView));

  function resize() {
    const box = stage.getBoundingClientRect();
    if (!box.width) return;
    const first = !width;
    [width, height] = [box.width, box.height];
    sizes = [];
    zoom.extent([[0, 0], [width, height]]).translateExtent([[-width * 0.4, -height * 0.4], [width * 1.4, height * 1.4]]);
    if (first) rezoom();
    redraw();
  }

  function rezoom() {
    const [k, x, y] = state.zoom.split(",").map(Number);
    const next = k > 0 && Number.isFinite(x + y) ? d3.zoomIdentity.translate(x * width, y * height).scale(k) : d3.zoomIdentity;
    if (next.toString() !== at.toString()) zoomed.call(zoom.transform, next);
  }

  /** Draw points and labels as on the screen; what WebGL drew would be gone when paper is made. */
  function picture() {
    draw();
    const copy = h("canvas", { role: "img", "aria-label": `Map of ${P.length} personas` });
    const ratio = canvas.width / width;
    [copy.width, copy.height] = [canvas.width, canvas.height];
    const paper = /** @type {CanvasRenderingContext2D} */ (copy.getContext("2d"));
    paper.drawImage(canvas, 0, 0);
    paper.scale(ratio, ratio);
    paper.font = getComputedStyle(tags[0]).font;
    paper.textBaseline = "middle";
    tags.forEach((tag, i) => {
      if (tag.style.visibility === "hidden") return;
      const [left, top] = tag.style.transform.match(/-?[\d.]+/g).map(Number);
      paper.fillStyle = "#fffd";
      paper.fillRect(left, top, sizes[i].width, sizes[i].height);
      paper.fillStyle = "#111";
      paper.fillText(tag.textContent, left + 20, top + sizes[i].height / 2);
      paper.fillStyle = personaColour(i);
      paper.fillRect(left + 7, top + sizes[i].height / 2 - 4, 8, 8);
    });
    return copy;
  }

  return {
    element,
    resize,
    picture,
    update(changed) {
      if (["colour", "hide", "select", "brush", "q", "theme", "view"].some((k) => changed.has(k))) restyle();
      if (changed.has("zoom") && width && state.zoom === "" && at.k !== 1) rezoom();
      redraw();
    },
  };
}

function mapNote() {
  const t = D.tweets;
  const fit = D.quality.figures.find((/** @type {any} */ f) => f.figure === "map_trustworthiness");
  const drawn = t.drawn < t.total
    ? `The map shows an even random sample of ${count(t.drawn)} of ${count(t.total)} tweets.`
    : `All ${count(t.total)} tweets.`;
  const kept = fit
    ? ` Neighbours here are neighbours in the clustered space: trustworthiness ${fit.value.toFixed(2)} of 1 (${fit.null_mean === null ? "" : fit.null_mean.toFixed(2) + " by chance"}).`
    : "";
  const texts = t.with_text + t.withheld_texts < t.drawn ? ` ${count(t.with_text)} tweets have their text here.` : "";
  const hidden = D.hidden ? ` ${D.hidden[0].toUpperCase()}${D.hidden.slice(1)}.` : "";
  return `${drawn}${hidden}${kept}${texts} Rings are uncertain tweets.`;
}

function tipOf(/** @type {number} */ i) {
  const p = P[T.persona[i]];
  return [
    h("strong", {}, `${p.persona_id} ${p.name}`),
    h("p", {}, T.texts[i] ?? "The text is not shown here."),
    h("small", {}, `${timeOf(i)} · ${uncertain[i] ? "uncertain, " : ""}${percent(T.certainty[i])} sure`),
  ];
}
