/** Labels that never overlap: placed largest first where they hide least, or left out. */

const GAP = 4, CELL = 12;
// Points that one step down the list of places is worth.
const PATIENCE = 2.5;

/** @typedef {{l: number, r: number, t: number, b: number}} Box */

/** Count points in cells of the screen; gives how many a box hides. */
export function crowd(/** @type {number} */ width, /** @type {number} */ height) {
  const across = Math.ceil(width / CELL) + 1, down = Math.ceil(height / CELL) + 1;
  const cells = new Uint16Array(across * down);
  return {
    add(/** @type {number} */ x, /** @type {number} */ y) {
      if (x >= 0 && y >= 0 && x < width && y < height) cells[Math.floor(y / CELL) * across + Math.floor(x / CELL)]++;
    },
    hidden(/** @type {Box} */ { l, r, t, b }) {
      let found = 0;
      for (let y = Math.floor(t / CELL); y <= b / CELL; y++) {
        for (let x = Math.floor(l / CELL); x <= r / CELL; x++) found += cells[y * across + x] || 0;
      }
      return found;
    },
  };
}

/**
 * Choose places for labels: beside what they name, where they hide fewest points.
 * @param {{x: number, y: number, left: number, right: number, top: number, bottom: number,
 *   width: number, height: number, most: number}[]} wanted middle and edges of what is named, the
 *   label's size, in pixels, and how many points it may hide; most important first
 * @param {number} width @param {number} height of the area
 * @param {(box: Box) => number} hidden how many points a box hides
 * @param {Box[]} taken boxes in which no label may be
 * @returns {({x: number, y: number} | null)[]} centres; null where there is no room
 */
export function placeLabels(wanted, width, height, hidden, taken) {
  taken = [...taken];
  return wanted.map((label) => {
    const w = label.width / 2 + GAP, d = label.height / 2 + GAP;
    if (label.x < 0 || label.x > width || label.y < 0 || label.y > height) return null;
    const { x: mx, y: my, left, right, top, bottom } = label;
    let best = Infinity, at = null, box = null;
    for (const [i, [cx, cy]] of [
      [mx, top - d], [mx, bottom + d], [right + w, my], [left - w, my],
      [mx + 0.8 * w, top - d], [mx - 0.8 * w, top - d], [mx + 0.8 * w, bottom + d], [mx - 0.8 * w, bottom + d],
      [right + w, top - d], [left - w, top - d], [right + w, bottom + d], [left - w, bottom + d],
      [mx, my], [mx, top - 3 * d], [mx, bottom + 3 * d],
    ].entries()) {
      const x = Math.min(Math.max(cx, w), width - w), y = Math.min(Math.max(cy, d), height - d);
      const here = { l: x - w, r: x + w, t: y - d, b: y + d };
      if (taken.some((o) => here.r > o.l && here.l < o.r && here.b > o.t && here.t < o.b)) continue;
      const cost = hidden(here) + PATIENCE * i;
      if (cost < best && hidden(here) <= label.most) [best, at, box] = [cost, { x, y }, here];
    }
    if (box) taken.push(box);
    return at;
  });
}
