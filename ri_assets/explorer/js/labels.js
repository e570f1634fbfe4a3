/** Labels that never overlap: placed largest first, moved aside, or left out. */

const GAP = 4;

/**
 * Choose places for labels: above what they name, else below, beside or on it.
 * @param {{x: number, y: number, left: number, right: number, top: number, bottom: number,
 *   width: number, height: number}[]} wanted middle and edges of what is named, and the label's
 *   size, in pixels; most important first
 * @param {number} width @param {number} height of the area
 * @returns {({x: number, y: number} | null)[]} centres; null where there is no room
 */
export function placeLabels(wanted, width, height) {
  /** @type {{l: number, r: number, t: number, b: number}[]} */
  const taken = [];
  return wanted.map((label) => {
    const w = label.width / 2 + GAP, d = label.height / 2 + GAP;
    if (label.x < 0 || label.x > width || label.y < 0 || label.y > height) return null;
    const { x: mx, y: my, left, right, top, bottom } = label;
    for (const [cx, cy] of [
      [mx, top - d], [mx, bottom + d], [right + w, my], [left - w, my], [mx, my],
      [mx + 0.8 * w, top - d], [mx - 0.8 * w, top - d], [mx + 0.8 * w, bottom + d], [mx - 0.8 * w, bottom + d],
      [mx, top - 3 * d], [mx, bottom + 3 * d], [right + w, top - d], [left - w, top - d],
      [right + w, bottom + d], [left - w, bottom + d],
    ]) {
      const x = Math.min(Math.max(cx, w), width - w), y = Math.min(Math.max(cy, d), height - d);
      const box = { l: x - w, r: x + w, t: y - d, b: y + d };
      if (taken.every((o) => box.r <= o.l || box.l >= o.r || box.b <= o.t || box.t >= o.b)) {
        taken.push(box);
        return { x, y };
      }
    }
    return null;
  });
}
